"""Task: what every kind of Thinker is given."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.values.engine import EnginePass


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """``wanted`` asks the question; ``limit`` bounds the tokens of all passes together.

    ``neutral`` takes the power from control literals (literals.py). ``continues`` as on the card.
    """

    wanted: EnginePass
    limit: int
    neutral: Callable[[str], str]
    continues: bool = False
