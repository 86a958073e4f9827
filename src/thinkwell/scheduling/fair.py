"""FairLine: who has had least is next, counted in weighted tokens. Knows no lengths, engines or clocks.

Virtual Token Counter (Sheng et al., OSDI'24, arXiv 2401.00588, algorithm 2) over a tree of shares: tier,
then network group, then person; at each level the share with the smallest counter over weight is next
(share.py). Where this goes beyond the paper:

- What a turn is thought to use is counted when it is taken, and put right while it runs and at its end:
  the order does not wait for tokens to come.
- Who comes back starts with as much as the waiting share that was given least, never with credit for
  the time away, and not far behind virtual time: newcomers without end starve nobody. A share
  is forgotten once it gains nothing by that.
- Where the next ticket does not fit a replica, one of the same person's that does may go before it,
  and others' by a bounded amount of service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heapreplace
from itertools import count, islice

from thinkwell.scheduling.base import Cost, Fits, Ticket, anything_fits
from thinkwell.scheduling.share import Share, place_of

# Of one person's own tickets, and of persons behind a head that does not fit: how many are looked at.
MOST_OWN = 16
MOST_OTHERS = 16
# Service that may pass a head that does not fit, for each of its own: by the person's own later tickets
# (which is nobody else's loss), and by other persons'.
OWN_PASSING = 8.0
OTHERS_PASSING = 1.0


def group_of(ticket: Ticket) -> str:
    """The name of the share below its tier that bears it."""
    return f"={ticket.person}" if ticket.group is None else ticket.group  # no network is called so


class FairLine:
    """``weights`` and ``at_once`` (most turns of a person that run at once; 0: no limit) are by tier.

    ``join``, ``next``, ``charge`` and ``ended`` are O(log waiting persons), ``deliver`` O(1), ``leave``
    O(tickets of that person), the whole of ``in_order`` O(waiting log waiting).
    """

    def __init__(
        self,
        cost: Cost,
        weights: Mapping[str, float] | None = None,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        self._cost = cost
        self._weights = weights or {}
        self._at_once = at_once or {}
        self._root = Share.level("", None)
        self._waiting: dict[str, Share] = {}
        self._running: dict[str, Share] = {}
        self._passing: dict[str, float] = {}  # of tickets that were next and did not fit: service that passed

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def shares(self) -> int:
        """Tiers, groups and persons that are remembered."""
        return self._root.size()

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        id = ticket.id
        if id in self._waiting or id in self._running:
            raise ValueError(f"ticket {id} waits or runs already")
        person = self._person(ticket)
        if front:
            person.queue.insert(0, ticket)
        else:
            person.queue.append(ticket)
        self._waiting[id] = person
        if not person.seat and not person.full:
            person.activate()

    def _person(self, ticket: Ticket) -> Share:
        tier = self._root.children.get(ticket.tier)
        if tier is None:
            tier = Share.level(ticket.tier, self._root, self._weights.get(ticket.tier, 1.0))
            self._root.children[ticket.tier] = tier
        name = group_of(ticket)
        group = tier.children.get(name)
        if group is None:
            group = tier.children[name] = Share.level(name, tier)
        person = group.children.get(ticket.person)
        if person is None:
            person = Share.person(ticket.person, group, self._at_once.get(ticket.tier, 0))
            group.children[ticket.person] = person
        return person

    def leave(self, ticket_id: str) -> bool:
        return self.withdraw(ticket_id) is not None

    def withdraw(self, ticket_id: str) -> Ticket | None:
        """As ``leave``, for who needs the ticket."""
        person = self._waiting.pop(ticket_id, None)
        if person is None:
            return None
        self._passing.pop(ticket_id, None)
        ticket = next(ticket for ticket in person.queue if ticket.id == ticket_id)
        person.queue.remove(ticket)
        if not person.queue:
            person.deactivate()
            person.rest()
        return ticket

    def head(self) -> Ticket | None:
        """Whose turn it is, whether it fits or not."""
        person = self._root.first()
        return None if person is None else person.queue[0]

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        person = self._root.first()
        if person is None:
            return None
        if fits(person.queue[0]):
            return self._take(person, 0)
        place = self._fitting(person, fits)
        return self._past_the_head(person, fits) if place is None else self._take(person, place)

    def _fitting(self, person: Share, fits: Fits) -> int | None:
        """A later place in the person's own queue that fits, within bounds of fairness to its head."""
        queue = person.queue
        if len(queue) == 1 or person.passed > OWN_PASSING * self._cost(queue[0]):
            return None
        for place, ticket in enumerate(islice(queue, 1, MOST_OWN), start=1):
            if fits(ticket):
                return place
        return None

    def _past_the_head(self, head: Share, fits: Fits) -> Ticket | None:
        """Another person's ticket that fits, as long as little has passed the head."""
        waiting = head.queue[0]
        passed = self._passing.get(waiting.id, 0.0)
        allowed = OTHERS_PASSING * self._cost(waiting) - passed
        if allowed <= 0:
            return None
        for person in islice(self._root.in_turn(), 1, 1 + MOST_OTHERS):
            ticket = person.queue[0]
            cost = self._cost(ticket)
            if cost <= allowed and fits(ticket):
                self._passing[waiting.id] = passed + cost
                return self._take(person, 0, its_turn=False)
        return None

    def _take(self, person: Share, place: int, *, its_turn: bool = True) -> Ticket:
        ticket = person.queue.pop(place)
        id = ticket.id
        cost = self._cost(ticket)
        person.passed = person.passed + cost if place else 0.0
        if self._passing:
            self._passing.pop(id, None)
        self._running[id] = self._waiting.pop(id)
        person.take(cost, its_turn=its_turn)
        return ticket

    def charge(self, ticket_id: str, service: float) -> None:
        self._running[ticket_id].charge(service)

    def deliver(self, ticket_id: str, service: float) -> None:
        self._running[ticket_id].deliver(service)

    def ended(self, ticket_id: str) -> None:
        person = self._running.pop(ticket_id)
        was_full = person.full
        person.let_go()
        if person.queue:
            if was_full and not (person.full or person.seat):
                person.activate()
        elif not person.running:
            person.rest()
        person.forget()

    def lead(self, running_id: str, waiting: Ticket) -> float:
        """Weighted tokens by which a running turn's share is ahead of a waiting one's, where they part."""
        mine: Share | None = self._running[running_id]
        other: Share | None = self._waiting[waiting.id]
        while mine is not None and other is not None and mine.parent is not other.parent:
            mine, other = mine.parent, other.parent
        if mine is None or other is None or mine is other:
            return 0.0
        return (mine.charged - other.charged) * mine.weight

    def running_of(self, waiting: Ticket) -> int:
        """Turns that run of the person of a waiting ticket."""
        return self._waiting[waiting.id].running

    @property
    def waiting_behind(self) -> int:
        return 0

    def forgive(self, ticket_id: str, now: float) -> bool:
        return False

    def runs_elsewhere(self, ticket: Ticket, turns: int) -> None:
        """So many turns more (or less) of its person run in another line. They count to the limit of turns
        at once, and in no share."""
        if not self._at_once.get(ticket.tier, 0):
            return
        person = self._person(ticket)
        person.run_elsewhere(turns)
        if person.full:
            person.deactivate()
        elif not person.queue:
            person.rest()
        elif not person.seat:
            person.activate()

    def in_order(self) -> Iterator[Ticket]:
        """Who waits for a turn of their own to end (``at_once``) is shown as if it ended in time."""
        for _, ticket in _in_order(self._root, self._cost):
            yield ticket

    def tiers(self) -> Iterator[tuple[Share, Iterator[tuple[Share, Iterator[tuple[float, Ticket]]]]]]:
        """(tier, its groups, each with (cost, ticket) of those who wait in it, in order). For estimates."""
        for tier in self._root.children.values():
            yield tier, ((group, _in_order(group, self._cost)) for group in tier.children.values())

    def person_of(self, waiting_id: str) -> Share | None:
        """Whose ticket it is; None where it does not wait. For estimates."""
        return self._waiting.get(waiting_id)


def _in_order(share: Share, cost: Cost) -> Iterator[tuple[float, Ticket]]:
    """(cost, ticket) below a share, as ``next`` would take them one by one.

    Level by level: a child's tickets come in its own order, the first at its counter, each later one by
    what the ones before it cost.
    """
    if share.queue:
        for ticket in share.queue:
            yield cost(ticket), ticket
        return
    no_seat = count(1 << 40)
    heap = []
    for child in share.children.values():
        if child.seat or child.running or child.elsewhere:
            seat = child.seat or next(no_seat)
            place = place_of(child.charged, seat)
            heap.append((place, seat, child.charged, child.weight, _in_order(child, cost)))
    heapify(heap)
    while heap:
        _, seat, at, weight, tickets = heap[0]
        found = next(tickets, None)
        if found is None:
            heappop(heap)
            continue
        yield found
        at += found[0] / weight
        heapreplace(heap, (place_of(at, seat), seat, at, weight, tickets))
