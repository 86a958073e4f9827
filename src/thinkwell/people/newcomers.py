"""How many people each network has brought in the last hour. Networks are hashes here, and only counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

SPAN_S = 600
SPANS = 6  # an hour
# Of one span. Of networks that come after so many others none is counted: memory is bounded, and who is not
# counted only pays less.
MOST_NETWORKS = 50_000


class Newcomers:
    """In memory: after a restart nobody has brought anybody. ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._spans: dict[int, Counter[str]] = {}

    def note(self, networks: Sequence[str]) -> None:
        """Somebody new came, from an address that is in all of these."""
        now = self._now()
        span = self._spans.setdefault(now, Counter())
        for network in networks:
            if network in span or len(span) < MOST_NETWORKS:
                span[network] += 1

    def counts(self, networks: Sequence[str]) -> tuple[int, ...]:
        """Those of the last hour, give or take ten minutes, for each of the networks."""
        self._now()
        return tuple(sum(span[network] for span in self._spans.values()) for network in networks)

    def _now(self) -> int:
        span = int(self._clock() // SPAN_S)
        if span not in self._spans:
            self._spans = {at: kept for at, kept in self._spans.items() if span - SPANS < at < span}
        return span
