"""Splitters: tell thought from answer in the text of one reply. Pure, and blind to how text is chunked.

Here those that decide at once. Those that read text are in tags.py and harmony.py; which one a model
needs is said in splitters.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta, Spoken, ToolCallDelta

# What a delta is that needs no look: one with nothing but ``text``, or (field) nothing but ``reasoning``.
Quick = Literal["", "thought", "field", "answer"]
NO_MARKS: frozenset[str] = frozenset()


class Splitter(Protocol):
    """Every token fed in comes out in exactly one event, at the latest when it is closed.

    Most deltas need no look. ``quick`` says what a plain one is as long as its text has none of ``marks``;
    whoever names one without ``feed`` appends its text to ``passed``, where there is such a list.
    """

    @property
    def thinking(self) -> bool:
        """No answer has begun."""

    @property
    def quick(self) -> Quick: ...

    @property
    def marks(self) -> frozenset[str]: ...

    @property
    def passed(self) -> list[str] | None: ...

    @property
    def held_tokens(self) -> int:
        """They were fed in and have not come out."""

    @property
    def lead(self) -> str:
        """White space that the model began its thought with, beside what its template writes there.

        It is not shown. Without it a thought that is continued would miss the engine's prefix cache.
        """

    def feed(self, delta: EngineDelta) -> list[Spoken]: ...

    def expect_end(self) -> None:
        """Somebody is about to end the thought in the model's place: the next close tag is no quotation,
        and what follows it may be the rest of the thought."""

    def rewind(self) -> None:
        """The stream was broken off: go on from what has come out. Held text is forgotten, its tokens not."""

    def close(self, *, ended: bool = False) -> list[Spoken]:
        """What was held back because it might have become a tag. Idempotent.

        ``ended``: the model ended its reply by itself, so that what it meant as its answer is all there.
        """


class DecidesAtOnce:
    """What splitters share that hold nothing back."""

    thinking = True
    quick: Quick = ""
    marks = NO_MARKS
    passed: list[str] | None = None
    held_tokens = 0
    lead = ""

    def expect_end(self) -> None:
        """There is no tag to expect."""

    def rewind(self) -> None:
        """Nothing is held."""

    def close(self, *, ended: bool = False) -> list[Spoken]:
        return []


class FieldsSplitter(DecidesAtOnce):
    """The engine told them apart. The null sibling: without a separate field all text is answer.

    ``rest`` makes what reads the text after a thought that was ended by force: some engines then lose
    track, and what is left of the thought comes as text.
    """

    def __init__(self, rest: Callable[[], Splitter] | None = None) -> None:
        self._rest = rest
        self._after: Splitter | None = None

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        events: list[Spoken] = []
        # One delta may hold several at the seam; its tokens then belong to what came first.
        tokens = delta.tokens
        if delta.reasoning:
            events.append(ReasoningDelta(delta.reasoning, tokens))
            tokens = 0
            self.quick = "field" if self.thinking else ""
        if not (delta.text or delta.tool_calls or tokens):
            return events
        if delta.text or delta.tool_calls:
            self.thinking = False
        if self._after is not None:
            events += self._after.feed(msgspec.structs.replace(delta, reasoning="", tokens=tokens))
            self.quick, self.held_tokens = self._after.quick, self._after.held_tokens
            return events
        if delta.text or (tokens and not delta.tool_calls):
            events.append(AnswerDelta(delta.text, tokens))
            tokens = 0
        self.quick = "" if self.thinking else "answer"
        return events + calls_of(delta, tokens) if delta.tool_calls else events

    def expect_end(self) -> None:
        if self.thinking and self._after is None and self._rest is not None:
            self._after = self._rest()

    def rewind(self) -> None:
        if self._after is not None:
            self._after.rewind()

    def close(self, *, ended: bool = False) -> list[Spoken]:
        self.held_tokens = 0
        return [] if self._after is None else self._after.close(ended=ended)


class ThoughtSplitter(DecidesAtOnce):
    """All of this pass is thought."""

    quick: Quick = "thought"

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        text = delta.reasoning + delta.text
        return [ReasoningDelta(text, delta.tokens)] if text or delta.tokens else []


def calls_of(delta: EngineDelta, tokens: int) -> list[Spoken]:
    """The pieces of tool calls that the engine itself set apart; the first one stands for the tokens."""
    events: list[Spoken] = []
    for piece in delta.tool_calls:
        events.append(ToolCallDelta(piece.index, piece.arguments, piece.id, piece.name, tokens))
        tokens = 0
    return events
