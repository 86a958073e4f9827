"""Forecast: what looks ahead for the dispatcher (expected starts, budgets of thought), and its null sibling.

The arithmetic is in scheduling/; this hands it what happens and asks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.budgets import LoadBudgets
from thinkwell.scheduling.eta import Eta, Quote
from thinkwell.scheduling.pool import PoolSchedule

# So many wait for each turn that runs, and it is a line: whoever comes waits for a quarter of a turn's time.
LINE_SHARE = 0.25


class Outcome(msgspec.Struct, frozen=True):
    """What a turn that is over generated, how much of it was thought (None: none), and whether that
    would have gone on: it was cut, stopped or lost within the thought."""

    generated: int
    thought: int | None
    cut: bool


class Forecast(Protocol):
    """Times in seconds of one clock that never goes back."""

    def arrived(self, ticket: Ticket, now: float) -> None:
        """It has joined the line."""

    def started(self, ticket_id: str, now: float) -> None:
        """Its turn came."""

    def left(self, ticket_id: str, now: float) -> None:
        """It waits no longer, and did not start."""

    def forgiven(self, ticket: Ticket, now: float) -> None:
        """It waits on, and behind the others no longer. ``ticket`` as it is now."""

    def ended(self, ticket: Ticket, outcome: Outcome) -> None:
        """It started, and is over."""

    def look(self, now: float, *, ready: bool) -> None:
        """Time has passed; ``ready``: there is an engine, so that who waits, waits for others."""

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        """When one waiting ticket starts; None while nothing is known."""

    def quotes(self, now: float) -> Iterator[tuple[str, Quote | None]]:
        """All that wait, in the order of their turn."""

    def thought_budget(self, ticket: Ticket, full: int, now: float) -> int | None:
        """Tokens that a thought may take in place of ``full``; None: it is not shortened."""

    def cut(self, ticket: Ticket, has: int, said: int, now: float) -> int | None:
        """The same for one that runs, may take ``has`` and has come to ``said``."""


class LoadForecast:
    """Learns from the line as it goes."""

    def __init__(self, schedule: PoolSchedule, budgets: LoadBudgets) -> None:
        self._schedule = schedule
        self._eta = Eta(schedule)
        self._budgets = budgets
        self._told = 0.0  # of the service that the schedule has seen

    @property
    def load(self) -> float:
        """What is asked for over what the pool can do; 0 while nobody ever had to wait."""
        return self._budgets.load

    @property
    def pressure(self) -> float:
        """The load, and at least 1 where a line has formed: a load is sure only minutes after it has come,
        and who waits by then unproven, in the part of a large network, stays where they are."""
        waiting = self._schedule.waiting_for_room
        formed = waiting > 0 and waiting >= LINE_SHARE * len(self._schedule.running)
        return max(self.load, 1.0) if formed else self.load

    def arrived(self, ticket: Ticket, now: float) -> None:
        self._eta.arrived(ticket, now)
        if not ticket.behind:  # thoughts become no shorter for those who are out of quota
            self._budgets.arrived(self._budgets.expected(ticket), now)

    def started(self, ticket_id: str, now: float) -> None:
        self._eta.started(ticket_id, now)

    def left(self, ticket_id: str, now: float) -> None:
        self._eta.left(ticket_id, now)

    def forgiven(self, ticket: Ticket, now: float) -> None:
        self._eta.left(ticket.id, now)
        self.arrived(ticket, now)

    def ended(self, ticket: Ticket, outcome: Outcome) -> None:
        if not outcome.cut:
            self._eta.ended(ticket.person, outcome.generated)
        self._budgets.ended(ticket.person, outcome.generated, outcome.thought, cut=outcome.cut)

    def look(self, now: float, *, ready: bool) -> None:
        service, self._told = self._schedule.delivered - self._told, self._schedule.delivered
        self._eta.served(now, service)
        self._budgets.served(service, self._schedule.waiting_for_room if ready else 0, now)

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        return self._eta.quote(ticket_id, now)

    def quotes(self, now: float) -> Iterator[tuple[str, Quote | None]]:
        known = list(self._eta.quotes(now))
        if len(known) == self._schedule.waiting:
            yield from known
            return
        by_id = dict(known)
        for ticket in self._schedule.in_order():
            yield ticket.id, by_id.get(ticket.id)

    def thought_budget(self, ticket: Ticket, full: int, now: float) -> int | None:
        return self._budgets.budget(ticket.tier, full, now)

    def cut(self, ticket: Ticket, has: int, said: int, now: float) -> int | None:
        return self._budgets.cut(ticket.tier, has, said, now)


class NoForecast:
    """Nobody is told a time, and no thought is shortened."""

    def __init__(self, schedule: PoolSchedule) -> None:
        self._schedule = schedule

    def arrived(self, ticket: Ticket, now: float) -> None: ...

    def started(self, ticket_id: str, now: float) -> None: ...

    def left(self, ticket_id: str, now: float) -> None: ...

    def forgiven(self, ticket: Ticket, now: float) -> None: ...

    def ended(self, ticket: Ticket, outcome: Outcome) -> None: ...

    def look(self, now: float, *, ready: bool) -> None: ...

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        return None

    def quotes(self, now: float) -> Iterator[tuple[str, Quote | None]]:
        for ticket in self._schedule.in_order():
            yield ticket.id, None

    def thought_budget(self, ticket: Ticket, full: int, now: float) -> int | None:
        return None

    def cut(self, ticket: Ticket, has: int, said: int, now: float) -> int | None:
        return None
