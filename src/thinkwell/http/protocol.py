"""uvicorn's HTTP protocol with a bound on the head of a request, which it does not have by itself."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64 * 1024
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 41\r\nconnection: close\r\n\r\n"
    b"The head of the request is over 64 KiB.\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """Counts what comes until the head is complete; a head that does not end is refused and cut off."""

    _head_bytes = 0
    _in_head = True

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

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
