import { describe, expect, it } from 'vitest';
import { pathOf, placeOf } from './route.svelte';

describe('an address of the page', () => {
  it.each([
    ['/', { page: 'new' }],
    ['/c/abc', { page: 'conversation', id: 'abc' }],
    ['/c/a%2Fb/', { page: 'conversation', id: 'a/b' }],
    ['/c/', { page: 'missing' }],
    ['/c/a/b', { page: 'missing' }],
    ['/c/%E0%A4%A', { page: 'missing' }],
    ['/account', { page: 'area', area: 'account' }],
    ['/account/x', { page: 'missing' }],
    ['/elsewhere', { page: 'missing' }],
  ])('%s is understood', (path, place) => {
    expect(placeOf(path)).toEqual(place);
  });

  it('leads back to where it came from', () => {
    expect(placeOf(pathOf('a/b?c'))).toEqual({ page: 'conversation', id: 'a/b?c' });
  });
});
