"""A turn in the dialect of Anthropic's Messages."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from thinkwell.errors import EngineBroken
from thinkwell.http.doors.anthropic_blocks import AFTER, OpenBlock, Sign, event_of, said_blocks
from thinkwell.http.errors import messages_error, retry_headers
from thinkwell.http.news import print_news, told_again
from thinkwell.http.replies import Reply
from thinkwell.http.wire.anthropic_replies import (
    Ended,
    MessageDelta,
    MessageExtension,
    MessageStart,
    NewsEvent,
    StopReason,
    WholeMessage,
    WireUsage,
    usage_on_wire,
)
from thinkwell.http.wire.waiting import News, Told
from thinkwell.turns.live import LiveTurn
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    ReasoningDelta,
    Stopped,
    ToolCallDelta,
    TurnEvent,
)

encoder = msgspec.json.Encoder()
encode = encoder.encode

PING = b'event: ping\ndata: {"type": "ping"}\n\n'
STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
STOP_REASONS: dict[str, StopReason] = {"length": "max_tokens", "tool_calls": "tool_use"}
MIXED = "The engine went back to a tool call that it had left. Ask again."


class MessagesPrinter:
    """A Printer. ``sign`` signs a thought; ``events`` tells the line as events, not as comments.

    The message begins with its first word, since only then the engine has told how long the prompt was.
    """

    def __init__(self, live: LiveTurn, sign: Sign, request_id: str, *, events: bool = False) -> None:
        self._live = live
        self._request_id = request_id
        self._events = events
        self._sign = sign
        self._show = live.request.thinking.show
        self._block = OpenBlock(live.request.id, sign)
        self._begun = False
        self._over = False

    def print(self, events: Sequence[TurnEvent]) -> bytes:
        parts: list[bytes] = []
        block = self._block
        for event in events:
            kind = type(event)
            if self._over:
                break
            if kind is AnswerDelta:
                if event.text:  # type: ignore[union-attr]
                    if block.kind != "text":
                        parts.append(self._begin() + block.text())
                    parts += (block.before, encode(event.text), AFTER)  # type: ignore[union-attr]
            elif kind is ReasoningDelta:
                if event.text:  # type: ignore[union-attr]
                    if block.kind != "thinking":
                        parts.append(self._begin() + block.thought())
                    if self._show:
                        block.shown.append(event.text)  # type: ignore[union-attr]
                        parts += (block.before, encode(event.text), AFTER)  # type: ignore[union-attr]
            else:
                parts.append(self._print(event))
        return b"".join(parts)

    def _print(self, event: TurnEvent) -> bytes:
        if isinstance(event, ToolCallDelta):
            return self._call(event)
        if isinstance(event, Failed):
            return self._failed(event.code, event.message)
        if isinstance(event, Finished | Stopped):
            return self._end(event)
        assert not isinstance(event, AnswerDelta | ReasoningDelta)
        return self._news(event)

    def quiet(self) -> bytes:
        still = told_again(self._live.log)
        return PING if still is None else self._news(still)

    def whole(self, said: Sequence[TurnEvent], end: Finished | Stopped) -> bytes:
        request = self._live.request
        message = WholeMessage(
            id=request.id,
            model=request.model,
            content=said_blocks(said, request.id, self._sign, show=self._show),
            usage=usage_on_wire(end.receipt),
            stop_reason=_stop_reason(end),
            thinkwell=MessageExtension(receipt=end.receipt),
        )
        return encode(message)

    def failed(self, end: Failed) -> Reply:
        status, body = messages_error(end.code, end.message, self._request_id)
        return Reply(status, encode(body), retry_headers(status, end.retry_after_s))

    def _begin(self) -> bytes:
        """A message begins once, also of a turn that gave way. A ping follows, as Anthropic's first does."""
        if self._begun:
            return b""
        self._begun = True
        prompt, cached, _, _ = self._live.meter.counts
        message = WholeMessage(
            id=self._live.request.id,
            model=self._live.request.model,
            content=[],
            usage=WireUsage(input_tokens=prompt - cached, output_tokens=0, cache_read_input_tokens=cached),
            stop_reason=None,
        )
        return event_of(MessageStart(message)) + PING

    def _call(self, piece: ToolCallDelta) -> bytes:
        said = self._begin()
        block = self._block
        if block.kind != "tool_use" or block.call != piece.index:
            opened = block.tool_call(piece)
            if opened is None:
                return said + self._failed(EngineBroken.code, MIXED)
            said += opened
        if piece.arguments:
            said += block.before + encode(piece.arguments) + AFTER
        return said

    def _end(self, end: Finished | Stopped) -> bytes:
        last = MessageDelta(
            delta=Ended(stop_reason=_stop_reason(end)),
            usage=usage_on_wire(end.receipt),
            thinkwell=MessageExtension(receipt=end.receipt),
        )
        self._over = True
        return self._begin() + self._block.close() + event_of(last) + STOP

    def _failed(self, code: str, message: str) -> bytes:
        """In the stream: what was open is closed, and nothing follows."""
        _, body = messages_error(code, message, self._request_id)
        self._over = True
        return self._block.close() + b"event: error\ndata: " + encode(body) + b"\n\n"

    def _news(self, event: Told) -> bytes:
        return print_news(event, self._frame if self._events else None)

    def _frame(self, news: News) -> bytes:
        return event_of(NewsEvent(news))


def _stop_reason(end: Finished | Stopped) -> StopReason:
    """Which of the stop strings was met no engine tells: that, too, is the end of a turn."""
    return STOP_REASONS.get(end.reason, "end_turn") if isinstance(end, Finished) else "end_turn"
