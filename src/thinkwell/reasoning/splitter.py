"""Splitters: tell thought from answer in the text of one reply. Pure, and blind to how text is chunked.

Here those that decide at once; the one for models that write tags is in tags.py.
"""

from __future__ import annotations

from typing import Protocol

from thinkwell.reasoning.base import Spoken
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta


class Splitter(Protocol):
    """``thinking``: no answer has begun. ``held_tokens`` were fed in and have not come out."""

    @property
    def thinking(self) -> bool: ...

    @property
    def holding(self) -> bool:
        """Text is held back because it may become a tag."""

    @property
    def held_tokens(self) -> int: ...

    @property
    def lead(self) -> str:
        """White space that the model began its thought with, beside what its template writes there.

        It is not shown. Without it a thought that is continued would miss the engine's prefix cache.
        """

    def feed(self, delta: EngineDelta) -> list[Spoken]: ...

    def rewind(self) -> None:
        """The stream was broken off: go on from what has come out. Held text is forgotten, its tokens not."""

    def end_thought(self) -> None:
        """As ``rewind``, but what comes next is the answer."""

    def close(self) -> list[Spoken]:
        """What was held back because it might have become a tag. Idempotent."""


class _HoldsNothing:
    """What splitters share that decide at once."""

    holding = False
    held_tokens = 0
    lead = ""
    thinking = True

    def rewind(self) -> None:
        """Nothing is held."""

    def end_thought(self) -> None:
        self.thinking = False

    def close(self) -> list[Spoken]:
        return []


class FieldsSplitter(_HoldsNothing):
    """The engine told them apart. The null sibling: without a separate field all text is answer."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        self.thinking = self.thinking and not delta.text
        events: list[Spoken] = []
        # One delta may hold both at the seam; its tokens then belong to what came first.
        if delta.reasoning:
            events.append(ReasoningDelta(delta.reasoning, delta.tokens))
        if delta.text or (delta.tokens and not events):
            events.append(AnswerDelta(delta.text, 0 if events else delta.tokens))
        return events


class ThoughtSplitter(_HoldsNothing):
    """All of this pass is thought."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        text = delta.reasoning + delta.text
        return [ReasoningDelta(text, delta.tokens)] if text or delta.tokens else []
