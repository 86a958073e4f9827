"""Splitters: tell thought from answer in the text of one pass. Pure, and blind to how text is chunked."""

from __future__ import annotations

from typing import Protocol

from thinkwell.reasoning.base import Spoken
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta


class Splitter(Protocol):
    def feed(self, delta: EngineDelta) -> list[Spoken]: ...

    def close(self) -> list[Spoken]:
        """What was held back because it might have become a tag. Idempotent."""


class FieldsSplitter:
    """The engine told them apart. The null sibling: without a separate field all text is answer."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        events: list[Spoken] = []
        # One delta may hold both at the seam; its tokens then belong to what came first.
        if delta.reasoning:
            events.append(ReasoningDelta(delta.reasoning, delta.tokens))
        if delta.text or (delta.tokens and not events):
            events.append(AnswerDelta(delta.text, 0 if events else delta.tokens))
        return events

    def close(self) -> list[Spoken]:
        return []


class ThoughtSplitter:
    """All of this pass is thought."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        text = delta.reasoning + delta.text
        return [ReasoningDelta(text, delta.tokens)] if text or delta.tokens else []

    def close(self) -> list[Spoken]:
        return []


class TagsSplitter:
    """The thought stands between two tags at the very beginning of the text.

    A state machine over ``start`` (nothing but white space so far), ``thought``, ``seam`` (white space
    after the close tag) and ``answer``. From ``answer`` nothing leads back: an answer about tags is
    shown as it is. A tag may be split over any number of deltas, may be missing, or doubled.
    """

    def __init__(self, open_tag: str, close_tag: str, opened: bool) -> None:
        self._open = open_tag
        self._close = close_tag
        self._state = "thought" if opened else "start"
        self._fresh = opened
        self._held = ""
        self._held_tokens = 0

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        if delta.reasoning:  # the engine parses the tags itself after all: its text is answer, from now on
            self._state = "answer"
            return FieldsSplitter().feed(delta)
        self._held += delta.text
        self._held_tokens += delta.tokens
        return self._run()

    def close(self) -> list[Spoken]:
        """Held text was no tag after all; held tokens are counted to what is being said."""
        thinking = self._state == "thought"
        text, tokens = self._held, self._held_tokens
        text = text if thinking else text.lstrip()
        self._held, self._held_tokens = "", 0
        if not text and not tokens:
            return []
        return [ReasoningDelta(text, tokens) if thinking else AnswerDelta(text, tokens)]

    def _run(self) -> list[Spoken]:
        events: list[Spoken] = []
        while True:
            before = self._state
            if before == "start":
                self._begin()
            elif before == "thought":
                self._think(events)
            elif before == "seam":
                self._cross()
            if self._state == before:
                break
        if self._state == "answer" and (self._held or self._held_tokens):
            events.append(AnswerDelta(self._held, self._held_tokens))
            self._held, self._held_tokens = "", 0
        return events

    def _begin(self) -> None:
        text = self._held.lstrip()
        if text.startswith(self._open):
            self._held = text[len(self._open) :]
            self._state, self._fresh = "thought", True
        elif text and not self._open.startswith(text):
            self._state = "answer"

    def _think(self, events: list[Spoken]) -> None:
        if self._fresh and not self._drop_doubled_open():
            return
        thought, tag, rest = self._held.partition(self._close)
        if not tag:
            kept = _suffix_that_may_open(thought, self._close)
            thought, rest = thought[: len(thought) - kept], thought[len(thought) - kept :]
        tokens = self._held_tokens if thought or tag else 0
        if thought or (tag and tokens):
            events.append(ReasoningDelta(thought, tokens))
            self._held_tokens = 0
        self._held = rest
        if tag:
            self._state = "seam"

    def _drop_doubled_open(self) -> bool:
        """White space and a second open tag at the head of a thought are no part of it."""
        text = self._held.lstrip()
        if not text or (self._open.startswith(text) and text != self._open):
            return False
        self._held = text.removeprefix(self._open)
        self._fresh = text.startswith(self._open)
        return not self._fresh or self._drop_doubled_open()

    def _cross(self) -> None:
        text = self._held.lstrip()
        if text.startswith(self._close):
            self._held = text[len(self._close) :]
            self._cross()
        elif text and not self._close.startswith(text):
            self._held = text
            self._state = "answer"


def _suffix_that_may_open(text: str, tag: str) -> int:
    """Length of the longest end of ``text`` that is a beginning of ``tag``."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
