"""TagsSplitter: for models that write their thought between two tags. Pure, blind to how text is chunked."""

from __future__ import annotations

import msgspec

from thinkwell.reasoning.base import Spoken
from thinkwell.reasoning.splitter import FieldsSplitter
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta


class TagsSplitter:
    """The thought stands between two tags at the very beginning of the text.

    A state machine over ``start`` (nothing but white space so far), ``thought``, ``seam`` (white space
    after the close tag) and ``answer``. From ``answer`` nothing leads back: an answer about tags is
    shown as it is. A tag may be split over any number of deltas, may be missing, or doubled.
    """

    def __init__(self, open_tag: str, close_tag: str, opened: bool) -> None:
        self._open = open_tag
        self._close = close_tag
        self._opened = opened
        self._said = False
        self._apart: FieldsSplitter | None = None
        self._held_tokens = 0
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._state = "thought" if self._opened else "start"
        self._fresh = self._opened
        self._wrote_open = False
        self._lead = ""
        self._held = ""

    @property
    def lead(self) -> str:
        return self._lead

    @property
    def thinking(self) -> bool:
        return self._apart.thinking if self._apart else self._state in ("start", "thought")

    @property
    def holding(self) -> bool:
        return bool(self._held.strip())

    @property
    def held_tokens(self) -> int:
        return self._held_tokens

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        events: list[Spoken] = []
        if delta.reasoning and self._apart is None:  # the engine parses the tags itself after all
            if self.holding:
                events = self.close()
            delta = msgspec.structs.replace(delta, tokens=delta.tokens + self._held_tokens)
            self._held, self._held_tokens = "", 0
            self._state, self._apart = "answer", FieldsSplitter()
        if self._apart:
            events += self._apart.feed(delta)
        else:
            self._held += delta.text
            self._held_tokens += delta.tokens
            events += self._run()
        self._said = self._said or any(event.text for event in events)
        return events

    def rewind(self) -> None:
        """With nothing said yet the whole pass will be repeated, its open tag included."""
        self._held = ""
        if not self._said:
            self._apart = None
            self._begin_anew()

    def end_thought(self) -> None:
        self.rewind()
        if self._apart:
            self._apart.end_thought()
        else:
            self._state = "seam"

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
            self._state, self._fresh, self._wrote_open = "thought", True, True
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
        if text.startswith(self._open):
            self._held = text.removeprefix(self._open)
            self._wrote_open = True
            return self._drop_doubled_open()
        lead = self._held[: len(self._held) - len(text)]
        # Templates write a line end after the tag; it came back, or the model wrote it as it was taught.
        self._lead = lead.removeprefix("\n") if self._wrote_open else lead
        self._held, self._fresh = text, False
        return True

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
