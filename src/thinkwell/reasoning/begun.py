"""Begun: a reply as far as it was said, and the pass that goes on with it. Knows no tags: the engine writes
those itself around the thought that it gets back.

Only what was shown goes back, with control literals made plain: what a model wrote as text must not
become a control token when it is read again.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.reasoning.base import Spoken
from thinkwell.values.engine import EnginePass
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message


class Begun:
    """One reply, of one pass or of several that continue each other."""

    def __init__(self, neutral: Callable[[str], str]) -> None:
        self._neutral = neutral
        self._thought: list[str] = []
        self._answer: list[str] = []

    def hear(self, events: list[Spoken]) -> None:
        for event in events:
            if isinstance(event, ReasoningDelta):
                if event.text:
                    self._thought.append(event.text)
            elif isinstance(event, AnswerDelta) and event.text:
                self._answer.append(event.text)

    @property
    def anything(self) -> bool:
        return bool(self._thought or self._answer)

    @property
    def thought(self) -> str:
        """Fit to be read by the engine."""
        return self._neutral("".join(self._thought))

    @property
    def answer(self) -> str:
        """Fit to be read by the engine."""
        return self._neutral("".join(self._answer))

    def go_on(self, wanted: EnginePass, left: int, *, thought_over: bool, lead: str = "") -> EnginePass:
        """The pass that was ``wanted``, from where it was broken off, for at most ``left`` tokens.

        ``lead`` is unshown white space before the thought.
        """
        if not self.anything:
            return msgspec.structs.replace(wanted, max_tokens=left)
        thought, answer = self.thought, self.answer
        over = bool(thought) and (thought_over or bool(answer))
        # Templates write the line end after a thought themselves; twice would miss the prefix cache.
        reasoning = thought and lead + (thought.rstrip() if over else thought)
        begun = Message("assistant", answer, reasoning or None)
        return msgspec.structs.replace(
            wanted,
            messages=(*wanted.messages, begun),
            max_tokens=left,
            continue_last=True,
            thought_over=over,
        )
