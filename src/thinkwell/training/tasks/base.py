"""What a task is: something that makes questions, with thoughts that lead to their answers."""

from __future__ import annotations

from random import Random
from typing import Protocol

from thinkwell.training.rows import Row


class Task(Protocol):
    """``name`` is unique. ``levels``: difficulties go from 0 to ``levels - 1``, rising. ``languages`` are
    those in which it can ask. The same ``random`` state gives the same row, on every machine."""

    @property
    def name(self) -> str: ...

    @property
    def levels(self) -> int: ...

    @property
    def languages(self) -> tuple[str, ...]: ...

    def make(self, random: Random, level: int, language: str) -> Row:
        """With a trace. Raises ValueError for a level or a language that it has not."""
        ...
