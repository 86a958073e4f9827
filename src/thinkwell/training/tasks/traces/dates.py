"""Thoughts about dates and times: days are counted month by month, weekdays in sevens, times by columns."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

from thinkwell.training.tasks.traces.digits import add, divide, subtract
from thinkwell.training.tasks.traces.entry import Entry, Thought

_DAYS = tuple(calendar.day_name)
_SOUGHT_DAY = re.compile(rf"({'|'.join(_DAYS)})(?!,)")


def february(year: int) -> list[str]:
    """Whether it has 29 days."""
    century = year % 100 == 0
    lines = divide(year // 100 if century else year % 100, 4)
    return [*lines, f"Feb {year}: {29 if calendar.isleap(year) else 28}"]


def days_between(start: date, end: date, *, leap: bool = True) -> tuple[list[str], int]:
    """``start`` is not after ``end``; without ``leap`` February has 28 days. Counts the rest of the first
    month, whole months, and the days of the last."""
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
    """From the smallest unit; what the later time has less of is borrowed from the next larger unit."""
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
        first, last = sorted((start.date(), end.date()))
        worked, days = days_between(first, last)
        lines += [f"{first} to {last}", *worked]
        days = days if first == start.date() else -days
    if shape == "D days":
        return Thought("\n".join(lines), f"{days} days")
    found: dict[str, int] = {}
    borrowed = 0
    for name, size in (("ms", 1000), ("s", 60), ("m", 60), ("h", 24)):
        shown = {"ms": "mmm" in shape, "s": "SS" in shape or start.second or end.second}
        if shown.get(name, True):
            worked, found[name], borrowed = _unit(name, size, start, end, borrowed)
            lines += worked
    if borrowed:
        lines += subtract(days, borrowed) if borrowed > 0 else add(days, -borrowed)
    clock = ":".join(f"{found[it]:02d}" for it in ("hms" if "SS" in shape else "hm"))
    clock += f".{found['ms']:03d}" if "mmm" in shape else ""
    answer = f"{days - borrowed} days, {clock}" if "days" in shape else clock
    if answer != entry.answer:
        raise ValueError("a thousandth that the generator lost in its division")
    return Thought("\n".join(lines), answer)


def _unit(name: str, size: int, start: datetime, end: datetime, borrowed: int) -> tuple[list[str], int, int]:
    """Lines, how many of this unit there are, and how many of the next larger one that took."""
    read = {"ms": "microsecond", "s": "second", "m": "minute", "h": "hour"}[name]
    before, after = (getattr(it, read) // (1000 if name == "ms" else 1) for it in (start, end))
    lines = [f"{name}: {after} - 1 = {after - 1}" if borrowed else f"{name}: {after}"]
    after -= borrowed
    if name == "h" and (offset := _hours(end) - _hours(start)):
        lines += [*subtract(_hours(end), _hours(start)), *add(before, offset)]
        before += offset
    borrowed = 0
    while after < before:
        lines += add(after, size)
        after, borrowed = after + size, borrowed + 1
    lines += subtract(after, before)
    rest = after - before
    while rest >= size:
        lines += subtract(rest, size)
        rest, borrowed = rest - size, borrowed - 1
    return lines, rest, borrowed


def _hours(moment: datetime) -> int:
    """East of Greenwich."""
    offset = moment.utcoffset()
    return round(offset.total_seconds() / 3600) if offset else 0


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
    # The question names three: the sought one is that which no date follows.
    named = _SOUGHT_DAY.search(entry.question)
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
