"""First come, first served, over everybody. The head waits until it fits, and all others behind it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from thinkwell.scheduling.base import Fits, Ticket, anything_fits


class FirstComeLine:
    """Who came back (``front``) goes before everybody. All but ``in_order`` is O(1)."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Ticket] = OrderedDict()
        self._running: set[str] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        if ticket.id in self._waiting or ticket.id in self._running:
            raise ValueError(f"ticket {ticket.id} waits or runs already")
        self._waiting[ticket.id] = ticket
        if front:
            self._waiting.move_to_end(ticket.id, last=False)

    def leave(self, ticket_id: str) -> bool:
        return self._waiting.pop(ticket_id, None) is not None

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        head = next(iter(self._waiting.values()), None)
        if head is None or not fits(head):
            return None
        return self._take(head)

    def _take(self, ticket: Ticket) -> Ticket:
        del self._waiting[ticket.id]
        self._running.add(ticket.id)
        return ticket

    def charge(self, ticket_id: str, service: float) -> None:
        """Nothing is counted."""

    def deliver(self, ticket_id: str, service: float) -> None:
        """Nothing is counted."""

    def ended(self, ticket_id: str) -> None:
        self._running.remove(ticket_id)

    def in_order(self) -> Iterator[Ticket]:
        yield from list(self._waiting.values())
