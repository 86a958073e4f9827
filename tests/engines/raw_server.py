"""A small raw HTTP server whose replies the tests write byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

Reply = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.path = ""
        self.headers: dict[str, str] = {}
        self.body: Any = None
        self.hang_up = False

    async def json(self, body: object, status: int = 200, headers: str = "") -> None:
        await self.plain(json.dumps(body).encode(), status, "application/json", headers)

    async def plain(self, body: bytes, status: int = 200, kind: str = "text/html", headers: str = "") -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.writer.write(head.encode() + body)
        await self.writer.drain()

    async def begin_events(self) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.writer.write(head.encode())

    async def bytes(self, block: bytes) -> None:
        self.writer.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
        await self.writer.drain()

    async def event(self, data: object) -> None:
        await self.bytes(
            b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"
        )

    async def end(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def say(self, *texts: str, finish: str = "stop") -> None:
        """A whole ordinary reply."""
        await self.begin_events()
        for text in texts:
            await self.event({"choices": [{"delta": {"content": text}}]})
        await self.event({"choices": [{"delta": {}, "finish_reason": finish}]})
        # The end comes with the last event: where it comes later, whether the connection is kept is a race.
        self.writer.write(b"e\r\ndata: [DONE]\n\n\r\n")
        await self.end()

    async def client_gone(self) -> None:
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass

    def reset(self) -> None:
        self.hang_up = True
        self.writer.transport.abort()


class RawServer:
    """``routes`` maps "METHOD /path" to a Reply; ``requests`` holds what came."""

    def __init__(self) -> None:
        self.routes: dict[str, Reply] = {}
        self.requests: list[Exchange] = []
        self.connections = 0
        self.url = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 24)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.routes["GET /v1/models"] = lambda x: x.json({"data": [{"id": "some-model"}]})

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def chat(self, reply: Reply) -> None:
        self.routes["POST /v1/chat/completions"] = reply

    @property
    def asked(self) -> Any:
        return next(x.body for x in reversed(self.requests) if x.path == "/v1/chat/completions")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while (exchange := await self._read(reader, writer)) is not None:
                line = exchange.headers["line"]
                reply = self.routes.get(" ".join(line.split()[:2]), lambda x: x.json({"error": "no"}, 404))
                self.requests.append(exchange)
                await reply(exchange)
                if exchange.hang_up:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
        head = await reader.readuntil(b"\r\n\r\n")
        exchange = Exchange(reader, writer)
        lines = head.decode().split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        exchange.headers = {name.lower(): value.strip() for name, _, value in pairs}
        exchange.headers["line"] = lines[0]
        exchange.path = lines[0].split()[1]
        if length := int(exchange.headers.get("content-length", "0")):
            exchange.body = json.loads(await reader.readexactly(length))
        return exchange
