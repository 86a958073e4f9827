"""Spans of days in a time zone, and what was used in them: by day, hour, model or tier. Pure.

An hour belongs to the day in which it begins; in zones that are half an hour off, half an hour of two days is
told of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

import msgspec

from thinkwell.errors import BadRequest
from thinkwell.ledger.hours import HOUR_US, Hour, Sums, by, hour_of

By = Literal["day", "hour", "model", "tier"]
USUAL_DAYS = 30
MOST_DAYS: dict[By, int] = {"day": 3700, "hour": 100, "model": 3700, "tier": 3700}
SECOND_US = 1_000_000


class Part(msgspec.Struct, frozen=True):
    """``name`` is a date, a moment, a model or a tier; ``at`` when a day or an hour began."""

    name: str
    sums: Sums
    at: int | None = None


class Span(msgspec.Struct, frozen=True):
    """From the beginning of ``first`` to the end of ``last``."""

    first: date
    last: date
    zone: tzinfo

    @property
    def begin_us(self) -> int:
        return _midnight(self.first, self.zone)

    @property
    def end_us(self) -> int:
        return _midnight(self.last + timedelta(days=1), self.zone)


def span_of(first: str | None, last: str | None, zone: tzinfo, now_us: int, wanted: By) -> Span:
    """Of two dates as ISO 8601 has them; without them, of the last days until today. Raises BadRequest."""
    today = _local(now_us, zone).date()
    end = today if last is None else min(_date(last, "to"), today)
    begin = end - timedelta(days=USUAL_DAYS - 1) if first is None else _date(first, "from")
    if begin > end:
        raise BadRequest("The span begins after its end, or today.", param="from")
    if (end - begin).days >= MOST_DAYS[wanted]:
        raise BadRequest(f"By {wanted} at most {MOST_DAYS[wanted]} days are told at once.", param="from")
    return Span(begin, end, zone)


def parts(found: Sequence[Hour], span: Span, wanted: By, now_us: int) -> list[Part]:
    """``found``, hours of ``span``, put together. Days and hours in which nothing was asked are there too."""
    if wanted == "model":
        return [Part(name, sums) for name, sums in sorted(by(found, lambda one: one.model).items())]
    if wanted == "tier":
        return [Part(name, sums) for name, sums in sorted(by(found, lambda one: one.tier).items())]
    zone = span.zone
    if wanted == "day":
        days = by(found, lambda one: _local(one.hour, zone).date())
        return [Part(day.isoformat(), days.get(day, Sums()), _midnight(day, zone)) for day in _days(span)]
    hours = by(found, lambda one: one.hour)
    end = min(span.end_us, now_us + 1)
    return [
        Part(_local(hour, zone).isoformat(timespec="minutes"), hours.get(hour, Sums()), hour)
        for hour in range(_first_hour(span.begin_us), end, HOUR_US)
    ]


def _days(span: Span) -> Iterator[date]:
    for number in range((span.last - span.first).days + 1):
        yield span.first + timedelta(days=number)


def _first_hour(begin_us: int) -> int:
    """The first that begins in the span."""
    return hour_of(begin_us + HOUR_US - 1)


def _midnight(day: date, zone: tzinfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp()) * SECOND_US


def _local(at_us: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_us // SECOND_US, zone)


def _date(text: str, param: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{param}: that is no date such as 2026-11-27.", param=param) from None
    if not 1970 <= found.year <= 9998:
        raise BadRequest(f"{param}: of that year nothing is known.", param=param)
    return found
