"""uvicorn's HTTP protocol with two things that it does not have by itself: a bound on the head of a request,
and a way to write a piece of a reply in the very call in which it was made (docs/decisions/0007)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_HEAD_BYTES = 64 * 1024
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 41\r\nconnection: close\r\n\r\n"
    b"The head of the request is over 64 KiB.\r\n"
)


# An extension of the ASGI scope: a Pusher, where the server is ours.
PUSH = "thinkwell.push"


class Outbox:
    """What is written in one turn of the loop, sent together at its end: reads first, then writes.

    Tokens of many streams come in one step of an engine. Read and sent by turns, each would wake the other
    end anew and find the processor's caches full of the other work (docs/log.md).
    """

    def __init__(self) -> None:
        self._pushers: list[Pusher] = []

    def post(self, pusher: Pusher) -> None:
        if not self._pushers:
            asyncio.get_running_loop().call_soon(self._send)
        self._pushers.append(pusher)

    def _send(self) -> None:
        pushers, self._pushers = self._pushers, []
        for pusher in pushers:
            pusher.flush()


class Pusher:
    """Writes pieces of a chunked body past the application's task. Head and last piece go by ``send``.

    ``gone`` is called at once when the reader leaves before the answer is complete, where it is set; the
    application learns it by ``receive`` as well, some turns of the loop later.
    """

    __slots__ = ("_cycle", "_outbox", "_posted", "gone")

    def __init__(self, cycle: RequestResponseCycle, outbox: Outbox) -> None:
        self._cycle = cycle
        self._outbox = outbox
        self._posted = b""
        self.gone: Callable[[], None] | None = None

    def lost(self) -> None:
        gone, self.gone = self.gone, None
        if gone is not None and not self._cycle.response_complete:
            gone()

    def write(self, body: bytes) -> bool:
        """With the other writes of this turn of the loop. False: the reader is behind, or gone; then nothing
        will be written."""
        cycle = self._cycle
        if cycle.flow.write_paused or cycle.disconnected or not cycle.chunked_encoding or not body:
            return False
        piece = b"%x\r\n%b\r\n" % (len(body), body)
        if self._posted:
            self._posted += piece
        else:
            self._posted = piece
            self._outbox.post(self)
        return True

    def flush(self) -> None:
        """What was written goes out now: before anything that goes by ``send``."""
        if self._posted:
            piece, self._posted = self._posted, b""
            if not self._cycle.disconnected:
                self._cycle.transport.write(piece)

    @property
    def left(self) -> bool:
        """The reader is gone."""
        return self._cycle.disconnected

    async def writable(self) -> None:
        """Wait until the reader has caught up."""
        await self._cycle.flow.drain()


def pusher_of(scope: Any) -> Pusher | None:
    found = (scope.get("extensions") or {}).get(PUSH, {}).get(PUSH)
    return found if isinstance(found, Pusher) else None


class BoundedProtocol(HttpToolsProtocol):
    """Counts what comes until the head is complete; a head that does not end is refused and cut off."""

    _head_bytes = 0
    _in_head = True
    _pusher: Pusher | None = None
    outbox: Outbox  # one for all connections of a server

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        # The application's task has yet to begin.
        self._pusher = Pusher(self.cycle, self.outbox)
        self.scope["extensions"] = {PUSH: {PUSH: self._pusher}}

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._pusher is not None:
            self._pusher.lost()

    def data_received(self, data: bytes) -> None:
        before = self._head_bytes if self._in_head else 0
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        # Set, not added: a new message may have begun within this very piece.
        self._head_bytes = max(self._head_bytes, before) + len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self.transport.write(REFUSAL)
            self.transport.close()


def protocol_of_a_server() -> type[BoundedProtocol]:
    """uvicorn makes connections of a class: each server has one of its own, with its outbox."""
    return type("Protocol", (BoundedProtocol,), {"outbox": Outbox()})
