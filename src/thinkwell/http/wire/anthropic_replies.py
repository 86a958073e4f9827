"""Anthropic Messages on the wire: what is answered, whole and in pieces, errors and models included."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.http.wire.costs import Amount, CostDetails, cost_of
from thinkwell.http.wire.waiting import News
from thinkwell.values.receipt import Receipt

StopReason = Literal["end_turn", "max_tokens", "tool_use"]


class OutputDetails(msgspec.Struct, frozen=True):
    thinking_tokens: int


class WireUsage(msgspec.Struct, frozen=True, kw_only=True):
    """``input_tokens`` are those that the engine had to read; the others of the prompt were in its cache."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    output_tokens_details: OutputDetails | UnsetType = UNSET
    cost: Amount | UnsetType = UNSET
    cost_details: CostDetails | UnsetType = UNSET


def usage_on_wire(receipt: Receipt) -> WireUsage:
    usage, cost = receipt.usage, cost_of(receipt)
    return WireUsage(
        input_tokens=usage.prompt - usage.cached,
        output_tokens=usage.generated,
        cache_read_input_tokens=usage.cached,
        output_tokens_details=OutputDetails(usage.reasoning),
        cost=cost.cost,
        cost_details=cost.cost_details,
    )


class MessageExtension(msgspec.Struct, frozen=True, kw_only=True):
    """Ours, under one name."""

    receipt: Receipt


class SaidText(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    text: str


class SaidThought(msgspec.Struct, frozen=True, tag_field="type", tag="thinking"):
    """``thinking`` is empty where the caller asked not to have it sent."""

    thinking: str
    signature: str


class SaidCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="tool_use"):
    id: str
    name: str
    input: dict[str, Any]


SaidBlock = SaidText | SaidThought | SaidCall


class WholeMessage(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    model: str
    content: list[SaidBlock]
    usage: WireUsage
    stop_reason: StopReason | None
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    stop_sequence: None = None
    thinkwell: MessageExtension | UnsetType = UNSET


class MessageStart(msgspec.Struct, frozen=True, tag_field="type", tag="message_start"):
    message: WholeMessage


class BlockStart(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="content_block_start"):
    index: int
    content_block: SaidBlock


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    stop_reason: StopReason
    stop_sequence: None = None


class MessageDelta(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="message_delta"):
    delta: Ended
    usage: WireUsage
    thinkwell: MessageExtension


class NewsEvent(msgspec.Struct, frozen=True, tag_field="type", tag="thinkwell"):
    """Ours, for those who asked for it."""

    thinkwell: News


class MessagesErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    message: str


class MessagesErrorDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong by its own name, and the field that it is about."""

    code: str
    param: str | None = None


class MessagesError(msgspec.Struct, frozen=True, kw_only=True):
    error: MessagesErrorBody
    request_id: str
    thinkwell: MessagesErrorDetail
    type: Literal["error"] = "error"


class CountDetail(msgspec.Struct, frozen=True):
    """``exact`` is false where the engine could not count and the number is an estimate."""

    exact: bool


class CountReply(msgspec.Struct, frozen=True, kw_only=True):
    input_tokens: Annotated[int, Meta(ge=0)]
    thinkwell: CountDetail


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    display_name: str
    created_at: str
    max_input_tokens: int
    max_tokens: int
    type: Literal["model"] = "model"


class ModelPage(msgspec.Struct, frozen=True, kw_only=True):
    data: list[ModelInfo]
    first_id: str | None
    last_id: str | None
    has_more: Literal[False] = False
