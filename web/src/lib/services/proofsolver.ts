/** Solves a challenge (docs/visitors.md), in plain JavaScript: over plain HTTP browsers have no crypto.subtle. */
import { sha256 } from '@noble/hashes/sha2.js';
import { solveChallenge } from 'altcha-lib';
import type { Challenge } from './wire';

type DeriveKey = Parameters<typeof solveChallenge>[0]['deriveKey'];

const deriveKey: DeriveKey = async ({ cost, keyLength = 32 }, salt, password) => {
  const first = new Uint8Array(salt.length + password.length);
  first.set(salt);
  first.set(password, salt.length);
  let key = sha256(first);
  for (let round = 1; round < cost; round += 1) key = sha256(key);
  return { derivedKey: key.subarray(0, keyLength) };
};

/** What is to be sent to the site: base64. Null where no try fits within the time. */
export async function solve(challenge: Challenge): Promise<string | null> {
  // A door draws its number from 1 on.
  const solution = await solveChallenge({ challenge, deriveKey, counterStart: 1 });
  return solution === null ? null : btoa(JSON.stringify({ challenge, solution }));
}
