"""The conversation in an Anthropic request: blocks of text, pictures, thoughts, tool calls and results."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=2_000_000)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]
ToolName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]


class CacheControl(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accepted without effect: engines here find equal beginnings of prompts by themselves."""

    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


class _Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    cache_control: CacheControl | None = None


class TextBlock(_Block, frozen=True, tag="text"):
    """``citations`` can only be empty: nothing here makes any."""

    text: Text
    citations: Annotated[list[str], Meta(max_length=0)] | None = None


class Base64Source(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="base64"
):
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
    data: Annotated[str, Meta(max_length=20_000_000)]


class UrlSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="url"
):
    """Known in order to be refused with a reason: this site fetches nothing."""

    url: Annotated[str, Meta(max_length=20_000)]


class ImageBlock(_Block, frozen=True, tag="image"):
    source: Base64Source | UrlSource


class ThinkingBlock(_Block, frozen=True, tag="thinking"):
    """``signature`` must be the one that this site sent with the thought."""

    thinking: Text
    signature: Annotated[str, Meta(max_length=100_000)] | None = None


class RedactedBlock(_Block, frozen=True, tag="redacted_thinking"):
    """Known in order to be refused with a reason: this site makes none."""

    data: Text


class DirectCaller(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["direct"]


class ToolUseBlock(_Block, frozen=True, tag="tool_use"):
    """``caller`` has no effect: it can only be the model itself."""

    id: Id
    name: ToolName
    input: dict[str, Any]
    caller: DirectCaller | None = None


class ToolResultBlock(_Block, frozen=True, tag="tool_result"):
    tool_use_id: Id
    content: Text | Annotated[list[TextBlock | ImageBlock], Meta(max_length=1_000)] | None = None
    is_error: bool | None = None


Block = TextBlock | ImageBlock | ThinkingBlock | RedactedBlock | ToolUseBlock | ToolResultBlock
Blocks = Annotated[list[Block], Meta(max_length=1_000)]
TextBlocks = Annotated[list[TextBlock], Meta(max_length=1_000)]


class MessageParam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Literal["user", "assistant", "system"]
    content: Text | Blocks
