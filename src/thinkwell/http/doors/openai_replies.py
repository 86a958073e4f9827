"""How a turn is told at the OpenAI door: whole, or streamed. The request's reader is the turn's only one."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

import msgspec
from litestar import Request
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import UNSET

from thinkwell.http.errors import openai_error
from thinkwell.http.sse import KEEP_ALIVE, NEXT_FRAME_S, EventStream, first_spoken, unless_gone
from thinkwell.http.wire.openai_chat import (
    AnswerMessage,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    Delta,
    Extension,
    usage_on_wire,
)
from thinkwell.http.wire.waiting import News, aged, comment_of, news_of, utc_after
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    Queued,
    ReasoningDelta,
    Shortened,
    Started,
    Stopped,
    TurnEvent,
)

# Said with a 503 that does not know better: an engine that is brought back takes about that long.
RETRY_AFTER_S = 30.0
encoder = msgspec.json.Encoder()


class _Reply:
    """Runs one reply. A reader that leaves stops the turn: nobody else can read it."""

    def __init__(self, live: LiveTurn) -> None:
        self._live = live
        self._created = int(time.time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise NotImplementedError

    def _gone(self) -> None:
        self._live.stop("reader")


class Whole(_Reply):
    """The answer in one piece, when it is complete."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def work() -> None:
            end = await self._live.over()
            if isinstance(end, Failed):
                await failed_response(end)(scope, receive, send)
                return
            body = encoder.encode(self._completion(end))
            await Response(body, media_type="application/json").to_asgi_response(None, Request(scope))(
                scope, receive, send
            )

        if not await unless_gone(receive, work()):
            self._gone()

    def _completion(self, end: Finished | Stopped) -> Completion:
        answer, thought = spoken_text(self._live.log.since(0))
        message = AnswerMessage(
            content=answer, reasoning_content=thought or UNSET, reasoning=thought or UNSET
        )
        reason = end.reason if isinstance(end, Finished) else "stop"
        return Completion(
            id=self._live.request.id,
            created=self._created,
            model=self._live.request.model,
            choices=[Choice(index=0, message=message, finish_reason=reason)],
            usage=usage_on_wire(end.receipt.usage),
            thinkwell=Extension(receipt=end.receipt),
        )


class Streamed(_Reply):
    """Chunks as they come. The status waits for the first event that decides it.

    ``usage`` adds the chunk with the usage; ``events`` tells the line as events, not as comments.
    """

    def __init__(self, live: LiveTurn, *, usage: bool = False, events: bool = False) -> None:
        super().__init__(live)
        self._usage = usage
        self._events = events
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first: list[TurnEvent] = []

        async def decide() -> None:
            first.append(await first_spoken(self._live.log))

        if not await unless_gone(receive, decide()):
            self._gone()
        elif isinstance(first[0], Failed):
            await failed_response(first[0])(scope, receive, send)
        else:
            stream = EventStream(self._live.log, 0, self._print, self._gone, self._quiet)
            await stream(scope, receive, send)

    def _print(self, seq: int, event: TurnEvent) -> bytes:
        if isinstance(event, ReasoningDelta):
            return (
                self._chunk(Delta(reasoning_content=event.text, reasoning=event.text)) if event.text else b""
            )
        if isinstance(event, AnswerDelta):
            return self._chunk(Delta(content=event.text)) if event.text else b""
        if isinstance(event, Queued | Shortened):
            return self._news(event)
        if isinstance(event, Started):
            return self._start(event)
        if isinstance(event, Failed):
            _, body = openai_error(event.code, event.message)
            return b"data: " + encoder.encode(body) + b"\n\ndata: [DONE]\n\n"
        if isinstance(event, Finished | Stopped):
            return self._end(event)
        return b""

    def _quiet(self) -> bytes:
        """Who waits is told again how things stand, not merely that the line is open."""
        log = self._live.log
        if not isinstance(log.latest, Queued):
            return KEEP_ALIVE
        return self._news(msgspec.structs.replace(aged(log.latest, log.latest_age_s), moved=None))

    def _news(self, event: Queued | Started | Shortened) -> bytes:
        deadline = utc_after(datetime.now(UTC), NEXT_FRAME_S)
        if self._events:
            chunk = self._bare_chunk([], thinkwell=news_of(event, deadline))
            return b"event: thinkwell\ndata: " + encoder.encode(chunk) + b"\n\n"
        return b"" if isinstance(event, Started) else comment_of(event, deadline)

    def _start(self, event: Started) -> bytes:
        """A turn that gave way starts again, but its message begins once."""
        news = self._news(event)
        if self._begun:
            return news
        self._begun = True
        return news + self._chunk(Delta(role="assistant", content=""))

    def _end(self, end: Finished | Stopped) -> bytes:
        reason = end.reason if isinstance(end, Finished) else "stop"
        last = self._chunk(Delta(), reason, Extension(receipt=end.receipt))
        if self._usage:
            chunk = msgspec.structs.replace(self._bare_chunk([]), usage=usage_on_wire(end.receipt.usage))
            last += b"data: " + encoder.encode(chunk) + b"\n\n"
        return last + b"data: [DONE]\n\n"

    def _chunk(self, delta: Delta, finish: str | None = None, extension: Extension | None = None) -> bytes:
        choices = [ChunkChoice(index=0, delta=delta, finish_reason=finish)]
        return b"data: " + encoder.encode(self._bare_chunk(choices, extension)) + b"\n\n"

    def _bare_chunk(self, choices: list[ChunkChoice], thinkwell: Extension | News | None = None) -> Chunk:
        return Chunk(
            id=self._live.request.id,
            created=self._created,
            model=self._live.request.model,
            choices=choices,
            usage=None if self._usage else UNSET,
            thinkwell=thinkwell or UNSET,
        )


def failed_response(end: Failed) -> ASGIApp:
    """A turn that failed before a word was said, as a true HTTP status."""
    status, body = openai_error(end.code, end.message)
    headers = [(b"content-type", b"application/json")]
    retry_after_s = end.retry_after_s
    if retry_after_s is None and status == 503:
        retry_after_s = RETRY_AFTER_S
    if retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % math.ceil(retry_after_s)))

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": encoder.encode(body), "more_body": False})

    return respond
