"""The ``Prefer`` header (RFC 7240): how long a client would wait. Knows the grammar, not the line."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request

# Preferences stand between commas; a comma in a quoted string ends nothing. A string without an end reaches
# to the end, and nothing is tried twice: a hostile header costs one pass.
PREFERENCE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+\\?(?:"|\Z))++', re.DOTALL)
NAMED_WAIT = re.compile(r"[ \t]*wait[ \t]*(?:[=;].*)?", re.IGNORECASE | re.DOTALL)
SECONDS = re.compile(r'[ \t]*wait[ \t]*=[ \t]*("?)([0-9]+)\1[ \t]*(?:;.*)?', re.IGNORECASE | re.DOTALL)

# Thirty years; a number of more digits says no more than this one.
MOST_DIGITS = 9


def preferred_wait(header: str | None) -> float | None:
    """Seconds of ``wait=N``, or None. What is malformed is ignored, as the RFC wants it.

    Of a preference that is given more than once only the first counts (section 2).
    """
    for preference in PREFERENCE.findall(header or ""):
        if NAMED_WAIT.fullmatch(preference):
            said = SECONDS.fullmatch(preference)
            if said is None:
                return None
            digits = said[2].lstrip("0") or "0"
            return float(digits if len(digits) <= MOST_DIGITS else "9" * MOST_DIGITS)
    return None


def wait_of(request: Request[Any, Any, Any]) -> float | None:
    """``preferred_wait`` of a request, on however many lines its headers stand."""
    return preferred_wait(", ".join(request.headers.getall("prefer", [])))
