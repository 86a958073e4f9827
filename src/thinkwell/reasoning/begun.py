"""Begun: a reply as far as it was said, and the pass that goes on with it. Knows no tags: the engine writes
those itself around the thought that it gets back.

Only what was shown goes back, with control literals made plain: what a model wrote as text must not
become a control token when it is read again.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Message


class Begun:
    """One reply, of one pass or of several that continue each other. ``thoughts`` and ``answers`` are the
    pieces that were said, to be appended to."""

    def __init__(self, neutral: Callable[[str], str]) -> None:
        self._neutral = neutral
        self.thoughts: list[str] = []
        self.answers: list[str] = []

    @property
    def thought(self) -> str:
        """Fit to be read by the engine."""
        return self._neutral("".join(self.thoughts))

    @property
    def answer(self) -> str:
        """Fit to be read by the engine."""
        return self._neutral("".join(self.answers))

    def go_on(self, wanted: EnginePass, left: int, *, thought_over: bool, lead: str = "") -> EnginePass:
        """The pass that was ``wanted``, from where it was broken off, for at most ``left`` tokens.

        ``lead`` is unshown white space before the thought.
        """
        thought, answer = self.thought, self.answer
        if not (thought or answer):
            return msgspec.structs.replace(wanted, max_tokens=left)
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
