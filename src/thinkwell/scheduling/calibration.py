"""Calibrator: from a raw estimate to quantiles that hold, learnt online from what became of them. Pure.

Quantile regression of log(real / estimated) by stochastic steps on the pinball loss, which is adaptive
conformal inference (Gibbs and Candes, arXiv 2106.00193) with regimes: each outcome moves the quantile by
(missed - allowed), so that misses come as often as allowed over any long run, whatever the estimate is worth
and however the load drifts.
"""

from __future__ import annotations

from bisect import bisect_left
from math import log, sqrt

# The regimes: seconds of raw estimate, linearly between neighbours in the logarithm.
KNOTS = tuple(log(seconds) for seconds in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0))
# What one outcome moves a regime by, in spreads: at first, and at least, always.
FIRST_STEP = 1.0
LEAST_STEP = 0.05
# All the outcomes that are open in a regime together move it by no more than this: they were all quoted from
# the same weights, and would all push the same way.
MOST_PUSH = 1.0
COMMON_STEP = 0.05
# A regime's spread, the mean of abs(log(real / expected)): at first, at least, and the weight of the newest.
FIRST_SPREAD = 0.4
LEAST_SPREAD = 0.02
NEWEST = 0.03
# Quantiles stay within e^6 = 400 times the raw estimate either way.
MOST = 6.0

# Two more weights: of a small turn's size and of a large one's (survey.py).
SMALL, LARGE = len(KNOTS), len(KNOTS) + 1

# (a weight's place, how much it counts) of a raw estimate.
Features = tuple[tuple[int, float], ...]


def features_of(seconds: float, size: float = 0.0) -> Features:
    """The two regimes beside an estimate, by how near each is (together 1), and the ticket's size."""
    at = min(max(log(max(seconds, 1e-9)), KNOTS[0]), KNOTS[-1])
    place = max(1, bisect_left(KNOTS, at))
    part = (at - KNOTS[place - 1]) / (KNOTS[place] - KNOTS[place - 1])
    found: Features = ((place - 1, 1.0 - part), (place, part))
    if size:
        found += ((SMALL if size < 0.0 else LARGE, abs(size)),)
    return found


class Spread:
    """How far real waits are from the quoted median, by regime, in the logarithm."""

    def __init__(self) -> None:
        self._by_knot = [FIRST_SPREAD] * len(KNOTS)

    def of(self, features: Features) -> float:
        return sum(self._by_knot[place] * part for place, part in features if place < len(KNOTS))

    def learn(self, features: Features, error: float) -> None:
        error = max(LEAST_SPREAD, min(MOST, abs(error)))
        for place, part in features:
            if place < len(KNOTS):
                self._by_knot[place] += NEWEST * part * (error - self._by_knot[place])


class Calibrator:
    """One quantile, as a shift of the logarithm in spreads: ``missed`` of all real waits are longer."""

    def __init__(self, missed: float, start: float = 0.0) -> None:
        self._missed = missed
        self._weights = [start] * len(KNOTS) + [0.0, 0.0]
        self._seen = [0.0] * len(self._weights)
        self._common = 0.0

    def shift(self, features: Features) -> float:
        found = self._common + sum(self._weights[place] * part for place, part in features)
        return max(-MOST, min(MOST, found))

    def learn(self, features: Features, *, missed: bool, spread: float = 1.0) -> None:
        """``missed``: whether the quantile as it is now would have been too early."""
        error = 1.0 - self._missed if missed else -self._missed
        for place, part in features:
            self._seen[place] += part
            step = spread * max(LEAST_STEP, FIRST_STEP / sqrt(1.0 + self._seen[place])) * part * error
            self._weights[place] = max(-MOST, min(MOST, self._weights[place] + step))

    def missed(self, missed: bool, among: int, spread: float = 1.0) -> None:
        """``missed``: whether a quote that was given was too early, of ``among`` that are open."""
        error = 1.0 - self._missed if missed else -self._missed
        step = spread * min(COMMON_STEP, MOST_PUSH / (1.0 + among))
        self._common = max(-MOST, min(MOST, self._common + step * error))
