"""A turn in the dialect of OpenAI's Chat Completions."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from thinkwell.http.errors import openai_error, retry_headers
from thinkwell.http.news import print_news, told_again
from thinkwell.http.replies import Reply
from thinkwell.http.sse import KEEP_ALIVE
from thinkwell.http.wire.openai_answer import (
    AnswerMessage,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    Delta,
    Extension,
    tool_call_delta,
    tool_calls_of,
    usage_on_wire,
)
from thinkwell.http.wire.waiting import News, Told
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    ReasoningDelta,
    Started,
    Stopped,
    ToolCallDelta,
    TurnEvent,
)

encoder = msgspec.json.Encoder()
encode = encoder.encode


class ChatPrinter:
    """A Printer. ``created`` in seconds since 1970, 0: now; ``usage`` adds the chunk with the usage;
    ``events`` tells the line as events."""

    def __init__(
        self, live: LiveTurn, created: int = 0, *, usage: bool = False, events: bool = False
    ) -> None:
        self._live = live
        self._created = created or int(time.time())
        self._usage = usage
        self._events = events
        self._begun = False
        self._show = live.request.thinking.show
        # Of nearly every chunk only the text differs: what stands around it is encoded once.
        head, _, rest = encode(self._bare_chunk([])).partition(b'"choices":[]')
        self._before = b"data: " + head + b'"choices":[{"index":0,"delta":{'
        self._after = b'},"finish_reason":null}]' + rest + b"\n\n"

    def print(self, events: Sequence[TurnEvent]) -> bytes:
        parts: list[bytes] = []
        before, after = self._before, self._after
        for event in events:
            kind = type(event)
            if kind is AnswerDelta:
                if event.text:  # type: ignore[union-attr]
                    parts += (before, b'"content":', encode(event.text), after)  # type: ignore[union-attr]
            elif kind is ReasoningDelta:
                if event.text and self._show:  # type: ignore[union-attr]
                    # Both names of the thought carry the same text; neither is ever sent empty.
                    text = encode(event.text)  # type: ignore[union-attr]
                    parts += (before, b'"reasoning_content":', text, b',"reasoning":', text, after)
            else:
                parts.append(self._print(event))
        return b"".join(parts)

    def _print(self, event: TurnEvent) -> bytes:
        if isinstance(event, ToolCallDelta):
            return self._chunk(Delta(tool_calls=[tool_call_delta(event)]))
        if isinstance(event, Started):
            return self._start(event)
        if isinstance(event, Failed):
            _, body = openai_error(event.code, event.message)
            return b"data: " + encode(body) + b"\n\ndata: [DONE]\n\n"
        if isinstance(event, Finished | Stopped):
            return self._end(event)
        assert not isinstance(event, AnswerDelta | ReasoningDelta)
        return self._news(event)

    def quiet(self) -> bytes:
        still = told_again(self._live.log)
        return KEEP_ALIVE if still is None else self._news(still)

    def whole(self, said: Sequence[TurnEvent], end: Finished | Stopped) -> bytes:
        answer, thought = spoken_text(said)
        thought = thought if self._show else None
        calls = tool_calls_of(said)
        message = AnswerMessage(
            content=answer if answer or not calls else None,
            reasoning_content=thought or UNSET,
            reasoning=thought or UNSET,
            tool_calls=calls or UNSET,
        )
        reason = end.reason if isinstance(end, Finished) else "stop"
        completion = Completion(
            id=self._live.request.id,
            created=self._created,
            model=self._live.request.model,
            choices=[Choice(index=0, message=message, finish_reason=reason)],
            usage=usage_on_wire(end.receipt),
            thinkwell=Extension(receipt=end.receipt),
        )
        return encode(completion)

    def failed(self, end: Failed) -> Reply:
        status, body = openai_error(end.code, end.message)
        return Reply(status, encode(body), retry_headers(status, end.retry_after_s))

    def _news(self, event: Told) -> bytes:
        return print_news(event, self._frame if self._events else None)

    def _frame(self, news: News) -> bytes:
        return b"event: thinkwell\ndata: " + encode(self._bare_chunk([], thinkwell=news)) + b"\n\n"

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
            chunk = msgspec.structs.replace(self._bare_chunk([]), usage=usage_on_wire(end.receipt))
            last += b"data: " + encode(chunk) + b"\n\n"
        return last + b"data: [DONE]\n\n"

    def _chunk(self, delta: Delta, finish: str | None = None, extension: Extension | None = None) -> bytes:
        choices = [ChunkChoice(index=0, delta=delta, finish_reason=finish)]
        return b"data: " + encode(self._bare_chunk(choices, extension)) + b"\n\n"

    def _bare_chunk(self, choices: list[ChunkChoice], thinkwell: Extension | News | None = None) -> Chunk:
        return Chunk(
            id=self._live.request.id,
            created=self._created,
            model=self._live.request.model,
            choices=choices,
            usage=None if self._usage else UNSET,
            thinkwell=thinkwell or UNSET,
        )
