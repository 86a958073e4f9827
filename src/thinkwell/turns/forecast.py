"""Forecast: what the dispatcher asks of the arithmetic that looks ahead, and its null sibling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from thinkwell.scheduling.base import Quote, Ticket
from thinkwell.scheduling.pool import PoolSchedule


class Forecast(Protocol):
    """Times in seconds of one clock that never goes back."""

    def arrived(self, ticket: Ticket, now: float) -> None: ...

    def started(self, ticket_id: str, now: float) -> None: ...

    def left(self, ticket_id: str, now: float) -> None: ...

    def look(self, schedule: PoolSchedule, now: float) -> None:
        """Time has passed; learn from what the schedule shows."""

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        """When one waiting ticket starts; None while nothing is known."""

    def quotes(self, now: float) -> Iterator[tuple[str, Quote | None]]:
        """All that wait, in the order of their turn."""

    def thought_budget(self, ticket: Ticket, full: int, now: float) -> int | None:
        """Tokens that a thought may take in place of ``full``; None: it is not shortened."""


class NoForecast:
    """Nobody is told a time, and no thought is shortened."""

    def __init__(self, schedule: PoolSchedule) -> None:
        self._schedule = schedule

    def arrived(self, ticket: Ticket, now: float) -> None: ...

    def started(self, ticket_id: str, now: float) -> None: ...

    def left(self, ticket_id: str, now: float) -> None: ...

    def look(self, schedule: PoolSchedule, now: float) -> None: ...

    def quote(self, ticket_id: str, now: float) -> Quote | None:
        return None

    def quotes(self, now: float) -> Iterator[tuple[str, Quote | None]]:
        for ticket in self._schedule.in_order():
            yield ticket.id, None

    def thought_budget(self, ticket: Ticket, full: int, now: float) -> int | None:
        return None
