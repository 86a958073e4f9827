"""Pool: all that turns are asked of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.models.card import ModelCard
from thinkwell.reasoning.literals import Neutraliser
from thinkwell.turns.dispatcher import Dispatcher


class Pool(msgspec.Struct):
    """All replicas that serve one model, of which several adapters may be there at once (adapters.py).

    ``card`` is that of the adapter whose engines come first; ``cards`` are those of the others, by the label
    of their engines. ``names``: what else may be asked for, and is answered by whichever it is now.
    ``shared_prefixes``: persons may share cached prompts.

    ``checked`` is what a check found of the card and its engines, in sentences; while ``checking`` runs
    the card may still be corrected.
    """

    card: ModelCard
    engines: Sequence[Engine]
    dispatcher: Dispatcher
    shared_prefixes: bool = False
    checked: tuple[str, ...] = ()
    checking: asyncio.Task[None] | None = None
    cards: dict[str, ModelCard] = {}
    names: set[str] = set()
    _neutrals: dict[str, tuple[ModelCard, Neutraliser]] = {}

    def card_of(self, label: str) -> ModelCard:
        return self.cards.get(label, self.card)

    @property
    def neutral(self) -> Neutraliser:
        return self.neutral_of(self.card)

    def neutral_of(self, card: ModelCard) -> Neutraliser:
        """Made once for a card, not for every turn."""
        made = self._neutrals.get(card.name)
        if made is None or made[0] is not card:
            made = self._neutrals[card.name] = card, Neutraliser(card)
        return made[1]

    def forget(self, label: str) -> None:
        """Nothing of it will be asked any more."""
        card = self.cards.pop(label, None)
        if card is not None and card.name != self.card.name:
            self._neutrals.pop(card.name, None)
