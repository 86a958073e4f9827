"""The catalogue of model cards, and how a model that it does not name speaks. Reads its own data only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import resources

import msgspec

from thinkwell.models.card import Dialect, FieldsDialect, ModelCard, TagsDialect


class _Family(msgspec.Struct, frozen=True):
    ids: str
    dialect: Dialect


class _Template(msgspec.Struct, frozen=True):
    open: str
    close: str


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``cards[0]`` is the default."""

    cards: tuple[ModelCard, ...]
    families: tuple[_Family, ...] = ()
    templates: tuple[_Template, ...] = ()

    @property
    def default(self) -> ModelCard:
        return self.cards[0]

    @property
    def names(self) -> Iterable[str]:
        return (card.name for card in self.cards)

    def card(self, name: str) -> ModelCard | None:
        wanted = name.casefold()
        return next((card for card in self.cards if card.name == wanted), None)

    def dialect_of_id(self, model_id: str) -> Dialect:
        """How a model with this id at a server speaks; FieldsDialect where nothing is known."""
        wanted = model_id.casefold()
        found = (family.dialect for family in self.families if re.search(family.ids, wanted))
        return next(found, FieldsDialect())

    def dialect_of_template(self, template: str) -> Dialect:
        """How a model with this chat template speaks.

        Without tags in it, the model has no thinking of its own and is made to think as the default
        model is.
        """
        for tags in self.templates:
            if tags.open in template or tags.close in template:
                opened = _opens(template, tags.open)
                return TagsDialect(open=tags.open, close=tags.close, opened=opened)
        return self.default.dialect


def read_catalogue() -> Catalogue:
    text = resources.files("thinkwell.models").joinpath("catalogue.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Catalogue)


def _opens(template: str, open_tag: str) -> bool:
    """Whether the text that the template puts before the model's turn ends with the open tag.

    Read from what follows the last mention of the generation prompt: a literal that ends with the tag.
    A literal that holds an empty thought, for thinking switched off, ends otherwise.
    """
    _, found, tail = template.rpartition("add_generation_prompt")
    return bool(found and re.search(re.escape(open_tag) + r"""(?:\\n|\s)*['"]""", tail))
