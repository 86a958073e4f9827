"""Dates and clock times: weekdays, days between dates, hours and minutes, leap years."""

from __future__ import annotations

from datetime import date, timedelta

from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import calendar as said
from thinkwell.training.tasks.traces import digits
from thinkwell.training.tasks.words import EN_DAYS, EN_MONTHS, FR_DAYS, FR_MONTHS


def weekdays(low: int, high: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        days = talk.of(EN_DAYS, FR_DAYS)
        at, n = talk.random.randrange(7), talk.random.randint(low, high)
        back = talk.random.random() < 0.3
        lines = [talk.say(said.SMALL_STEP if n <= 7 else said.WEEKS, n=n, d=days[at])]
        if n > 7:
            lines += digits.divide(n, 7)
        steps = n if n <= 7 else n % 7
        way = [days[(at + (-step if back else step)) % 7] for step in range(steps + 1)]
        lines.append(", ".join(f"{day} {step}" if step else day for step, day in enumerate(way)))
        asked = talk.say(said.EARLIER if back else said.LATER, d=days[at], n=n)
        if asked[0].islower() and talk.fr:
            asked = asked[0].upper() + asked[1:]
        return Asked(asked, lines, way[-1], "choice", {"options": list(days)})

    return ask


def _dated(talk: Talk, day: date, year: bool) -> str:
    month = talk.of(EN_MONTHS, FR_MONTHS)[day.month - 1]
    after = f" {day.year}" if year else ""
    if talk.fr:
        return f"{'1er' if day.day == 1 else day.day} {month}{after}"
    return f"{day.day} {month}{after}"


def _asked_date(talk: Talk, day: date, year: bool) -> str:
    """In English people write the month first as well."""
    month_first = f"{EN_MONTHS[day.month - 1]} {day.day}" + (f", {day.year}" if year else "")
    return month_first if not talk.fr and talk.random.random() < 0.5 else _dated(talk, day, year)


def _length(day: date) -> int:
    return (_next(day) - timedelta(1)).day


def _month(talk: Talk, day: date) -> str:
    """``March has 31 days``, in February with the reason."""
    name, n = talk.of(EN_MONTHS, FR_MONTHS)[day.month - 1], _length(day)
    name = name.capitalize()
    named = name if day.month != 2 else f"{name} {day.year}"
    return talk.of(f"{named} has {n} days", f"{named} a {n} jours")


def betweens(most: int, years: bool) -> Kind:
    """``most``: days beside whole years, of which there are up to two where ``years`` are written."""

    def ask(talk: Talk) -> Asked:
        start = date(talk.random.randint(2020, 2030), talk.random.randint(1, 12), talk.random.randint(1, 28))
        lines, run = [], 0
        near = start
        for _ in range(talk.random.randint(0, 2) if years else 0):
            after = near.replace(year=near.year + 1)
            run += (after - near).days
            a, b = _dated(talk, near, True), _dated(talk, after, True)
            lines.append(
                talk.of(f"{a} to {b}: {(after - near).days}", f"Du {a} au {b} : {(after - near).days}")
            )
            near = after
        if len(lines) == 2:
            lines += digits.add(
                (near.replace(year=near.year - 1) - start).days,
                run - (near.replace(year=near.year - 1) - start).days,
            )
        end = near + timedelta(talk.random.randint(3, most))
        if not years and end.year != start.year:
            near = start = date(start.year, 12, talk.random.randint(1, 20))
            end = date(start.year, 12, talk.random.randint(23, 31))
        # Without a year nobody knows how long February is.
        year = years or (start.month < 3 <= end.month)
        a, b = _dated(talk, start, year), _dated(talk, end, year)
        opening = said.SAME_MONTH if _same(near, end) else said.BETWEEN_THOUGHT
        thought = talk.say(said.YEARS_THOUGHT if lines else opening, a=a, b=b)
        lines = [thought, *lines, *_months(talk, near, end, run)]
        asked = talk.say(said.BETWEEN, a=_asked_date(talk, start, year), b=_asked_date(talk, end, year))
        total = (end - start).days
        return Asked(asked, lines, talk.of(f"{total} days", f"{total} jours"))

    return ask


def _same(a: date, b: date) -> bool:
    return (a.year, a.month) == (b.year, b.month)


def _months(talk: Talk, start: date, end: date, run: int) -> list[str]:
    """From ``start`` to ``end`` month by month, on top of ``run`` days."""
    colon = talk.of(":", " :")
    if _same(start, end):
        left = end.day - start.day
        return [*digits.subtract(end.day, start.day), *(digits.add(run, left) if run else ())]
    left = _length(start) - start.day
    lines = [f"{_month(talk, start)}{colon} {digits.subtract(_length(start), start.day)[0]}"]
    if run and left:
        lines += digits.add(run, left)
    run += left
    month = _next(start)
    while not _same(month, end):
        lines.append(f"{_month(talk, month)}{colon} {digits.add(run, _length(month))[0]}")
        run += _length(month)
        month = _next(month)
    return [*lines, *digits.add(run, end.day)]


def _next(day: date) -> date:
    """The first of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def date_after(talk: Talk) -> Asked:
    start = date(talk.random.randint(2020, 2030), talk.random.randint(1, 12), talk.random.randint(1, 28))
    n = talk.random.randint(3, 75)
    end = start + timedelta(n)
    # Where the end of a February lies between, its length must be known.
    year = any(start <= date(y, 2, 28) < end for y in (start.year, end.year))
    a = _asked_date(talk, start, year)
    lines = [talk.say(said.DATE_THOUGHT, n=n, a=_dated(talk, start, year))]
    lines += digits.add(start.day, n)
    run, month = start.day + n, start
    while run > _length(month):
        lines.append(f"{_month(talk, month)}{talk.of(':', ' :')} {digits.subtract(run, _length(month))[0]}")
        run -= _length(month)
        month = _next(month)
    lines.append(
        talk.of(f"The month is {EN_MONTHS[end.month - 1]}.", f"Le mois est {FR_MONTHS[end.month - 1]}.")
    )
    return Asked(talk.say(said.DATE_AFTER, n=n, a=a), lines, _dated(talk, end, False), "text")


def _time(talk: Talk, minutes: int) -> str:
    h, m = divmod(minutes, 60)
    return f"{h} h {m:02}" if talk.fr else f"{h}:{m:02}"


def _typed_time(talk: Talk, minutes: int, twelve: bool) -> tuple[str, list[str]]:
    """As people type it, and the line that a thought needs to read it: ``2:55 pm`` is 14:55."""
    if talk.fr:
        h, m = divmod(minutes, 60)
        return (f"{h}h{m:02}" if talk.random.random() < 0.4 else _time(talk, minutes)), []
    if not twelve:
        return _time(talk, minutes), []
    typed = _twelve(minutes)
    return typed, [f"{typed} is {_time(talk, minutes)}."] if minutes >= 13 * 60 else []


def _twelve(minutes: int) -> str:
    h, m = divmod(minutes, 60)
    return f"{(h - 1) % 12 + 1}:{m:02} {'am' if h < 12 else 'pm'}"


def _duration(talk: Talk, minutes: int) -> str:
    h, m = divmod(minutes, 60)
    if not h:
        return f"{m} min"
    if not m:
        return f"{h} h"
    return f"{h} h {m} min"


def _said(talk: Talk, minutes: int) -> str:
    """A duration as people say it."""
    if talk.random.random() < 0.4:
        return _duration(talk, minutes)
    h, m = divmod(minutes, 60)
    hours = talk.of("hour", "heure") + ("s" if h > 1 else "")
    minute = "minute" + ("s" if m > 1 else "")
    return talk.listed([it for it in (f"{h} {hours}" if h else "", f"{m} {minute}" if m else "") if it])


def pluses(most: int, round_to: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        t = talk.random.randrange(6 * 60, 22 * 60, round_to)
        d = talk.random.randrange(round_to, most, round_to)
        twelve = not talk.fr and talk.random.random() < 0.4
        typed, lines = _typed_time(talk, t, twelve)
        lines.append(talk.say(said.PLUS_THOUGHT, t=_time(talk, t), d=_duration(talk, d)))
        lines += digits.add(t % 60, d % 60)
        more = (t % 60 + d % 60) // 60
        if more:
            lines.append(f"{t % 60 + d % 60} - 60 = {(t + d) % 60}, + 1 h")
        h = t // 60 + d // 60 + more
        terms = [str(t // 60), *([str(d // 60)] if d // 60 else []), *(["1"] if more else [])]
        lines.append(f"{' + '.join(terms)} = {h}" if len(terms) > 1 else f"{h} h")
        if h > 23:
            lines.append(f"{h} - 24 = {h - 24}")
        end = (t + d) % 1440
        answer = _twelve(end) if twelve else _time(talk, end)
        if twelve:
            lines.append(f"{_time(talk, end)} is {answer}.")
        return Asked(talk.say(said.PLUS, t=typed, d=_said(talk, d)), lines, answer, "text")

    return ask


def lasts(talk: Talk) -> Asked:
    t = talk.random.randrange(6 * 60, 18 * 60, 5)
    u = t + talk.random.randrange(25, 320, 5)
    a, b = _time(talk, t), _time(talk, u)
    twelve = not talk.fr and talk.random.random() < 0.4
    (typed_t, read_t), (typed_u, read_u) = (_typed_time(talk, it, twelve) for it in (t, u))
    lines = [*read_t, *read_u]
    if t // 60 == u // 60 or t % 60 == 0:
        lines.append(talk.of(f"From {a} to {b}:", f"De {a} à {b} :"))
        lines += digits.subtract(u % 60, t % 60)
        lines += digits.subtract(u // 60, t // 60)
    else:
        first = 60 - t % 60
        lines.append(talk.say(said.LASTS_THOUGHT, t=a, u=b))
        lines.append(f"60 - {t % 60} = {first}")
        lines += digits.subtract(u // 60, t // 60 + 1)
        lines += digits.add(first, u % 60)
        if first + u % 60 >= 60:
            lines.append(f"{first + u % 60} - 60 = {first + u % 60 - 60}, + 1 h")
    return Asked(talk.say(said.LASTS, t=typed_t, u=typed_u), lines, _duration(talk, u - t), "text")


def leaps(talk: Talk) -> Asked:
    y = talk.random.randint(1801, 2199) if talk.random.random() < 0.75 else talk.random.randint(15, 24) * 100
    yes, no = talk.of(("yes", "no"), ("oui", "non"))
    century = not y % 100
    n = y // 100 if century else y % 100
    rest = n % 4
    if century:
        thought = talk.of(
            f"{y} ends in 00, so 4 must divide {n}.", f"{y} finit par 00, donc 4 doit diviser {n}."
        )
    else:
        thought = talk.of(
            f"Is {y} a multiple of 4? I look at {n}.", f"{y} est-il multiple de 4 ? Je regarde {n}."
        )
    lines = [thought, f"{n} = 4 * {n // 4}" + (f" + {rest}" if rest else "")]
    answer = (no if rest else yes).capitalize()
    return Asked(talk.say(said.LEAP, y=y), lines, answer, "choice", {"options": [yes, no]})


CALENDAR = Made(
    "calendar",
    (weekdays(2, 7), pluses(60, 5), leaps),
    (weekdays(8, 60), betweens(25, years=False), pluses(240, 5), lasts, leaps),
    (
        weekdays(20, 400),
        betweens(75, years=False),
        betweens(40, years=True),
        date_after,
        pluses(600, 1),
        lasts,
    ),
)
