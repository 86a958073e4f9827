"""HTTP/1.1 to one server over kept connections, as bytes come: httptools' parser on the loop's transports.

Knows requests, heads and bodies; no events, no chat. A body is poured into a function from the very
callback in which the loop read it: a token passes no queue and wakes no task (docs/decisions/0007).
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

from thinkwell.engines.failures import failure_of
from thinkwell.engines.http1_reply import Reply
from thinkwell.engines.server import EngineTimeouts
from thinkwell.errors import EngineBroken, EngineError, EngineStalled, EngineUnavailable

MOST_HEAD = 64 * 1024  # bytes of a reply's head
KEPT_IDLE_S = 30.0
# To let the end of a finished reply come in, so that its connection can be kept.
LINGER_S = 0.1


class Http1Client:
    """Connections to one server, opened when needed and never again after ``close``.

    ``root`` is the base address; ``headers`` go with every request.
    """

    def __init__(self, root: str, headers: Mapping[str, str], timeouts: EngineTimeouts) -> None:
        parts = urlsplit(root)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._prefix = parts.path.rstrip("/").encode()
        lines = {"host": parts.netloc.rpartition("@")[2], **headers}
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")
        self._context: ssl.SSLContext | None = None
        self._timeouts = timeouts
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._closed = False

    async def send(self, method: bytes, path: bytes, body: bytes | None = None) -> Reply:
        """Ask, and wait for the head of the reply. Once more where a kept connection was closed meanwhile.

        Raises EngineError.
        """
        length = (
            b"" if body is None else b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body)
        )
        request = b"%b %b%b HTTP/1.1\r\n%b%b\r\n%b" % (
            method,
            self._prefix,
            path,
            self._lines,
            length,
            body or b"",
        )
        while True:
            if self._closed:
                raise EngineUnavailable("The engine was closed.")
            kept = self._kept()
            connection = kept or await self._connect()
            reply = connection.ask(request)
            try:
                await reply.head()
            except _Stale:
                if kept is None:
                    raise EngineUnavailable("The engine closed the connection before it answered.") from None
                continue
            except BaseException:
                reply.close()
                raise
            return reply

    async def close(self) -> None:
        self._closed = True
        for connection in list(self._open):
            connection.cut(EngineUnavailable("The engine was closed."))

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.quiet():
                return connection
            connection.cut(None)
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        if self._tls and self._context is None:
            self._context = await asyncio.to_thread(ssl.create_default_context)
        try:
            async with asyncio.timeout(self._timeouts.connect_s):
                _, protocol = await loop.create_connection(
                    lambda: _Connection(self, loop, self._timeouts.silent_s),
                    self._host,
                    self._port,
                    ssl=self._context,
                )
        except TimeoutError:
            raise EngineUnavailable("The engine did not answer the call: connecting took too long.") from None
        except (OSError, ValueError) as problem:  # ValueError: a host that is no name, a port that is none
            raise failure_of(problem, streaming=False) from problem
        return protocol

    # -- what connections tell -------------------------------------------------------------------

    def opened(self, connection: _Connection) -> None:
        self._open.add(connection)

    def free(self, connection: _Connection) -> None:
        """It may be used again."""
        if self._closed:
            connection.cut(None)
        else:
            self._idle.append(connection)

    def gone(self, connection: _Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)


class _Stale(Exception):
    """The connection was lost before a byte of the reply came."""


class _Connection(asyncio.Protocol):
    """One connection; at most one request at a time. httptools calls its ``on_…`` methods."""

    __slots__ = (
        "_client",
        "_complete",
        "_extra",
        "_fresh",
        "_head_bytes",
        "_head_done",
        "_headers",
        "_heard_at",
        "_keep",
        "_loop",
        "_parser",
        "_pieces",
        "_poll",
        "_reply",
        "_silent_s",
        "_timer",
        "_transport",
    )

    def __init__(self, client: Http1Client, loop: asyncio.AbstractEventLoop, silent_s: float) -> None:
        self._client = client
        self._loop = loop
        self._silent_s = silent_s
        self._poll: select.poll | None = None
        self._transport: asyncio.Transport | None = None
        self._reply: Reply | None = None
        self._parser: Any = None
        self._pieces: list[bytes] = []
        self._headers: dict[str, str] = {}
        self._head_bytes = 0
        self._head_done = self._complete = self._fresh = self._keep = self._extra = False
        self._heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, request: bytes) -> Reply:
        self._parser = httptools.HttpResponseParser(self)
        self._pieces, self._headers = [], {}
        self._head_bytes = 0
        self._head_done = self._complete = self._extra = False
        self._fresh = True
        self._heard_at = self._loop.time()
        self._set_timer(self._silent_s, self._look)
        reply = self._reply = Reply(self, self._loop)
        assert self._transport is not None
        self._transport.write(request)
        return reply

    def quiet(self) -> bool:
        """Nothing waits to be read: no late bytes that would be taken for the next reply, and no end."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        return self._poll is None or not self._poll.poll(0)

    # -- the loop's protocol ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
        self._client.opened(self)

    def data_received(self, data: bytes) -> None:
        reply = self._reply
        if reply is None:  # nothing was asked: out of step
            self.cut(None)
            return
        self._fresh = False
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._complete:
                self._lose(EngineBroken("The engine's reply could not be read: not HTTP as it should be."))
                return
            self._extra = True  # it came behind a reply that was whole
        if not self._head_done:  # bytes of a head are no sign of life: one that drips has to end as well
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD:
                self._lose(EngineBroken("The engine's reply begins with too long a head."))
            return
        self._heard_at = self._loop.time()
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            reply.on_body(pieces)
        if self._complete and self._reply is reply:
            self._set_free(reply)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, problem: Exception | None) -> None:
        self._client.gone(self)
        self._transport = None
        if self._reply is None:
            self._set_timer(None)
        elif self._fresh:
            self._lose(_Stale())
        elif self._head_done and not {"content-length", "transfer-encoding"} & self._headers.keys():
            self._end(None)  # such a body ends with the connection
        else:
            self._lose(failure_of(problem or ConnectionResetError(), streaming=self._head_done))

    # -- the parser's callbacks ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._extra = self._complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._extra:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # 100 Continue and its kin: the true head is yet to come
            self._headers = {}
        elif not self._extra:
            self._head_done = True
            if self._reply is not None:
                self._reply.on_head(status, self._headers)

    def on_body(self, body: bytes) -> None:
        if not self._extra:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        if self._head_done and not self._extra:
            self._complete = True
            self._keep = self._parser.should_keep_alive()  # known here only: the parser forgets it

    # -- endings ---------------------------------------------------------------------------------

    def _set_free(self, reply: Reply) -> None:
        self._end(None)
        if (
            self._keep
            and not self._extra
            and self._transport is not None
            and not self._transport.is_closing()
        ):
            self._set_timer(KEPT_IDLE_S, self.cut, None)
            self._client.free(self)
        else:
            self.cut(None)

    def linger(self) -> None:
        """The reply is not read on: be free if its end comes soon, else be cut."""
        if self._reply is not None:
            self._set_timer(LINGER_S, self.cut, None)

    def cut(self, problem: EngineError | None) -> None:
        """Abort. A reply that runs ends with ``problem``."""
        self._set_timer(None)
        self._client.gone(self)
        if self._reply is not None:
            self._lose(problem or EngineBroken("The engine's reply was cut off before its end."))
        elif self._transport is not None:
            self._transport.abort()

    def _lose(self, problem: BaseException) -> None:
        self._end(problem)
        if self._transport is not None:
            self._transport.abort()

    def _end(self, problem: BaseException | None) -> None:
        self._set_timer(None)
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.on_end(problem)

    def _look(self) -> None:
        """How long the server has been silent."""
        left = self._heard_at + self._silent_s - self._loop.time()
        if left > 0:
            self._set_timer(left, self._look)
        else:
            self._timer = None
            self._lose(EngineStalled("The engine stopped sending."))

    def _set_timer(
        self, seconds: float | None, then: Callable[..., None] | None = None, *args: object
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None and then is not None:
            self._timer = self._loop.call_later(seconds, then, *args)
