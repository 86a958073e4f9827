"""The least of HTTP/1.1 that a server for measuring needs: requests with a length, one after the other.

Not a server for anybody else: what it does not expect it answers with 400 and closes the connection.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

import msgspec

BACKLOG = 4096
MOST_HEAD = 64 * 1024

_Result = TypeVar("_Result")


def response(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def run_fast(main: Coroutine[Any, Any, _Result]) -> _Result:
    """``uvloop.run``, or ``asyncio.run`` where there is no uvloop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


class RequestReader(asyncio.Protocol):
    """Collects a request and gives it to ``asked``, which says whether its reply is complete already;
    if not, ``replied`` is called when it is, and the next request waits for that."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._busy = False

    def asked(self, method: str, path: str, body: bytes) -> bool:
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        self._next()

    def replied(self) -> None:
        self._busy = False
        if self._held:
            self._next()

    def _next(self) -> None:
        while not self._busy and not self.transport.is_closing():
            found = self._taken()
            if found is None:
                return
            self._busy = True
            self._busy = not self.asked(*found)

    def _taken(self) -> tuple[str, str, bytes] | None:
        held = self._held
        end = held.find(b"\r\n\r\n")
        if end < 0:
            if len(held) > MOST_HEAD:
                self._refuse()
            return None
        lines = bytes(held[:end]).decode("latin-1").split("\r\n")
        fields = dict(line.lower().partition(":")[::2] for line in lines[1:])
        length = fields.get("content-length", "0").strip()
        words = lines[0].split(" ")
        if len(words) != 3 or not length.isdecimal() or "transfer-encoding" in fields:
            self._refuse()
            return None
        after = end + 4 + int(length)
        if len(held) < after:
            return None
        body = bytes(held[end + 4 : after])
        del held[:after]
        return words[0], words[1].partition("?")[0], body

    def _refuse(self) -> None:
        self.transport.write(response("400 Bad Request", b'{"error":{"message":"not understood"}}'))
        self.transport.close()


class Listener:
    """A server on a loopback port, told in one JSON line on standard output."""

    def __init__(self, make: Callable[[], asyncio.Protocol], port: int) -> None:
        self._make = make
        self._port = port

    async def __aenter__(self) -> Listener:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make, "127.0.0.1", self._port, backlog=BACKLOG)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def until_input_ends(self) -> None:
        tell(self.port)
        await input_ended()

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


def tell(port: int) -> None:
    sys.stdout.write(msgspec.json.encode({"url": f"http://127.0.0.1:{port}"}).decode() + "\n")
    sys.stdout.flush()


class _End(asyncio.Protocol):
    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def connection_lost(self, problem: Exception | None) -> None:
        self._ended.set()


async def input_ended() -> None:
    """When whoever started this process is gone, or closed its standard input."""
    ended = asyncio.Event()
    await asyncio.get_running_loop().connect_read_pipe(lambda: _End(ended), sys.stdin)
    await ended.wait()
