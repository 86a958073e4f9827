"""The runs of ``bench routing``: a trace over the replicas of a pool, in no time or in virtual time."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Sequence
from statistics import fmean, median

import msgspec

from thinkwell.scheduling.prefix_index import PrefixIndex, cached_tokens
from thinkwell.scheduling.replicas import Cost, ReplicaState, Router
from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.replay import Arrival
from thinkwell.testing.simulation.request import Ended, FirstToken, SimEvent
from thinkwell.testing.simulation.trace import TraceRequest

# Texts that many people ask about: a few of them much more than the others (the n-th 1/n times as often).
DOCUMENTS = 60
DOCUMENT_BLOCKS = (20, 160)
BLOCK_TOKENS = 512


class Spread(msgspec.Struct, frozen=True):
    """``hits``: per cent of the prompts' blocks that were cached where they went (None: none have blocks).

    ``imbalance``: prompt tokens computed by the busiest replica, over the mean. ``choice_us``: a choice
    and its booking, median.
    """

    hits: float | None
    imbalance: float
    choice_us: float


def spread(trace: Sequence[TraceRequest], cost: Cost, replicas: int, cache_blocks: int) -> Spread:
    """All replicas are always free; only where the turns go is looked at.

    The caches are simulated beside the router's index: what it believes is not what is counted.
    """
    names = [f"replica-{number}" for number in range(replicas)]
    block_tokens = max(request.block_tokens for request in trace)
    router = Router(names, cache_blocks=cache_blocks, block_tokens=block_tokens, cost=cost)
    states = [ReplicaState(name, True, 0, 1) for name in names]
    caches = {name: PrefixIndex(cache_blocks) for name in names}
    computed = dict.fromkeys(names, 0)
    hit = blocks = 0
    seconds: list[float] = []
    for request in trace:
        began = time.perf_counter()
        choice = router.choose(states, request.blocks, request.prompt_tokens)
        assert choice is not None, "all are ready"
        router.sent(choice.name, request.blocks, request.prompt_tokens, choice.cached_tokens)
        seconds.append(time.perf_counter() - began)
        cache = caches[choice.name]
        matched = cache.match(request.blocks)
        cache.add(request.blocks)
        hit += matched
        blocks += len(request.blocks)
        computed[choice.name] += request.prompt_tokens - cached_tokens(
            matched, block_tokens, request.prompt_tokens
        )
    return Spread(
        100 * hit / blocks if blocks else None,
        max(computed.values()) * replicas / max(1, sum(computed.values())),
        1e6 * median(seconds),
    )


def ceiling(trace: Sequence[TraceRequest]) -> float | None:
    """Per cent of the blocks that one endless cache for all would hold."""
    blocks = sum(len(request.blocks) for request in trace)
    cache = PrefixIndex(blocks)
    hit = 0
    for request in trace:
        hit += cache.match(request.blocks)
        cache.add(request.blocks)
    return 100 * hit / blocks if blocks else None


def documents(seed: int, requests: int) -> list[TraceRequest]:
    """Questions about long texts, each with an end of its own. Without times (all at 0)."""
    rng = random.Random(seed)
    texts: list[tuple[int, ...]] = []
    fresh = 0
    for _ in range(DOCUMENTS):
        length = rng.randint(*DOCUMENT_BLOCKS)
        texts.append(tuple(range(fresh, fresh + length)))
        fresh += length
    asked = rng.choices(texts, [1 / place for place in range(1, DOCUMENTS + 1)], k=requests)
    return [
        TraceRequest(
            at=0.0,
            person=None,
            prompt_tokens=len(text) * BLOCK_TOKENS + rng.randint(20, BLOCK_TOKENS - 1),
            answer_tokens=rng.randint(50, 500),
            blocks=(*text, fresh + number),
            block_tokens=BLOCK_TOKENS,
        )
        for number, text in enumerate(asked)
    ]


class Times(msgspec.Struct, frozen=True):
    """Mean seconds from arrival, in line and prefill, to the first token; and to the last one."""

    first: float
    last: float


class Pool:
    """Simulated machines behind a router and a first-come line. Times in seconds of virtual time."""

    def __init__(self, profile: Profile, replicas: int, cost: Cost) -> None:
        self._machines = {f"replica-{number}": SimulatedMachine(profile) for number in range(replicas)}
        self._slots = profile.slots or 1 << 30
        self._router = Router(
            self._machines,
            cache_blocks=profile.cache_tokens // profile.block,
            block_tokens=profile.block,
            cost=cost,
        )
        self._line: deque[Arrival] = deque()
        self._arrived: dict[str, float] = {}
        self._first: list[float] = []
        self._last: list[float] = []

    def run(self, arrivals: Sequence[Arrival]) -> Times:
        """All of them to their end."""
        for arrival in arrivals:
            self._advance(arrival.at)
            self._arrived[arrival.request.id] = arrival.at
            self._line.append(arrival)
            self._place(arrival.at)
        self._advance(float("inf"))
        return Times(fmean(self._first), fmean(self._last))

    def _advance(self, to: float) -> None:
        while self._line:
            end = min(machine.earliest_end for machine in self._machines.values())
            if end > to:
                break
            self._pass(end)
            self._place(end)
        self._pass(to)

    def _pass(self, to: float) -> None:
        for machine in self._machines.values():
            self._note(machine.advance(to))

    def _note(self, events: list[SimEvent]) -> None:
        for event in events:
            if isinstance(event, FirstToken):
                self._first.append(event.at - self._arrived[event.id])
            elif isinstance(event, Ended):
                self._last.append(event.at - self._arrived[event.id])

    def _place(self, now: float) -> None:
        """Start who is first in line, and the next ones, while they fit."""
        while self._line:
            request = self._line[0].request
            states = [
                ReplicaState(name, True, machine.running + machine.waiting, self._slots)
                for name, machine in self._machines.items()
            ]
            choice = self._router.choose(
                states,
                request.blocks,
                request.prompt_tokens,
                lambda name, request=request: self._machines[name].fits(request),  # type: ignore[misc]
            )
            if choice is None:
                return
            self._line.popleft()
            self._router.sent(choice.name, request.blocks, request.prompt_tokens, choice.cached_tokens)
            self._machines[choice.name].submit(request, now)
