"""LoadMeter: how much is asked of a pool against how much it can do, and how sure that is. Pure.

Load is the weighted tokens a second that newcomers ask for, over those that the pool delivers while
somebody waits. A burst is not a load: arrivals that come in bunches show rates above anything for a
while. So the meter also keeps how bunched they are, and says that load is above one only when it is
that by three standard errors.
"""

from __future__ import annotations

from math import exp, inf, sqrt

# Windows (seconds, exponential) over which arrivals are counted: what is asked of a large site is known
# within minutes, of a small one within a quarter of an hour. What was before the start counts as idle.
WINDOWS_S = (100.0, 1000.0)
# Over so many seconds in which somebody waited is the delivery averaged; told of it after so many.
CAPACITY_S = 60.0
LEAST_SATURATED_S = 5.0
# Standard errors by which load must be above one. Simulated half hours at load 0.8 and 0.95, Poisson and
# gaps of CV 13: with 3 none of 320 was above for a moment; with 2.5 ten of them, with 2 fifty.
SURE = 3.0
# A load is told from the first window in which it is known to this part of itself.
PRECISE = 0.2
# Bunching: squared CV of the gaps, over about so many arrivals; and what it is thought to be before.
GAPS = 2000
FIRST_GAPS = 50
FIRST_BUNCHING = 50.0
# Squared CV of what a turn uses, over what it was thought to use: about that of an exponential.
COST_SPREAD = 1.0
# A longer time between two calls of ``served`` is a stopped clock or process and not measured.
LONGEST_S = 10.0


class LoadMeter:
    """``arrived`` for each newcomer, ``served`` about once a second. Service in weighted tokens."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._asked = [0.0] * len(WINDOWS_S)  # weighted tokens, faded
        self._came = [0.0] * len(WINDOWS_S)  # arrivals, faded
        self._delivered = self._saturated_s = 0.0
        self._waited = False
        self._last_arrival: float | None = None
        self._gaps = self._gap_s = self._gap_squares = 0.0

    def arrived(self, cost: float, now: float) -> None:
        """A newcomer who is thought to use ``cost``, if nothing is shortened."""
        for place in range(len(WINDOWS_S)):
            self._asked[place] += cost
            self._came[place] += 1
        if self._last_arrival is not None:
            gap = max(0.0, now - self._last_arrival)
            fade = 1 - 1 / GAPS
            self._gaps = self._gaps * fade + 1
            self._gap_s = self._gap_s * fade + gap
            self._gap_squares = self._gap_squares * fade + gap * gap
        self._last_arrival = now

    def served(self, service: float, waiting: int, now: float) -> float:
        """``service`` was delivered since the last call, and ``waiting`` wait for room now.

        A second in which nothing at all was delivered tells of an engine that starts or hangs, not of
        its capacity. Returns the seconds that passed, 0 where the clock jumped.
        """
        passed = 0.0 if self._at is None else now - self._at
        self._at = now
        if passed <= 0:
            return 0.0
        for place, window in enumerate(WINDOWS_S):
            fade = exp(-passed / window)
            self._asked[place] *= fade
            self._came[place] *= fade
        if passed > LONGEST_S:
            return 0.0
        waited = self._waited
        self._waited = waiting > 0
        if waited and waiting and service > 0:
            fade = exp(-passed / CAPACITY_S)
            self._delivered = self._delivered * fade + service
            self._saturated_s = self._saturated_s * fade + passed
        return passed

    @property
    def capacity(self) -> float | None:
        """Weighted tokens a second; None until somebody had to wait for a while."""
        if self._saturated_s < LEAST_SATURATED_S:
            return None
        return self._delivered / self._saturated_s

    @property
    def load(self) -> float:
        """Asked for over capacity, from the shortest window that knows it; 0 while no capacity is known."""
        capacity = self.capacity
        if capacity is None:
            return 0.0
        return self.asked / capacity

    @property
    def asked(self) -> float:
        """Weighted tokens a second."""
        place = self._known()
        return self._asked[place] / WINDOWS_S[place]

    @property
    def mean_cost(self) -> float:
        """Weighted tokens of a newcomer."""
        return self._asked[-1] / self._came[-1] if self._came[-1] > 1e-6 else 0.0

    @property
    def overloaded(self) -> bool:
        """Load is above one, and that is no accident of when people came."""
        capacity = self.capacity
        return capacity is not None and any(
            asked / window * (1 - SURE * self._error(place)) > capacity
            for place, (asked, window) in enumerate(zip(self._asked, WINDOWS_S, strict=True))
        )

    def _known(self) -> int:
        for place in range(len(WINDOWS_S)):
            if self._error(place) <= PRECISE:
                return place
        return len(WINDOWS_S) - 1

    def _error(self, place: int) -> float:
        """Standard error of what was asked in a window, as a part of it.

        Of a compound renewal process: the squared CVs of gaps and of costs, over the number of arrivals;
        an exponential window counts like one of twice its length.
        """
        came = self._came[place]
        return sqrt((self._bunching() + COST_SPREAD) / (2 * came)) if came > 1e-6 else inf

    def _bunching(self) -> float:
        gaps, total = self._gaps, self._gap_s
        if gaps < 1 or total <= 0:
            return FIRST_BUNCHING
        seen = max(0.0, self._gap_squares * gaps / (total * total) - 1)
        if gaps >= FIRST_GAPS:
            return seen
        return (gaps * seen + (FIRST_GAPS - gaps) * FIRST_BUNCHING) / FIRST_GAPS
