"""Tools that a model may call, calls of them, and the shape that an answer must have. Schemas are opaque."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A function that the caller runs. ``parameters`` is a JSON schema of its arguments."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ToolChoice(msgspec.Struct, frozen=True, kw_only=True):
    """``mode`` ``named`` wants the tool ``name``; ``at_once`` False: at most one call (None: as it likes)."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str | None = None
    at_once: bool | None = None


class ToolCall(msgspec.Struct, frozen=True):
    """``arguments`` is JSON text as the model wrote it; it may be no JSON at all."""

    id: str
    name: str
    arguments: str


class ToolCallPiece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a call as it streams. ``id`` and ``name`` come with the first piece of an ``index``."""

    index: int
    arguments: str = ""
    id: str | None = None
    name: str | None = None


class AnswerShape(msgspec.Struct, frozen=True, kw_only=True):
    """The answer must be JSON (``schema`` None: any object), or JSON that the schema allows."""

    name: str = "answer"
    schema: dict[str, Any] | None = None
    strict: bool | None = None
