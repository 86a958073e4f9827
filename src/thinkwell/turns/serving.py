"""Served: an adapter in service, its engine, and what its turns came to. Counts turns; decides nothing."""

from __future__ import annotations

from collections import Counter

from thinkwell.engines.base import Engine
from thinkwell.models.card import ModelCard
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Failed, Finished, TurnEnd


class Served:
    """``name`` is its file's, "" for the model without an adapter, or with one that the settings name.
    ``label`` is that of its engine's turns; ``since_us`` is when it was loaded."""

    def __init__(self, name: str, label: str, card: ModelCard, engine: Engine, since_us: int) -> None:
        self.name = name
        self.label = label
        self.card = card
        self.engine = engine
        self.since_us = since_us
        self.turns = self.finished = 0
        self.failed: Counter[str] = Counter()
        self.reasoning = self.answer = 0
        self.seconds = 0.0

    def ended(self, end: TurnEnd) -> None:
        usage = end.receipt.usage
        self.turns += 1
        self.finished += isinstance(end, Finished)
        if isinstance(end, Failed):
            self.failed[end.code] += 1
        self.reasoning += usage.reasoning
        self.answer += usage.answer
        self.seconds += end.receipt.seconds

    def mean(self, total: float) -> float | None:
        return total / self.turns if self.turns else None


class Counts(Unmoved):
    """An Observer: tells each adapter of the turns that it answered."""

    def __init__(self) -> None:
        self.served: dict[str, Served] = {}

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        served = None if live.label is None else self.served.get(live.label)
        if served is not None:
            served.ended(end)
