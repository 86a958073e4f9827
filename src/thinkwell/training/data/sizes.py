"""How long a row is in tokens, as somebody else counts them. Knows no tokenizer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.training.rows import Row, completion_of

Count = Callable[[str], int]


class Sized(msgspec.Struct, frozen=True):
    """``thought`` with its tags. What a chat template adds is not counted."""

    row: Row
    prompt: int
    thought: int
    answer: int

    @property
    def whole(self) -> int:
        return self.prompt + self.thought + self.answer


class Sizes:
    def __init__(self, count: Count) -> None:
        self._count = count

    def of(self, row: Row) -> Sized:
        answer = self._count(row.answer)
        thought = max(0, self._count(completion_of(row)) - answer) if row.trace else 0
        return Sized(row, self._count(row.prompt), thought, answer)
