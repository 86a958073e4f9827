"""TurnEvent: what happens in a turn, in order. The web app's union is generated from this one."""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.values.receipt import Receipt
from thinkwell.values.thinking import EndedBy

FinishReason = Literal["stop", "length", "tool_calls"]
WaitReason = Literal["busy", "engine_starting", "engine_down", "gave_way"]
Moved = Literal["lighter_first", "came_back", "within_quota"]
StoppedBy = Literal["person", "reader", "operator"]


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Queued(_Event, frozen=True, tag="queued"):
    """Waiting in line. ``position`` 1 is next; ``waiting`` counts everyone in line for this pool.

    ``reason`` is what is waited for: others' turns, an engine that starts, one that is brought back, or
    (after it had started) others to whom a long thought gave way. ``expected_s`` seconds from now half of
    those who are told so have started, ``p90_s`` nine of ten; None while nothing is known to tell by.
    ``moved`` says why the position is higher than the one told before: persons who had less came in
    between, a turn whose replica was lost came back to the start of the line, or (of a turn behind) persons
    within their quota came. None otherwise.
    ``behind``: it waits behind all who are within their quota, since its person's is used up. That begins
    anew ``resets_s`` seconds from now, and then it stands behind no longer.
    """

    position: int
    waiting: int
    reason: WaitReason = "busy"
    expected_s: float | None = None
    p90_s: float | None = None
    moved: Moved | None = None
    behind: bool = False
    resets_s: float | None = None


class Started(_Event, frozen=True, tag="started"):
    """The turn holds a lease on a replica and the engine is asked.

    ``waited_s`` is all the time in line so far. A turn that gave way, or lost its replica, starts again
    and goes on where it was. ``left_out`` counts the oldest messages that did not fit the model's context
    and were not sent.
    """

    model: str
    replica: str
    waited_s: float
    left_out: int = 0


class Shortened(_Event, frozen=True, tag="shortened"):
    """The thought may take ``budget`` tokens in place of ``full``, because ``waiting`` people wait.

    Said when the turn starts, and again whenever a running thought is cut shorter still.
    """

    budget: int
    full: int
    waiting: int


class Lengthened(_Event, frozen=True, tag="lengthened"):
    """The running thought may take ``budget`` tokens after all: a person asked to let it think on."""

    budget: int


class ThoughtEnded(_Event, frozen=True, tag="thought_ended"):
    """The thought was ended before the model ended it: a person asked for the answer, or the budget that
    was asked for, or that the load left, or the most that the site allows, was used up. What follows is the
    answer."""

    by: EndedBy


class ReasoningDelta(_Event, frozen=True, tag="reasoning_delta"):
    """A piece of the thought. ``tokens`` counts generated tokens it stands for (0 for given text)."""

    text: str
    tokens: int = 0


class AnswerDelta(_Event, frozen=True, tag="answer_delta"):
    """A piece of the answer. ``tokens`` counts generated tokens it stands for."""

    text: str
    tokens: int = 0


class ToolCallDelta(_Event, frozen=True, tag="tool_call_delta"):
    """A piece of a tool call; pieces of one call share ``index``. ``tokens`` as in the others."""

    index: int
    arguments: str
    id: str | None = None
    name: str | None = None
    tokens: int = 0


class Finished(_Event, frozen=True, tag="finished"):
    """The engine ended the answer, or the limit of tokens was reached (``length``)."""

    reason: FinishReason
    receipt: Receipt


class Failed(_Event, frozen=True, tag="failed"):
    """The turn could not go on. ``code`` is a code of errors.py, ``message`` a sentence for a person.

    ``retry_after_s`` seconds from then it is worth to ask again, where that is known.
    """

    code: str
    message: str
    receipt: Receipt
    retry_after_s: float | None = None


class Stopped(_Event, frozen=True, tag="stopped"):
    """Somebody ended the turn; what had been said by then is kept and counted."""

    by: StoppedBy
    receipt: Receipt


TurnEnd = Finished | Failed | Stopped
Spoken = ReasoningDelta | AnswerDelta | ToolCallDelta
TurnEvent = Queued | Started | Shortened | Lengthened | ThoughtEnded | Spoken | Finished | Failed | Stopped
