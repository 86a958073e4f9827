"""Clocks: the real one, one that a test moves by hand, and an event loop that skips idle time.

``ManualClock`` is for code that takes a clock. ``VirtualTimeLoop`` is for code that sleeps on asyncio's
own time: hours pass in seconds. Neither knows what it is timing.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
import time
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """Monotonic seconds from an unnamed start, and a way to wait for them to pass."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """Real time."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """Time stands still until ``advance``. Sleepers wake in the order of their time, then of arrival."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._arrivals: list[tuple[int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    def __call__(self) -> float:
        """The same as ``now``, for code that takes a plain function."""
        return self._now

    @property
    def sleepers(self) -> int:
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), future))
        for count, arrival in self._arrivals:
            if self.sleepers >= count and not arrival.done():
                arrival.set_result(None)
        await future

    async def slept_on(self, count: int = 1) -> None:
        """Return when ``count`` tasks sleep on this clock: what to await before ``advance``."""
        while self.sleepers < count:
            arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._arrivals.append((count, arrival))
            await arrival
        self._arrivals = [pair for pair in self._arrivals if not pair[1].done()]

    async def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, waking each sleeper at its own time and letting it run before the next."""
        until = self._now + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not future.done():
                future.set_result(None)
                await _settle()
        self._now = until
        await _settle()


async def _settle() -> None:
    """Give ready tasks a few turns of the loop, so that what a wake-up starts is started."""
    for _ in range(10):
        await asyncio.sleep(0)


class _IdleSkips(selectors.BaseSelector):
    """A selector that never waits for a timer: it says how long it would have waited instead."""

    def __init__(self) -> None:
        self._inner = selectors.DefaultSelector()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._inner.select(0 if timeout is not None else None)
        if not ready and timeout is not None and timeout > 0:
            self.skipped += timeout
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def close(self) -> None:
        self._inner.close()

    def get_map(self) -> Any:
        return self._inner.get_map()


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose ``time()`` jumps to the next timer as soon as nothing is ready.

    For pure asyncio code only: work in threads or over sockets takes no virtual time, and timers fire
    before it. Time is virtual from 0, so runs are reproducible.
    """

    def __init__(self) -> None:
        self._skips = _IdleSkips()
        super().__init__(self._skips)

    def time(self) -> float:
        # During BaseEventLoop.__init__ nothing has been skipped yet.
        return self._skips.skipped


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
