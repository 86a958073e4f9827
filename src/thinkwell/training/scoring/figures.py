"""Numbers in prose of two languages: 12,500.5 and 12 500,5 and 3/4. Knows no question and no score.

Exact (``Fraction``). A text that could be read in two ways (3,500) has two readings.
"""

from __future__ import annotations

import re
from fractions import Fraction

# Longer runs of digits are noise, and int() has a limit of its own.
MOST_DIGITS = 60
_SPACES = " \u00a0\u202f\u2009"
_GROUP = f"[{_SPACES},'’]"
_MINUS = "-−–"
# A sign belongs to the number where nothing that could be subtracted from stands before it.
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w)\]%{_MINUS}])[{_MINUS}+])?(?<![\w.,])"
    rf"(?P<whole>\d{{1,3}}(?:(?P<group>{_GROUP})\d{{3}}(?!\d))(?:(?P=group)\d{{3}}(?!\d))*+|\d++)"
    rf"(?:[.,](?P<part>\d++))?+(?![.,]?\d)(?![eE][+-]?\d)"
    rf"(?:[{_SPACES}]?[/⁄][{_SPACES}]?(?P<below>\d++)(?![.,]?\d))?+"
)
_NOT_DIGITS = re.compile(r"\D")


class Figure:
    """One number in a text: where it stands, and what it may mean, the likelier reading first."""

    __slots__ = ("end", "readings", "start")

    def __init__(self, start: int, end: int, readings: tuple[Fraction, ...]) -> None:
        self.start = start
        self.end = end
        self.readings = readings


def figures_in(text: str) -> list[Figure]:
    return [
        Figure(found.start(), found.end(), readings)
        for found in _NUMBER.finditer(text)
        if (readings := _readings(found))
    ]


def _readings(found: re.Match[str]) -> tuple[Fraction, ...]:
    if found.end() - found.start() > MOST_DIGITS:
        return ()
    sign = -1 if (found["sign"] or "+") in _MINUS else 1
    whole, part, below = _NOT_DIGITS.sub("", found["whole"]), found["part"] or "", found["below"] or "1"
    if not int(below):
        return ()
    scale = sign * Fraction(1, int(below))
    readings: tuple[Fraction, ...] = (scale * Fraction(int(whole + part), 10 ** len(part)),)
    one_comma = found["group"] == "," and not part and found["whole"].count(",") == 1
    if one_comma and not whole.startswith("0"):
        readings += (readings[0] / 1000,)  # 3,500 is three and a half in French
    elif one_comma:
        readings = (readings[0] / 1000,)  # nobody groups 0,125
    return readings


def value_of(text: str) -> Fraction | None:
    """Of the last number in an answer as it was printed by ours, by its likelier reading."""
    found = figures_in(text)
    return found[-1].readings[0] if found else None
