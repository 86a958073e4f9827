"""Eta: when a waiting turn will start, as a median and a P90. Pure: told what happens, and when.

A raw estimate from the line as it stands and the demand as it was (forecast.py), made true by what became
of the quotes before it (calibration.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.calibration import Calibrator, Quote
from thinkwell.scheduling.forecast import Forecast
from thinkwell.scheduling.pool import PoolSchedule

__all__ = ["Eta", "Quote"]

# While somebody waits, time between two calls beyond this is a jump of the clock.
MOST_STEP_S = 10.0
# Of the quotes that are given again while a turn waits, one in so many teaches.
TEACHES = 8


class _Waiting(msgspec.Struct):
    """``first`` and ``again``: numbers of the quotes that are followed."""

    ticket: Ticket
    quoted: bool = False
    first: int | None = None
    again: int | None = None


class Eta:
    """For each turn: ``arrived`` once it has joined the schedule and before it starts, then ``started`` or
    ``left``, and ``ended`` where it came to its own end. ``served`` for what all together were given. About
    500 bytes a waiting turn.

    A clock that goes back, or ahead by more than MOST_STEP_S while somebody waits, moves no time here.
    """

    def __init__(self, schedule: PoolSchedule) -> None:
        self._schedule = schedule
        self._forecast = Forecast(schedule)
        self._waiting: dict[str, _Waiting] = {}
        self._learnt = {behind: (Calibrator(), Calibrator()) for behind in (False, True)}
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
        """Its turn has come (also again, after a pause: that is not counted)."""
        self._pass_time(now)
        self._forecast.gone(ticket_id)
        waiting = self._waiting.pop(ticket_id, None)
        if waiting is None:
            return
        first, again = self._learnt[waiting.ticket.behind]
        if waiting.first is not None:
            first.started(waiting.first, self._clock)
        if waiting.again is not None:
            again.started(waiting.again, self._clock)
        if waiting.quoted:
            self._forecast.started(self._clock)

    def left(self, ticket_id: str, now: float) -> None:
        """It waits no longer, and never started."""
        self._pass_time(now)
        self._forecast.gone(ticket_id)
        waiting = self._waiting.pop(ticket_id, None)
        if waiting is None:
            return
        first, again = self._learnt[waiting.ticket.behind]
        if waiting.first is not None:
            first.left(waiting.first)
        if waiting.again is not None:
            again.left(waiting.again)

    def ended(self, person: str, generated: int) -> None:
        """A turn came to its own end after ``generated`` tokens."""
        self._forecast.ended(person, generated)

    # -- quotes ----------------------------------------------------------------------------------

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        """None for who does not wait, and while it is not known how fast the pool is. Of who waits behind the
        others also while these leave too little for anything to be true of it.

        O(1), but for a look at the whole line every half a second or more (forecast.py).
        """
        self._pass_time(now)
        waiting = self._waiting.get(ticket_id)
        if waiting is None:
            seconds = self._forecast.again(ticket_id, self._clock)
        else:
            seconds = self._forecast.one(waiting.ticket, self._clock)
        return None if seconds is None else self._quote(waiting, seconds)

    def quotes(self, now: float) -> Iterator[tuple[str, Quote]]:
        """(ticket id, quote) of all who wait, tier by tier in order.

        Nothing may happen to the line meanwhile.
        """
        self._pass_time(now)
        for ticket_id, seconds in self._forecast.all(self._clock):
            yield ticket_id, self._quote(self._waiting.get(ticket_id), seconds)

    def _quote(self, waiting: _Waiting | None, seconds: float) -> Quote:
        """``waiting`` is None for a turn that ran before: nothing is learnt from when it goes on."""
        now = self._clock
        first, again = self._learnt[waiting is not None and waiting.ticket.behind]
        if waiting is not None and not waiting.quoted:
            waiting.quoted = True
            quote = first.quote(seconds, now)
            waiting.first = first.follow(seconds, quote, now)
            return quote
        quote = again.quote(seconds, now)
        self._given += 1
        if waiting is not None and waiting.again is None and self._given % TEACHES == 0:
            waiting.again = again.follow(seconds, quote, now)
        return quote

    def _pass_time(self, now: float) -> None:
        if self._now is not None and now > self._now:
            step = now - self._now
            self._clock += min(step, MOST_STEP_S) if self._waiting else step
        self._now = now
        for calibrators in self._learnt.values():
            for one in calibrators:
                one.pass_time(self._clock)
