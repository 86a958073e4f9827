"""What may be trained on: one look at each row, with every refusal counted under its reason.

Knows the checks and their order; not where rows are from.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from thinkwell.training.data.doubles import Doubles
from thinkwell.training.data.heldout import Kept, is_held_out
from thinkwell.training.data.parts import DataRecipe
from thinkwell.training.data.sizes import Sized, Sizes
from thinkwell.training.rows import Row

HELD_OUT = "held out for evaluation"


class Tally(msgspec.Struct, kw_only=True):
    """Of one part: rows looked at and taken, why others were not, and what a person should look at."""

    name: str
    seen: int = 0
    taken: int = 0
    dropped: Counter[str] = msgspec.field(default_factory=Counter)
    remarks: list[str] = []


class Sieve:
    def __init__(self, recipe: DataRecipe, kept: Kept, sizes: Sizes) -> None:
        self._recipe = recipe
        self._kept = kept
        self._sizes = sizes
        self._doubles = Doubles()

    def take(self, row: Row, tally: Tally) -> Sized | None:
        """The row with its sizes, where it may stay."""
        tally.seen += 1
        sized: Sized | None = None
        why = self._why_not(row)
        if why is None:
            sized = self._sizes.of(row)
            if sized.whole > self._recipe.max_tokens:
                why = f"over {self._recipe.max_tokens} tokens"
        if sized is None or why is not None:
            tally.dropped[why or ""] += 1
            return None
        self._doubles.add(row)
        tally.taken += 1
        return sized

    def _why_not(self, row: Row) -> str | None:
        """The cheap looks first."""
        if self._recipe.needs_trace and row.trace is None:
            return "nobody wrote a thought for it"
        if why := self._doubles.why_not(row):
            return why
        if row.source != "chat" and is_held_out(row, self._recipe.held_out):
            return HELD_OUT
        return self._kept.why_not(row)
