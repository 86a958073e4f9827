"""Demand and Throughput: how much is asked for, by whom, and how much the pool delivers. Pure.

In weighted tokens a second. Averages fade with age; what was seen for a short time only is averaged over
that time, not over one that has not passed yet.
"""

from __future__ import annotations

from collections import OrderedDict
from math import exp

# Shares whose demand is told apart; the others' is known as a sum.
MOST_SHARES = 512
DEMAND_S = 120.0
THROUGHPUT_S = 60.0
# Less than this was not observed long enough to say how fast the pool is.
LEAST_OBSERVED_S = 0.5


Share = tuple[str, str]  # tier, group


class Demand:
    """Weighted tokens asked for per second, over about the last ``over_s`` seconds."""

    def __init__(self, over_s: float = DEMAND_S, most_shares: int = MOST_SHARES) -> None:
        self._over_s = over_s
        self._most = most_shares
        self._since: float | None = None
        self._all = (0.0, 0.0)  # (rate, when it was that)
        self._own: OrderedDict[Share, tuple[float, float]] = OrderedDict()

    def asked(self, share: Share, service: float, now: float) -> None:
        if self._since is None:
            self._since = now
        more = service / self._over_s
        self._all = (self._faded(self._all, now) + more, now)
        self._own[share] = (self._faded(self._own.get(share, (0.0, now)), now) + more, now)
        self._own.move_to_end(share)
        if len(self._own) > self._most:
            self._own.popitem(last=False)

    def rates(self, now: float) -> tuple[float, dict[Share, float]]:
        """Of all together, and of each share that is remembered."""
        if self._since is None:
            return 0.0, {}
        seen = 1.0 - exp(-max(1.0, now - self._since) / self._over_s)
        own = {share: self._faded(rate, now) / seen for share, rate in self._own.items()}
        return self._faded(self._all, now) / seen, own

    def _faded(self, rate: tuple[float, float], now: float) -> float:
        value, at = rate
        return value * exp((at - now) / self._over_s) if now > at else value


class Throughput:
    """Weighted tokens delivered per second while somebody waits: what the pool can do."""

    def __init__(self, over_s: float = THROUGHPUT_S) -> None:
        self._over_s = over_s
        self._service = 0.0
        self._seconds = 0.0

    def add(self, service: float, seconds: float) -> None:
        faded = exp(-seconds / self._over_s)
        self._service = self._service * faded + service
        self._seconds = self._seconds * faded + seconds

    @property
    def per_s(self) -> float | None:
        """None while too little was seen."""
        if self._seconds < LEAST_OBSERVED_S or self._service <= 0.0:
            return None
        return self._service / self._seconds
