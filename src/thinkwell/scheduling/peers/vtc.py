"""The Virtual Token Counter as its authors' code has it (Sheng et al., OSDI'24, arXiv 2401.00588).

From Ying1123/VTC-artifact, vtc_req_queue.py: who came to an empty queue of their own is lifted to the
smallest counter of the others that wait (nobody waits: no lift); the smallest counter is next; input is
counted when a turn starts, output as it comes; where the head does not fit, nobody starts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from thinkwell.scheduling.base import PROMPT_WEIGHT, Fits, Ticket, anything_fits
from thinkwell.scheduling.peers.queues import PersonQueues


class PlainVtcLine:
    """Predicts nothing: ``charge`` is ignored. ``next`` and ``join`` are O(persons waiting).

    The prompt is counted at once, as the ticket tells it, and not again when ``deliver`` tells of it.
    """

    def __init__(self) -> None:
        self.served: defaultdict[str, float] = defaultdict(float)
        self._persons = PersonQueues()
        self._prompts: dict[str, float] = {}  # of running tickets: counted already, and not delivered yet

    def __len__(self) -> int:
        return len(self._persons.waiting)

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        others = [self.served[person] for person in self._persons.queues if person != ticket.person]
        newcomer = ticket.person not in self._persons.queues
        self._persons.add(ticket, front=front)
        if newcomer and others:
            self.served[ticket.person] = max(self.served[ticket.person], min(others))

    def leave(self, ticket_id: str) -> bool:
        return self._persons.remove(ticket_id)

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        queues = self._persons.queues
        if not queues:
            return None
        person = min(queues, key=self.served.__getitem__)
        if not fits(queues[person][0]):
            return None
        ticket = self._persons.take(person)
        prompt = PROMPT_WEIGHT * ticket.prompt_tokens
        self.served[person] += prompt
        self._prompts[ticket.id] = prompt
        return ticket

    def charge(self, ticket_id: str, service: float) -> None:
        """Guesses are not counted."""

    def deliver(self, ticket_id: str, service: float) -> None:
        known = min(service, self._prompts[ticket_id])
        self._prompts[ticket_id] -= known
        self.served[self._persons.running[ticket_id]] += service - known

    def ended(self, ticket_id: str) -> None:
        del self._persons.running[ticket_id]
        del self._prompts[ticket_id]

    def in_order(self) -> Iterator[Ticket]:
        """As if none of them said anything: only their prompts are known."""
        ahead = PlainVtcLine()
        ahead.served = self.served.copy()
        ahead._persons = self._persons.copy()
        while (ticket := ahead.next(0.0)) is not None:
            yield ticket
