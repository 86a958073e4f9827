"""Which questions are kept for evaluation, and whether a row leaks one of them into training. Pure.

A question is held out by the hash of its words, so that every run, machine and seed holds out the same ones;
or by the hash of the sum that it asks for, so that one sum is not trained in French and tested in English.
A row leaks where its question, or its sum, stands in an evaluation set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from thinkwell.training.data.questions import near_key, sum_of, words_of
from thinkwell.training.rows import Row

OF = 1000
# Overlap of so many words in a row is worth a look; 8 is what is looked at in decontaminating small sets
# (s1, arXiv:2501.19393, section 2.1: 8-grams against the evaluation questions).
RUN: Final = 8


def is_held_out(row: Row, share: int) -> bool:
    """``share`` in thousandths."""
    if int(row.digest, 16) % OF < share:
        return True
    asked = sum_of(row)
    return asked is not None and int(hashlib.sha256(asked.encode()).hexdigest(), 16) % OF < share


class Kept:
    """The evaluation sets, as what must not be met in training."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._questions: set[str] = set()
        self._sums: set[str] = set()
        self._runs: set[tuple[str, ...]] = set()
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        self._questions.add(near_key(row.prompt))
        if (asked := sum_of(row)) is not None:
            self._sums.add(asked)
        self._runs.update(_runs(row.prompt))

    def why_not(self, row: Row) -> str | None:
        """Why it must not be trained on."""
        if near_key(row.prompt) in self._questions:
            return "its question is in an evaluation set"
        if self._sums and sum_of(row) in self._sums:
            return "its sum is in an evaluation set"
        return None

    def overlap(self, row: Row) -> float:
        """The share of the question's runs of eight words that stand in an evaluation question."""
        runs = _runs(row.prompt)
        return sum(run in self._runs for run in runs) / len(runs) if runs else 0.0


def _runs(text: str) -> list[tuple[str, ...]]:
    words = words_of(text)
    return [tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]
