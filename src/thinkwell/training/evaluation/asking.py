"""The ways in which a model is asked, so that a gain is not only one of form: plainly, told to think step by
step, and with worked examples. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

from thinkwell.training.rows import Row, completion_of

Way = Literal["plain", "steps", "examples"]
WAYS: tuple[Way, ...] = ("plain", "steps", "examples")
Message = dict[str, str]

STEPS = "Think step by step, then write the final answer alone on the last line."
SHOWN = 3


def messages(way: Way, row: Row, examples: Sequence[Row], seed: int) -> list[Message]:
    """``examples``: rows with traces, of which some of the same task are shown before the question."""
    asked = {"role": "user", "content": row.prompt}
    if way == "plain":
        return [asked]
    if way == "steps":
        return [{"role": "system", "content": STEPS}, asked]
    same = [one for one in examples if one.task == row.task and one.trace and one.digest != row.digest]
    shown = Random(f"{seed}/{row.digest}").sample(same, min(SHOWN, len(same)))
    before: list[Message] = []
    for one in shown:
        before.append({"role": "user", "content": one.prompt})
        before.append({"role": "assistant", "content": completion_of(one)})
    return [*before, asked]
