"""Power: looks at the energy meter while turns run, and gives each turn its share when it is closed.

It knows who runs (live.py) and for how long; how things are shared is known to ledger/energy.py alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from thinkwell.engines.base import Engine
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.ledger.energy import Attribution, Interval, Ticked, Work
from thinkwell.ledger.machine_hours import Done, FullSpeed, MachineHour, MachineHours
from thinkwell.ledger.supply import Machine, Supply, find_supply, place_of
from thinkwell.settings.rooms import Energy as EnergySettings
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.values.receipt import Energy

log = logging.getLogger(__name__)

# While turns run, the meter is read so often; else seldom.
EVERY_S = 0.5
IDLE_EVERY_S = 5.0
SECOND_US = 1_000_000


class Power:
    """``settle`` is called when a turn is closed; ``run`` is a task of the site."""

    def __init__(
        self,
        turns: LiveTurns,
        supply: Supply,
        slots: Callable[[], int],
        now_us: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``now_us`` tells the hour; ``clock`` is that of the turns' meters."""
        self._turns = turns
        self._meter = supply.meter
        self._slots = slots
        self._now_us = now_us
        self._clock = clock
        self._attribution = Attribution(supply.assumed)
        self._hours = MachineHours()
        self._at_us = _micros(clock())  # of the last tick
        self._working: list[LiveTurn] = []  # those that worked then
        # Of turns that ended since then: when the first of them began, the last one's end, their time in all.
        self._ended: tuple[int, int, int] | None = None
        self._last: Ticked | None = None
        self.about = supply.about

    def settle(self, live: LiveTurn) -> Energy:
        """The turn's energy, and its share of the engines' time. A second call says the same again."""
        if live.energy is None:
            live.energy = self._settle(live)
        return live.energy

    # -- figures ---------------------------------------------------------------------------------

    @property
    def measured(self) -> bool | None:
        """Whether what was spent last was measured, not estimated; None: nothing is known of it."""
        return None if self._last is None or self._last.spent is None else self._last.measured

    @property
    def watts(self) -> float | None:
        """Power of late; None: not known."""
        return self._hours.watts

    @property
    def hours(self) -> list[MachineHour]:
        """As ``MachineHours.hours``."""
        return self._hours.hours

    @property
    def full_speed(self) -> FullSpeed | None:
        """As ``MachineHours.full_speed``."""
        return self._hours.full_speed

    # -- reading ---------------------------------------------------------------------------------

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Runs for ever; ends by cancellation only."""
        while True:
            await sleep(EVERY_S)
            try:
                if self._due():
                    await self.tick()
            except Exception:  # a fault of ours, or of a library: answers are worth more than their energy
                log.exception("energy could not be shared")
                await sleep(IDLE_EVERY_S)

    def _due(self) -> bool:
        idle_us = _micros(self._clock()) - self._at_us
        return self._turns.count > 0 or self._ended is not None or idle_us >= IDLE_EVERY_S * SECOND_US

    async def tick(self) -> None:
        """Read the meter, and share what was spent since the last time."""
        spent = await self._meter.spent()
        before = self._last
        self._share(spent)
        if before is not None and before.measured != (spent is not None):
            log.warning("energy: %s", "estimated: the meter cannot be read" if spent is None else self.about)

    def _share(self, spent: int | None) -> None:
        now, at, attribution = _micros(self._clock()), self._at_us, self._attribution
        served = attribution.served
        works, began, turns_us = self._works(now)
        until = now if began < now else at
        if self._ended is not None:
            first, last, in_all = self._ended
            began, until, turns_us = min(began, first), max(until, last), turns_us + in_all
        elapsed = max(0, now - at)
        busy_us = min(elapsed, max(0, until - began))
        interval = Interval(busy_us, elapsed - busy_us, spent)
        ticked = attribution.tick(interval, works)
        self._at_us, self._ended = now, None
        if len(attribution) > self._turns.count:
            lost = attribution.forget_all_but({live.request.id for live in self._turns.running})
            ticked = ticked._replace(idle=ticked.idle + lost)
        self._last = ticked
        done = Done(turns_us, self._slots(), attribution.served - served)
        self._hours.note(interval, ticked, done, self._now_us())

    def _works(self, now: int) -> tuple[list[Work], int, int]:
        """Those who work or did, when the first of them began in this interval, and their time in all.

        Thousands may wait: those are passed over quickly.
        """
        at, before = self._at_us, self._working
        # What is settled is being closed, and works no more.
        leased = [live for live in self._turns.running if live.meter.leased_at is not None]
        self._working = working = [live for live in leased if live.energy is None]
        works: list[Work] = []
        first, in_all = now, 0
        for live in working:
            meter = live.meter
            began = max(at, _micros(meter.leased_at or 0.0))
            first = min(first, began)
            worked = max(0, now - began)
            in_all += worked
            works.append(Work(live.request.id, meter.service, meter.uncached, worked))
        for live in before:
            if live.meter.leased_at is None and live.energy is None:  # it waits again
                works.append(Work(live.request.id, live.meter.service, live.meter.uncached, 0))
        return works, first, in_all

    def _settle(self, live: LiveTurn) -> Energy:
        meter, now, at = live.meter, _micros(self._clock()), self._at_us
        first, _, in_all = self._ended or (now, at, 0)
        worked = 0
        if meter.leased_at is not None:
            began = max(at, _micros(meter.leased_at))
            worked = max(0, now - began)
            first = min(first, began)
            self._ended = first, now, in_all + worked
        work = Work(live.request.id, meter.service, meter.uncached, worked)
        busy_us = max(0, now - (at if self._working else first))
        return self._attribution.end(work, busy_us, self._turns.count)


async def open_power(
    wanted: EnergySettings,
    machine: Machine,
    engines: Sequence[Engine],
    turns: LiveTurns,
    now_us: Callable[[], int],
) -> Power:
    """By the meters of ``machine``, this one, where the engines are on it."""
    own = all(isinstance(engine, EmbeddedEngine) for engine in engines)
    place = "processors" if own else place_of(engine.url for engine in engines)
    supply = await asyncio.to_thread(find_supply, wanted, place, machine)
    return Power(turns, supply, lambda: sum(engine.slots for engine in engines), now_us)


def _micros(seconds: float) -> int:
    return int(seconds * SECOND_US)
