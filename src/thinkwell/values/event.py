"""TurnEvent: what happens in a turn, in order. The web app's union is generated from this one."""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.values.receipt import Receipt

FinishReason = Literal["stop", "length", "tool_calls"]
WaitReason = Literal["busy", "engine_starting", "engine_down"]
StoppedBy = Literal["person", "reader", "operator"]


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Queued(_Event, frozen=True, tag="queued"):
    """Waiting in line. ``position`` 1 is next; ``waiting`` counts everyone in line for this pool.

    ``reason`` is what is waited for: others' turns, an engine that starts, or one that is brought back.
    """

    position: int
    waiting: int
    reason: WaitReason = "busy"


class Started(_Event, frozen=True, tag="started"):
    """The turn holds a lease on a replica and the engine is asked.

    ``left_out`` counts the oldest messages that did not fit the model's context and were not sent.
    """

    model: str
    replica: str
    waited_s: float
    left_out: int = 0


class ReasoningDelta(_Event, frozen=True, tag="reasoning_delta"):
    """A piece of the thought. ``tokens`` counts generated tokens it stands for (0 for given text)."""

    text: str
    tokens: int = 0


class AnswerDelta(_Event, frozen=True, tag="answer_delta"):
    """A piece of the answer. ``tokens`` counts generated tokens it stands for."""

    text: str
    tokens: int = 0


class ToolCallDelta(_Event, frozen=True, tag="tool_call_delta"):
    """A piece of a tool call; pieces of one call share ``index``."""

    index: int
    arguments: str
    id: str | None = None
    name: str | None = None


class Finished(_Event, frozen=True, tag="finished"):
    """The engine ended the answer, or the limit of tokens was reached (``length``)."""

    reason: FinishReason
    receipt: Receipt


class Failed(_Event, frozen=True, tag="failed"):
    """The turn could not go on. ``code`` is a code of errors.py, ``message`` a sentence for a person."""

    code: str
    message: str
    receipt: Receipt


class Stopped(_Event, frozen=True, tag="stopped"):
    """Somebody ended the turn; what had been said by then is kept and counted."""

    by: StoppedBy
    receipt: Receipt


TurnEnd = Finished | Failed | Stopped
TurnEvent = Queued | Started | ReasoningDelta | AnswerDelta | ToolCallDelta | Finished | Failed | Stopped
