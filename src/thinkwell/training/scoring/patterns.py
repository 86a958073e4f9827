"""Patterns of operators that cannot hang a run, whatever a model writes.

Python's ``re`` backtracks and holds the interpreter while it does, so no thread could stop it. Instead the
ways in which a pattern can match are counted before it is used: a choice of lengths inside a repeat is
refused (that is what grows exponentially), ways beside each other multiply, and their product for the
longest text that is looked at has a bound.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

from thinkwell.errors import SetupError

LONGEST_PATTERN = 300
LONGEST_TEXT = 400
MOST_WAYS = 3_000_000


@lru_cache(maxsize=256)
def bounded(pattern: str) -> re.Pattern[str]:
    """For ``fullmatch`` on texts of at most LONGEST_TEXT. Raises SetupError for one that could take long."""
    if len(pattern) > LONGEST_PATTERN:
        raise SetupError(f"The verifier regex:{pattern[:40]}… is longer than {LONGEST_PATTERN} characters.")
    try:
        ways = _ways(import_module("re._parser").parse(pattern))
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as problem:
        raise SetupError(f"The verifier regex:{pattern} is no pattern: {problem}.") from None
    if ways > MOST_WAYS:
        raise SetupError(
            f"The verifier regex:{pattern} could take very long. Write it without choices inside repeats, "
            "without back references, and with at most two open-ended repeats."
        )
    return compiled


def _ways(parsed: Any) -> int:
    ways = 1
    for operation, argument in parsed:
        ways = min(ways * _ways_of(str(operation), argument), MOST_WAYS + 1)
    return ways


def _ways_of(operation: str, argument: Any) -> int:
    if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, body = argument
        most = min(int(most), LONGEST_TEXT)
        within = _ways(body)
        if within > 1 and most > 1:
            return MOST_WAYS + 1
        return within + 1 if most == 1 and least == 0 else max(most - int(least), 0) + 1
    if operation == "BRANCH":
        return sum(_ways(branch) for branch in argument[1])
    if operation in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
        return _ways(argument[-1])
    if operation == "ATOMIC_GROUP":
        return _ways(argument)
    if operation.startswith("GROUPREF"):
        return MOST_WAYS + 1
    return 1
