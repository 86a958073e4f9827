"""Anthropic Messages on the wire: what is asked. An allow-list: a field that is not here is refused by name.

Fields listed as accepted without effect are those that official clients send by themselves or that
change nothing about the answer's text.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.signatures import ThoughtSigner
from thinkwell.http.wire.anthropic_blocks import CacheControl, MessageParam, Text, TextBlocks
from thinkwell.http.wire.anthropic_messages import Conversation
from thinkwell.http.wire.anthropic_tools import (
    AnswerFormat,
    CallerTools,
    Choice,
    FormattedOutput,
    choice_of,
    shape_of,
    tools_of,
)
from thinkwell.http.wire.thinking import ThinkingFields, thinking_of
from thinkwell.http.wire.waiting import Wishes, shorter_wait
from thinkwell.values.caller import Caller
from thinkwell.values.engine import Sampling
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest


class Metadata(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Annotated[str, Meta(max_length=2_000)] | None = None


class CountRequest(ThinkingFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /v1/messages/count_tokens`` takes."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    messages: Annotated[list[MessageParam], Meta(min_length=1, max_length=2_000)]
    system: Text | TextBlocks | None = None
    tools: CallerTools | None = None
    tool_choice: Choice | None = None
    output_config: FormattedOutput | None = None
    output_format: AnswerFormat | None = None
    # Accepted without effect.
    cache_control: CacheControl | None = None
    speed: Literal["standard"] | None = None


class MessagesRequest(CountRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /v1/messages`` takes."""

    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)]
    stream: bool | None = False
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    stop_sequences: (
        Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=16)] | None
    ) = None
    thinkwell: Wishes | None = None
    # Accepted without effect.
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None


class Asked(msgspec.Struct, frozen=True):
    """``said`` is the digest of the conversation, which the thought of this turn is signed with."""

    turn: TurnRequest
    said: bytes


def to_turn(
    asked: CountRequest, turn_id: str, caller: Caller, signer: ThoughtSigner, wait_s: float | None = None
) -> Asked:
    """The request as a value. ``wait_s`` is what its ``Prefer`` header said.

    Raises BadRequest for what the shapes alone cannot say.
    """
    conversation = Conversation(signer, asked.model)
    conversation.read(asked.messages)
    system = _system(asked.system)
    messages = (*((Message("system", system),) if system else ()), *conversation.messages)
    tools = tools_of(asked.tools)
    turn = TurnRequest(
        id=turn_id,
        caller=caller,
        model=asked.model,
        messages=messages,
        thinking=thinking_of(asked),
        tools=tools,
        tool_choice=choice_of(tools, asked.tool_choice),
        shape=shape_of(asked.output_config, asked.output_format),
    )
    if isinstance(asked, MessagesRequest):
        turn = _with_limits(turn, asked, wait_s)
    return Asked(turn, conversation.said)


def _with_limits(turn: TurnRequest, asked: MessagesRequest, wait_s: float | None) -> TurnRequest:
    budget = asked.thinking.budget_tokens if asked.thinking is not None else None
    if budget is not None and budget >= asked.max_tokens:
        raise BadRequest(
            f"The thought is part of what is generated: its budget ({budget}) must be less than max_tokens "
            f"({asked.max_tokens}).",
            param="thinking.budget_tokens",
        )
    wishes = asked.thinkwell or Wishes()
    return msgspec.structs.replace(
        turn,
        max_tokens=asked.max_tokens,
        sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p, top_k=asked.top_k or None),
        stop=tuple(asked.stop_sequences or ()),
        full_thought=wishes.full_thought,
        max_wait_s=shorter_wait(wait_s, wishes.max_wait_s),
    )


def _system(system: Text | TextBlocks | None) -> str:
    """Blocks of it are texts of their own, often by different hands: an empty line stands between them."""
    if isinstance(system, list):
        return "\n\n".join(block.text for block in system if block.text)
    return system or ""
