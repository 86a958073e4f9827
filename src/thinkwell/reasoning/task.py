"""Task: what every kind of Thinker is given."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.reasoning.budgets import Plan
from thinkwell.values.engine import EnginePass


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """``wanted`` asks the question; ``plan`` says how much is to be thought (budgets.py).

    ``neutral`` takes the power from control literals (literals.py). ``continues`` as on the card.
    """

    wanted: EnginePass
    plan: Plan
    neutral: Callable[[str], str]
    continues: bool = False
