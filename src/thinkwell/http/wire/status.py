"""The public page's shapes: how busy the site is, and was. Nothing about persons; of an hour with few turns
only that there were few. Times are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from thinkwell.http.wire.operator import JOULE, MS_US
from thinkwell.ledger.histogram import Histogram
from thinkwell.ledger.hours import HOUR_US, Hour, Sums, add, by

# Of fewer turns than this nothing is told but that they were few.
FEW = 5
Word = Literal["quiet", "busy", "full", "starting", "down"]


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """From asking to the turn's start, and to its first token: half of the turns had less than ``p50_ms``,
    nine of ten less than ``p90_ms``."""

    p50_ms: int
    p90_ms: int
    first_token_p50_ms: int | None
    first_token_p90_ms: int | None


class StatusNow(msgspec.Struct, frozen=True, kw_only=True):
    """``word``: ``quiet``, less than half of the machine is used; ``busy``; ``full``, people wait;
    ``starting`` and ``down``, they wait for the engine. ``sentence`` says it in English. ``wait`` is that of
    the last five minutes, null where few asked."""

    word: Word
    sentence: str
    running: int
    waiting: int
    slots: int
    utilisation: float
    tokens_per_s: float
    wait: Wait | None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """``answers`` that came to an end of their own or were stopped; tokens read and generated; ``energy_j``
    null: not known."""

    answers: int
    prompt_tokens: int
    generated_tokens: int
    energy_j: int | None
    wait: Wait | None


class HourRow(msgspec.Struct, frozen=True, kw_only=True):
    """``made`` null: few asked, or nobody. ``tiers`` null: of one of them few asked."""

    at: int
    made: Made | None
    tiers: dict[str, Made] | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """``hours`` are those of the last seven days that are over; ``week`` the sum of those that are told.
    ``energy_measured``: by meters, as of now; false, estimated from an assumed power; null, not known."""

    at: int
    name: str
    model: str
    now: StatusNow
    energy_measured: bool | None
    hours: list[HourRow]
    week: Made


def wait_of(waits: Histogram, first_tokens: Histogram) -> Wait | None:
    p50, p90 = waits.percentile(50), waits.percentile(90)
    if p50 is None or p90 is None or waits.total < FEW:
        return None
    told = first_tokens.total >= FEW
    return Wait(
        p50_ms=p50,
        p90_ms=p90,
        first_token_p50_ms=first_tokens.percentile(50) if told else None,
        first_token_p90_ms=first_tokens.percentile(90) if told else None,
    )


def hour_rows(found: Sequence[Hour], begin_us: int, end_us: int) -> tuple[list[HourRow], Made]:
    """Every hour from ``begin_us`` to before ``end_us``, and the sum of those of which something is told."""
    by_hour = by(found, lambda one: one.hour)
    by_tier = by(found, lambda one: (one.hour, one.tier))
    tiers: dict[int, dict[str, Sums]] = {}
    for (hour, tier), sums in by_tier.items():
        tiers.setdefault(hour, {})[tier] = sums
    rows, told = [], []
    for hour in range(begin_us, end_us, HOUR_US):
        sums = by_hour.get(hour, Sums())
        if sums.turns < FEW:
            rows.append(HourRow(at=hour // MS_US, made=None, tiers=None))
            continue
        told.append(sums)
        broken_down = None
        if all(of_tier.turns >= FEW for of_tier in tiers[hour].values()):
            broken_down = {tier: _made(of_tier) for tier, of_tier in sorted(tiers[hour].items())}
        rows.append(HourRow(at=hour // MS_US, made=_made(sums), tiers=broken_down))
    return rows, _made(add(told))


def _made(sums: Sums) -> Made:
    return Made(
        answers=sums.turns - sums.failed,
        prompt_tokens=sums.uncached_tokens + sums.cached_tokens,
        generated_tokens=sums.reasoning_tokens + sums.answer_tokens,
        energy_j=sums.energy // JOULE or None,
        wait=wait_of(sums.waits, sums.first_tokens),
    )
