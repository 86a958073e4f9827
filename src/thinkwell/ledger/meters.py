"""Energy meters: how much was spent since the last look, from counters that wrap, vanish and start anew.

Where counters are found is known to rapl.py and nvml.py, which of them a site reads to supply.py. Nothing
here knows turns, or what the energy was spent on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

# More than this on one counter is no energy but a counter that began anew: no processor or card draws it.
MOST_WATTS = 2_000
# Counters are brought up to date every so often (NVML: 0.1 s), so that a step may be of a time before.
STEP_US = 1_000_000


class Source(Protocol):
    """One counter: of a processor's package, its memory, a card."""

    @property
    def name(self) -> str: ...

    @property
    def wraps_at(self) -> int | None:
        """The most it counts to before it starts at 0 again; None: it does not, or it is not known."""

    def read(self) -> int | None:
        """Microjoules since some start; None: it cannot be read now. Takes micro- to milliseconds."""


class EnergyMeter(Protocol):
    async def spent(self) -> int | None:
        """Microjoules since the last call, or since it was made. None: of that time it is not known."""


class NoMeter:
    """An EnergyMeter where there is nothing to read."""

    async def spent(self) -> int | None:
        return None


class CountingMeter:
    """An EnergyMeter: the sum of several sources. ``clock`` gives monotonic seconds.

    One that cannot be read makes the whole not known for that time: a part would pass for all of it.
    Reads at once when it is made, so it is to be made in a thread.
    """

    def __init__(self, sources: Sequence[Source], clock: Callable[[], float]) -> None:
        self._counters = [_Counter(source, clock) for source in sources]

    async def spent(self) -> int | None:
        return await asyncio.to_thread(self._spent)

    def _spent(self) -> int | None:
        """All are read in any case, so that each goes on from here."""
        steps = [counter.step() for counter in self._counters]
        known = [step for step in steps if step is not None]
        return sum(known) if len(known) == len(steps) else None


class _Counter:
    def __init__(self, source: Source, clock: Callable[[], float]) -> None:
        self._source = source
        self._clock = clock
        self._last = source.read()
        self._at = clock()

    def step(self) -> int | None:
        value, now = self._source.read(), self._clock()
        last, at = self._last, self._at
        self._last, self._at = value, now
        if value is None or last is None:
            return None
        step = value - last
        if step < 0:
            wraps_at = self._source.wraps_at
            if wraps_at is None or last > wraps_at:
                return None
            step += wraps_at
        passed_us = round((now - at) * 1_000_000)
        return step if step <= MOST_WATTS * (passed_us + STEP_US) else None


class Assumed(msgspec.Struct, frozen=True):
    """Power that is assumed where nothing is measured, in microwatts: while the engines work, and rest."""

    busy: int
    rest: int = 0

    @classmethod
    def watts(cls, busy: float, rest: float = 0.0) -> Assumed:
        return cls(round(busy * 1_000_000), round(rest * 1_000_000))
