"""HTTP clients of the bare proxies, behind one shape: ask, then pieces of the body as they come."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, Self, cast
from urllib.parse import urlsplit

import aiohttp
import msgspec

KEPT_S = 60.0


class Reply(msgspec.Struct):
    status: int
    content_type: bytes
    pieces: AsyncIterator[bytes]


class Client(Protocol):
    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    def ask(self, method: str, path: str, body: bytes) -> AbstractAsyncContextManager[Reply]:
        """Leaving the block before the end of the pieces closes the connection."""


class AiohttpClient:
    def __init__(self, upstream: str) -> None:
        self._upstream = upstream

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Content-Type": "application/json"},
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    @asynccontextmanager
    async def ask(self, method: str, path: str, body: bytes) -> AsyncIterator[Reply]:
        async with self._session.request(method, self._upstream + path, data=body or None) as reply:
            kind = reply.headers.get("content-type", "").encode()
            yield Reply(reply.status, kind, reply.content.iter_any())


class HttpxClient:
    def __init__(self, upstream: str) -> None:
        self._upstream = upstream

    async def __aenter__(self) -> Self:
        httpx = importlib.import_module("httpx")
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT_S)
        self._client: Any = httpx.AsyncClient(
            limits=limits, timeout=None, headers={"content-type": "application/json"}
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def ask(self, method: str, path: str, body: bytes) -> AsyncIterator[Reply]:
        async with self._client.stream(method, self._upstream + path, content=body) as reply:
            yield Reply(reply.status_code, reply.headers.get("content-type", "").encode(), reply.aiter_raw())


class RawClient:
    """asyncio's own protocol and httptools' parser, with the connections that are free."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._free: list[_RawConnection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._free:
            connection.close()

    @asynccontextmanager
    async def ask(self, method: str, path: str, body: bytes) -> AsyncIterator[Reply]:
        connection = await self._connection()
        try:
            connection.send(
                f"{method} {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await connection.head()
            yield Reply(connection.status, connection.content_type, connection.pieces())
        finally:
            if connection.complete:
                self._free.append(connection)
            else:
                connection.close()

    async def _connection(self) -> _RawConnection:
        while self._free:
            connection = self._free.pop()
            if not connection.lost:
                return connection
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(_RawConnection, self._host, self._port)
        return made


class _RawConnection(asyncio.Protocol):
    def __init__(self) -> None:
        self._parser: Any = None
        self._pieces: list[bytes] = []
        self._waiting: asyncio.Future[None] | None = None
        self.status = 0
        self.content_type = b""
        self.complete = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, problem: Exception | None) -> None:
        self.lost = True
        self._wake()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)
        self._wake()

    def send(self, request: bytes) -> None:
        self._parser = importlib.import_module("httptools").HttpResponseParser(self)
        self.status, self.complete = 0, False
        self._transport.write(request)

    def close(self) -> None:
        self._transport.abort()

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self.content_type = value

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        self.complete = True

    async def head(self) -> None:
        while not self.status:
            await self._more()

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            if self._pieces:
                piece = b"".join(self._pieces)
                self._pieces.clear()
                yield piece
            elif self.complete:
                return
            else:
                await self._more()

    async def _more(self) -> None:
        if self.lost:
            raise ConnectionResetError("the upstream closed the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


CLIENTS: dict[str, Callable[[str], Client]] = {
    "aiohttp": AiohttpClient,
    "httpx": HttpxClient,
    "raw": RawClient,
}
