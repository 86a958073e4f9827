/** Who asks. Small, since the frame of every page shows it; all else of an account is in account.ts. */
import { json } from './api';

export type Method = 'password' | 'passkey' | 'organisation';

export type Me = {
  /** The same for the same person; null for whom the site does not know. */
  mark: string | null;
  kind: 'visitor' | 'member';
  name: string | null;
  role: 'member' | 'operator';
  tier: string;
  /** The organisation's own sign-in says who this is: there is nothing to sign in to, or out of. */
  named: boolean;
  has_password: boolean;
  methods: Method[];
  sign_up: 'open' | 'invited' | 'closed';
  /** What the button of the organisation's sign-in says. */
  organisation?: string | null;
};

export const whoAmI = (): Promise<Me> => json('GET', '/api/me');
