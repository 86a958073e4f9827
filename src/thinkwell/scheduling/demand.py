"""Demand and Throughput: how much is asked for, by whom, and how much the pool delivers. Pure.

In weighted tokens a second. Averages fade with age; what was seen for a short time only is averaged over
that time, not over one that has not passed yet.
"""

from __future__ import annotations

from collections import OrderedDict
from math import exp

# Averages are kept over about so many seconds: the next minute is like the last one, the next hour like the
# last hour.
WINDOWS_S = (60.0, 240.0, 960.0)
# Shares whose demand is told apart; the others' is known as a sum.
MOST_SHARES = 512
# Less than this was not observed long enough to say how fast the pool is.
LEAST_OBSERVED_S = 0.5

Share = tuple[str, str]  # tier, group
Rates = list[float]  # weighted tokens a second, by window


class Demand:
    """Weighted tokens asked for per second."""

    def __init__(self, most_shares: int = MOST_SHARES) -> None:
        self._most = most_shares
        self._since: float | None = None
        self._all = _Fading(0.0)
        self._own: OrderedDict[Share, _Fading] = OrderedDict()

    def asked(self, share: Share, service: float, now: float) -> None:
        if self._since is None:
            self._since = now
        self._all.add(service, now)
        own = self._own.get(share)
        if own is None:
            own = self._own[share] = _Fading(now)
            if len(self._own) > self._most:
                self._own.popitem(last=False)
        own.add(service, now)
        self._own.move_to_end(share)

    def rates(self, now: float) -> tuple[Rates, dict[Share, Rates]]:
        """Of all together, and of each share that is remembered."""
        since = now if self._since is None else self._since
        seen = [window * (1.0 - exp(-max(1.0, now - since) / window)) for window in WINDOWS_S]
        own = {share: fading.over(seen, now) for share, fading in self._own.items()}
        return self._all.over(seen, now), own


class _Fading:
    """A sum of which the older parts count less, for each window."""

    __slots__ = ("at", "sums")

    def __init__(self, at: float) -> None:
        self.at = at
        self.sums = [0.0] * len(WINDOWS_S)

    def add(self, value: float, now: float) -> None:
        self.sums = [part + value for part in self._at(now)]
        self.at = now

    def over(self, seen: list[float], now: float) -> Rates:
        return [part / seconds for part, seconds in zip(self._at(now), seen, strict=True)]

    def _at(self, now: float) -> list[float]:
        passed = now - self.at
        return [part * exp(-passed / window) for part, window in zip(self.sums, WINDOWS_S, strict=True)]


class Throughput:
    """Weighted tokens delivered per second while somebody waits: what the pool can do."""

    def __init__(self) -> None:
        self._service = _Fading(0.0)
        self._seconds = _Fading(0.0)
        self._clock = 0.0  # seconds in which somebody waited

    def add(self, service: float, seconds: float) -> None:
        self._clock += seconds
        self._service.add(service, self._clock)
        self._seconds.add(seconds, self._clock)

    @property
    def per_s(self) -> Rates | None:
        """None while too little was seen."""
        if self._seconds.sums[0] < LEAST_OBSERVED_S or min(self._service.sums) <= 0.0:
            return None
        return [
            service / seconds for service, seconds in zip(self._service.sums, self._seconds.sums, strict=True)
        ]
