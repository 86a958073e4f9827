"""A model card: what the site knows of a model before it asks it anything."""

from __future__ import annotations

from typing import Literal

import msgspec

# What of earlier thoughts goes back to the model: none; those of the tool calls since the last question; all.
Replay = Literal["strip", "tool-turns", "keep"]


class PlainDialect(msgspec.Struct, frozen=True, tag="plain", tag_field="type"):
    """The model does not think, or keeps it to itself: all output is answer."""


class FieldsDialect(msgspec.Struct, frozen=True, tag="fields", tag_field="type"):
    """The engine sets the thought apart in a field of its own (``reasoning_content``, ``reasoning``)."""


class TagsDialect(msgspec.Struct, frozen=True, tag="tags", tag_field="type", kw_only=True):
    """The thought stands between two tags in the text.

    ``opened`` says that the prompt's template already wrote the open tag, so that output begins
    inside the thought. ``wrap`` are two further tags, between which the answer stands.
    """

    open: str
    close: str
    opened: bool = False
    wrap: tuple[str, str] | None = None


class PromptedDialect(msgspec.Struct, frozen=True, tag="prompted", tag_field="type", kw_only=True):
    """A model that has no thinking of its own is made to think first, in a pass of its own.

    The thought pass answers the question with ``prefill`` already written, for at most ``budget``
    tokens or until ``stop``. The answer pass sees that thought as said, then ``ask`` as a next
    question, in which ``{question}`` stands for the person's; ``ask_short`` takes its place where the
    question is too long to say twice.
    """

    prefill: str
    ask: str
    ask_short: str = "Now give me your answer."
    budget: int
    stop: tuple[str, ...] = ()


class HarmonyDialect(msgspec.Struct, frozen=True, tag="harmony", tag_field="type"):
    """gpt-oss: messages in channels (analysis, commentary, final), where the engine does not parse them."""


Dialect = PlainDialect | FieldsDialect | TagsDialect | HarmonyDialect | PromptedDialect


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """How the model's chat template is told to think. ``on`` and ``off`` are arguments of the template;
    an empty ``off``: it cannot be told not to. ``effort`` is the argument that takes one of ``efforts``,
    which are in rising order; ``budget`` the one that takes tokens of thought."""

    on: dict[str, bool | int | str] = {}
    off: dict[str, bool | int | str] = {}
    effort: str | None = None
    efforts: tuple[str, ...] = ()
    budget: str | None = None


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` is where weights come from (see weights.py); None for a model behind a URL.

    ``context`` is in tokens, of prompt and output together. ``control_tokens`` are the literals that
    the model's template treats as control, beside the ones every family shares (reasoning/literals.py).

    ``continues``: the engine that this card is for can go on with a reply that was begun, thought
    included, at the cost of reading again what its prefix cache has lost. A turn may then give way to
    others and be continued, and a thought that is cut leads to the answer in the same reply. Continuing is
    another draw: at a temperature over 0 the rest differs from what it would have been. Where it is False
    the answer after a cut is asked for in a pass of its own, which reads the whole prompt again.

    ``thought_tokens`` is what a thought takes when nobody waits, for dialects in which thought and
    answer come in one pass: what load-shaped budgets start from. It bounds nothing by itself. For a
    prompted dialect its ``budget`` says it.

    ``closing`` is written at the end of a thought that is cut, in the model's own words. ``images``: it
    reads pictures (None: nobody knows, the engine decides). ``mind`` is the adapter that ships with the model
    (minds/), which the embedded engine begins with where the operator says nothing else; "": none.
    """

    name: str
    title: str
    licence: str
    context: int
    dialect: Dialect
    source: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    replay: Replay = "strip"
    temperature: float | None = None
    top_p: float | None = None
    answer_tokens: int = 1024
    thought_tokens: int = 4096
    continues: bool = False
    switches: Switches = Switches()
    closing: str = ""
    images: bool | None = None
    control_tokens: tuple[str, ...] = ()
    about: str = ""
    mind: str = ""
