"""Thoughts about dates and times: days are counted month by month, weekdays in sevens, times by columns."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

from thinkwell.training.tasks.traces.digits import add, divide, subtract
from thinkwell.training.tasks.traces.entry import Entry, Thought

_DAYS = tuple(calendar.day_name)
_NAMED_DAY = re.compile("|".join(_DAYS))


def february(year: int) -> list[str]:
    """Whether it has 29 days."""
    century = year % 100 == 0
    lines = divide(year // 100 if century else year % 100, 4)
    return [*lines, f"Feb {year}: {29 if calendar.isleap(year) else 28}"]


def days_between(start: date, end: date, leap: bool = True) -> tuple[list[str], int]:
    """``start`` is not after ``end``; without ``leap`` February has 28 days. The rest of the first month, whole months, the days of the last."""
    if (start.year, start.month) == (end.year, end.month):
        return subtract(end.day, start.day), end.day - start.day
    lines: list[str] = []
    total, year, month = 0, start.year, start.month
    while (year, month) != (end.year, end.month):
        length = calendar.monthrange(year, month)[1]
        lines += february(year) if leap and month == 2 else [f"{calendar.month_abbr[month]}: {length}"]
        first = (year, month) == (start.year, start.month)
        lines += subtract(length, start.day) if first else add(total, length)
        total = length - start.day if first else total + length
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return [*lines, *add(total, end.day)], total + end.day


def time_intervals(entry: Entry) -> Thought:
    """What the later one has less of is borrowed from the next larger unit."""
    made = entry.metadata
    start, end = datetime.fromisoformat(made["start_time"]), datetime.fromisoformat(made["end_time"])
    if end < start or ("%A)" in made["format"] and made["task_type"] != "date"):
        # After midnight it is another day, which the generator forgets; and of a date with its weekday in
        # parentheses it reads no time.
        raise ValueError("an answer that does not fit its question")
    shape = made["expected_format"]
    lines: list[str] = []
    days = 0
    if "days" in shape:
        lines += [f"{start.date()} to {end.date()}"]
        worked, days = days_between(*sorted((start.date(), end.date())))
        days = days if start.date() <= end.date() else -days
        lines += worked
    if shape == "D days":
        return Thought("\n".join(lines), f"{days} days")
    units = [("h", start.hour, end.hour, 24), ("m", start.minute, end.minute, 60)]
    if "SS" in shape or start.second or end.second:
        units.append(("s", start.second, end.second, 60))
    if "mmm" in shape:
        units.append(("ms", start.microsecond // 1000, end.microsecond // 1000, 1000))
    borrowed, found = 0, []
    for name, before, after, size in reversed(units):
        if borrowed:
            lines.append(f"{name}: {after} - 1 = {after - 1}")
            after -= 1
        else:
            lines.append(f"{name}: {after}")
        if name == "h":
            offset = _hours(end) - _hours(start)
            if offset:
                lines += subtract(_hours(end), _hours(start)) + subtract(after, offset)
                after -= offset
        rest = after - before
        borrowed = 0
        while rest < 0:
            borrowed += 1
            lines += add(after, size)
            after, rest = after + size, rest + size
        lines += subtract(after, before)
        while name == "h" and rest >= size:
            borrowed -= 1
            lines += subtract(rest, size)
            rest -= size
        found.append(f"{rest:03d}" if name == "ms" else f"{rest:02d}")
    if borrowed:
        lines.append(f"days: {days} {'-' if borrowed > 0 else '+'} 1 = {days - borrowed}")
    return Thought("\n".join(lines), _duration(days - borrowed, found[::-1], shape))


def _hours(moment: datetime) -> int:
    """East of Greenwich."""
    offset = moment.utcoffset()
    return round(offset.total_seconds() / 3600) if offset else 0


def _duration(days: int, parts: list[str], shape: str) -> str:
    clock = ":".join(parts[:3] if "SS" in shape else parts[:2])
    clock += f".{parts[3]}" if "mmm" in shape else ""
    return f"{days} days, {clock}" if "days" in shape else clock


def calendar_arithmetic(entry: Entry) -> Thought:
    """Weekdays are numbers from 1, Monday, to 7."""
    made = entry.metadata
    match made["task"]:
        case "weekday_offset":
            start, days = date.fromisoformat(made["start_date"]), made["offset_days"]
            lines, weekday = _jump(start.isoweekday(), days)
        case "weekday_of_date" | "weekday_of_date_from_first_date":
            lines, weekday = _weekday(made)
        case "is_leap_year":
            lines = february(made["year"])
            return Thought("\n".join(lines), entry.answer)
        case "recurring_event_day":
            return _recurring(entry)
        case "count_days":
            return _count_days(entry)
        case _:
            return _count_business_days(entry)
    return Thought("\n".join(lines), _DAYS[weekday - 1])


def _named(weekday: int) -> str:
    return f"{_DAYS[weekday - 1]}: {weekday}"


def _jump(weekday: int, days: int) -> tuple[list[str], int]:
    """The weekday that many days on, or back where ``days`` is below zero."""
    lines = [_named(weekday)]
    size, rest = abs(days), abs(days) % 7
    if size >= 7:
        lines += divide(size, 7)
    if rest:
        lines += add(weekday, rest) if days > 0 else subtract(weekday, rest)
        weekday += rest if days > 0 else -rest
    if not 1 <= weekday <= 7:
        lines += subtract(weekday, 7) if weekday > 7 else add(weekday, 7)
        weekday += -7 if weekday > 7 else 7
    return [*lines, _named(weekday)], weekday


def _weekday(made: dict[str, str]) -> tuple[list[str], int]:
    """Of a date: from the first of its month, which is known for the year 2022, or from the first of January,
    whose weekday is told."""
    day = date.fromisoformat(made["target_date"])
    first = made.get("first_day")
    if first is None:
        lines, days = [f"{calendar.month_name[day.month]} 1, {day.year}"], day.day - 1
        weekday = day.replace(day=1).isoweekday()
        lines += subtract(day.day, 1)
    else:
        lines, days = days_between(day.replace(month=1, day=1), day, leap=False)
        weekday = _DAYS.index(first) + 1
    worked, weekday = _jump(weekday, days)
    return [*lines, *worked], weekday


def _recurring(entry: Entry) -> Thought:
    made = entry.metadata
    first = date(made["year"], made["month"], 1).isoweekday()
    sought = _DAYS.index(made["weekday"]) + 1
    lines = [f"{calendar.month_name[made['month']]} 1, {made['year']}", _named(first), _named(sought)]
    lines += subtract(sought, first)
    ahead = sought - first
    if ahead < 0:
        lines += add(ahead, 7)
        ahead += 7
    lines += add(ahead, 1)
    found = [ahead + 1]
    last = calendar.monthrange(made["year"], made["month"])[1]
    if made["ordinal"] == "last":
        lines.append(f"{calendar.month_abbr[made['month']]}: {last}")
    count = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 9}[made["ordinal"]]
    while len(found) < count and found[-1] + 7 <= last:
        lines += add(found[-1], 7)
        found.append(found[-1] + 7)
    return Thought("\n".join(lines), str(found[-1]))


def _span(entry: Entry) -> tuple[list[str], date, int]:
    """The lines that find how many days there are, both ends counted."""
    start, end = (date.fromisoformat(entry.metadata[it]) for it in ("start_date", "end_date"))
    lines, days = days_between(start, end, leap=False)
    return [*lines, *add(days, 1)], start, days + 1


def _count_days(entry: Entry) -> Thought:
    """The first such day, and then one for each seven days more."""
    lines, start, days = _span(entry)
    # Of the three that the question names, the sought one is the one that is not an end of the span.
    ends = [date.fromisoformat(entry.metadata[it]).strftime("%A, %B %-d") for it in ("start_date", "end_date")]
    bare = entry.question
    for it in ends:
        bare = bare.replace(it, "")
    named = _NAMED_DAY.search(bare)
    if named is None:
        raise ValueError("a question that names no weekday")
    weekday = _DAYS.index(named[0]) + 1
    lines += [_named(start.isoweekday()), _named(weekday), *subtract(weekday, start.isoweekday())]
    ahead = weekday - start.isoweekday()
    if ahead < 0:
        lines += add(ahead, 7)
        ahead += 7
    lines += subtract(days, ahead)
    rest = days - ahead
    if rest <= 0:
        return Thought("\n".join([*lines, "none"]), "0")
    lines += divide(rest, 7)
    if rest % 7:
        lines += add(rest // 7, 1)
    return Thought("\n".join(lines), str(-(-rest // 7)))


def _count_business_days(entry: Entry) -> Thought:
    """Five for each whole week, and of the days that are left those before Saturday."""
    lines, start, days = _span(entry)
    weeks, rest = divmod(days, 7)
    lines += [*divide(days, 7), f"{weeks} * 5 = {weeks * 5}"]
    left = [(start.weekday() + at) % 7 for at in range(rest)]
    work = [it for it in left if it < 5]
    if left:
        count, marked = 0, []
        for it in left:
            count += it < 5
            marked.append(f"{_DAYS[it][:3]} {count}")
        lines += [" ".join(marked), *add(weeks * 5, count)]
    return Thought("\n".join(lines), str(weeks * 5 + len(work)))
