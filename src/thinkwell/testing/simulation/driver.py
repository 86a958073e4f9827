"""Drivers: give running completions their tokens, in the machine's time or at once. Know no HTTP.

A driver holds slots. ``begin`` refuses or queues over them; ``leave`` frees one at once.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import msgspec

from thinkwell.scheduling.prefix_index import PrefixIndex, cached_tokens
from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.request import Began, Ended, FirstToken, SimRequest


class Stats(msgspec.Struct, kw_only=True):
    """``queued_ever`` counts requests that found no free slot and were made to wait for one."""

    running: int = 0
    max_running: int = 0
    queued_ever: int = 0
    refused: int = 0
    started: int = 0
    finished: int = 0
    aborted: int = 0
    stalled: int = 0
    tokens_made: int = 0


class Stream:
    """One completion in a driver. Awaited by its handler, fed by the driver. Seconds are simulated."""

    def __init__(self, request: SimRequest) -> None:
        self.request = request
        self.made = 0
        self.cached = 0
        self.submitted_at = 0.0
        self.first_at = 0.0
        self.now = 0.0
        self.ended = False
        self._wake = asyncio.Event()

    def feed(self, made: int, now: float, *, ended: bool = False) -> None:
        self.made, self.now, self.ended = made, now, self.ended or ended
        self._wake.set()

    async def more_than(self, taken: int) -> int:
        """Tokens made, once they are more than ``taken`` or the end has come."""
        while self.made <= taken and not self.ended:
            self._wake.clear()
            await self._wake.wait()
        return self.made


class Driver(ABC):
    """``queue`` lets requests over the slots wait in here; otherwise ``begin`` returns None for them.

    An abort and the next request may come over two connections at the same moment and be read in either
    order, so a request over the slots waits ``grace_s`` for one to come free before it counts as over.
    """

    def __init__(self, slots: int, *, queue: bool = False, grace_s: float = 0.05) -> None:
        self.slots = slots
        self.stats = Stats()
        self._queue = queue
        self._grace_s = grace_s
        self._held: set[str] = set()
        self._stalled: set[str] = set()
        self._free = asyncio.Condition()

    async def begin(self, request: SimRequest) -> Stream | None:
        """Take a slot. None: there was none, and this driver does not queue."""
        async with self._free:
            if not await self._slot_within(self._grace_s, request):
                if not self._queue:
                    self.stats.refused += 1
                    return None
                self.stats.queued_ever += 1
                await self._free.wait_for(lambda: self._has_slot(request))
            self._held.add(request.id)
        self.stats.started += 1
        self._note_running()
        stream = Stream(request)
        self._start(stream)
        return stream

    async def leave(self, stream: Stream, *, complete: bool) -> None:
        """Give the slot back: after the last token, or at an abort."""
        id = stream.request.id
        if not stream.ended:
            self._abort(stream)
        self._stalled.discard(id)
        if complete:
            self.stats.finished += 1
        else:
            self.stats.aborted += 1
        self._release(id)
        async with self._free:
            self._free.notify_all()

    def stall(self, stream: Stream) -> None:
        """Make no more tokens for it and keep its slot until it leaves."""
        self._stalled.add(stream.request.id)
        if not stream.ended:
            self._abort(stream)
            stream.ended = True
        self.stats.stalled = len(self._stalled)
        self._held.add(stream.request.id)

    @abstractmethod
    def shorten(self, stream: Stream, output_tokens: int) -> None: ...

    @abstractmethod
    def _start(self, stream: Stream) -> None: ...

    @abstractmethod
    def _abort(self, stream: Stream) -> None: ...

    def _has_slot(self, request: SimRequest) -> bool:
        return len(self._held) < self.slots

    async def _slot_within(self, seconds: float, request: SimRequest) -> bool:
        if not self._has_slot(request):
            try:
                async with asyncio.timeout(seconds):
                    await self._free.wait_for(lambda: self._has_slot(request))
            except TimeoutError:
                return False
        return True

    def _release(self, id: str) -> None:
        self._held.discard(id)
        self.stats.stalled = len(self._stalled)
        self._note_running()

    def _note_running(self) -> None:
        self.stats.running = len(self._held)
        self.stats.max_running = max(self.stats.max_running, self.stats.running)


class InstantDriver(Driver):
    """All tokens at once. The slot is held until they have been sent."""

    def __init__(self, profile: Profile, slots: int, *, queue: bool = False, grace_s: float = 0.05) -> None:
        super().__init__(slots, queue=queue, grace_s=grace_s)
        self._cache = PrefixIndex(profile.cache_tokens // profile.block)
        self._block = profile.block

    def _start(self, stream: Stream) -> None:
        request = stream.request
        matched = self._cache.match(request.blocks)
        stream.cached = cached_tokens(matched, self._block, request.prompt_tokens)
        self._cache.add(request.blocks)
        stream.feed(request.output_tokens, 0.0, ended=True)

    def _abort(self, stream: Stream) -> None:
        pass

    def shorten(self, stream: Stream, output_tokens: int) -> None:
        stream.made = min(stream.made, output_tokens)


class PacedDriver(Driver):
    """Tokens in the machine's time, ``speed`` times as fast as real time. ``run`` is its task."""

    def __init__(
        self, profile: Profile, slots: int, *, speed: float = 1.0, queue: bool = False, grace_s: float = 0.05
    ) -> None:
        super().__init__(slots, queue=queue, grace_s=grace_s)
        self.machine = SimulatedMachine(msgspec.structs.replace(profile, slots=slots))
        self._speed = speed
        self._streams: dict[str, Stream] = {}
        self._work = asyncio.Event()
        self._started_at = asyncio.get_running_loop().time()

    def _now(self) -> float:
        return max(self.machine.now, (asyncio.get_running_loop().time() - self._started_at) * self._speed)

    def _has_slot(self, request: SimRequest) -> bool:
        return super()._has_slot(request) and self.machine.fits(request)

    def _start(self, stream: Stream) -> None:
        self._streams[stream.request.id] = stream
        stream.submitted_at = self._now()
        self.machine.submit(stream.request, stream.submitted_at)
        self._work.set()

    def _abort(self, stream: Stream) -> None:
        if self._streams.pop(stream.request.id, None) is not None:
            self.machine.abort(stream.request.id)

    def shorten(self, stream: Stream, output_tokens: int) -> None:
        if stream.request.id in self._streams and not stream.ended:
            self.machine.shorten(stream.request.id, output_tokens)

    async def run(self) -> None:
        """Advance the machine with the clock, for ever: one wake-up a step, none while idle."""
        machine = self.machine
        while True:
            if not self._streams:
                self._work.clear()
                await self._work.wait()
            self._advance()
            await asyncio.sleep(max(0.0, (machine.busy_until - self._now()) / self._speed))

    def _advance(self) -> None:
        now = self._now()
        for event in self.machine.advance(now):
            stream = self._streams[event.id]
            match event:
                case Began(cached_tokens=cached):
                    stream.cached = cached
                case FirstToken(at=at):
                    stream.first_at = at
                case Ended(at=at, tokens=tokens):
                    del self._streams[event.id]
                    self._release(event.id)
                    stream.feed(tokens, at, ended=True)
        for id, made in self.machine.progress().items():
            stream = self._streams[id]
            if made > stream.made:
                stream.feed(made, now)
