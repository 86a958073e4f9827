"""BehindLine: two fair lines, of which the second is served while nobody in the first could be.

In the first are those within their quota. Who is out of it stands in the second, fair among themselves,
and a turn of theirs that runs is the first to give way. Strict: however long the second waits, the first
goes before it. Where somebody in the first waits for room, room is kept for them. Pure; knows no quotas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import inf

import msgspec

from thinkwell.scheduling.base import Cost, Fits, Ticket, anything_fits
from thinkwell.scheduling.fair import FairLine


class BehindLine:
    """``weights`` and ``at_once`` as for ``FairLine``; the limit of turns at once is over both lines."""

    def __init__(
        self,
        cost: Cost,
        weights: Mapping[str, float] | None = None,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        self.first = FairLine(cost, weights, at_once)
        self.second = FairLine(cost, weights, at_once)
        self._waits: dict[str, FairLine] = {}
        self._runs: dict[str, tuple[FairLine, Ticket]] = {}
        self._of_person: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waits)

    @property
    def waiting_behind(self) -> int:
        return len(self.second)

    @property
    def shares(self) -> int:
        return self.first.shares + self.second.shares

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        if ticket.id in self._waits or ticket.id in self._runs:
            raise ValueError(f"ticket {ticket.id} waits or runs already")
        line = self.second if ticket.behind else self.first
        line.join(ticket, now, front=front)
        self._waits[ticket.id] = line

    def leave(self, ticket_id: str) -> bool:
        line = self._waits.pop(ticket_id, None)
        return line is not None and line.leave(ticket_id)

    def forgive(self, ticket_id: str, now: float) -> bool:
        if self._waits.get(ticket_id) is not self.second:
            return False
        ticket = self.second.withdraw(ticket_id)
        assert ticket is not None, "it waits there"
        self._waits[ticket_id] = self.first
        self.first.join(msgspec.structs.replace(ticket, behind=False), now)
        return True

    def head(self) -> Ticket | None:
        return self.first.head() or self.second.head()

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        ticket = self.first.next(now, fits)
        if ticket is not None:
            self._take(ticket, self.first, self.second)
        elif self.first.head() is None:
            ticket = self.second.next(now, fits)
            if ticket is not None:
                self._take(ticket, self.second, self.first)
        return ticket

    def _take(self, ticket: Ticket, line: FairLine, other: FairLine) -> None:
        del self._waits[ticket.id]
        self._runs[ticket.id] = line, ticket
        self._of_person[ticket.person] += 1
        other.runs_elsewhere(ticket, 1)

    def charge(self, ticket_id: str, service: float) -> None:
        self._runs[ticket_id][0].charge(ticket_id, service)

    def deliver(self, ticket_id: str, service: float) -> None:
        self._runs[ticket_id][0].deliver(ticket_id, service)

    def ended(self, ticket_id: str) -> None:
        line, ticket = self._runs.pop(ticket_id)
        line.ended(ticket_id)
        self._of_person[ticket.person] -= 1
        if not self._of_person[ticket.person]:
            del self._of_person[ticket.person]
        other = self.second if line is self.first else self.first
        other.runs_elsewhere(ticket, -1)

    def lead(self, running_id: str, waiting: Ticket) -> float:
        line = self._runs[running_id][0]
        if line is self._waits[waiting.id]:
            return line.lead(running_id, waiting)
        return inf if line is self.second else -inf

    def running_of(self, waiting: Ticket) -> int:
        return self._of_person[waiting.person]

    def in_order(self) -> Iterator[Ticket]:
        yield from self.first.in_order()
        yield from self.second.in_order()
