"""A Chat Completions request. An allow-list: a field that is not here is refused.

Fields listed as accepted without effect are those that official clients send by themselves or that
change nothing about the answer's text.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.openai_messages import ChatMessage, messages_of
from thinkwell.http.wire.openai_tools import Choice, Format, ToolSpecs, choice_of, shape_of, tools_of
from thinkwell.http.wire.thinking import ThinkingFields, thinking_of
from thinkwell.http.wire.waiting import Wishes, shorter_wait
from thinkwell.values.caller import Caller
from thinkwell.values.engine import Sampling
from thinkwell.values.turn import TurnRequest

MostTokens = Annotated[int, Meta(ge=1, le=1_000_000)]
Label = Annotated[str, Meta(max_length=512)]


class StreamOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    include_usage: bool | None = False
    include_obfuscation: bool | None = False


class ChatRequest(ThinkingFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /v1/chat/completions`` takes."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=2_000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: MostTokens | None = None
    max_completion_tokens: MostTokens | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=-1, le=1_000_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    seed: Annotated[int, Meta(ge=-(2**31), le=2**32 - 1)] | None = None
    stop: (
        Annotated[str, Meta(max_length=200)]
        | Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=16)]
        | None
    ) = None
    tools: ToolSpecs | None = None
    tool_choice: Choice | None = None
    parallel_tool_calls: bool | None = None
    response_format: Format | None = None
    thinkwell: Wishes | None = None
    # Accepted without effect.
    n: Literal[1] | None = None
    user: Label | None = None
    metadata: Annotated[dict[str, Label], Meta(max_length=16)] | None = None
    store: Literal[False] | None = None
    logprobs: Literal[False] | None = None
    top_logprobs: Literal[0] | None = None
    logit_bias: Annotated[dict[str, int], Meta(max_length=0)] | None = None
    modalities: Annotated[list[Literal["text"]], Meta(max_length=1)] | None = None
    service_tier: Literal["auto", "default"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    safety_identifier: Label | None = None
    prompt_cache_key: Label | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None


def to_turn(asked: ChatRequest, turn_id: str, caller: Caller, wait_s: float | None = None) -> TurnRequest:
    """The request as a value. ``wait_s`` is what its ``Prefer`` header said.

    Raises BadRequest for what the shapes alone cannot say.
    """
    if asked.max_tokens and asked.max_completion_tokens and asked.max_tokens != asked.max_completion_tokens:
        raise BadRequest("max_tokens and max_completion_tokens disagree; send one.", param="max_tokens")
    wishes = asked.thinkwell or Wishes()
    stop = (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ())
    tools = tools_of(asked.tools)
    return TurnRequest(
        id=turn_id,
        caller=caller,
        model=asked.model,
        messages=messages_of(asked.messages),
        sampling=Sampling(
            temperature=asked.temperature,
            top_p=asked.top_p,
            seed=asked.seed,
            # 0 and -1 both say "of all tokens"; -1 is understood by every server.
            top_k=-1 if asked.top_k == 0 else asked.top_k,
            min_p=asked.min_p,
            presence_penalty=asked.presence_penalty,
            frequency_penalty=asked.frequency_penalty,
        ),
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        stop=tuple(text for text in stop if text),
        thinking=thinking_of(asked),
        tools=tools,
        tool_choice=choice_of(tools, asked.tool_choice, asked.parallel_tool_calls),
        shape=shape_of(asked.response_format),
        full_thought=wishes.full_thought,
        max_wait_s=shorter_wait(wait_s, wishes.max_wait_s),
    )
