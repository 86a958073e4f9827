"""The front door: the three addresses where turns are asked for over the API, without the framework between.

Litestar describes them, and takes every other address. For a request of a millisecond its routing,
signature model and wrappers are a fifth of the work (docs/log.md), so these are served here: the same
functions, the same shapes decoded by the same library, the same error map.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from thinkwell.errors import BadRequest, ThinkwellError, TooLarge
from thinkwell.http.doors import anthropic, openai, responses
from thinkwell.http.errors import as_ours, told
from thinkwell.http.site import Site
from thinkwell.http.wire.anthropic import MessagesRequest
from thinkwell.http.wire.openai_chat import ChatRequest
from thinkwell.http.wire.responses import ResponsesRequest

Door = Callable[..., Awaitable[ASGIApp]]
JSON = b"application/json"


class _Left(Exception):
    """The reader left before all of the question had come."""


class _Read(Request[Any, Any, Any]):
    """A request whose body was read already."""

    def __init__(self, scope: Scope, whole: bytes) -> None:
        super().__init__(scope)
        self._whole = whole

    async def body(self) -> bytes:
        return self._whole


class FrontDoor:
    """An ASGI application around ``app``, which has the rest."""

    def __init__(self, site: Site, app: ASGIApp) -> None:
        self._site = site
        self._traces = site.watching.traces
        self._app = app
        self._most = site.settings.http.max_body_bytes
        self._doors: dict[str, tuple[Door, msgspec.json.Decoder[Any]]] = {
            "/v1/chat/completions": _door(openai.chat_completions, ChatRequest),
            "/v1/responses": _door(responses.create_response, ResponsesRequest),
            "/v1/messages": _door(anthropic.create_message, MessagesRequest),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked: Any = scope
        if self._traces is not None and asked["type"] == "http":
            self._traces.asked_with(asked["headers"])
        door = self._doors.get(asked["path"]) if asked["type"] == "http" else None
        if door is None or asked["method"] != "POST" or not _is_json(asked):
            await self._app(scope, receive, send)
            return
        ask, decoder = door
        try:
            body = await self._body(receive)
            data = decoder.decode(body)
            request = _Read(scope, body)
            reply = await ask(data=data, request=request, site=self._site)
            # A stream may be open for long: it needs none of them any more.
            del body, data, request
        except _Left:
            return
        except Exception as problem:  # noqa: BLE001  the boundary of a request: any error becomes an answer
            asking: Request[Any, Any, Any] = Request(scope, receive, send)
            ours = _named(problem, asked["path"])
            self._site.watching.turned_away(ours.code)
            response = told(asking, ours, ours)
            reply = cast(ASGIApp, response.to_asgi_response(None, asking))
        await reply(scope, receive, send)

    async def _body(self, receive: Receive) -> bytes:
        """Raises TooLarge."""
        body = b""
        while True:
            message: Any = await receive()
            if message["type"] == "http.disconnect":
                raise _Left
            more: bytes = message.get("body", b"")
            body = body + more if body else more
            if len(body) > self._most:
                raise TooLarge("The request is larger than this site takes.")
            if not message.get("more_body", False):
                return body


def _door(handler: Any, shape: type) -> tuple[Door, msgspec.json.Decoder[Any]]:
    return handler.fn, msgspec.json.Decoder(shape)


def _is_json(scope: Any) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-type":
            return bool(value[: len(JSON)] == JSON)
    return True


def _named(problem: Exception, path: str) -> ThinkwellError:
    if isinstance(problem, msgspec.DecodeError) and not isinstance(problem, msgspec.ValidationError):
        return BadRequest(f"The body is not valid JSON: {problem}.")
    return as_ours(problem, path)
