"""A histogram of durations in fixed, log-spaced buckets, so that hours can be added up. Pure.

Durations are whole milliseconds. Bucket 0 holds what took no millisecond; bucket i holds what took up to
``BOUNDS[i]`` and more than ``BOUNDS[i - 1]``; four buckets are one doubling, from 1 ms to a day, and the last
holds all that took longer. A percentile is read off to within a bucket: 19 % at most, 9 % in the middle.
Stored as MessagePack: the list of counts, without the zeros at its end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import isqrt

import msgspec

STEPS = 4  # buckets a doubling
DAY_MS = 86_400_000


def _bounds() -> tuple[int, ...]:
    """Whole numbers, rising: the first doublings have fewer than four of them."""
    bounds = [0]
    step = 0
    while bounds[-1] < DAY_MS:
        bound = min(round(2 ** (step / STEPS)), DAY_MS)
        if bound > bounds[-1]:
            bounds.append(bound)
        step += 1
    return tuple(bounds)


BOUNDS = _bounds()
BUCKETS = len(BOUNDS) + 1

_decoder = msgspec.msgpack.Decoder(list[int])


def bucket_of(milliseconds: int) -> int:
    return bisect_left(BOUNDS, milliseconds)


class Histogram:
    """Counts by bucket."""

    __slots__ = ("counts",)

    def __init__(self, counts: Sequence[int] = ()) -> None:
        self.counts = list(counts)

    def add(self, bucket: int, times: int = 1) -> None:
        missing = bucket + 1 - len(self.counts)
        if missing > 0:
            self.counts += [0] * missing
        self.counts[bucket] += times

    @property
    def total(self) -> int:
        return sum(self.counts)

    def percentile(self, percent: float) -> int | None:
        """Milliseconds, the middle of the bucket that it falls in; None where there is nothing."""
        total = self.total
        if total == 0:
            return None
        wanted = max(1, -(-total * percent // 100))
        seen = 0
        for bucket, count in enumerate(self.counts):
            seen += count
            if seen >= wanted:
                return middle_of(bucket)
        raise AssertionError("the counts are those of the total")

    def encoded(self) -> bytes:
        counts = self.counts
        while counts and counts[-1] == 0:
            counts = counts[:-1]
        return msgspec.msgpack.encode(counts)


def decoded(body: bytes) -> Histogram:
    return Histogram(_decoder.decode(body))


def merged(histograms: Iterable[Histogram]) -> Histogram:
    counts: list[int] = []
    for histogram in histograms:
        counts = [a + b for a, b in zip_longest(counts, histogram.counts, fillvalue=0)]
    return Histogram(counts)


def middle_of(bucket: int) -> int:
    """Of what it holds, geometrically, since the buckets are as wide as they are far out."""
    if bucket >= len(BOUNDS):
        return DAY_MS
    if bucket == 0:
        return 0
    return isqrt((BOUNDS[bucket - 1] + 1) * BOUNDS[bucket])
