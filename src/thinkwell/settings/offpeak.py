"""Off-peak times as an operator writes them: ``mon-fri 22:00-06:00 50%; sat,sun 00:00-24:00 50%``.

Days are those on which a window begins; one that ends before it begins ends on the next day. Knows the text
and the names of time zones; which window holds when is known to ledger/offpeak.py.
"""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = 24 * 60
EXAMPLE = "such as mon-fri 22:00-06:00 50%"

_WINDOW = re.compile(r"(\S+)\s+(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)\s+(\d{1,3})\s*%", re.ASCII)


class Window(msgspec.Struct, frozen=True):
    """From ``begin`` to before ``end``, minutes of the day, on ``days`` (0 is Monday): ``percent`` less."""

    days: frozenset[int]
    begin: int
    end: int
    percent: int

    @property
    def over_midnight(self) -> bool:
        return self.end < self.begin


def windows_of(text: str) -> tuple[Window, ...]:
    """Raises ValueError for what cannot be read, in words for the operator."""
    return tuple(_window(part) for part in text.casefold().split(";") if part.strip())


def _window(text: str) -> Window:
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no off-peak time {EXAMPLE}")
    begin, end = _minute(found[2], found[3]), _minute(found[4], found[5])
    percent = int(found[6])
    if begin in (end, WHOLE_DAY):
        raise ValueError(f"{text.strip()!r} has no length; a whole day is 00:00-24:00")
    if not 1 <= percent <= 100:
        raise ValueError(f"{percent}% is no discount from 1% to 100%")
    return Window(_days(found[1]), begin, end, percent)


def _minute(hour: str, minute: str) -> int:
    whole = 60 * int(hour) + int(minute)
    if int(minute) > 59 or whole > WHOLE_DAY:
        raise ValueError(f"{hour}:{minute} is no time of a day")
    return whole


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begin = _day(first)
        length = (_day(last) - begin) % 7 + 1 if dash else 1
        days.update((begin + more) % 7 for more in range(length))
    return frozenset(days)


def _day(name: str) -> int:
    if name not in DAYS:
        raise ValueError(f"{name!r} is no day; days are {', '.join(DAYS)}")
    return DAYS.index(name)


def zone_of(name: str) -> tzinfo:
    """Raises ValueError for a time zone that this machine does not know."""
    if name == "UTC":
        return UTC  # known everywhere, also where no table of zones is installed
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r} on this machine, such as Europe/Zurich") from None
