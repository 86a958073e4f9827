import { afterEach, describe, expect, it, vi } from 'vitest';
import { textOf, bytes, creationOf, lackOfPasskeys, requestOf, written } from './passkeys';

const buffer = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;

afterEach(() => vi.unstubAllGlobals());

describe('a browser that cannot translate itself', () => {
  it('is given the bytes that the site asks the device with', () => {
    vi.stubGlobal('PublicKeyCredential', class {});
    const user = { id: '_-8', name: 'ada', displayName: 'ada' };
    const rest = { rp: { id: 'example.org', name: 'Site' }, pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }], timeout: 5 };
    const made = creationOf({ ...rest, user, challenge: 'AQID', excludeCredentials: [{ id: 'BAU', type: 'public-key' }] });
    expect(made).toMatchObject(rest);
    expect([...new Uint8Array(made.challenge as ArrayBuffer)]).toEqual([1, 2, 3]);
    expect([...new Uint8Array(made.user.id as ArrayBuffer)]).toEqual([255, 239]);
    expect(made.excludeCredentials).toEqual([{ type: 'public-key', id: bytes('BAU') }]);
    const asked = requestOf({ challenge: 'AQID', rpId: 'example.org', userVerification: 'required' });
    expect(asked).toMatchObject({ rpId: 'example.org', userVerification: 'required', allowCredentials: [] });
  });

  it('has the device\'s answer written out for it', () => {
    const response = { clientDataJSON: buffer(1), authenticatorData: buffer(2), signature: buffer(255, 239), userHandle: null };
    const credential = { id: 'x', type: 'public-key', rawId: buffer(4), response, getClientExtensionResults: () => ({}) };
    const wanted = { clientDataJSON: 'AQ', authenticatorData: 'Ag', signature: '_-8' };
    const expected = { id: 'x', rawId: 'BA', type: 'public-key', response: wanted, clientExtensionResults: {} };
    expect(written(credential as unknown as Credential)).toEqual(expected);
    const broken = { ...credential, toJSON: () => { throw new TypeError('Illegal invocation'); } };
    expect(written(broken as unknown as Credential)).toEqual(expected);
  });
});

it('bytes and their text are the same there and back', () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(bytes(textOf(all.buffer))).toEqual(all);
});

describe('passkeys are not offered', () => {
  it('without https, on a bare number, or to a browser that has none; and it is known why', () => {
    vi.stubGlobal('isSecureContext', false);
    expect(lackOfPasskeys()).toBe('insecure');
    vi.stubGlobal('isSecureContext', true);
    expect(lackOfPasskeys()).toBe('browser');
    vi.stubGlobal('PublicKeyCredential', class {});
    expect(lackOfPasskeys()).toBeNull();
    vi.stubGlobal('location', { hostname: '127.0.0.1' });
    expect(lackOfPasskeys()).toBe('number');
    vi.stubGlobal('location', { hostname: '[::1]' });
    expect(lackOfPasskeys()).toBe('number');
  });
});
