"""What lines with a queue for each person share: who waits, who runs. Knows no order among persons."""

from __future__ import annotations

from collections import deque

from thinkwell.scheduling.base import Ticket


class PersonQueues:
    """``queues`` holds the persons that wait, by when they began to; first come first served in each."""

    def __init__(self) -> None:
        self.queues: dict[str, deque[Ticket]] = {}
        self.waiting: dict[str, str] = {}  # ticket to person, and of those that run:
        self.running: dict[str, str] = {}

    def add(self, ticket: Ticket, *, front: bool) -> None:
        if ticket.id in self.waiting or ticket.id in self.running:
            raise ValueError(f"ticket {ticket.id} waits or runs already")
        self.waiting[ticket.id] = ticket.person
        queue = self.queues.setdefault(ticket.person, deque())
        if front:
            queue.appendleft(ticket)
        else:
            queue.append(ticket)

    def remove(self, ticket_id: str) -> bool:
        person = self.waiting.pop(ticket_id, None)
        if person is None:
            return False
        queue = self.queues[person]
        queue.remove(next(ticket for ticket in queue if ticket.id == ticket_id))
        if not queue:
            del self.queues[person]
        return True

    def take(self, person: str) -> Ticket:
        """The head of the person's queue; it runs from now on."""
        queue = self.queues[person]
        ticket = queue.popleft()
        if not queue:
            del self.queues[person]
        self.running[ticket.id] = self.waiting.pop(ticket.id)
        return ticket

    def copy(self) -> PersonQueues:
        other = PersonQueues()
        other.queues = {person: queue.copy() for person, queue in self.queues.items()}
        other.waiting = self.waiting.copy()
        other.running = self.running.copy()
        return other
