"""ThoughtLengths: how long thoughts would be if none were cut. Pure; knows no load, no clock, no persons.

Under load many thoughts are cut, and the lengths seen are those of the budget. Learnt as they are, they
would say that demand has gone, and the budgets would open and close for ever. So a cut thought counts as
what it is: one that was at least so long. That is the estimate of Kaplan and Meier (1958), by classes of
length: in each, how many thoughts ended for every token thought there. A budget hides the classes beyond
it, and those stay as they were learnt last; forgetting goes by what is seen in a class, not by time.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import exp, expm1, inf, log1p

# Classes of length in tokens: the first from 0 to 64, four to a doubling, up to 128 K.
_EDGES = [0.0] + [64.0 * 2 ** (step / 4) for step in range(45)]
_WIDTHS = [end - start for start, end in pairwise(_EDGES)]
# A thought that came so far, of many: what is seen in a class fades to 1/e over so many of them.
MEMORY = 1000
# Before anything is seen: 1,000 tokens; and of one that came beyond all that was seen, as much again
# and 1,000 more (Lomax, shape 2). As much evidence as one thought that ended in the class.
FIRST_GUESS = 1000.0


class ThoughtLengths:
    """``seen`` for each thought that is over. All lengths in tokens."""

    def __init__(self) -> None:
        self._ended = [0.0] * len(_WIDTHS)
        self._tokens = [0.0] * len(_WIDTHS)
        self._hazards: list[float] = []
        self._alive: list[float] = []  # part of the thoughts that come to the start of a class
        self._below: list[float] = []  # mean tokens of a thought before the start of a class
        self._fresh = False

    def seen(self, tokens: int, *, cut: bool) -> None:
        """A thought of so many; ``cut`` where it would have gone on: by a budget, a stop, a failure."""
        self._fresh = False
        for place, (start, width) in enumerate(zip(_EDGES, _WIDTHS, strict=False)):
            if tokens <= start and place:
                return
            here = min(width, tokens - start)
            self._tokens[place] += here - self._tokens[place] / MEMORY
            ends = not cut and tokens <= start + width
            self._ended[place] += ends - self._ended[place] / MEMORY

    @property
    def mean(self) -> float:
        """Of a thought that nobody cuts."""
        self._refresh()
        return self._below[-1]

    def kept(self, budget: float) -> float:
        """Mean tokens of a thought under ``budget``."""
        self._refresh()
        place = self._place(budget)
        hazard = self._hazards[place]
        within = min(budget, _EDGES[-1]) - _EDGES[place]
        return self._below[place] - self._alive[place] * expm1(-hazard * within) / hazard

    def left(self, tokens: int) -> float:
        """Mean tokens that a thought which has come so far would go on for."""
        place = self._place(tokens)
        kept = self.kept(tokens)
        alive = self._alive[place] * exp(-self._hazards[place] * (min(tokens, _EDGES[-1]) - _EDGES[place]))
        return max(0.0, self._below[-1] - kept) / alive if alive > 0 else 0.0

    def budget_for(self, share: float) -> float:
        """The budget under which thoughts keep ``share`` of their tokens, over all of them."""
        if share >= 1:
            return inf
        self._refresh()
        wanted = max(0.0, share) * self._below[-1]
        place = min(bisect_right(self._below, wanted), len(_WIDTHS)) - 1
        hazard = self._hazards[place]
        gone = (wanted - self._below[place]) * hazard / self._alive[place] if self._alive[place] > 0 else 0.0
        return _EDGES[place] - log1p(-gone) / hazard if gone < 1 else _EDGES[place + 1]

    def _place(self, tokens: float) -> int:
        return min(bisect_right(_EDGES, tokens), len(_WIDTHS)) - 1

    def _refresh(self) -> None:
        if self._fresh:
            return
        alive, below = 1.0, 0.0
        self._hazards, self._alive, self._below = [], [alive], [below]
        for start, width, ended, tokens in zip(_EDGES, _WIDTHS, self._ended, self._tokens, strict=False):
            hazard = (ended + 1.0) / (tokens + (start + width / 2 + 2 * FIRST_GUESS) / 3)
            below -= alive * expm1(-hazard * width) / hazard
            alive *= exp(-hazard * width)
            self._hazards.append(hazard)
            self._alive.append(alive)
            self._below.append(below)
        self._fresh = True
