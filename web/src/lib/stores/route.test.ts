import { describe, expect, it } from 'vitest';
import { pathOf, placeOf, route } from './route.svelte';

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

  it('keeps the part of the page that a link names', () => {
    document.body.innerHTML = '<a id="whole" href="/receipts#turn_1">x</a><a id="file" href="/api/x" download>y</a>';
    const followed = (id: string): boolean => {
      const event = new MouseEvent('click', { bubbles: true, cancelable: true });
      let taken = false;
      const follow = (click: MouseEvent): void => {
        route.follow(click);
        taken = click.defaultPrevented;
        click.preventDefault(); // the browser of the tests goes nowhere
      };
      document.getElementById(id)?.addEventListener('click', follow, { once: true });
      document.getElementById(id)?.dispatchEvent(event);
      return taken;
    };
    expect(followed('whole')).toBe(true);
    expect([location.pathname + location.hash, route.place]).toEqual(['/receipts#turn_1', { page: 'area', area: 'receipts' }]);
    expect(followed('file')).toBe(false);
    expect(location.pathname).toBe('/receipts');
  });

  it('leads back to where it came from', () => {
    expect(placeOf(pathOf('a/b?c'))).toEqual({ page: 'conversation', id: 'a/b?c' });
  });
});
