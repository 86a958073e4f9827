"""What is asked of an engine and what comes back, before anyone has told thought from answer."""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.values.message import Message
from thinkwell.values.thinking import Effort
from thinkwell.values.tool import AnswerShape, Tool, ToolCallPiece, ToolChoice


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are drawn. ``None`` leaves the model card's or the engine's own default."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class EnginePass(msgspec.Struct, frozen=True, kw_only=True):
    """One request to an engine; a turn is one pass or several.

    ``max_tokens`` None means up to the context. With ``continue_last`` the last message is an
    assistant's and the engine goes on writing it in place of opening a new one; what was already in
    it does not come back. Where that message has no content yet, the engine goes on with its thought
    (``reasoning``), or with ``thought_over`` ends the thought there and goes on with the content.
    ``thinking_budget`` is the most tokens of thought, those in the last message included; an engine may
    not know how to hold it (None: as the model likes). ``template`` are arguments for the model's chat
    template (``{"enable_thinking": False}``), by which most families are told to think or not; ``effort``
    is for servers and models that know efforts. ``tools``, ``tool_choice`` and ``shape`` are for the answer.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    continue_last: bool = False
    thought_over: bool = False
    thinking_budget: int | None = None
    template: dict[str, bool | int | str] = {}
    effort: Effort | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    shape: AnswerShape | None = None


class EngineDelta(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an engine's reply.

    ``text`` is plain output; ``reasoning`` is what the engine itself set apart as thought, in a field
    of its own; ``tool_calls`` are pieces of calls. ``tokens`` counts the generated tokens of this delta.
    ``prompt_tokens`` and ``cached_tokens`` are totals of the pass as known so far. ``finish`` is set on the
    last delta only.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCallPiece, ...] = ()
    tokens: int = 0
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    finish: Literal["stop", "length", "tool_calls"] | None = None


class EngineCounters(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says that it did since its own start, for whomever. ``prompt`` counts what it read;
    with ``whole`` also what it had in its cache. ``generated`` may be ahead of what anybody was sent."""

    prompt: int
    generated: int
    whole: bool = False
