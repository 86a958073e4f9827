"""Deficit round robin (Shreedhar and Varghese, SIGCOMM'95), over persons, in weighted tokens."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from thinkwell.scheduling.base import Cost, Fits, Ticket, anything_fits
from thinkwell.scheduling.peers.queues import PersonQueues

QUANTUM = 512.0


class DeficitRoundRobinLine:
    """At each visit a person may use ``quantum`` more; what is not used is kept while they wait.

    Costs are thought ones, put right by ``charge`` while the person still waits for something. Where the
    head does not fit, nobody starts. ``next`` is O(persons waiting).
    """

    def __init__(self, cost: Cost, quantum: float = QUANTUM) -> None:
        self._cost = cost
        self._quantum = quantum
        self._persons = PersonQueues()
        self._deficit: dict[str, float] = {}  # of those that wait; the first of them is being visited

    def __len__(self) -> int:
        return len(self._persons.waiting)

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        self._persons.add(ticket, front=front)
        if ticket.person not in self._deficit:
            self._deficit[ticket.person] = 0.0 if self._deficit else self._quantum

    def leave(self, ticket_id: str) -> bool:
        person = self._persons.waiting.get(ticket_id)
        left = self._persons.remove(ticket_id)
        if person is not None:
            self._forget_idle(person)
        return left

    def _forget_idle(self, person: str) -> None:
        if person in self._persons.queues:
            return
        visited = next(iter(self._deficit)) == person
        del self._deficit[person]
        if visited and self._deficit:
            self._deficit[next(iter(self._deficit))] += self._quantum

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        if not self._deficit:
            return None
        self._go_round()
        person = next(iter(self._deficit))
        head = self._persons.queues[person][0]
        if not fits(head):
            return None
        cost = self._cost(head)
        ticket = self._persons.take(person)
        self._deficit[person] -= cost
        self._forget_idle(person)
        return ticket

    def _go_round(self) -> None:
        """Visit one after the other until one may use what its head costs. Whole rounds are leapt over."""
        deficit, quantum = self._deficit, self._quantum
        lacking = [self._cost(self._persons.queues[person][0]) - has for person, has in deficit.items()]
        # The one being visited has its quantum for this round, and all before it had theirs.
        rounds = min(ceil(lack / quantum) for lack in lacking) - 1
        if rounds > 0:
            for person in deficit:
                deficit[person] += rounds * quantum
        while True:
            person, has = next(iter(deficit.items()))
            if has >= self._cost(self._persons.queues[person][0]):
                return
            del deficit[person]  # to the end of the round
            deficit[person] = has
            deficit[next(iter(deficit))] += quantum

    def charge(self, ticket_id: str, service: float) -> None:
        person = self._persons.running[ticket_id]
        if person in self._deficit:
            self._deficit[person] -= service

    def deliver(self, ticket_id: str, service: float) -> None:
        """Counted when it was taken, and by ``charge``."""

    def ended(self, ticket_id: str) -> None:
        del self._persons.running[ticket_id]

    def in_order(self) -> Iterator[Ticket]:
        ahead = DeficitRoundRobinLine(self._cost, self._quantum)
        ahead._persons = self._persons.copy()
        ahead._deficit = self._deficit.copy()
        while (ticket := ahead.next(0.0)) is not None:
            yield ticket
