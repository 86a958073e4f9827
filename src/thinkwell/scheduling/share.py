"""Share: a node of the fair line's tree, with its counters and the heaps of its children that wait.

Two counters, in service over weight. ``charged`` is what its turns used and are thought to use yet: it
says who is next. ``delivered`` is what they used: it says where somebody starts who was not here.

A heap holds places: integers that sort by a counter and then by who sat down first, and name the seat. A
place that is no longer valid is not looked for but dropped when it comes up. (Plain integers, since a
heap of tuples takes three times as long: most of an operation with 100,000 people.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace

from thinkwell.scheduling.base import Ticket

# A place is a counter in such parts of a weighted token, and then the seat.
GRAIN = 256.0
SEAT_BITS = 44
SEAT = (1 << SEAT_BITS) - 1
# A newcomer starts at most so much behind virtual time (weighted tokens; about what a turn uses). Without
# a bound, somebody new at every moment keeps all who were here before from their second turn. Smaller,
# a newcomer's first token comes later: arena trace, 0: 0.71 s, 600 and above: 0.60 s (median person).
MOST_BEHIND = 600.0
# Invalid places beyond this, and beyond as many as are valid, are swept out.
MOST_STALE = 64

_seats = itertools.count(1)
# What a share has that is no level, and one that is no person: never written to.
_NO_QUEUE: list[Ticket] = []
_NO_SHARES: dict[str, Share] = {}
_NO_SEATS: dict[int, Share] = {}
_NO_PLACES: list[int] = []
_NO_IDLE: list[tuple[float, int, Share]] = []


def place_of(counter: float, seat: int) -> int:
    return int(counter * GRAIN) << SEAT_BITS | seat


class Share:
    """A level (root, tier, network group), or a person: who alone has a queue, and a limit of turns."""

    __slots__ = (
        "behind",
        "charged",
        "children",
        "delivered",
        "elsewhere",
        "idle",
        "limit",
        "name",
        "order",
        "parent",
        "passed",
        "place",
        "queue",
        "resting",
        "running",
        "seat",
        "seated",
        "time",
        "weight",
    )

    def __init__(self, name: str, parent: Share | None, weight: float = 1.0) -> None:
        self.name = name
        self.parent = parent
        self.weight = weight
        self.limit = 0
        self.running = 0  # turns of it, or of those below
        self.elsewhere = 0  # likewise, in another line
        self.queue = _NO_QUEUE
        self.passed = 0.0  # service that was taken past the head of this person's own queue
        self.charged = self.delivered = 0.0
        self.seat = 0  # among the parent's ``seated``; 0: nobody here to send
        self.place = 0  # the valid one in the parent's ``order``
        self.resting = False  # stands in the parent's ``idle``
        self.children = _NO_SHARES
        self.seated = _NO_SEATS  # children with somebody to send
        self.order = self.behind = _NO_PLACES
        self.idle = _NO_IDLE
        self.time = 0.0  # virtual time: what one would have had who was here all the time

    @classmethod
    def level(cls, name: str, parent: Share | None, weight: float = 1.0) -> Share:
        made = cls(name, parent, weight)
        made.children = {}
        made.seated = {}
        made.order = []  # by ``charged``
        made.behind = []  # by ``delivered``, as it was when the place was made: a lower bound
        made.idle = []  # quiet children by ``delivered``, likewise
        return made

    @classmethod
    def person(cls, name: str, parent: Share, limit: int) -> Share:
        made = cls(name, parent)
        made.queue = []  # short, so that a list will do: a deque takes ten times the memory
        made.limit = limit
        return made

    @property
    def full(self) -> bool:
        return 0 < self.limit <= self.running + self.elsewhere

    def first(self) -> Share | None:
        """The person that is next, going down from here."""
        node = self
        while not node.queue:
            order, seated = node.order, node.seated
            while order:
                place = order[0]
                child = seated.get(place & SEAT)
                if child is not None and child.place == place:
                    node = child
                    break
                heappop(order)
            else:
                return None
        return node

    def in_turn(self) -> Iterator[Share]:
        """Persons that wait, by whose turn it is now. Nobody may come or go meanwhile."""
        if self.queue:
            yield self
            return
        order = self.order
        reach = [(place, 0) for place in order[:1]]
        last = None
        while reach:
            place, at = heappop(reach)
            child = self.seated.get(place & SEAT)
            if child is not None and child.place == place != last:
                yield from child.in_turn()
            last = place
            for below in (2 * at + 1, 2 * at + 2):
                if below < len(order):
                    heappush(reach, (order[below], below))

    def floor(self) -> float:
        """What a newcomer has to have had: as much as the waiting child that had least, or more where that
        is far behind virtual time; where nobody waits, virtual time itself.

        ``delivered`` never falls, so the heap's places are lower bounds, put right as they come up.
        """
        behind, seated = self.behind, self.seated
        while behind:
            place = behind[0]
            child = seated.get(place & SEAT)
            if child is None:
                heappop(behind)
                continue
            now = place_of(child.delivered, child.seat)
            if now == place:
                return max(child.delivered, self.time - MOST_BEHIND)
            heapreplace(behind, now)
        return self.time

    def activate(self) -> None:
        """It has somebody to send: take seats on the way up, without credit for the time before."""
        node = self
        while (parent := node.parent) is not None and not node.seat:
            lift = parent.floor() - node.delivered
            if lift > 0:
                node.delivered += lift
                node.charged += lift
            seat = node.seat = next(_seats)
            parent.seated[seat] = node
            node.place = place_of(node.charged, seat)
            heappush(parent.order, node.place)
            alike = node.delivered == node.charged
            heappush(parent.behind, node.place if alike else place_of(node.delivered, seat))
            most = 2 * len(parent.seated) + MOST_STALE
            if len(parent.order) > most or len(parent.behind) > most:
                parent.sweep()
            node = parent

    def sweep(self) -> None:
        self.order = [child.place for child in self.seated.values()]
        heapify(self.order)
        self.behind = [place_of(child.delivered, child.seat) for child in self.seated.values()]
        heapify(self.behind)

    def deactivate(self) -> None:
        """Nobody to send: give up seats on the way up, as far as that leaves a level empty."""
        node = self
        while (parent := node.parent) is not None and node.seat:
            del parent.seated[node.seat]
            node.seat = 0
            if parent.seated:
                return
            node = parent

    def take(self, service: float, *, its_turn: bool) -> None:
        """One of its turns starts, thought to use ``service``. Virtual time follows whose turn it was."""
        node = self
        done = not self.queue or 0 < self.limit <= self.running + self.elsewhere + 1
        while (parent := node.parent) is not None:
            node.running += 1
            if its_turn and node.delivered > parent.time:
                parent.time = node.delivered
            node.charged += service / node.weight
            if done and node.seat:
                del parent.seated[node.seat]
                node.seat = 0
                done = not parent.seated
            elif node.seat:
                node.move(parent)
            node = parent
        node.running += 1

    def charge(self, service: float) -> None:
        node = self
        while (parent := node.parent) is not None:
            node.charged += service / node.weight
            if node.seat:
                node.move(parent)
            node = parent

    def move(self, parent: Share) -> None:
        """To the place that its counter gives it now."""
        order = parent.order
        old = self.place
        new = self.place = place_of(self.charged, self.seat)
        if order[0] == old:
            heapreplace(order, new)
        else:
            heappush(order, new)
            if len(order) > 2 * len(parent.seated) + MOST_STALE:
                parent.sweep()

    def deliver(self, service: float) -> None:
        node = self
        while (parent := node.parent) is not None:
            part = service / node.weight
            node.delivered += part
            parent.time += part / (len(parent.seated) + parent.running)  # as if it were shared evenly
            node = parent

    def let_go(self) -> None:
        """One of its turns runs no longer. ``forget`` follows, once who waits has its seat again."""
        node: Share | None = self
        while node is not None:
            node.running -= 1
            node = node.parent

    def forget(self) -> None:
        """Who rests here or above, and would gain nothing by coming back."""
        node: Share | None = self
        while node is not None:
            if node.idle:
                node.forget_passed()
            node = node.parent

    def run_elsewhere(self, turns: int) -> None:
        node: Share | None = self
        while node is not None:
            node.elsewhere += turns
            node = node.parent

    def size(self) -> int:
        return sum(1 + child.size() for child in self.children.values())

    # -- forgetting ------------------------------------------------------------------------------

    @property
    def quiet(self) -> bool:
        """Nothing waits or runs here. A tier is never quiet while it remembers anybody."""
        if self.running or self.seat or self.queue or self.elsewhere:
            return False
        return not self.children or (self.parent is not None and self.parent.parent is not None)

    def rest(self) -> None:
        """It may have gone quiet: forget it, and all below, once nobody who comes now starts with less."""
        node = self
        while (parent := node.parent) is not None and node.quiet:
            if parent.children.get(node.name) is not node:
                return  # forgotten already
            if node.delivered <= parent.floor():
                del parent.children[node.name]
                parent.time = max(parent.time, node.delivered)  # else it would gain by coming back
            elif not node.resting:
                node.resting = True
                heappush(parent.idle, (node.delivered, next(_seats), node))
            node = parent

    def forget_passed(self) -> None:
        floor = self.floor()
        idle = self.idle
        while idle and idle[0][0] <= floor:
            child = heappop(idle)[2]
            child.resting = False
            if self.children.get(child.name) is child:
                child.rest()
