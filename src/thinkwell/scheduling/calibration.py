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
# What one outcome moves a regime by, in the logarithm: at first, and at least, always.
FIRST_STEP = 0.5
LEAST_STEP = 0.05
# What it moves all regimes by: what they have in common is learnt from all.
COMMON_STEP = 0.03
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


class Calibrator:
    """One quantile: real waits are longer than ``seconds`` times ``exp(shift)`` in ``missed`` of all cases."""

    def __init__(self, missed: float, start: float = 0.0) -> None:
        self._missed = missed
        self._weights = [start] * len(KNOTS) + [0.0, 0.0]
        self._seen = [0.0] * len(self._weights)
        self._common = 0.0

    def shift(self, features: Features) -> float:
        found = self._common + sum(self._weights[place] * part for place, part in features)
        return max(-MOST, min(MOST, found))

    def learn(self, features: Features, *, missed: bool) -> None:
        error = 1.0 - self._missed if missed else -self._missed
        self._common = max(-MOST, min(MOST, self._common + COMMON_STEP * error))
        for place, part in features:
            self._seen[place] += abs(part)
            step = max(LEAST_STEP, FIRST_STEP / sqrt(1.0 + self._seen[place]))
            moved = self._weights[place] + step * part * error
            self._weights[place] = max(-MOST, min(MOST, moved))
