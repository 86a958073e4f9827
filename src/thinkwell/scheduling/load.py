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
WINDOWS_S = (100.0, 300.0, 1000.0)
# Over so many seconds in which somebody waited is the delivery averaged; told of it after so many.
CAPACITY_S = 60.0
LEAST_SATURATED_S = 5.0
# Standard errors by which load must be above one. Of 320 simulated runs at load 0.8 and 0.95 (half an hour
# with 5 turns a second, an hour and a half with one in two; Poisson, and gaps of CV 4 and 13) none was ever
# above with 3; one was with 2.5, 25 with 2.
SURE = 3.0
# A load is told from the first window in which it is known to this part of itself.
PRECISE = 0.2
# Who comes between two calls of ``served`` comes as one bunch. Bunching, the squared CV of the bunches and
# of the gaps between them, is seen over about so many bunches; and what it is thought to be before.
BUNCHES = 1000
FIRST_BUNCHES = 50
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
        self._bunched = [0.0] * len(WINDOWS_S)  # bunches, faded
        self._delivered = self._saturated_s = 0.0
        self._waited = False
        self._bunch = 0.0
        self._bunch_at: float | None = None
        self._gaps = _Spread()
        self._sizes = _Spread()

    def arrived(self, cost: float, now: float) -> None:
        """A newcomer who is thought to use ``cost``, if nothing is shortened."""
        for place in range(len(WINDOWS_S)):
            self._asked[place] += cost
            self._came[place] += 1
        self._bunch += cost

    def served(self, service: float, waiting: int, now: float) -> float:
        """``service`` was delivered since the last call, and ``waiting`` wait for room now.

        A second in which nothing at all was delivered tells of an engine that starts or hangs, not of
        its capacity. Returns the seconds that passed, 0 where the clock jumped.
        """
        passed = 0.0 if self._at is None else now - self._at
        self._at = now
        if passed <= 0:
            return 0.0
        self._close_bunch(now)
        for place, window in enumerate(WINDOWS_S):
            fade = exp(-passed / window)
            self._asked[place] *= fade
            self._came[place] *= fade
            self._bunched[place] *= fade
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

    def _close_bunch(self, now: float) -> None:
        if not self._bunch:
            return
        self._sizes.add(self._bunch)
        if self._bunch_at is not None:
            self._gaps.add(max(0.0, now - self._bunch_at))
        self._bunch, self._bunch_at = 0.0, now
        for place in range(len(WINDOWS_S)):
            self._bunched[place] += 1

    def _error(self, place: int) -> float:
        """Standard error of what was asked in a window, as a part of it.

        Of a compound renewal process: the squared CVs of gaps and of sizes, over the number of bunches;
        an exponential window counts like one of twice its length.
        """
        came, bunched = self._came[place], self._bunched[place]
        if came < 1e-6 or bunched < 1e-6:
            return inf
        seen = self._gaps.squared_cv + self._sizes.squared_cv
        unseen = max(0.0, 1 - self._sizes.count / FIRST_BUNCHES)
        bunching = seen + (FIRST_BUNCHING - seen) * unseen
        return sqrt((bunching / bunched + COST_SPREAD / came) / 2)


class _Spread:
    """Mean and squared CV of what was added, older things faded."""

    __slots__ = ("count", "squares", "total")

    def __init__(self) -> None:
        self.count = self.total = self.squares = 0.0

    def add(self, value: float) -> None:
        fade = 1 - 1 / BUNCHES
        self.count = self.count * fade + 1
        self.total = self.total * fade + value
        self.squares = self.squares * fade + value * value

    @property
    def squared_cv(self) -> float:
        return max(0.0, self.squares * self.count / self.total**2 - 1) if self.total > 0 else 0.0
