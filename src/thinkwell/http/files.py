"""Replies that are files to be kept by whoever asked for them, written in pieces. Knows no door."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

from litestar.types import ASGIApp, Receive, Scope, Send

from thinkwell.http.made_by import MADE_BY_AI
from thinkwell.http.sse import unless_gone


def _named(name: str) -> bytes:
    """As RFC 6266 wants a name with other letters than English has."""
    plain = name.encode("ascii", "ignore").decode().lstrip("-.") or "file"
    also = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{also}'.encode()


def as_file(name: str, media_type: bytes, pieces: AsyncGenerator[bytes, None]) -> ASGIApp:
    """``name`` is one of ours: letters, digits, points and hyphens. The connection sets the pace;
    a reader that leaves ends it."""
    headers = [
        (b"content-type", media_type),
        (b"content-disposition", _named(name)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *MADE_BY_AI,
    ]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def write() -> None:
            async with aclosing(pieces):
                # The first piece before the head: what fails at once is a true status.
                first = await anext(pieces)
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": first, "more_body": True})
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await unless_gone(receive, write())

    return app
