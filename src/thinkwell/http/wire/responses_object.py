"""A response as the Responses API shows it: the object, and the list of what was asked."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from thinkwell import errors
from thinkwell.http.wire.costs import Amount, CostDetails, cost_of
from thinkwell.http.wire.responses import ResponsesRequest
from thinkwell.http.wire.responses_items import Made, MadeThought
from thinkwell.http.wire.responses_prompt import Removed
from thinkwell.http.wire.responses_tools import (
    Chosen,
    FunctionTool,
    TextField,
    TextFormat,
    Tooling,
)
from thinkwell.values.event import Failed, Finished, Stopped
from thinkwell.values.receipt import Receipt
from thinkwell.values.thinking import Effort

ResponseStatus = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]

# OpenAI's clients know these; ours stand beside them, as ``thinkwell.code``.
ERROR_CODES = {
    errors.PromptTooLong.code: "context_length_exceeded",
    errors.WouldWait.code: "rate_limit_exceeded",
    errors.LineFull.code: "rate_limit_exceeded",
}


class InputDetails(msgspec.Struct, frozen=True, kw_only=True):
    cached_tokens: int
    cache_write_tokens: int = 0


class OutputDetails(msgspec.Struct, frozen=True, kw_only=True):
    reasoning_tokens: int


class ResponseUsage(msgspec.Struct, frozen=True, kw_only=True):
    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails
    total_tokens: int
    cost: Amount | UnsetType = UNSET
    cost_details: CostDetails | UnsetType = UNSET


class ResponseError(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str


class Incomplete(msgspec.Struct, frozen=True, kw_only=True):
    reason: Literal["max_output_tokens"]


class ReasoningEcho(msgspec.Struct, frozen=True, kw_only=True):
    effort: Effort | None
    summary: None = None


class ResponseExtension(msgspec.Struct, frozen=True, kw_only=True):
    """Ours, under one name. ``code`` and ``retry_after_s`` are of a response that failed."""

    receipt: Receipt
    code: str | UnsetType = UNSET
    retry_after_s: float | UnsetType = UNSET


class ResponseObject(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created_at: int
    status: ResponseStatus
    model: str
    output: list[Made]
    store: bool
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    metadata: dict[str, str]
    parallel_tool_calls: bool
    previous_response_id: str | None
    prompt_cache_key: str | None
    reasoning: ReasoningEcho
    safety_identifier: str | None
    temperature: float | None
    text: TextField
    tool_choice: Chosen
    tools: list[FunctionTool]
    top_p: float | None
    truncation: Literal["auto", "disabled"]
    user: str | None
    object: Literal["response"] = "response"
    background: Literal[False] = False
    completed_at: int | None = None
    error: ResponseError | None = None
    incomplete_details: Incomplete | None = None
    service_tier: Literal["default"] = "default"
    top_logprobs: int = 0
    usage: ResponseUsage | None = None
    input_transformations: list[Removed] = []
    thinkwell: ResponseExtension | UnsetType = UNSET


class ItemList(msgspec.Struct, frozen=True, kw_only=True):
    """``data`` are items as they were asked, each with an id."""

    data: list[dict[str, Any]]
    first_id: str | None
    last_id: str | None
    has_more: bool
    object: Literal["list"] = "list"


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: Literal["response"] = "response"
    deleted: Literal[True] = True


def as_begun(asked: ResponsesRequest, tooling: Tooling, response_id: str, created_at: int) -> ResponseObject:
    """As it is before anything was said. What the site decided in the caller's place is None."""
    text = asked.text or TextField()
    if text.format is None:
        text = msgspec.structs.replace(text, format=TextFormat())
    return ResponseObject(
        id=response_id,
        created_at=created_at,
        status="in_progress",
        model=asked.model,
        output=[],
        store=asked.store is not False,
        instructions=asked.instructions,
        max_output_tokens=asked.max_output_tokens,
        max_tool_calls=asked.max_tool_calls,
        metadata=asked.metadata or {},
        parallel_tool_calls=asked.parallel_tool_calls is not False,
        previous_response_id=asked.previous_response_id,
        prompt_cache_key=asked.prompt_cache_key,
        reasoning=ReasoningEcho(effort=_effort(asked)),
        safety_identifier=asked.safety_identifier,
        temperature=asked.temperature,
        text=text,
        tool_choice=tooling.chosen,
        tools=tooling.specs,
        top_p=asked.top_p,
        truncation=asked.truncation or "disabled",
        user=asked.user,
    )


def _effort(asked: ResponsesRequest) -> Effort | None:
    return (asked.reasoning.effort if asked.reasoning else None) or asked.reasoning_effort


def ended(
    response: ResponseObject, output: list[Made], end: Finished | Failed | Stopped, now: int
) -> ResponseObject:
    """The same response at its end. ``now`` in seconds since 1970."""
    status: ResponseStatus = "completed"
    error = incomplete = None
    extension = ResponseExtension(receipt=end.receipt)
    if isinstance(end, Failed):
        status = "failed"
        error = ResponseError(code=ERROR_CODES.get(end.code, "server_error"), message=end.message)
        retry = UNSET if end.retry_after_s is None else end.retry_after_s
        extension = ResponseExtension(receipt=end.receipt, code=end.code, retry_after_s=retry)
    elif isinstance(end, Stopped):
        status = "cancelled"
    elif end.reason == "length":
        status = "incomplete"
        incomplete = Incomplete(reason="max_output_tokens")
    return msgspec.structs.replace(
        response,
        status=status,
        output=output,
        error=error,
        incomplete_details=incomplete,
        completed_at=now if status == "completed" else None,
        usage=usage_of(end.receipt),
        thinkwell=extension,
    )


def usage_of(receipt: Receipt) -> ResponseUsage:
    usage, cost = receipt.usage, cost_of(receipt)
    return ResponseUsage(
        input_tokens=usage.prompt,
        input_tokens_details=InputDetails(cached_tokens=usage.cached),
        output_tokens=usage.generated,
        output_tokens_details=OutputDetails(reasoning_tokens=usage.reasoning),
        total_tokens=usage.prompt + usage.generated,
        cost=cost.cost,
        cost_details=cost.cost_details,
    )


def without_thought(output: list[Made]) -> list[Made]:
    return [item for item in output if not isinstance(item, MadeThought)]
