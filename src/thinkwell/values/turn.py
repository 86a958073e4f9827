"""A turn as it is asked for, after a door has parsed its wire shape."""

from __future__ import annotations

import msgspec

from thinkwell.values.caller import Caller
from thinkwell.values.engine import Sampling
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking
from thinkwell.values.tool import AnswerShape, Tool, ToolChoice


class TurnRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question.

    ``max_tokens`` bounds thought and answer together (None: the site's default). ``thinking`` says how
    much is to be thought. ``may_leave_out`` lets the oldest messages go
    where the conversation is over the context. ``keep_text`` says whether what is said may be written
    to disk; tokens are always counted. ``temporary``: nothing is, but readers may come back as long as it
    is in memory. ``message_id`` is the stored answer this turn writes.
    ``full_thought`` asks not to have the thought shortened, whoever waits. ``max_wait_s`` is the longest
    expected wait that the caller accepts: over it the turn is refused with the time to come back.
    ``goes_on``: the last message is an answer that was broken off, to be gone on with.
    ``most_thought`` is the most tokens of thought that the site lets this caller have (None: no bound).
    """

    id: str
    caller: Caller
    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    thinking: Thinking = Thinking()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    shape: AnswerShape | None = None
    may_leave_out: bool = False
    keep_text: bool = False
    temporary: bool = False
    message_id: str | None = None
    full_thought: bool = False
    goes_on: bool = False
    max_wait_s: float | None = None
    most_thought: int | None = None
