"""Task: what every kind of Thinker is given."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.reasoning.budgets import Plan
from thinkwell.reasoning.splitters import Splitters
from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Message


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """``wanted`` asks the question; ``plan`` says how much is to be thought (budgets.py).

    ``neutral`` takes the power from control literals (literals.py). ``continues`` and ``closing`` as on
    the card. ``room`` is a lower bound of the tokens left after the prompt, None where nobody knows.
    ``begun`` is what was said of the reply in an earlier turn, for a pass that goes on with it.
    """

    wanted: EnginePass
    plan: Plan
    splitters: Splitters
    neutral: Callable[[str], str]
    room: int | None = None
    continues: bool = False
    closing: str = ""
    begun: Message | None = None
