"""When two questions are the same one: by their words, and by the sum that they ask for. Pure.

Blind to spacing, case and punctuation, but never to what changes a sum: "3 - 4" is not "3 + 4".
It does not see that two questions mean the same in other words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from thinkwell.training.rows import Row

# A number with its point, comma or colon; a word; any other sign.
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+|\S")
_SEPARATORS: Final = frozenset('.,;:!?¿¡…"“”„«»')
_APOSTROPHES: Final = re.compile(r"['’ʼ`]")
_JOINED: Final = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W\d_])")  # "follow-up" is "follow up"


def words_of(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _JOINED.sub(" ", _APOSTROPHES.sub("", plain))
    return [token for token in _TOKEN.findall(plain) if token not in _SEPARATORS]


def near_key(text: str) -> str:
    """The same for texts that differ in spacing, case and punctuation only."""
    return " ".join(words_of(text))


_SIGNS: Final = {"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "∕": "/", "x": "*"}
_SAID: Final = (
    (r"divided by|divisé(?:e)? par", "/"),
    (r"multiplied by|multiplié(?:e)? par|times|fois", "*"),
    (r"plus", "+"),
    (r"minus|moins", "-"),
)
_NUMBER: Final = r"\d+(?:\.\d+)?"
# "x" is times between numbers only, and a date is no difference.
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}")
_TIMES: Final = re.compile(r"(?<=\d)\s*x\s*(?=\d)")
_SUM: Final = re.compile(rf"[-+(\s]*{_NUMBER}(?:[\s()]*[-+*/%][-+(\s]*{_NUMBER})+[\s)]*")
# Longer ones are not followed: what is asked of a small model is shorter by far.
_LONGEST: Final = 400


def sum_of(row: Row) -> str | None:
    """The sum that a row asks for, in one spelling. None where its value is not the row's answer: then the
    numbers only stand in the question ("from 1-10 pick"), and say nothing about what is asked."""
    try:
        answer = Fraction(row.answer.strip().replace(",", ".").replace("−", "-"))
    except (ValueError, ZeroDivisionError):
        return None
    decimals = len(row.answer.strip().partition(".")[2])
    for text in _sums_in(row.prompt):
        value = value_of(text)
        if value is not None and abs(value - answer) * 2 * 10**decimals <= (1 if decimals else 0):
            return text
    return None


def _sums_in(prompt: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFC", prompt).casefold()
    plain = _DATE.sub(" ", plain)
    for said, sign in _SAID:
        plain = re.sub(rf"(?<=[\d)])\s+(?:{said})\s+(?=[\d(-])", f" {sign} ", plain)
    plain = _TIMES.sub("*", plain)
    plain = "".join(_SIGNS.get(sign, sign) if sign != "x" else sign for sign in plain)
    for match in _SUM.finditer(plain):
        text = re.sub(r"\s+", "", match.group())
        if len(text) <= _LONGEST:
            yield _balanced(text)


def _balanced(text: str) -> str:
    """Without brackets that belong to the sentence around it: "(3 + 4" of "(3 + 4 is …)"."""
    while text.count("(") > text.count(")") and text.startswith("("):
        text = text[1:]
    while text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1]
    while text.startswith("(") and text.endswith(")") and _encloses(text):
        text = text[1:-1]
    return text.removeprefix("+")


def _encloses(text: str) -> bool:
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def value_of(text: str) -> Fraction | None:
    """Of a sum in digits, ``+ - * / %`` and brackets; None for what is none, or divides by nothing."""
    tokens = re.findall(rf"{_NUMBER}|[-+*/%()]", text)
    if "".join(tokens) != text:
        return None
    try:
        value, rest = _added(tokens)
    except (IndexError, ValueError, ZeroDivisionError):
        return None
    return None if rest else value


def _added(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _multiplied(tokens)
    while rest and rest[0] in "+-":
        sign = rest[0]
        more, rest = _multiplied(rest[1:])
        value = value + more if sign == "+" else value - more
    return value, rest


def _multiplied(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _single(tokens)
    while rest and rest[0] in "*/%":
        sign = rest[0]
        more, rest = _single(rest[1:])
        value = value * more if sign == "*" else value / more if sign == "/" else value % more
    return value, rest


def _single(tokens: list[str]) -> tuple[Fraction, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first in "+-":
        value, rest = _single(rest)
        return (-value if first == "-" else value), rest
    if first != "(":
        return Fraction(first), rest
    value, rest = _added(rest)
    if not rest or rest[0] != ")":
        raise ValueError(first)
    return value, rest[1:]
