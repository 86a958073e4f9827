"""The catalogue of model cards, and what is known of models it does not name. Reads its own data only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

import msgspec

from thinkwell.models.card import Dialect, FieldsDialect, ModelCard, Replay, Switches, TagsDialect


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything but ``ids`` is as on a card."""

    ids: str = ""
    dialect: Dialect
    licence: str = "unknown"
    context: int | None = None
    replay: Replay = "strip"
    switches: Switches = Switches()
    closing: str = ""
    images: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    answer_tokens: int = 4096
    thought_tokens: int = 8192

    @property
    def on_card(self) -> dict[str, Any]:
        """What it says, by the card's names."""
        said = msgspec.structs.asdict(self)
        del said["ids"]
        return said


class _Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    marks: tuple[str, ...]
    dialect: Dialect


# Of a model of which nothing is known the engine may know; where it does not, all it says is answer.
UNKNOWN = Family(dialect=FieldsDialect(), replay="tool-turns", answer_tokens=1024, thought_tokens=4096)


class Catalogue(msgspec.Struct, frozen=True):
    """``cards[0]`` is the default."""

    cards: tuple[ModelCard, ...]
    families: tuple[Family, ...] = ()
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

    def family(self, *ids: str) -> Family | None:
        """The family of a model with this id, or of the first of these ids that tells."""
        return next((found for name in ids if (found := family_of(self.families, name))), None)

    def dialect_of_template(self, template: str) -> Dialect | None:
        """How a model with this chat template speaks; None where there are no marks of a thought in it."""
        for known in self.templates:
            if any(mark in template for mark in known.marks):
                dialect = known.dialect
                if isinstance(dialect, TagsDialect):
                    opened = _opens(template, dialect.open)
                    dialect = msgspec.structs.replace(dialect, opened=opened)
                return dialect
        return None


def read_catalogue() -> Catalogue:
    known = _toml("families.toml")
    families = msgspec.convert(known["families"], tuple[Family, ...])
    cards = [
        {**(family.on_card if (family := family_of(families, card["name"])) else {}), **card}
        for card in _toml("catalogue.toml")["cards"]
    ]
    return Catalogue(
        cards=tuple(
            msgspec.convert(card, ModelCard, strict=True) for card in map(msgspec.to_builtins, cards)
        ),
        families=families,
        templates=msgspec.convert(known["templates"], tuple[_Template, ...]),
    )


def family_of(families: Iterable[Family], model_id: str) -> Family | None:
    wanted = model_id.casefold()
    return next((family for family in families if re.search(family.ids, wanted)), None)


def switches_of_template(template: str) -> Switches:
    """By which argument a chat template can be told to think or not, where it asks for one.

    One that sets the name itself, without asking first, cannot be told.
    """
    asked = " ".join(re.findall(r"\bif\b(.*?)[%}]}", template, re.DOTALL))
    for name in ("enable_thinking", "thinking"):
        word = rf"(?<![.\w'\"]){name}(?![\w'\"])"
        sets = re.search(rf"set\s+{name}\s*=\s*(true|false)", template) and f"{name} is " not in template
        if re.search(word, asked) and not sets:
            return Switches(on={name: True}, off={name: False})
    return Switches()


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("thinkwell.models").joinpath(name).read_text("utf-8"))


def _opens(template: str, open_tag: str) -> bool:
    """Whether the text that the template puts before the model's turn ends with the open tag.

    Read from what follows the last mention of the generation prompt: a literal that ends with the tag.
    A literal that holds an empty thought, for thinking switched off, ends otherwise.
    """
    _, found, tail = template.rpartition("add_generation_prompt")
    return bool(found and re.search(re.escape(open_tag) + r"""(?:\\n|\s)*['"]""", tail))
