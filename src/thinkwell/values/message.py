"""One message of a prompt, as every engine understands it."""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.values.tool import ToolCall

Role = Literal["system", "user", "assistant", "tool"]


class Image(msgspec.Struct, frozen=True):
    """A picture within a message: ``data`` is base64 of a file of ``media_type`` (``image/png``)."""

    media_type: str
    data: str


class Message(msgspec.Struct, frozen=True):
    """``reasoning`` is the thought that led to an assistant's ``content``, where it is known.

    ``tool_calls`` are an assistant's; ``tool_call_id`` says which of them a tool's message answers.
    ``parts`` is empty for plain text; with images in it, it holds the same text in pieces, in order, and
    ``content`` is the pieces of text joined.
    """

    role: Role
    content: str
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    parts: tuple[str | Image, ...] = ()
