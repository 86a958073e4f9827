"""Pool: all that turns are asked of."""

from __future__ import annotations

import asyncio

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.models.card import ModelCard
from thinkwell.reasoning.literals import Neutraliser
from thinkwell.turns.dispatcher import Dispatcher


class Pool(msgspec.Struct):
    """All replicas that serve one model card. ``shared_prefixes``: persons may share cached prompts.

    ``checked`` is what a check found of the card and its engines, in sentences; while ``checking`` runs
    the card may still be corrected.
    """

    card: ModelCard
    engines: tuple[Engine, ...]
    dispatcher: Dispatcher
    shared_prefixes: bool = False
    checked: tuple[str, ...] = ()
    checking: asyncio.Task[None] | None = None
    _neutral: Neutraliser | None = None
    _neutral_of: ModelCard | None = None

    @property
    def neutral(self) -> Neutraliser:
        """Made once for a card, not for every turn."""
        if self._neutral is None or self._neutral_of is not self.card:
            self._neutral, self._neutral_of = Neutraliser(self.card), self.card
        return self._neutral
