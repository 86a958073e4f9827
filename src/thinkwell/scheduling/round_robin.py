"""The simplest honest line: first come first served for each person, round robin over persons.

Ten questions of one person wait behind the first question of every other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from thinkwell.scheduling.base import Ticket


class RoundRobinLine:
    """``join`` and ``next`` are O(1); ``leave`` is O(tickets of that person); ``in_order`` is O(all)."""

    def __init__(self) -> None:
        # A person stands in ``_ring`` exactly while they have a queue; the left end is served next.
        self._ring: deque[str] = deque()
        self._queues: dict[str, deque[Ticket]] = {}
        self._person_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._person_of)

    def join(self, ticket: Ticket) -> None:
        if ticket.id in self._person_of:
            raise ValueError(f"ticket {ticket.id} waits already")
        self._person_of[ticket.id] = ticket.person
        if ticket.person not in self._queues:
            self._queues[ticket.person] = deque()
            self._ring.append(ticket.person)
        self._queues[ticket.person].append(ticket)

    def leave(self, ticket_id: str) -> bool:
        person = self._person_of.pop(ticket_id, None)
        if person is None:
            return False
        queue = self._queues[person]
        queue.remove(next(t for t in queue if t.id == ticket_id))
        if not queue:
            del self._queues[person]
            self._ring.remove(person)
        return True

    def next(self) -> Ticket | None:
        if not self._ring:
            return None
        person = self._ring.popleft()
        queue = self._queues[person]
        ticket = queue.popleft()
        del self._person_of[ticket.id]
        if queue:
            self._ring.append(person)
        else:
            del self._queues[person]
        return ticket

    def in_order(self) -> Iterator[Ticket]:
        waiting = [iter(self._queues[person]) for person in self._ring]
        while waiting:
            still = []
            for queue in waiting:
                ticket = next(queue, None)
                if ticket is not None:
                    yield ticket
                    still.append(queue)
            waiting = still
