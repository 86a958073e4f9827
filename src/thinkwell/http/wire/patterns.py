"""Regular expressions from clients: which of them an engine's grammar can hold. Pure; none is run here."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from typing import Any

# Python's own parser of expressions: public in all but name, and the same since 3.11.
_parser: Any = import_module("re._parser")

MOST_PATTERN = 2_000
# Of counted repeats within each other ({a}{b}), the product: what a grammar may have to write out.
MOST_REPEATS = 10_000

_LOOKS = frozenset({"ASSERT", "ASSERT_NOT"})
_BACK = frozenset({"GROUPREF", "GROUPREF_EXISTS"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with it, to follow "which"; None where nothing is."""
    if len(pattern) > MOST_PATTERN:
        return f"is longer than {MOST_PATTERN} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python will read differently
            parsed = _parser.parse(pattern)
        return _problem(parsed, 1)
    except (re.error, OverflowError, RecursionError):
        return "cannot be read as a regular expression"


def _problem(items: Any, repeats: int) -> str | None:
    """``repeats`` is how often what stands here may have to be written out."""
    for op, args in items:
        name = str(op)
        if name in _LOOKS:
            return "looks ahead or behind; a grammar cannot"
        if name in _BACK:
            return "refers back to a group; a grammar cannot"
        inner_repeats = repeats
        if name in _REPEATS:
            least, most, body = args
            endless = most == _parser.MAXREPEAT
            if endless and _only_repeats(body):
                return "repeats what already repeats"
            inner_repeats *= max(1, least if endless else most)
            if inner_repeats > MOST_REPEATS:
                return f"repeats more than {MOST_REPEATS} times"
        for part in _parts(name, args):
            problem = _problem(part, inner_repeats)
            if problem is not None:
                return problem
    return None


def _parts(name: str, args: Any) -> list[Any]:
    if name in _REPEATS:
        return [args[2]]
    if name == "SUBPATTERN":
        return [args[3]]
    if name == "BRANCH":
        return list(args[1])
    return [args] if name == "ATOMIC_GROUP" else []


def _only_repeats(items: Any) -> bool:
    """Nothing in it must be there once, as in ``(a+)`` or ``(a*b*)``: repeated, it is read in many ways."""
    return any(_loose(way) for way in _ways(items))


def _ways(items: Any) -> list[Any]:
    """What may stand here: the branches, seen through groups that hold nothing else."""
    if len(items) == 1:
        name, args = str(items[0][0]), items[0][1]
        if name in ("SUBPATTERN", "BRANCH", "ATOMIC_GROUP"):
            return [way for part in _parts(name, args) for way in _ways(part)]
    return [items]


def _loose(items: Any) -> bool:
    unbounded = [str(op) in _REPEATS and args[1] == _parser.MAXREPEAT for op, args in items]
    optional = [str(op) in _REPEATS and args[0] == 0 for op, args in items]
    return any(unbounded) and all(one or other for one, other in zip(unbounded, optional, strict=True))
