"""Canary: which of two adapters a turn that begins is answered by. Pure; knows labels, and no adapter.

A turn stands at a place between 0 and 1 that follows from its conversation (turns/ticket.py), so that the
answers of one conversation come from one adapter, and so that a larger share takes the smaller one's
conversations and others beside them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

# The place of a turn that no canary takes.
NO_CANARY = 1.0


class Canary(msgspec.Struct, frozen=True):
    """Turns that stand below ``share`` (0 to 1) go to ``candidate``, all others to ``current``."""

    current: str = ""
    candidate: str | None = None
    share: float = 0.0

    def label(self, place: float, takes_turns: Callable[[str], bool]) -> str:
        """For a turn that begins anew. While the candidate takes none, it has no share."""
        candidate = self.candidate
        if candidate is not None and place < self.share and takes_turns(candidate):
            return candidate
        return self.current
