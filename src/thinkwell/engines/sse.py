"""Server-sent events, read from bytes as they come. Knows the framing only, and nothing of what events say.

Follows the WHATWG event stream rules where they matter here: any chunking, LF, CRLF or CR line ends,
a byte order mark, comments, several ``data`` lines. Bounded: a line or an event over ``limit`` bytes raises.
"""

from __future__ import annotations

import msgspec

LIMIT = 1 << 20
DONE = b"[DONE]"  # the data of the last event, by OpenAI's custom


class EventTooLarge(ValueError):
    """A line or an event is over the limit."""


class SseEvent(msgspec.Struct, frozen=True, gc=False):
    """``name`` is the ``event`` field, empty for the default."""

    data: bytes
    name: bytes = b""


class SseReader:
    """A state machine: ``feed`` gives the events that a chunk completes, ``close`` what stood at the end."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._line = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._name = b""
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """As nearly every chunk is: whole events of one line of data each. Else line by line."""
        whole = chunk.startswith(b"data: ") and chunk.endswith(b"\n\n")
        if (
            whole
            and not (self._line or self._data or self._name or self._after_cr)
            and b"\r" not in chunk
            and len(chunk) <= self._limit
        ):
            self._at_start = False
            if chunk.find(b"\n") == len(chunk) - 2:
                return [SseEvent(chunk[6:-2])]
            lines = chunk[:-2].split(b"\n\n")
            if all([line.startswith(b"data: ") and b"\n" not in line for line in lines]):
                return [SseEvent(line[6:]) for line in lines]
        return self._by_lines(chunk)

    def _by_lines(self, chunk: bytes) -> list[SseEvent]:
        if chunk and (self._after_cr or b"\r" in chunk):
            chunk = self._one_kind_of_line_end(chunk)
        held = self._line
        seek = len(held)  # no line end before it
        held += chunk
        events: list[SseEvent] = []
        start = 0
        while (end := held.find(b"\n", seek)) >= 0:
            self._take(bytes(held[start:end]), events)
            start = seek = end + 1
        if start:
            del held[:start]
        if len(held) > self._limit:
            raise EventTooLarge(f"a line of over {self._limit} bytes")
        return events

    def close(self) -> list[SseEvent]:
        """The last event, where only the blank line after it is missing. A half line is dropped."""
        events: list[SseEvent] = []
        self._take(b"", events)
        return events

    def _take(self, line: bytes, events: list[SseEvent]) -> None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            if self._data:
                events.append(SseEvent(b"\n".join(self._data), self._name))
                self._data = []
                self._size = 0
            self._name = b""
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._size += len(value) + 1
            if self._size > self._limit:
                raise EventTooLarge(f"an event of over {self._limit} bytes")
            self._data.append(value)
        elif field == b"event":
            self._name = value

    def _one_kind_of_line_end(self, chunk: bytes) -> bytes:
        if self._after_cr:
            chunk = chunk.removeprefix(b"\n")
            if not chunk:
                self._after_cr = False
                return chunk
        self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
