"""ScriptedShelf: adapters without files. Each is a scripted engine that says nothing but its adapter's name,
so that whoever reads an answer sees which adapters had a part in it. Knows no folder and no model.
"""

from __future__ import annotations

import msgspec

from thinkwell.errors import NotFound
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue
from thinkwell.testing.scenario import Scenario, Step, end, gate, pause, say, think
from thinkwell.testing.scripted_engine import ScriptedEngine


class AdapterEngine(ScriptedEngine):
    """Says ``word``, which no other does. ``open_at_close`` is how many passes ran when it was closed for the
    first time; None while it is not."""

    def __init__(self, word: str, *, name: str, slots: int = 2, pace_s: float | None = None) -> None:
        super().__init__(names_itself(word, pace_s=pace_s), slots=slots, name=name)
        self.word = word
        self.open_at_close: int | None = None

    async def close(self) -> None:
        if self.open_at_close is None:
            self.open_at_close = self.open
        await super().close()


def names_itself(word: str, *rest: Step, words: int = 3, pace_s: float | None = None) -> Scenario:
    """A thought and an answer of that one word, each after ``pace_s``, a gate between, and ``rest``."""
    wait = () if pace_s is None else (pause(pace_s),)
    return Scenario(
        name="adapter",
        about="Says its own name",
        steps=(
            *(step for _ in range(words) for step in (*wait, think(f"{word} "))),
            gate("between"),
            *(step for _ in range(words) for step in (*wait, say(f"{word} "))),
            *(rest or (end(),)),
        ),
    )


class ScriptedShelf:
    """A Shelf. ``made`` are the engines, by alias; ``remembered`` what the site would begin with next.
    ``hold`` is a gate that is held at each engine from its start."""

    def __init__(
        self, base: ModelCard, names: tuple[str, ...], *, slots: int = 2, pace_s: float | None = None
    ) -> None:
        self.base = base
        self.catalogue = Catalogue(cards=(base,))
        self.made: dict[str, AdapterEngine] = {}
        self.remembered: list[str] = []
        self.hold: str | None = None
        self._names = names
        self._slots = slots
        self._pace_s = pace_s

    async def names(self) -> list[str]:
        return sorted(self._names)

    async def card(self, name: str) -> ModelCard:
        if not name:
            return self.base
        if name not in self._names:
            raise NotFound("There is no such adapter in the data folder.", param="name")
        return msgspec.structs.replace(self.base, name=name, title=name.title())

    def engine(self, name: str, card: ModelCard, alias: str) -> AdapterEngine:
        made = self.made[alias] = AdapterEngine(card.name, slots=self._slots, name=alias, pace_s=self._pace_s)
        if self.hold is not None:
            made.gates.hold(self.hold)
        return made

    async def remember(self, name: str) -> None:
        self.remembered.append(name)
