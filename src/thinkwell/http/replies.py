"""How a turn is told to its one reader at an API door: whole, or streamed. Knows no dialect: a Printer does.

A reader that leaves stops the turn, since nobody else can read it; but not one that ``stays``, which was
asked under an idempotency key and can be asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from thinkwell.http.made_by import MADE_BY_AI
from thinkwell.http.news import as_of_now
from thinkwell.http.protocol import pusher_of
from thinkwell.http.sse import STREAM_HEADERS, EventStream, first_spoken, unless_gone
from thinkwell.turns.live import LiveTurn
from thinkwell.values.event import Failed, Finished, Stopped, TurnEnd, TurnEvent

Headers = tuple[tuple[bytes, bytes], ...]
NO_HEADERS: Headers = ()


class Reply(msgspec.Struct, frozen=True):
    """A whole HTTP answer."""

    status: int
    body: bytes
    headers: Headers = NO_HEADERS


class WholePrinter(Protocol):
    """One turn in one dialect, told when it is over."""

    def whole(self, said: Sequence[TurnEvent], end: Finished | Stopped) -> bytes:
        """The body of an answer in one piece: all that was said, and how it ended."""

    def failed(self, end: Failed) -> Reply:
        """A turn that failed before a word was sent."""


class Printer(WholePrinter, Protocol):
    """Also told as it runs. It keeps what it needs from call to call; events come once, in order."""

    def print(self, events: Sequence[TurnEvent]) -> bytes:
        """Bytes of the stream for these events; empty for none. The ending is among them, last."""

    def quiet(self) -> bytes:
        """What is said after KEEP_ALIVE_S without an event."""


class Whole:
    """The answer in one piece, when it is complete."""

    def __init__(
        self, live: LiveTurn, printer: WholePrinter, headers: Headers = NO_HEADERS, *, stays: bool = False
    ) -> None:
        self._live = live
        self._printer = printer
        self._headers = headers
        self._stop = None if stays else partial(live.stop, "reader")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        live = self._live
        ends: list[TurnEnd] = []

        async def over() -> None:
            ends.append(await live.over())

        if not await until_left(scope, receive, over(), self._stop):
            return
        end = ends[0]
        if isinstance(end, Failed):
            reply = _with(self._headers, self._printer.failed(end))
        else:
            reply = Reply(200, self._printer.whole(live.log.since(0), end), (*self._headers, *MADE_BY_AI))
        await respond(reply)(scope, receive, send)


class Streamed:
    """Events as they come. The status waits for the first event that decides it."""

    def __init__(
        self, live: LiveTurn, printer: Printer, headers: Headers = NO_HEADERS, *, stays: bool = False
    ) -> None:
        self._live = live
        self._printer = printer
        self._headers = headers
        self._stop = None if stays else partial(live.stop, "reader")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first: list[TurnEvent] = []

        async def decide() -> None:
            first.append(await first_spoken(self._live.log))

        if not await until_left(scope, receive, decide(), self._stop):
            return
        if isinstance(first[0], Failed):
            await respond(_with(self._headers, self._printer.failed(first[0])))(scope, receive, send)
            return
        printer = self._printer
        headers = (*STREAM_HEADERS, *self._headers)

        log, stays = self._live.log, self._stop is None

        def prints(_: int, events: Sequence[TurnEvent]) -> bytes:
            return printer.print(as_of_now(log, events) if stays else events)

        stream = EventStream(log, 0, prints, self._stop or _nothing, printer.quiet, headers)
        await stream(scope, receive, send)


def _nothing() -> None:
    """The turn goes on."""


async def until_left(
    scope: Scope, receive: Receive, work: Coroutine[Any, Any, None], stop: Callable[[], None] | None
) -> bool:
    """Do ``work``, which waits for a turn; ``stop`` the turn when its reader leaves. False: the reader left.

    Our own server says at once that a reader left, and a stopped turn ends the wait: no task need watch.
    """
    pusher = pusher_of(scope)
    if pusher is None or stop is None:
        if await unless_gone(receive, work):
            return True
        if stop is not None:
            stop()
        return False
    pusher.gone = stop
    if pusher.left:
        stop()
    await work
    return not pusher.left


def _with(headers: Headers, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, headers=(*headers, *reply.headers))


def respond(reply: Reply) -> ASGIApp:
    """JSON in one piece."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        length = (b"content-length", b"%d" % len(reply.body))
        headers = [(b"content-type", b"application/json"), length, *reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body, "more_body": False})

    return app
