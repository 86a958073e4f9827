"""OpenAI Chat Completions on the wire. An allow-list: a field that is not here is refused.

Fields listed as accepted without effect are those that official clients send by themselves or that
change nothing about the answer's text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.errors import BadRequest
from thinkwell.http.wire.waiting import News, Wishes
from thinkwell.turns.spoken import called
from thinkwell.values.caller import Caller
from thinkwell.values.engine import Sampling
from thinkwell.values.message import Message
from thinkwell.values.receipt import Receipt
from thinkwell.values.event import ToolCallDelta, TurnEvent
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

Text = Annotated[str, Meta(max_length=2_000_000)]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class TextPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: Text


class ChatMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Literal["system", "developer", "user", "assistant"]
    content: Text | Annotated[list[TextPart], Meta(max_length=1_000)] | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    refusal: Text | None = None


class StreamOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    include_usage: bool = False
    include_obfuscation: bool = False


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /v1/chat/completions`` takes."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=2_000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    seed: Annotated[int, Meta(ge=-(2**31), le=2**32 - 1)] | None = None
    stop: (
        Annotated[str, Meta(max_length=200)]
        | Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=4)]
        | None
    ) = None
    reasoning_effort: Effort | None = None
    thinkwell: Wishes | None = None
    # Accepted without effect.
    n: Literal[1] | None = None
    user: Annotated[str, Meta(max_length=500)] | None = None
    metadata: Annotated[dict[str, Annotated[str, Meta(max_length=512)]], Meta(max_length=16)] | None = None
    store: Literal[False] | None = None
    logprobs: Literal[False] | None = None
    parallel_tool_calls: bool | None = None
    safety_identifier: Annotated[str, Meta(max_length=500)] | None = None
    prompt_cache_key: Annotated[str, Meta(max_length=500)] | None = None


def to_turn(asked: ChatRequest, turn_id: str, caller: Caller, wait_s: float | None = None) -> TurnRequest:
    """The request as a value. ``wait_s`` is what its ``Prefer`` header said.

    Raises BadRequest for what the shapes alone cannot say.
    """
    if asked.max_tokens and asked.max_completion_tokens and asked.max_tokens != asked.max_completion_tokens:
        raise BadRequest("max_tokens and max_completion_tokens disagree; send one.", param="max_tokens")
    wishes = asked.thinkwell or Wishes()
    waits = [seconds for seconds in (wait_s, wishes.max_wait_s) if seconds is not None]
    stop = (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ())
    return TurnRequest(
        id=turn_id,
        caller=caller,
        model=asked.model,
        messages=tuple(_message(message, place) for place, message in enumerate(asked.messages)),
        sampling=Sampling(
            temperature=asked.temperature,
            top_p=asked.top_p,
            seed=asked.seed,
            presence_penalty=asked.presence_penalty,
            frequency_penalty=asked.frequency_penalty,
        ),
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        stop=tuple(text for text in stop if text),
        thinking=Thinking(effort=asked.reasoning_effort),
        full_thought=wishes.full_thought,
        max_wait_s=min(waits, default=None),
    )


def _message(message: ChatMessage, place: int) -> Message:
    content = message.content
    if isinstance(content, list):
        content = "".join(part.text for part in content)
    if content is None and message.role != "assistant":
        raise BadRequest("A message needs content.", param=f"messages[{place}].content")
    role = "system" if message.role == "developer" else message.role
    return Message(role, content or "", message.reasoning_content or message.reasoning or None)


class WireFunction(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    arguments: str


class WireCall(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    function: WireFunction
    type: Literal["function"] = "function"


class WireFunctionDelta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET


class WireCallDelta(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    function: WireFunctionDelta
    id: str | UnsetType = UNSET
    type: Literal["function"] | UnsetType = UNSET


class Delta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Both names of the thought carry the same text; neither is ever sent empty."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType | None = UNSET
    reasoning_content: str | UnsetType = UNSET
    reasoning: str | UnsetType = UNSET
    tool_calls: list[WireCallDelta] | UnsetType = UNSET


class ChunkChoice(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    delta: Delta
    finish_reason: str | None = None


class CompletionTokens(msgspec.Struct, frozen=True):
    reasoning_tokens: int


class PromptTokens(msgspec.Struct, frozen=True):
    cached_tokens: int


class ChatUsage(msgspec.Struct, frozen=True, kw_only=True):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokens
    completion_tokens_details: CompletionTokens


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """Ours, under one name."""

    receipt: Receipt


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created: int
    model: str
    choices: list[ChunkChoice]
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    usage: ChatUsage | UnsetType | None = UNSET
    thinkwell: Extension | News | UnsetType = UNSET


class AnswerMessage(msgspec.Struct, frozen=True, kw_only=True):
    content: str | None
    role: Literal["assistant"] = "assistant"
    refusal: str | None = None
    reasoning_content: str | UnsetType = UNSET
    reasoning: str | UnsetType = UNSET
    tool_calls: list[WireCall] | UnsetType = UNSET


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    message: AnswerMessage
    finish_reason: str
    logprobs: None = None


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created: int
    model: str
    choices: list[Choice]
    usage: ChatUsage
    thinkwell: Extension
    object: Literal["chat.completion"] = "chat.completion"


class WireModel(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created: int
    object: Literal["model"] = "model"
    owned_by: str = "thinkwell"


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    data: list[WireModel]
    object: Literal["list"] = "list"


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    message: str
    type: str
    code: str
    param: str | None = None


class ErrorReply(msgspec.Struct, frozen=True):
    error: ErrorBody


def tool_call_delta(event: ToolCallDelta) -> WireCallDelta:
    first = event.name is not None
    return WireCallDelta(
        index=event.index,
        function=WireFunctionDelta(name=event.name if event.name is not None else UNSET, arguments=event.arguments),
        id=event.id if event.id is not None else UNSET,
        type="function" if first else UNSET,
    )


def tool_calls_of(said: Iterable[TurnEvent]) -> list[WireCall]:
    return [
        WireCall(id=call.id, function=WireFunction(name=call.name, arguments=call.arguments))
        for call in called(said)
    ]


def usage_on_wire(usage: Usage) -> ChatUsage:
    return ChatUsage(
        prompt_tokens=usage.prompt,
        completion_tokens=usage.generated,
        total_tokens=usage.prompt + usage.generated,
        prompt_tokens_details=PromptTokens(usage.cached),
        completion_tokens_details=CompletionTokens(usage.reasoning),
    )
