"""Calls to one server over kept connections: aiohttp and its failures. Knows no chat and no tokens."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
import msgspec

from thinkwell.engines.failures import NETWORK_FAILURES, failure_of, is_stale
from thinkwell.engines.refusals import MOST_BODY, refusal_of
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.engines.sse import DONE, EventTooLarge, SseEvent, SseReader
from thinkwell.errors import EngineBroken, EngineUnavailable

_MOST_ANSWER = 16 << 20  # bytes of the reply to a small question; tokens of a long prompt are long
_LAST_BYTES_S = 0.1  # to let the end of a finished reply come in, so that the connection can be kept


class ServerConnection:
    """A pool of connections, opened at the first call, and never again after ``close``."""

    def __init__(self, server: ServerAddress, timeouts: EngineTimeouts) -> None:
        self._server = server
        self._timeouts = timeouts
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def ask(self, method: str, path: str, body: object = None) -> bytes:
        """One small question. Raises EngineError, or PromptTooLong."""
        try:
            async with asyncio.timeout(self._timeouts.ask_s):
                reply = await self._send(method, path, body)
                try:
                    answer = await _bounded(reply, _MOST_ANSWER)
                finally:
                    reply.close()
        except NETWORK_FAILURES as problem:
            raise failure_of(problem, streaming=False) from problem
        if reply.status != 200:
            raise refusal_of(reply.status, answer, reply.headers, secret=self._server.key)
        return answer

    async def begin(self, path: str, body: object) -> ReplyStream:
        """A question that is answered by events. Raises EngineError, or PromptTooLong."""
        try:
            reply = await self._send("POST", path, body)
        except NETWORK_FAILURES as problem:
            raise failure_of(problem, streaming=False) from problem
        if reply.status == 200 and reply.content_type == "text/event-stream":
            return ReplyStream(reply)
        try:
            async with asyncio.timeout(self._timeouts.ask_s):
                answer = await _bounded(reply, MOST_BODY)
        except NETWORK_FAILURES as problem:
            raise failure_of(problem, streaming=True) from problem
        finally:
            reply.close()
        if reply.status == 200:
            raise EngineBroken("The engine answered with something else in place of a stream.")
        raise refusal_of(reply.status, answer, reply.headers, secret=self._server.key)

    async def close(self) -> None:
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(self, method: str, path: str, body: object) -> aiohttp.ClientResponse:
        """The request, once more where a kept connection turned out to have been closed meanwhile."""
        session = self._open()
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if data else None
        for attempt in (1, 2):
            trace: dict[str, bool] = {}
            try:
                return await session.request(
                    method,
                    self._server.root + path,
                    data=data,
                    headers=headers,
                    allow_redirects=False,  # the key goes to this address only
                    trace_request_ctx=trace,
                )
            except NETWORK_FAILURES as problem:
                if attempt == 2 or not trace.get("reused") or not is_stale(problem):
                    raise
        raise AssertionError("unreachable")

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise EngineUnavailable("The engine was closed.")
        if self._session is None:
            headers = {"Accept-Encoding": "identity", "User-Agent": "thinkwell"}
            if self._server.key:
                headers["Authorization"] = f"Bearer {self._server.key}"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),  # slots are the limit
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._timeouts.connect_s, sock_read=self._timeouts.silent_s
                ),
                headers=headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # a small reply must not become a big one
                trace_configs=[_note_reuse()],
            )
        return self._session


class ReplyStream:
    """The events of one reply, as they come. ``close`` before the end cuts the connection."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self._reply = reply
        self._sse = SseReader()

    async def next(self) -> list[SseEvent] | None:
        """The events that the next bytes complete, None at the end.

        Raises EngineStalled or EngineBroken.
        """
        content = self._reply.content
        try:
            chunk = await content.readany()
            if not chunk:
                return self._sse.close() or None
            events = self._sse.feed(chunk)
        except EventTooLarge as problem:
            raise EngineBroken(f"The engine sent {problem}.") from None
        except NETWORK_FAILURES as problem:
            raise failure_of(problem, streaming=True) from problem
        if events and events[-1].data == DONE and not content.at_eof():
            with contextlib.suppress(*NETWORK_FAILURES):
                async with asyncio.timeout(_LAST_BYTES_S):
                    await content.readany()
        return events

    def close(self) -> None:
        self._reply.close()  # a reply read to its end has given its connection back before


async def _bounded(reply: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    while len(body) <= most and (chunk := await reply.content.readany()):
        body += chunk
    if len(body) > most:
        raise EngineBroken("The engine's answer is too long.")
    return bytes(body)


def _note_reuse() -> aiohttp.TraceConfig:
    async def reused(session: aiohttp.ClientSession, context: Any, params: object) -> None:
        context.trace_request_ctx["reused"] = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(reused)
    return trace
