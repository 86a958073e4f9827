"""Eta: when a waiting turn will start, as a median and a P90. Pure: told what happens, and when.

A raw estimate from the line as it stands and the demand as it was (forecast.py), made true by what became
of the quotes before it (calibration.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from math import exp, log

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.calibration import MOST, Calibrator, Features, Spread, features_of
from thinkwell.scheduling.forecast import Forecast, Raw
from thinkwell.scheduling.pool import PoolSchedule

# While somebody waits, time between two calls beyond this is a jump of the clock.
MOST_STEP_S = 10.0
# A second more or less is nothing to who waits for so long or less.
SOON_S = 0.5
# Of the quotes that are given again while a turn waits, one in so many teaches.
TEACHES = 8
# Quotes of known outcome beyond this, and beyond a few for each that waits, are swept out.
MOST_CLOSED = 256
# How far above the median the P90 is at first, in spreads (mean absolute deviations; 1.6 if normal).
FIRST_P90 = 2.0


class Quote(msgspec.Struct, frozen=True):
    """Seconds from now until the start: as likely later as sooner, and later in one case of ten."""

    expected_s: float
    p90_s: float


class _Quantiles:
    """What is learnt of one kind of quote. Waits are looked at as log(seconds + SOON_S)."""

    def __init__(self) -> None:
        self.spread = Spread()
        self.median = Calibrator(0.5)
        self.p90 = Calibrator(0.1, start=FIRST_P90)
        self.open = 0

    def quote(self, seconds: float, features: Features) -> Quote:
        median = self.median.shift(features)
        beyond = max(0.0, self.spread.of(features) * self.p90.shift(features))
        raw = seconds + SOON_S
        expected = max(0.0, raw * exp(median) - SOON_S)
        return Quote(expected, max(expected, raw * exp(min(MOST, median + beyond)) - SOON_S))


class _Open(msgspec.Struct):
    """A quote of which it is not known yet what becomes of it."""

    learner: _Quantiles
    seconds: float
    features: Features
    at: float
    quote: Quote
    median_known: bool = False
    p90_known: bool = False
    median_missed: bool = False
    p90_missed: bool = False
    closed: bool = False

    def passed(self, now: float) -> float | None:
        """It still waits. When to look again."""
        learner = self.learner
        waited = now - self.at
        spread = learner.spread.of(self.features)
        if not self.median_missed and waited > self.quote.expected_s:
            self.median_missed = True
            learner.median.missed(True, learner.open, spread)
        if not self.p90_missed and waited > self.quote.p90_s:
            self.p90_missed = True
            learner.p90.missed(True, learner.open)
        present = learner.quote(self.seconds, self.features)
        if not self.median_known and waited > present.expected_s:
            self.median_known = True
            learner.median.learn(self.features, missed=True, spread=spread)
        if not self.p90_known and waited > present.p90_s:
            self.p90_known = True
            learner.p90.learn(self.features, missed=True)
        ahead = [
            limit
            for known, limit in (
                (self.median_known, present.expected_s),
                (self.p90_known, present.p90_s),
                (self.median_missed, self.quote.expected_s),
                (self.p90_missed, self.quote.p90_s),
            )
            if not known
        ]
        return self.at + max(min(ahead), waited + 1e-3) if ahead else None

    def started(self, now: float) -> None:
        self.passed(now)
        learner = self.learner
        spread = learner.spread.of(self.features)
        if not self.median_known:
            learner.median.learn(self.features, missed=False, spread=spread)
        if not self.p90_known:
            learner.p90.learn(self.features, missed=False)
        if not self.median_missed:
            learner.median.missed(False, learner.open, spread)
        if not self.p90_missed:
            learner.p90.missed(False, learner.open)
        expected = self.quote.expected_s if True else 0
        learner.spread.learn(self.features, log((now - self.at + SOON_S) / (expected + SOON_S)))
        self.left()

    def left(self) -> None:
        self.closed = True
        self.learner.open -= 1


class _Waiting(msgspec.Struct):
    ticket: Ticket
    first: _Open | None = None
    again: _Open | None = None


class Eta:
    """For each turn ``arrived`` once it has joined the schedule, then ``started`` or ``left``; ``served`` for
    what was delivered in all; ``quote`` and ``quotes`` while it waits. About 700 bytes a waiting turn."""

    def __init__(self, schedule: PoolSchedule) -> None:
        self._schedule = schedule
        self._forecast = Forecast(schedule)
        self._waiting: dict[str, _Waiting] = {}
        self._first = _Quantiles()
        self._again = _Quantiles()
        # When each open quote's median passes, and then its P90.
        self._due: list[tuple[float, int, _Open]] = []
        self._numbers = count()
        self._given = 0
        self._clock = 0.0  # seconds that passed, without jumps
        self._now: float | None = None
        self._served_at = 0.0

    # -- what happens ----------------------------------------------------------------------------

    def arrived(self, ticket: Ticket, now: float) -> None:
        """Also for a turn that starts at once: it is demand."""
        self._pass_time(now)
        self._waiting[ticket.id] = _Waiting(ticket)
        self._forecast.asked(ticket, self._clock)

    def served(self, now: float, service: float) -> None:
        """The pool has delivered ``service`` weighted tokens since this was said last."""
        self._pass_time(now)
        seconds = self._clock - self._served_at
        self._served_at = self._clock
        if self._schedule.waiting and service >= 0.0:
            self._forecast.served(service, seconds)

    def started(self, ticket_id: str, now: float) -> None:
        """Its turn has come; what its quotes were worth is learnt."""
        self._pass_time(now)
        waiting = self._waiting.pop(ticket_id, None)
        if waiting is None:
            return
        for open in (waiting.first, waiting.again):
            if open is not None:
                open.started(self._clock)
        if waiting.first is not None:
            self._forecast.started(self._clock)

    def ended(self, ticket: Ticket, generated: int) -> None:
        """A turn came to its own end after ``generated`` tokens."""
        self._forecast.ended(ticket.person, generated)

    def left(self, ticket_id: str, now: float) -> None:
        """It waits no longer, and never started."""
        self._pass_time(now)
        waiting = self._waiting.pop(ticket_id, None)
        if waiting is not None:
            for open in (waiting.first, waiting.again):
                if open is not None:
                    open.left()

    # -- quotes ----------------------------------------------------------------------------------

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        """None for who does not wait, and while it is not known how fast the pool is."""
        self._pass_time(now)
        waiting = self._waiting.get(ticket_id)
        raw = None if waiting is None else self._forecast.one(waiting.ticket, self._clock)
        return None if waiting is None or raw is None else self._quote(waiting, raw)

    def quotes(self, now: float) -> Iterator[tuple[str, Quote]]:
        """(ticket id, quote) of all who wait, in order."""
        self._pass_time(now)
        for ticket, raw in self._forecast.all(self._clock):
            waiting = self._waiting.get(ticket.id)
            if waiting is not None:
                yield ticket.id, self._quote(waiting, raw)

    def _quote(self, waiting: _Waiting, raw: Raw) -> Quote:
        features = features_of(raw.seconds, raw.size)
        if waiting.first is None:
            quote = self._first.quote(raw.seconds, features)
            waiting.first = self._open(self._first, raw.seconds, features, quote)
            return quote
        quote = self._again.quote(raw.seconds, features)
        self._given += 1
        if waiting.again is None and self._given % TEACHES == 0:
            waiting.again = self._open(self._again, raw.seconds, features, quote)
        return quote

    # -- learning --------------------------------------------------------------------------------

    def _open(self, learner: _Quantiles, seconds: float, features: Features, quote: Quote) -> _Open:
        open = _Open(learner, seconds, features, self._clock, quote)
        learner.open += 1
        heappush(self._due, (self._clock + quote.expected_s, next(self._numbers), open))
        return open

    def _pass_time(self, now: float) -> None:
        """Quotes that were too early by now are learnt from at once: who still waits counts, or a growing
        line would teach from those that came through quickly."""
        if self._now is not None and now > self._now:
            step = now - self._now
            self._clock += min(step, MOST_STEP_S) if self._waiting else step
        self._now = now
        due = self._due
        while due and due[0][0] < self._clock:
            open = heappop(due)[2]
            if open.closed:
                continue
            again = open.passed(self._clock)
            if again is not None:
                heappush(due, (again, next(self._numbers), open))
        if len(due) > 4 * len(self._waiting) + MOST_CLOSED:
            self._due = [row for row in due if not row[2].closed]
            heapify(self._due)
