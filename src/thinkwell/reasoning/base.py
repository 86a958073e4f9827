"""Thinker: plans the passes of one turn and names each delta as thought or answer.

A pure state machine: knows no engine, no clock, no turn. The conductor asks for a pass, runs it, feeds
what comes back, and asks again until there is none.
"""

from __future__ import annotations

from typing import Protocol

from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import AnswerDelta, FinishReason, ReasoningDelta

Spoken = ReasoningDelta | AnswerDelta


class Thinker(Protocol):
    """One turn's. Every generated token fed in comes out in exactly one event."""

    def next_pass(self) -> EnginePass | None:
        """The pass to run now, or None when the turn is complete."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        """Events for one delta of the running pass. A delta with ``finish`` ends the pass."""

    def close(self) -> list[Spoken]:
        """What was still held back, when a pass is cut short. Idempotent."""

    @property
    def finish(self) -> FinishReason:
        """Why the last pass ended."""
