/** A browser and its machine, as people call them. */
import { a } from '../../stores/accountwords.svelte';
import { readAgent } from '../../words/account/agent';

export function deviceOf(agent: string): string {
  const { browser, system } = readAgent(agent);
  if (browser && system) return a('device', { browser, system });
  return browser || system || a('device.unknown');
}

export const deviceName = (): string => deviceOf(navigator.userAgent).slice(0, 60);
