"""The conversation in a Chat Completions request: text, pictures, tool calls and their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.images import MOST_IMAGES, image_of_url
from thinkwell.values.message import Image, Message
from thinkwell.values.tool import ToolCall

Text = Annotated[str, Meta(max_length=2_000_000)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]
FunctionName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class TextPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: Text


class ImageUrl(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` is a ``data:`` URL; ``detail`` has no effect."""

    url: Annotated[str, Meta(max_length=20_000_000)]
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="image_url"):
    image_url: ImageUrl


class RefusalPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="refusal"):
    refusal: Text


Parts = Annotated[list[TextPart | ImagePart | RefusalPart], Meta(max_length=1_000)]


class CalledFunction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``parsed_arguments`` is what OpenAI's own helpers add; it has no effect."""

    name: FunctionName
    arguments: Text
    parsed_arguments: Any = None


class MadeCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``index`` is there where a client put a streamed call together; it has no effect."""

    id: Id
    function: CalledFunction
    type: Literal["function"] = "function"
    index: int | None = None


class ThoughtDetail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """OpenRouter's pieces of a thought. Only ``text`` has an effect."""

    type: Literal["reasoning.text", "reasoning.summary", "reasoning.encrypted"]
    text: Text | None = None
    summary: Text | None = None
    data: Text | None = None
    signature: Text | None = None
    id: Annotated[str, Meta(max_length=200)] | None = None
    format: Annotated[str, Meta(max_length=100)] | None = None
    index: int | None = None


class ChatMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the names of an assistant's thought the first that is not empty counts.

    ``name``, ``refusal``, ``parsed`` and the fields that can only be empty are there because clients send
    back answers as they came, or as OpenAI's own helpers made them.
    """

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | Parts | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    thinking: Text | None = None
    reasoning_details: Annotated[list[ThoughtDetail], Meta(max_length=1_000)] | None = None
    tool_calls: Annotated[list[MadeCall], Meta(max_length=128)] | None = None
    tool_call_id: Id | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None
    refusal: Text | None = None
    parsed: Any = None
    annotations: Annotated[list[str], Meta(max_length=0)] | None = None
    audio: None = None
    function_call: None = None


def messages_of(asked: Sequence[ChatMessage]) -> tuple[Message, ...]:
    """Raises BadRequest for what the shapes alone cannot say, TooLarge for pictures that are."""
    made = tuple(_message(message, f"messages[{place}]") for place, message in enumerate(asked))
    images = sum(isinstance(part, Image) for message in made for part in message.parts)
    if images > MOST_IMAGES:
        raise BadRequest(f"At most {MOST_IMAGES} pictures are taken.", param="messages")
    check_results(made)
    return made


def check_results(messages: Sequence[Message]) -> None:
    """Templates stumble over calls without results, and over results of nothing. Raises BadRequest."""
    wanted: set[str] = set()
    for place, message in enumerate(messages):
        if message.role == "tool":
            if message.tool_call_id not in wanted:
                raise BadRequest(
                    "A tool's message follows the assistant's message with the call that it answers, once.",
                    param=f"messages[{place}].tool_call_id",
                )
            wanted.remove(message.tool_call_id)
        elif wanted:
            break
        else:
            ids = [call.id for call in message.tool_calls]
            wanted = set(ids)
            if len(wanted) != len(ids):
                raise BadRequest("Two calls have the same id.", param=f"messages[{place}].tool_calls")
    if wanted:
        raise BadRequest(
            f"The tool call {min(wanted)!r} has no result: a tool's message with its id must follow.",
            param="messages",
        )


def _message(message: ChatMessage, where: str) -> Message:
    role = "system" if message.role == "developer" else message.role
    if message.tool_calls and role != "assistant":
        raise BadRequest("Only an assistant's message has tool calls.", param=f"{where}.tool_calls")
    if (message.tool_call_id is None) is (role == "tool"):
        raise BadRequest("A tool's message, and no other, names the call.", param=f"{where}.tool_call_id")
    if message.content is None and role != "assistant":
        raise BadRequest("A message needs content.", param=f"{where}.content")
    content, parts = _content(message, where)
    return Message(
        role,
        content,
        _thought(message),
        tuple(
            ToolCall(call.id, call.function.name, call.function.arguments)
            for call in message.tool_calls or ()
        ),
        message.tool_call_id,
        parts,
    )


def _content(message: ChatMessage, where: str) -> tuple[str, tuple[str | Image, ...]]:
    """The text, and with pictures among it the parts."""
    if not isinstance(message.content, list):
        return message.content or "", ()
    parts: list[str | Image] = []
    for number, part in enumerate(message.content):
        if isinstance(part, ImagePart):
            if message.role != "user":
                raise BadRequest(
                    "Pictures are taken in the user's messages.", param=f"{where}.content[{number}]"
                )
            parts.append(image_of_url(part.image_url.url, f"{where}.content[{number}].image_url.url"))
        else:
            parts.append(part.text if isinstance(part, TextPart) else part.refusal)
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts), tuple(parts) if len(texts) < len(parts) else ()


def _thought(message: ChatMessage) -> str | None:
    details = "".join(part.text or "" for part in message.reasoning_details or ())
    return message.reasoning_content or message.reasoning or message.thinking or details or None
