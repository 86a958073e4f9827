"""Splitters: tell thought from answer in the text of one reply. Pure, and blind to how text is chunked.

Here those that decide at once. Those that read text are in tags.py and harmony.py; which one a model
needs is said in splitters.py.
"""

from __future__ import annotations

from typing import Literal, Protocol

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
    """The engine told them apart. The null sibling: without a separate field all text is answer."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        if delta.text or delta.tool_calls:
            self.thinking, self.quick = False, "answer"
        elif delta.reasoning:
            self.quick = "field"
        # One delta may hold several at the seam; its tokens then belong to what came first.
        events: list[Spoken] = []
        tokens = delta.tokens
        if delta.reasoning:
            events.append(ReasoningDelta(delta.reasoning, tokens))
            tokens = 0
        if delta.text or (tokens and not delta.tool_calls):
            events.append(AnswerDelta(delta.text, tokens))
            tokens = 0
        return events + calls_of(delta, tokens) if delta.tool_calls else events


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
