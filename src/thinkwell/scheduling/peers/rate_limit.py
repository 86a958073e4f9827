"""First come, first served, for so many requests of a person in a minute; the rest is refused.

What most services do. The machine idles while people are refused: that is what the bench shows.
"""

from __future__ import annotations

from collections import deque

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.peers.first_come import FirstComeLine

WINDOW_S = 60.0


class OverLimit(Exception):
    """The person asked too often; ``retry_after_s`` from now there is room for one more."""

    def __init__(self, ticket_id: str, retry_after_s: float) -> None:
        super().__init__(f"ticket {ticket_id} is over its person's limit for {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class RateLimitLine(FirstComeLine):
    """``per_minute`` requests are let in within any WINDOW_S; ``refused`` counts the others.

    Who comes back (``front``) was let in before, and is not counted again.
    """

    def __init__(self, per_minute: int) -> None:
        super().__init__()
        self.refused = 0
        self._per_minute = per_minute
        self._let_in: dict[str, deque[float]] = {}

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        """Raises OverLimit, and the ticket has not joined."""
        if front:
            return super().join(ticket, now, front=True)
        times = self._let_in.setdefault(ticket.person, deque())
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if len(times) >= self._per_minute:
            self.refused += 1
            raise OverLimit(ticket.id, times[0] + WINDOW_S - now)
        super().join(ticket, now)
        times.append(now)
