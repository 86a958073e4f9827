/** Passkeys: the browser's own functions, and the door that they are shown to. */
import { json } from './api';
import type { Passkey } from './account';
import type { Me } from './me';

type Begun<Options> = { ceremony: string; options: Options };
type Wished = { name: string; called: string; invite?: string; take_history: boolean };

/** Why there are no passkeys here: the page came without https, its address is a bare number, an old browser. */
export type Lack = 'insecure' | 'number' | 'browser';

export function lackOfPasskeys(): Lack | null {
  if (!isSecureContext) return 'insecure';
  if (typeof PublicKeyCredential === 'undefined') return 'browser';
  // A passkey belongs to a name; what the browser calls a host in brackets or digits alone has none.
  return /^\[|^[\d.]+$/.test(location.hostname) ? 'number' : null;
}

/** Whether the browser can offer passkeys where a name is typed, without a button. */
export async function offersByItself(): Promise<boolean> {
  if (lackOfPasskeys() !== null) return false;
  try {
    return (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
  } catch {
    return false;
  }
}

export async function signUpWithPasskey({ name, ...more }: Wished): Promise<Me> {
  const { ceremony, credential } = await make({ purpose: 'sign_up', name });
  return json('POST', '/api/passkeys/sign_up', { ceremony, credential, ...more });
}

/** With a `quiet` signal the browser asks only where a name is typed, until the signal ends it. */
export async function signInWithPasskey(takeHistory: () => boolean, quiet?: AbortSignal): Promise<Me> {
  const { ceremony, options } = await json<Begun<PublicKeyCredentialRequestOptionsJSON>>('POST', '/api/passkeys', { purpose: 'sign_in' });
  const how: CredentialRequestOptions = quiet === undefined ? {} : { mediation: 'conditional', signal: quiet };
  const found = await navigator.credentials.get({ ...how, publicKey: requestOf(options) });
  const body = { ceremony, credential: written(found), take_history: takeHistory() };
  return json('POST', '/api/passkeys/sign_in', body);
}

export async function addPasskey(called: string): Promise<Passkey> {
  return json('POST', '/api/me/passkeys', { ...(await make({ purpose: 'add' })), called });
}

async function make(wish: { purpose: 'sign_up'; name: string } | { purpose: 'add' }): Promise<{ ceremony: string; credential: unknown }> {
  const { ceremony, options } = await json<Begun<PublicKeyCredentialCreationOptionsJSON>>('POST', '/api/passkeys', wish);
  const made = await navigator.credentials.create({ publicKey: creationOf(options) });
  return { ceremony, credential: written(made) };
}

// -- JSON and bytes: where the browser cannot translate itself ----------------------------------

export function creationOf(options: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions {
  if (typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function') return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const { challenge, user, excludeCredentials, ...rest } = options;
  return {
    ...(rest as object),
    ...{ rp: options.rp, pubKeyCredParams: options.pubKeyCredParams as PublicKeyCredentialParameters[] },
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: described(excludeCredentials),
  };
}

export function requestOf(options: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions {
  if (typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function') return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const { challenge, allowCredentials, ...rest } = options;
  return { ...(rest as object), challenge: bytes(challenge), allowCredentials: described(allowCredentials) };
}

const described = (list: PublicKeyCredentialDescriptorJSON[] | undefined): PublicKeyCredentialDescriptor[] =>
  (list ?? []).map(({ id }) => ({ type: 'public-key', id: bytes(id) }));

/** What the device answered, as JSON. */
export function written(found: Credential | null): unknown {
  const credential = found as PublicKeyCredential | null;
  if (credential === null) throw new DOMException('', 'NotAllowedError');
  try {
    if (typeof credential.toJSON === 'function') return credential.toJSON();
  } catch {
    // Some password managers stand in for the device with objects of their own, which cannot be written so.
  }
  const response: Record<string, string> = {};
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    const value = (credential.response as unknown as Record<string, unknown>)[part];
    if (value instanceof ArrayBuffer) response[part] = textOf(value);
  }
  const { id, type } = credential;
  return { id, rawId: textOf(credential.rawId), type, response, clientExtensionResults: credential.getClientExtensionResults() };
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export const textOf = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
