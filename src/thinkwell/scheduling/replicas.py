"""Router: which replica of a pool runs the next turn. Pure: knows no engine, no clock and no texts.

A turn costs least where most of its prompt is cached; that is weighed against how much a replica was
given lately and how full it is. Nothing here counts running turns (the caller says how many), so an
abort can leak nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf

import msgspec

from thinkwell.scheduling.prefix_index import PrefixIndex, cached_tokens

# What a token of lead in work given lately weighs, in tokens to compute now. Small: a prompt that is cached
# nowhere costs the same everywhere, so any weight above none balances those; only a warm one is drawn off
# its replica by it. Mooncake's conversations, 8 replicas, block hits of a ceiling of 36.64 %: 0.02 36.59,
# 0.05 36.42, 0.1 36.03, 0.2 35.25; with 0, one replica gets everything.
LEAD_WEIGHT = 0.05

# Work counts half when its replica's share of what the pool computed since has come to this, in tokens. Age
# is measured in work, not in time: an idle night changes nothing. About the longest prompts, so that one of
# them is not forgotten before the others have made up for it; 50,000 to 1,000,000 measure the same.
HALF_LIFE = 100_000

# What a turn that runs there already costs the next one by slowing its decoding, in tokens to compute: for
# itself, and for each token of the context that each step has to read. What contexts it meets is guessed to
# be what it has itself; on a replica of long documents they are long. A neighbour's 0.14 ms a step (8B on an
# H100, 3,000 tokens of context) over 500 tokens is 350 tokens of prefill there; 12 ms on a laptop 2,000.
# Measured there at load 0.85, 8 replicas, first / last token: Mooncake without 2.94 / 13.4 s, with it
# 3.09 / 12.0 s; the reasoning trace 0.25 / 49.5 s (least work) and 0.21 / 46.3 s.
NEIGHBOUR = 400
NEIGHBOUR_CONTEXT = 0.005

# What a half full replica costs more than an empty one, in tokens: about 2,700 for the first of four slots,
# where each is a quarter of the machine and may be wanted by one whose text is cached; 32 of 256.
HALF_FULL = 8192


class ReplicaState(msgspec.Struct, frozen=True):
    """What the choice is told of a replica: turns running on it and turns it can run at once."""

    name: str
    ready: bool
    running: int
    slots: int
    draining: bool = False


class Choice(msgspec.Struct, frozen=True):
    """``cached_tokens`` of the prompt should be cached on the replica ``name``."""

    name: str
    cached_tokens: int


class Seat:
    """What a router remembers of a replica; work in tokens that it had to compute for prompts."""

    __slots__ = ("index", "last", "lately", "total")

    def __init__(self, cache_blocks: int) -> None:
        self.index = PrefixIndex(cache_blocks)
        self.lately = 0.0  # its work, the older the less
        self.total = 0  # its work, all alike
        self.last = 0  # how many turns the pool had been sent with the last that was sent here


# What it costs to send a turn there, given the tokens of its prompt and how many are not cached there.
Cost = Callable[[Seat, ReplicaState, int, int], float]


def locality_and_load(seat: Seat, state: ReplicaState, prompt: int, uncached: int) -> float:
    """Thinkwell's own, in tokens to compute. The price of a slot grows without bound as they run out."""
    crowd = NEIGHBOUR + NEIGHBOUR_CONTEXT * prompt + HALF_FULL / (state.slots - state.running)
    return uncached + LEAD_WEIGHT * seat.lately + crowd * state.running


class Router:
    """Over the replicas of one pool. ``cache_blocks`` of ``block_tokens`` tokens are thought to fit in each
    one's prefix cache (0: it has none).

    ``choose``, then ``sent``, for each turn; ``ended`` when its text is whole; ``gone`` when a replica died.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        cache_blocks: int,
        block_tokens: int,
        cost: Cost = locality_and_load,
    ) -> None:
        self._cache_blocks = cache_blocks
        self._seats = {name: Seat(cache_blocks) for name in names}
        self._block_tokens = block_tokens
        self._cost = cost
        self._open: set[str] = set()
        self._sent = 0

    def choose(
        self,
        states: Sequence[ReplicaState],
        blocks: Sequence[int],
        prompt_tokens: int,
        fits: Callable[[str], bool] | None = None,
    ) -> Choice | None:
        """The cheapest replica that is ready, not draining, has a free slot, and ``fits``; else None.

        Ties go to the first of ``states``. May be asked again and again: only ``sent`` counts a turn.
        """
        seats, known, cost_of = self._seats, self._open, self._cost
        best: str | None = None
        least = inf
        best_cached = 0
        for state in states:
            name = state.name
            if not state.ready or state.draining:
                known.discard(name)
                continue
            if name not in known:
                self._welcome(states)
            if state.running >= state.slots or (fits is not None and not fits(name)):
                continue
            seat = seats[name]
            matched = seat.index.match(blocks) if blocks else 0
            cached = cached_tokens(matched, self._block_tokens, prompt_tokens) if matched else 0
            cost = cost_of(seat, state, prompt_tokens, prompt_tokens - cached)
            if cost < least:
                best, least, best_cached = name, cost, cached
        return None if best is None else Choice(best, best_cached)

    def sent(self, name: str, blocks: Sequence[int], prompt_tokens: int, cached_tokens: int) -> None:
        """A turn goes to ``name``, where ``cached_tokens`` of its prompt are thought to be cached."""
        work = max(0, prompt_tokens - cached_tokens)
        faded = 0.5 ** (work / (HALF_LIFE * len(self._seats)))
        for seat in self._seats.values():
            seat.lately *= faded
        self._sent += 1
        seat = self._seats[name]
        seat.lately += work
        seat.total += work
        seat.last = self._sent
        seat.index.add(blocks)

    def ended(self, name: str, blocks_of_whole_text: Sequence[int] = ()) -> None:
        """A turn has ended there; prompt and answer together are cached now. () where that is not known."""
        self._seats[name].index.add(blocks_of_whole_text)

    def add(self, name: str) -> None:
        """One more replica, a newcomer."""
        self._seats[name] = Seat(self._cache_blocks)

    def remove(self, name: str) -> None:
        """It will not come back. No turn runs there."""
        del self._seats[name]
        self._open.discard(name)

    def gone(self, name: str) -> None:
        """The replica died; its cache is lost. When it is ready again, it is a newcomer."""
        self._seats[name].index.forget()
        self._open.discard(name)

    def _welcome(self, states: Sequence[ReplicaState]) -> None:
        """Who was away (not ready, or draining) starts level with the mean of those who were not.

        Else it would be lacking the work of that whole time, and be flooded until it had caught up.
        """
        known = self._open
        level = sum(self._seats[name].lately for name in known) / len(known) if known else 0.0
        for state in states:
            if state.ready and not state.draining and state.name not in known:
                seat = self._seats[state.name]
                seat.lately = max(seat.lately, level)
        known.update(state.name for state in states if state.ready and not state.draining)
