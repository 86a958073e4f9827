"""Calibrator: from a raw estimate to a median and a P90 that hold, learnt online. Pure.

What is learnt is how log(real / estimated) is distributed for estimates of about the same length. Turns
that still wait count with the time that they have waited (the product-limit estimator, Kaplan and Meier
1958): in a growing line those that came through are the quick ones, and would teach too short waits.

Each outcome also moves the width of the P90, by (missed - allowed): adaptive conformal inference (Gibbs and
Candes, arXiv 2106.00193). Over a long run it is missed as often as allowed, however the load drifts. The
median is not moved so: with an outcome that comes a whole wait later, that swings (docs/log.md).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from itertools import count
from math import exp, log

import msgspec

# A second more or less is nothing to who waits for so long: logarithms are of seconds and this.
SOON_S = 0.5
# Estimates whose outcomes are looked at together, in seconds; linearly between them in the logarithm. An
# outcome counts for a knot the less the further it is away, up to the next knot.
KNOTS = tuple(log(seconds) for seconds in (0.5, 1.5, 5.0, 15.0, 50.0, 150.0, 500.0, 1500.0, 5000.0))
REACH = 1.2
# The last outcomes that count, and the quotes of unknown outcome that are followed.
OUTCOMES = 512
MOST_OPEN = 512
# Outcomes of turns that waited together are alike, so that the last ones say less than their number. What is
# found is held to a prior, as if that had been seen so often: errors spread like these (normal, with a
# standard deviation of 0.5) around where the median was over so many seconds; at first around no bias.
PRIOR_WEIGHT = 100.0
PRIOR = tuple(0.5 * sigmas for sigmas in (-1.65, -1.04, -0.67, -0.39, -0.13, 0.13, 0.39, 0.67, 1.04, 1.65))
PRIOR_OVER_S = 1000.0
# The knots are looked at anew so often.
RENEWED_S = 1.0
# What one outcome moves the logarithm of the P90's width by, and all that are open together.
STEP = 0.02
MOST_PUSH = 5.0
MOST_WIDER = 2.0
ALLOWED = 0.1

Row = tuple[float, bool, float]  # log(real / estimated), whether that is the end of it, weight


class Quote(msgspec.Struct, frozen=True):
    """Seconds from now until the start: as likely later as sooner, and later in one case of ten."""

    expected_s: float
    p90_s: float


class Open(msgspec.Struct):
    """A quote of which it is not known yet what becomes of it."""

    at: float
    estimate: float  # logarithm
    missed_at: float
    missed: bool = False
    closed: bool = False


class Calibrator:
    """Of one kind of quote. ``now`` never goes back here."""

    def __init__(self) -> None:
        self._outcomes: deque[tuple[float, float]] = deque(maxlen=OUTCOMES)
        self._open: dict[int, Open] = {}
        self._due: list[tuple[float, int]] = []
        self._numbers = count()
        self._wider = 0.0
        self._centres = [0.0] * len(KNOTS)  # of the priors
        self._quantiles = [_quantiles((), 0.0) for _ in KNOTS]
        self._renewed_at = -RENEWED_S

    def quote(self, seconds: float, now: float) -> Quote:
        if now - self._renewed_at >= RENEWED_S:
            self._renew(now)
        at = min(max(log(seconds + SOON_S), KNOTS[0]), KNOTS[-1])
        place = max(1, bisect_left(KNOTS, at))
        part = (at - KNOTS[place - 1]) / (KNOTS[place] - KNOTS[place - 1])
        (low, low_p90), (high, high_p90) = self._quantiles[place - 1], self._quantiles[place]
        median = low + part * (high - low)
        beyond = (low_p90 + part * (high_p90 - low_p90) - median) * exp(self._wider)
        expected = max(0.0, (seconds + SOON_S) * exp(median) - SOON_S)
        return Quote(expected, max(expected, (seconds + SOON_S) * exp(median + max(0.0, beyond)) - SOON_S))

    # -- learning --------------------------------------------------------------------------------

    def follow(self, seconds: float, quote: Quote, now: float) -> int | None:
        """Learn from a quote that was given. ``started`` or ``left`` with this number; None: not followed."""
        if len(self._open) >= MOST_OPEN:
            return None
        number = next(self._numbers)
        self._open[number] = Open(now, log(seconds + SOON_S), now + quote.p90_s)
        heappush(self._due, (now + quote.p90_s, number))
        return number

    def started(self, number: int, now: float) -> None:
        open = self._open.pop(number)
        if not open.missed:
            self._was(missed=now > open.missed_at)
        self._outcomes.append((open.estimate, log(now - open.at + SOON_S) - open.estimate))

    def left(self, number: int) -> None:
        del self._open[number]

    def pass_time(self, now: float) -> None:
        """Who still waits when the P90 is over has missed it."""
        due = self._due
        while due and due[0][0] < now:
            open = self._open.get(heappop(due)[1])
            if open is not None:
                open.missed = True
                self._was(missed=True)
        if len(due) > 2 * len(self._open) + MOST_OPEN:
            self._due = [row for row in due if row[1] in self._open]
            heapify(self._due)

    def _was(self, *, missed: bool) -> None:
        step = min(STEP, MOST_PUSH / (1 + len(self._open)))
        moved = self._wider + step * ((1.0 if missed else 0.0) - ALLOWED)
        self._wider = max(-MOST_WIDER, min(MOST_WIDER, moved))

    def _renew(self, now: float) -> None:
        moved = 1.0 - exp(-max(0.0, now - self._renewed_at) / PRIOR_OVER_S)
        self._renewed_at = now
        rows: list[list[Row]] = [[] for _ in KNOTS]
        for estimate, error in self._outcomes:
            _spread(rows, estimate, error, True)
        for open in self._open.values():
            _spread(rows, open.estimate, log(now - open.at + SOON_S) - open.estimate, False)
        self._centres = [
            centre + moved * (median - centre)
            for centre, (median, _) in zip(self._centres, self._quantiles, strict=True)
        ]
        self._quantiles = [_quantiles(own, at) for own, at in zip(rows, self._centres, strict=True)]


def _spread(rows: list[list[Row]], estimate: float, error: float, ended: bool) -> None:
    """Give an outcome to the knots near its estimate."""
    near = bisect_left(KNOTS, estimate)
    for place in (near - 1, near):
        if 0 <= place < len(KNOTS):
            weight = 1.0 - abs(KNOTS[place] - estimate) / REACH
            if weight > 0.0:
                rows[place].append((error, ended, weight))


def _quantiles(rows: Iterable[Row], centre: float) -> tuple[float, float]:
    """The median and the P90 of what the rows and the prior say, by the product-limit estimator.

    Where so many still wait that it is not known yet, the longest that anybody has waited.
    """
    own = [(centre + error, True, PRIOR_WEIGHT / len(PRIOR)) for error in PRIOR]
    own += rows
    own.sort(key=lambda row: (row[0], not row[1]))
    left = sum(weight for _, _, weight in own)
    surviving = 1.0
    median: float | None = None
    for error, ended, weight in own:
        if ended:
            surviving *= max(0.0, 1.0 - weight / left)
            if median is None and surviving <= 0.5:
                median = error
            if surviving <= ALLOWED and median is not None:
                return median, error
        left = max(weight, left - weight)
    longest = own[-1][0]
    return (longest if median is None else median), longest
