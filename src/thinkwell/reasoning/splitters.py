"""Which splitter reads a pass: by the dialect of the model, and by how the pass begins."""

from __future__ import annotations

from functools import partial

import msgspec

from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    HarmonyDialect,
    PlainDialect,
    PromptedDialect,
    TagsDialect,
)
from thinkwell.reasoning.harmony import HarmonySplitter
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter
from thinkwell.reasoning.tags import TagsSplitter

# Looked for only where a thought was cut and its rest may follow, of a model whose tags nobody told us.
USUAL_TAGS = TagsDialect(open="<think>", close="</think>")


class Splitters(msgspec.Struct, frozen=True):
    """For one turn. ``call_id`` begins the ids of tool calls that come without one."""

    dialect: Dialect
    call_id: str

    def begin(self, *, quiet: bool) -> Splitter:
        """For a reply from its start. ``quiet``: the template was told to open no thought."""
        dialect = self.dialect
        if isinstance(dialect, TagsDialect):
            return TagsSplitter(dialect, dialect.opened and not quiet)
        if isinstance(dialect, HarmonyDialect):
            return HarmonySplitter(self.call_id)
        thinks = isinstance(dialect, FieldsDialect)
        return FieldsSplitter(partial(TagsSplitter, USUAL_TAGS, False, cut=True) if thinks else None)

    def within(self, *, answer: bool) -> Splitter:
        """For a reply that goes on where an earlier turn broke off: in its ``answer``, or in its thought."""
        dialect = self.dialect
        if isinstance(dialect, TagsDialect):
            return TagsSplitter(dialect, not answer, within=True)
        return FieldsSplitter() if answer else self.begin(quiet=False)

    def after_cut(self, *, goes_on: bool, quiet: bool) -> Splitter:
        """For the answer after a thought that was cut: in a reply that ``goes_on``, or in one of its own."""
        dialect = self.dialect
        if isinstance(dialect, HarmonyDialect):
            return HarmonySplitter(self.call_id)
        if isinstance(dialect, PlainDialect | PromptedDialect):
            return FieldsSplitter()
        tags = dialect if isinstance(dialect, TagsDialect) else USUAL_TAGS
        return TagsSplitter(tags, tags.opened and not (goes_on or quiet), cut=True)
