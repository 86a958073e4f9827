"""SiteTimeLoop: virtual time for a whole site with sockets and threads, and for all who ask it, in one loop.

As ``VirtualTimeLoop`` (clock.py), and more patient: while a thread has work of the loop's, no time passes.
Where both ends of every connection are in this process, what was sent is there a moment later. So nothing
that the machine does takes time here, but what sleeps. Knows nothing of who is timed by it.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
# How long a thread is waited for, before it is looked again whether there is one; on the wall's clock.
LOOK_S = 0.05
# What was sent within this process is there within so long. On a busy machine it may take longer: where for
# a while here nothing came, more is waited, before some timer of the site's takes it for lost.
SETTLE_S = 0.001
LONG_SETTLE_S = 0.02
USUAL_S = 1.0
MOST_SKIPPED_S = 0.25


class _Patient(selectors.DefaultSelector):
    """``skipped``: seconds of waiting that were left out. ``working``: threads that are waited for."""

    skipped = 0.0
    working = 0
    _last = 0.0  # when something came

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self.working:
            return super().select(LOOK_S)
        quiet_s = self.skipped - self._last
        ready = super().select(SETTLE_S if quiet_s < USUAL_S else LONG_SETTLE_S)
        if ready:
            self._last = self.skipped
        else:
            self.skipped += min(timeout, MOST_SKIPPED_S)
        return ready


class SiteTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0."""

    def __init__(self) -> None:
        self._patient = _Patient()
        super().__init__(self._patient)

    def time(self) -> float:
        return self._patient.skipped

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        working = super().run_in_executor(executor, func, *args)
        self._patient.working += 1
        working.add_done_callback(self._worked)
        return working

    def _worked(self, _: asyncio.Future[Any]) -> None:
        self._patient.working -= 1


def run_in_site_time(main: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` in virtual time."""
    with asyncio.Runner(loop_factory=SiteTimeLoop) as runner:
        return runner.run(main)
