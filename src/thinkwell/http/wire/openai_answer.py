"""What OpenAI's clients read of a turn: whole, or in chunks. And the models' list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from thinkwell.http.wire.costs import Amount, CostDetails, cost_of
from thinkwell.http.wire.waiting import News
from thinkwell.turns.spoken import called
from thinkwell.values.event import ToolCallDelta, TurnEvent
from thinkwell.values.receipt import Receipt


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
    """Cached tokens in OpenAI's spelling (within the details) and in DeepSeek's (``hit`` and ``miss``)."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokens
    completion_tokens_details: CompletionTokens
    prompt_cache_hit_tokens: int
    prompt_cache_miss_tokens: int
    cost: Amount | UnsetType = UNSET
    cost_details: CostDetails | UnsetType = UNSET


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


def tool_call_delta(event: ToolCallDelta) -> WireCallDelta:
    first = event.name is not None
    return WireCallDelta(
        index=event.index,
        function=WireFunctionDelta(
            name=event.name if event.name is not None else UNSET, arguments=event.arguments
        ),
        id=event.id if event.id is not None else UNSET,
        type="function" if first else UNSET,
    )


def tool_calls_of(said: Iterable[TurnEvent]) -> list[WireCall]:
    return [
        WireCall(id=call.id, function=WireFunction(name=call.name, arguments=call.arguments))
        for call in called(said)
    ]


def usage_on_wire(receipt: Receipt) -> ChatUsage:
    usage, cost = receipt.usage, cost_of(receipt)
    return ChatUsage(
        prompt_tokens=usage.prompt,
        completion_tokens=usage.generated,
        total_tokens=usage.prompt + usage.generated,
        prompt_tokens_details=PromptTokens(usage.cached),
        completion_tokens_details=CompletionTokens(usage.reasoning),
        prompt_cache_hit_tokens=usage.cached,
        prompt_cache_miss_tokens=usage.prompt - usage.cached,
        cost=cost.cost,
        cost_details=cost.cost_details,
    )
