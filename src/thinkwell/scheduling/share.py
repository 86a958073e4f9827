"""Share: a node of the fair line's tree, with its counters and the heaps of its children that wait.

Two counters, in service over weight. ``charged`` is what its turns used and are thought to use yet: it
says who is next. ``delivered`` is what they used: it says where somebody starts who was not here.

A place in a heap is replaced, never removed: a tuple that is no longer valid is dropped when it comes up.
"""

from __future__ import annotations

import itertools
from collections import deque
from heapq import heapify, heappop, heappush, heapreplace

from thinkwell.scheduling.base import Ticket

# Invalid tuples beyond this, and beyond as many as are valid, are swept out.
MOST_STALE = 64

_numbers = itertools.count(1)
_NO_QUEUE: deque[Ticket] = deque(maxlen=0)

Place = tuple[float, int, "Share"]


class Share:
    """A tier, a network group, or a person (who alone has a queue, and a limit of turns at once)."""

    __slots__ = ("behind", "charged", "children", "delivered", "entry", "idle", "limit", "name", "order", "parent",
                 "passed", "queue", "ready", "running", "time", "weight")  # fmt: skip

    def __init__(self, name: str, parent: Share | None, weight: float = 1.0) -> None:
        self.name = name
        self.parent = parent
        self.weight = weight
        self.limit = 0
        self.running = 0  # turns of it, or of those below
        self.queue = _NO_QUEUE
        self.passed = 0.0  # service that was taken past the head of this person's own queue
        self.entry = 0  # number of its valid place in the parent's ``order``; 0: it has none
        self.charged = self.delivered = 0.0
        self.children: dict[str, Share] = {}
        self.ready = 0  # children with a place in ``order``
        self.order: list[Place] = []  # by ``charged``
        self.behind: list[Place] = []  # by ``delivered``, as it was when the tuple was made: a lower bound
        self.idle: list[Place] = []
        self.time = 0.0  # largest ``delivered`` of a child whose turn came

    @property
    def full(self) -> bool:
        return 0 < self.limit <= self.running

    def top(self) -> Share | None:
        """The child that is next."""
        order = self.order
        while order:
            _, number, child = order[0]
            if child.entry == number:
                return child
            heappop(order)
        return None

    def first(self) -> Share | None:
        """The person that is next, going down from here."""
        node = self.top()
        while node is not None and not node.queue:
            node = node.top()
        return node

    def floor(self) -> float:
        """What a newcomer has to have had: as much as the waiting child that had least.

        ``delivered`` never falls, so the heap's tuples are lower bounds, put right as they come up.
        While nobody waits it is virtual time, which has followed whose turn came.
        """
        behind = self.behind
        while behind:
            delivered, number, child = behind[0]
            if not child.entry or child.delivered < delivered:  # left; or forgotten and made anew
                heappop(behind)
            elif child.delivered > delivered:
                heapreplace(behind, (child.delivered, number, child))
            else:
                return delivered
        return self.time

    def activate(self, *, newcomer: bool = True) -> None:
        """It has somebody to send: take places on the way up, without credit for the time before."""
        node = self
        while (parent := node.parent) is not None and not node.entry:
            if newcomer:
                lift = parent.floor() - node.delivered
                if lift > 0:
                    node.delivered += lift
                    node.charged += lift
            number = node.entry = next(_numbers)
            parent.ready += 1
            heappush(parent.order, (node.charged, number, node))
            heappush(parent.behind, (node.delivered, number, node))
            most = 2 * parent.ready + MOST_STALE
            if len(parent.order) > most or len(parent.behind) > most:
                parent.sweep()
            node = parent

    def sweep(self) -> None:
        self.order = [place for place in self.order if place[2].entry == place[1]]
        heapify(self.order)
        self.behind = [(child.delivered, number, child) for _, number, child in self.order]
        heapify(self.behind)

    def deactivate(self) -> None:
        """Nobody to send: give up places on the way up, as far as that leaves a level empty."""
        node = self
        while (parent := node.parent) is not None and node.entry:
            node.entry = 0
            parent.ready -= 1
            if parent.ready:
                return
            node = parent

    def charge(self, service: float) -> None:
        node = self
        while (parent := node.parent) is not None:
            node.charged += service / node.weight
            if node.entry:
                order = parent.order
                was_top = order[0][1] == node.entry
                number = node.entry = next(_numbers)
                if was_top:
                    heapreplace(order, (node.charged, number, node))
                else:
                    heappush(order, (node.charged, number, node))
                    if len(order) > 2 * parent.ready + MOST_STALE:
                        parent.sweep()
            node = parent

    def deliver(self, service: float) -> None:
        node = self
        while (parent := node.parent) is not None:
            node.delivered += service / node.weight
            node = parent

    def its_turn(self) -> None:
        """It is the one that was next, at every level: virtual time follows."""
        node = self
        while (parent := node.parent) is not None:
            if node.delivered > parent.time:
                parent.time = node.delivered
            if parent.idle:
                parent.forget_passed()
            node = parent

    def count(self, turns: int) -> None:
        node: Share | None = self
        while node is not None:
            node.running += turns
            node = node.parent

    # -- forgetting ------------------------------------------------------------------------------

    @property
    def quiet(self) -> bool:
        """Nothing waits or runs here: only the counters are left to remember."""
        return not (self.running or self.entry or self.queue or self.children)

    def rest(self) -> None:
        """It may have gone quiet: forget it once nobody who comes now starts with less."""
        node = self
        while (parent := node.parent) is not None and node.quiet:
            if node.delivered > parent.floor():
                heappush(parent.idle, (node.delivered, next(_numbers), node))
                return
            del parent.children[node.name]
            node = parent

    def forget_passed(self) -> None:
        floor = self.floor()
        idle = self.idle
        while idle and idle[0][0] <= floor:
            child = heappop(idle)[2]
            if self.children.get(child.name) is child and child.quiet:
                child.rest()

    def size(self) -> int:
        return sum(1 + child.size() for child in self.children.values())
