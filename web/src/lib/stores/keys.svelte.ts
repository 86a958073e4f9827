/** One's API keys. The text of a new one is here until it is put away, and nowhere else. */
import * as api from '../services/keys';
import { attempt, Loaded } from './account.svelte';
import type { Fault } from './accountfaults';

export { DOORS } from '../services/keys';
export type { ApiKey, Bounds, Door } from '../services/keys';

class Keys {
  readonly list = new Loaded(api.keys);
  /** What was just made: shown this once. */
  made = $state.raw<{ key: string; name: string } | null>(null);

  get live(): api.ApiKey[] {
    return this.list.value?.items.filter((key) => key.revoked_at === null) ?? [];
  }

  get revoked(): api.ApiKey[] {
    return this.list.value?.items.filter((key) => key.revoked_at !== null) ?? [];
  }

  create(bounds: api.Bounds): Promise<Fault | null> {
    return attempt(async () => {
      const { key, item } = await api.createKey(bounds);
      this.made = { key, name: item.name };
      await this.list.load();
    });
  }

  change(id: string, bounds: api.Bounds): Promise<Fault | null> {
    return attempt(async () => {
      await api.changeKey(id, bounds);
      await this.list.load();
    });
  }

  revoke(id: string): Promise<Fault | null> {
    return attempt(async () => {
      await api.revokeKey(id);
      await this.list.load();
    });
  }
}

export const keys = new Keys();
