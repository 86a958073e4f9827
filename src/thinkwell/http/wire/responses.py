"""A request of the Responses API. An allow-list: a field that is not here is refused.

Fields that are known and not supported are refused by name, with a sentence; fields listed as accepted
without effect are those that official clients send or that change nothing about the answer's text.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.openai_chat import Label, MostTokens
from thinkwell.http.wire.openai_messages import Id, Text
from thinkwell.http.wire.responses_tools import Choice, TextField, Tooling, shape_of
from thinkwell.http.wire.thinking import ThinkingFields, thinking_of
from thinkwell.http.wire.waiting import Wishes
from thinkwell.values.caller import Caller
from thinkwell.values.engine import Sampling
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

Unsupported = str | dict[str, Any] | None


class StreamOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    include_obfuscation: bool | None = False


class ResponsesRequest(ThinkingFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /v1/responses`` takes."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    input: Text | Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=2_000)]
    instructions: Text | None = None
    previous_response_id: Id | None = None
    store: bool | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_output_tokens: MostTokens | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    text: TextField | None = None
    tools: Annotated[list[dict[str, Any]], Meta(max_length=128)] | None = None
    tool_choice: Choice | None = None
    parallel_tool_calls: bool | None = None
    truncation: Literal["auto", "disabled"] | None = None
    include: Annotated[list[Literal["reasoning.encrypted_content"]], Meta(max_length=16)] | None = None
    thinkwell: Wishes | None = None
    # Refused by name.
    background: bool | None = None
    conversation: Unsupported = None
    prompt: Unsupported = None
    # Accepted without effect; some come back in the response.
    metadata: Annotated[dict[Annotated[str, Meta(max_length=64)], Label], Meta(max_length=16)] | None = None
    user: Label | None = None
    safety_identifier: Label | None = None
    prompt_cache_key: Label | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    service_tier: Literal["auto", "default", "flex", "priority"] | None = None
    top_logprobs: Literal[0] | None = None
    max_tool_calls: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


def check_supported(asked: ResponsesRequest) -> None:
    """Raises BadRequest for what is known and not supported."""
    if asked.background:
        raise BadRequest(
            "Responses in the background are not supported here: who leaves stops the answer. Send "
            "stream to be told as it comes.",
            param="background",
        )
    if asked.conversation is not None:
        raise BadRequest(
            "Conversations are not supported here. Send previous_response_id, or the whole input.",
            param="conversation",
        )
    if asked.prompt is not None:
        raise BadRequest(
            "Prompts stored elsewhere are not supported here. Send instructions and input.", param="prompt"
        )


def to_turn(
    asked: ResponsesRequest, turn_id: str, caller: Caller, messages: tuple[Message, ...], tooling: Tooling
) -> TurnRequest:
    """The request as a value. Raises BadRequest for what the shapes alone cannot say."""
    wishes = asked.thinkwell or Wishes()
    return TurnRequest(
        id=turn_id,
        caller=caller,
        model=asked.model,
        messages=messages,
        sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p),
        max_tokens=asked.max_output_tokens,
        thinking=thinking_of(asked),
        tools=tooling.tools,
        tool_choice=tooling.choice,
        shape=shape_of(asked.text or TextField()),
        may_leave_out=asked.truncation == "auto",
        full_thought=wishes.full_thought,
        max_wait_s=wishes.max_wait_s,
    )
