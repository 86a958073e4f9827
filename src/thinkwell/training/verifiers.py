"""Verifiers: is what a model said the answer? And: what of a completion is its answer?

Pure but for ``python:`` and ``math``. No text that a model can write makes one raise or work for long.
Knows no tokenizer and no reward: rewards put these scores and the form of a completion together.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.reasoning.splitters import USUAL_TAGS, Splitters
from thinkwell.training.ownfunction import own_function
from thinkwell.training.scoring.countdown import reaches, reaches_anywhere
from thinkwell.training.scoring.figures import figures_in, value_of
from thinkwell.training.scoring.maths import math_right
from thinkwell.training.scoring.patterns import LONGEST_TEXT, bounded
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta

# An answer, given strictly, is a value with its unit or one short sentence that ends in it.
LONGEST_ANSWER = 400
LONGEST_AFTER = 40
LONGEST_TALK = 20_000
PLAIN = ("int", "number", "text", "choice", "math", "countdown")
_WRAPS = re.compile(r"\*\*|__|`|\$|\\boxed|[{}«»“”\"]")
_HEDGE = re.compile(r"\s*(?:,|/|;|or|ou|and|et|to|à)\s*", re.IGNORECASE)


class Extracted(msgspec.Struct, frozen=True):
    """``formed``: exactly one closed thought at the very beginning, then an answer. ``answer`` is empty for a
    strict reading of a completion that is not formed."""

    thought: str
    answer: str
    formed: bool


def extract(text: str, strict: bool) -> Extracted:
    """Not strict: the answer is all that stands after the thought, or the whole text where none is closed."""
    opening, closing = USUAL_TAGS.open, USUAL_TAGS.close
    splitter = Splitters(USUAL_TAGS, "call").begin(quiet=True)
    thought: list[str] = []
    answer: list[str] = []
    for event in (*splitter.feed(EngineDelta(text=text)), *splitter.close()):
        if isinstance(event, ReasoningDelta):
            thought.append(event.text)
        elif isinstance(event, AnswerDelta):
            answer.append(event.text)
    thinking, said = "".join(thought).strip(), "".join(answer).strip()
    once = text.count(opening) == text.count(closing) == 1 and text.lstrip().startswith(opening)
    formed = once and bool(thinking) and bool(said)
    if strict:
        return Extracted(thinking, said if formed else "", formed)
    if not formed:
        said = text.rpartition(closing)[2].replace(opening, " ").strip()
    return Extracted(thinking, said, formed)


def verify(
    verifier: str, answer: str, said: str, entry: dict[str, Any] | None = None, *, lenient: bool = False
) -> float:
    """A score from 0 to 1. ``entry`` is the row's. ``lenient``: what was said may be long; the last number,
    option or expression in it counts. Raises SetupError for a verifier that is none or cannot work here.
    """
    entry = entry or {}
    kind, _, rest = verifier.partition(":")
    if kind == "rg" and rest:
        return _bounded_score(import_module("thinkwell.training.tasks.gym").score(entry, said))
    if kind == "python" and rest:
        return _asked(rest, answer, said, entry)
    if kind == "regex" and rest:
        pattern = bounded(rest)
        return float(len(said) <= LONGEST_TEXT and pattern.fullmatch(said.strip()) is not None)
    if verifier not in PLAIN:
        raise SetupError(
            f"There is no verifier {verifier!r}: use one of {', '.join(PLAIN)}, regex:<pattern>, "
            "python:<module>.<function> or rg:<task>."
        )
    if not said.strip() or len(said) > (LONGEST_TALK if lenient else LONGEST_ANSWER):
        return 0.0
    return float(_CHECKS[verifier](answer, said, entry, lenient))


def check_verifier(verifier: str, entry: dict[str, Any] | None = None) -> None:
    """Before a run: raises SetupError for a verifier that is none, or that cannot be loaded or compiled."""
    kind, _, rest = verifier.partition(":")
    if kind == "python" and rest:
        _function(rest, "verifier")
    elif not (kind == "rg" and rest):
        verify(verifier, "1", "1", {"numbers": [1], "target": 1, "options": ["1"], **(entry or {})})


def _number(answer: str, said: str, entry: dict[str, Any], lenient: bool) -> bool:
    value = value_of(answer)
    text = _WRAPS.sub(" ", said)
    found = figures_in(text)
    if value is None or not found:
        return False
    last = found[-1]
    if not lenient and len(found) > 1 and _HEDGE.fullmatch(text[found[-2].end : last.start]):
        return False  # "95 or 96" answers nothing
    return value in last.readings and (lenient or len(text.rstrip()) - last.end <= LONGEST_AFTER)


def _int(answer: str, said: str, entry: dict[str, Any], lenient: bool) -> bool:
    value = value_of(answer)
    return value is not None and value.denominator == 1 and _number(answer, said, entry, lenient)


def plain(text: str) -> str:
    """Blind to case, kinds of spaces and of apostrophes, marks of emphasis and what ends a sentence."""
    text = unicodedata.normalize("NFKC", _WRAPS.sub(" ", text)).casefold().replace("’", "'")
    return " ".join(text.split()).strip(string.punctuation.replace("(", "").replace(")", "") + " …")


def _text(answer: str, said: str, entry: dict[str, Any], lenient: bool) -> bool:
    wanted, got = plain(answer), plain(said)
    if lenient:
        return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", got) is not None
    return wanted == got


def _choice(answer: str, said: str, entry: dict[str, Any], lenient: bool) -> bool:
    """The option, its letter, or a sentence that names this option and no other."""
    options = [plain(str(option)) for option in entry.get("options", ())]
    wanted, got = plain(answer), plain(said)
    if wanted == got:
        return True
    if wanted in options and plain(said).strip("().") in _letters(options.index(wanted), options):
        return True
    named = _named(got, {*options, wanted})
    return (
        bool(named) and (named[-1] if lenient else named[0]) == wanted and (lenient or len(set(named)) == 1)
    )


def _letters(index: int, options: Sequence[str]) -> tuple[str, ...]:
    letter = string.ascii_lowercase[index] if index < len(string.ascii_lowercase) else ""
    return (letter,) if letter and letter not in options else ()


def _named(text: str, options: set[str]) -> list[str]:
    """Options in the order in which they are named; a longer one hides those within it."""
    longest_first = sorted(filter(None, options), key=lambda option: (-len(option), option))
    pattern = "|".join(re.escape(option) for option in longest_first)
    return re.findall(rf"(?<![\w.,])(?:{pattern})(?!\w|[.,]\d)", text) if pattern else []


def _countdown(answer: str, said: str, entry: dict[str, Any], lenient: bool) -> bool:
    return reaches(_WRAPS.sub(" ", said), entry) or (lenient and reaches_anywhere(said, entry))


def _math(answer: str, said: str, entry: dict[str, Any], lenient: bool) -> bool:
    return math_right(answer, said)


_CHECKS: dict[str, Callable[[str, str, dict[str, Any], bool], bool]] = {
    "int": _int,
    "number": _number,
    "text": _text,
    "choice": _choice,
    "countdown": _countdown,
    "math": _math,
}


_function = lru_cache(maxsize=64)(own_function)  # once a row


def _bounded_score(score: float) -> float:
    return min(max(float(score), 0.0), 1.0)


def _asked(path: str, answer: str, said: str, entry: dict[str, Any]) -> float:
    """``function(answer, said, entry)``."""
    function = _function(path, "verifier")
    try:
        score = function(answer, said, entry)
    except Exception as problem:  # the operator's own code: told whose, and what
        raise SetupError(f"The verifier python:{path} failed: {problem!r}.") from problem
    if isinstance(score, bool | int | float) and math.isfinite(score):
        return _bounded_score(score)
    raise SetupError(f"The verifier python:{path} returned {score!r} where a number is needed.")
