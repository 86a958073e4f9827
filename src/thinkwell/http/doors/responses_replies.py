"""A turn in the dialect of OpenAI's Responses API. Every event has its number, from 0 on; one ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from thinkwell.http.doors.responses_kept import Running, is_complete
from thinkwell.http.doors.responses_output import Item
from thinkwell.http.errors import openai_error, retry_headers
from thinkwell.http.news import print_news, told_again
from thinkwell.http.replies import Reply
from thinkwell.http.sse import KEEP_ALIVE
from thinkwell.http.wire.responses_items import MadeText, MadeThoughtText
from thinkwell.http.wire.responses_object import ResponseObject, ResponseStatus
from thinkwell.http.wire.waiting import News, Told
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    Queued,
    ReasoningDelta,
    Started,
    Stopped,
    ToolCallDelta,
    TurnEnd,
    TurnEvent,
)

encode = msgspec.json.Encoder().encode

TEXT: dict[type, str] = {AnswerDelta: "output_text", ReasoningDelta: "reasoning_text"}
ENDINGS: dict[ResponseStatus, str] = {"completed": "response.completed", "failed": "response.failed"}


class ResponsesPrinter:
    """A Printer. ``events`` tells the line as events of our own, not as comments."""

    def __init__(self, running: Running, *, events: bool = False) -> None:
        self._running = running
        self._events = events
        self._number = 0
        self._begun = False
        self._in_progress = False
        self._output = running.output()
        self._head = b""  # of a delta of what is being said, up to its number

    def print(self, events: Sequence[TurnEvent]) -> bytes:
        parts: list[bytes] = []
        if not self._begun and events:
            self._begin(events[0], parts)
        output = self._output
        for event in events:
            kind = type(event)
            if kind is AnswerDelta or kind is ReasoningDelta:
                text: str = event.text  # type: ignore[union-attr]
                if not text:
                    continue
                item = output.open
                if item is None or item.kind is not kind:
                    item = self._turn_to(kind, parts)
                item.pieces.append(text)
                if item.index is not None:
                    # Of nearly every event only number and text differ: the rest is encoded once an item.
                    parts += (self._head, b"%d" % self._number, b',"delta":', encode(text), b"}\n\n")
                    self._number += 1
            else:
                self._print(event, parts)
        return b"".join(parts)

    def _print(self, event: TurnEvent, parts: list[bytes]) -> None:
        if isinstance(event, ToolCallDelta):
            self._call(event, parts)
        elif isinstance(event, Finished | Failed | Stopped):
            self._end(event, parts)
        else:
            assert not isinstance(event, AnswerDelta | ReasoningDelta)
            if isinstance(event, Started):
                self._progress(parts)
            parts.append(self._news(event))

    def quiet(self) -> bytes:
        still = told_again(self._running.live.log)
        return KEEP_ALIVE if still is None else self._news(still)

    def whole(self, said: Sequence[TurnEvent], end: Finished | Stopped) -> bytes:
        self._output.take(said)
        return encode(self._running.at_end(self._output, end))

    def failed(self, end: Failed) -> Reply:
        status, body = openai_error(end.code, end.message)
        return Reply(status, encode(body), retry_headers(status, end.retry_after_s))

    def _event(self, name: str, fields: Mapping[str, object]) -> bytes:
        data = {"type": name, "sequence_number": self._number, **fields}
        self._number += 1
        return b"event: %b\ndata: %b\n\n" % (name.encode(), encode(data))

    def _whole_response(self, name: str, response: ResponseObject) -> bytes:
        return self._event(name, {"response": response})

    def _begin(self, first: TurnEvent, parts: list[bytes]) -> None:
        self._begun = True
        waits = isinstance(first, Queued)
        response = self._running.response
        if waits:
            response = msgspec.structs.replace(response, status="queued")
        parts.append(self._whole_response("response.created", response))
        if waits:
            parts.append(self._whole_response("response.queued", response))

    def _progress(self, parts: list[bytes]) -> None:
        """A turn that gave way starts again, but its response is in progress once."""
        if not self._in_progress:
            self._in_progress = True
            parts.append(self._whole_response("response.in_progress", self._running.response))

    def _turn_to(self, kind: type[AnswerDelta | ReasoningDelta], parts: list[bytes]) -> Item:
        self._progress(parts)
        self._end_open(parts)
        item = self._output.turn_to(kind)
        if item.index is None:
            return item
        self._item_event("response.output_item.added", item, parts)
        self._part_event("response.content_part.added", item, parts)
        name = f"response.{TEXT[kind]}.delta"
        data: dict[str, object] = {"type": name, **_place(item)}
        if kind is AnswerDelta:
            data["logprobs"] = []
        self._head = b'event: %b\ndata: %b,"sequence_number":' % (name.encode(), encode(data)[:-1])
        return item

    def _end_open(self, parts: list[bytes]) -> None:
        item = self._output.end_open()
        if item is not None:
            self._item_ended(item, parts)

    def _call(self, event: ToolCallDelta, parts: list[bytes]) -> None:
        self._progress(parts)
        self._end_open(parts)
        item, begins = self._output.call(event)
        if begins:
            self._item_event("response.output_item.added", item, parts)
        if event.arguments:
            item.pieces.append(event.arguments)
            place = {"item_id": item.id, "output_index": item.index}
            parts.append(
                self._event("response.function_call_arguments.delta", place | {"delta": event.arguments})
            )

    def _item_ended(self, item: Item, parts: list[bytes]) -> None:
        if item.index is None:
            return
        if item.kind is ToolCallDelta:
            place = {"item_id": item.id, "output_index": item.index}
            parts.append(
                self._event(
                    "response.function_call_arguments.done",
                    place | {"name": item.name, "arguments": item.text},
                )
            )
        else:
            fields: dict[str, object] = _place(item) | {"text": item.text}
            if item.kind is AnswerDelta:
                fields["logprobs"] = []
            parts.append(self._event(f"response.{TEXT[item.kind]}.done", fields))
            self._part_event("response.content_part.done", item, parts)
        self._item_event("response.output_item.done", item, parts)

    def _item_event(self, name: str, item: Item, parts: list[bytes]) -> None:
        parts.append(self._event(name, {"output_index": item.index, "item": item.made()}))

    def _part_event(self, name: str, item: Item, parts: list[bytes]) -> None:
        part = MadeText(text=item.text) if item.kind is AnswerDelta else MadeThoughtText(text=item.text)
        parts.append(self._event(name, _place(item) | {"part": part}))

    def _end(self, end: TurnEnd, parts: list[bytes]) -> None:
        self._progress(parts)
        for item in self._output.end(complete=is_complete(end)):
            self._item_ended(item, parts)
        response = self._running.at_end(self._output, end)
        name = ENDINGS.get(response.status, "response.incomplete")
        parts.append(self._whole_response(name, response))

    def _news(self, event: Told) -> bytes:
        return print_news(event, self._frame if self._events else None)

    def _frame(self, news: News) -> bytes:
        return self._event("thinkwell", {"thinkwell": news})


def _place(item: Item) -> dict[str, object]:
    return {"item_id": item.id, "output_index": item.index, "content_index": 0}
