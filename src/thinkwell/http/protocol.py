"""uvicorn's HTTP protocol with two things that it does not have by itself: a bound on the head of a request,
and a way to write a piece of a reply in the very call in which it was made (docs/decisions/0007)."""

from __future__ import annotations

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


class Pusher:
    """Writes pieces of a chunked body past the application's task. Head and last piece go by ``send``.

    ``gone`` is called at once when the reader leaves before the answer is complete, where it is set; the
    application learns it by ``receive`` as well, some turns of the loop later.
    """

    __slots__ = ("_cycle", "gone")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self.gone: Callable[[], None] | None = None

    def lost(self) -> None:
        gone, self.gone = self.gone, None
        if gone is not None and not self._cycle.response_complete:
            gone()

    def write(self, body: bytes) -> bool:
        """False: the reader is behind, or gone. Nothing was written then."""
        cycle = self._cycle
        if cycle.flow.write_paused or cycle.disconnected or not cycle.chunked_encoding or not body:
            return False
        cycle.transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        return True

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

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        # The application's task has yet to begin.
        self._pusher = Pusher(self.cycle)
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
