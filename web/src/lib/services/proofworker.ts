/** A worker of its own, so that the page stays quick while it calculates: a challenge in, its solution out. */
import { solve } from './proofsolver';
import type { Challenge } from './wire';

addEventListener('message', ({ data }: MessageEvent<Challenge>) => {
  void solve(data).then((payload) => postMessage(payload));
});
