"""Task: what every kind of Thinker is given."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.reasoning.budgets import Plan
from thinkwell.reasoning.splitters import Splitters
from thinkwell.values.engine import EnginePass


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """``wanted`` asks the question; ``plan`` says how much is to be thought (budgets.py).

    ``neutral`` takes the power from control literals (literals.py). ``continues`` and ``closing`` as on
    the card. ``room`` is a lower bound of the tokens left after the prompt, None where nobody knows.
    """

    wanted: EnginePass
    plan: Plan
    splitters: Splitters
    neutral: Callable[[str], str]
    room: int | None = None
    continues: bool = False
    closing: str = ""
