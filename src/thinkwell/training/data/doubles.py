"""Rows that ask what was asked before. Pure."""

from __future__ import annotations

from thinkwell.training.data.questions import near_key
from thinkwell.training.rows import Row


class Doubles:
    """Remembers what was asked. The first row that asks it stays."""

    def __init__(self) -> None:
        self._exact: dict[str, str] = {}
        self._near: dict[str, str] = {}

    def why_not(self, row: Row) -> str | None:
        near = near_key(row.prompt)
        if (answer := self._exact.get(row.digest)) is not None:
            same = "asked before"
        elif (answer := self._near.get(near)) is not None:
            same = "asked before, but for spacing, case or punctuation"
        else:
            return None
        return same if answer == row.answer else f"{same}, with another answer"

    def add(self, row: Row) -> None:
        self._exact[row.digest] = row.answer
        self._near[near_key(row.prompt)] = row.answer
