"""Whether a text goes round in circles. Pure; knows words and characters, no tokenizer."""

from __future__ import annotations

import re

# The last characters repeat a piece eight times: "!!!!!!!!", or a line without end.
_ENDLESS = re.compile(r"(.{1,80}?)\1{7,}\s*\Z", re.DOTALL)
_LOOKED_AT = 1200
_RUN, _LONG, _REPEATED = 8, 60, 0.5


def repeated_share(text: str, size: int) -> float:
    """The share of runs of ``size`` words that were there before; 0 for a text with fewer words."""
    words = text.casefold().split()
    runs = [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def loops(text: str) -> bool:
    """It ends by saying the same again and again, or says most of it twice."""
    if len(text) >= 40 and _ENDLESS.search(text[-_LOOKED_AT:]):
        return True
    return len(text.split()) >= _LONG and repeated_share(text, _RUN) > _REPEATED
