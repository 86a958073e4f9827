"""Outlook: how the line of one tier will go on, as a fluid: who is ahead, who will overtake, how fast.

A ticket starts when the level of service that everybody in the tier has had reaches the ticket's ``mark``
(the share's counter, and what its own tickets before this one cost). Until then the pool has to do

- the work of those who wait with a lower mark, and
- what others ask for meanwhile: each share as much as it asks, but no more than lifts it to the mark.

That is max-min fairness over the time to come: those who ask for less than an equal part overtake, and those
who ask for more do not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import log

import msgspec

from thinkwell.scheduling.demand import WINDOWS_S, Rates

# Who joins after the outlook was made is counted in so many classes of marks.
CLASSES = 64
# Steps of Newton's method on a concave, piecewise linear function: it ends after as many as there are pieces
# that matter, in practice after three to five.
MOST_STEPS = 12
# Those of whom nobody is known by name take at most this part of what the pool does.
MOST_REST = 0.95


class Entrant(msgspec.Struct, frozen=True):
    """A share that goes on asking ``rates`` weighted tokens a second (by window), from the mark ``at``."""

    name: str
    rates: Rates
    at: float


class Outlook(msgspec.Struct):
    """``marks`` of the waiting tickets in ascending order and ``works``, the sum of their costs up to each.

    ``rates``: what the tier is given. ``level``: the counter at which a newcomer starts. ``rest``: demand of
    those who are not ``entrants``. ``step``: by how much service the last turn of an entrant goes past the
    mark. Rates are by window (demand.py). ``before``: work of others that goes before all of it.
    """

    rates: Rates
    marks: Sequence[float]
    works: Sequence[float]
    level: float
    entrants: Sequence[Entrant]
    rest: Rates
    step: float
    before: float = 0.0
    bounds: Sequence[float] = ()
    later: list[float] = []

    def __post_init__(self) -> None:
        self.bounds = self.marks[:: len(self.marks) // CLASSES + 1]
        self.later = [0.0] * (len(self.bounds) + 1)

    def joined(self, mark: float, cost: float) -> None:
        """Somebody joined since; those with a higher mark wait for that too."""
        self.later[bisect_right(self.bounds, mark)] += cost

    def ahead(self, mark: float) -> float:
        """Work that waits with this mark or a lower one."""
        place = bisect_right(self.marks, mark)
        known = self.works[place - 1] if place else 0.0
        return known + sum(self.later[: bisect_right(self.bounds, mark) + 1])

    def seconds(self, mark: float, ahead: float, share: str) -> float:
        """Until the turn of a ticket of ``share`` comes, with so much work ``ahead`` of it now."""
        rooms = [
            (entrant.rates, mark - entrant.at + self.step)
            for entrant in self.entrants
            if entrant.at < mark and entrant.name != share
        ]
        middle = len(WINDOWS_S) // 2
        first = self._over(middle, mark, ahead, rooms)
        found = 0.0
        for window, part in windows_for(first):
            found += part * (first if window == middle else self._over(window, mark, ahead, rooms))
        return found

    def _over(self, window: int, mark: float, ahead: float, rooms: list[tuple[Rates, float]]) -> float:
        rate = self.rates[window]
        if mark <= self.level:
            return ahead / rate
        parts = [(rates[window], room) for rates, room in rooms]
        most = ahead + sum(room for _, room in parts)
        rate -= min(self.rest[window], MOST_REST * rate)
        seconds = most / rate
        for _ in range(MOST_STEPS):
            left, slope = ahead - rate * seconds, -rate
            for asked, room in parts:
                if asked * seconds < room:
                    left += asked * seconds
                    slope += asked
                else:
                    left += room
            if slope >= 0.0 or left >= -1e-6 * most:
                break
            seconds -= left / slope
        return max(0.0, seconds)


def windows_for(seconds: float) -> list[tuple[int, float]]:
    """Which averages say most about so long a time to come: the two windows beside it, and their parts."""
    above = bisect_right(WINDOWS_S, seconds)
    if above == 0:
        return [(0, 1.0)]
    if above == len(WINDOWS_S):
        return [(above - 1, 1.0)]
    low, high = WINDOWS_S[above - 1], WINDOWS_S[above]
    part = log(seconds / low) / log(high / low)
    return [(above - 1, 1.0 - part), (above, part)]
