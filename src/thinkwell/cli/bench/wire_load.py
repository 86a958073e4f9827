"""The load of ``bench wire``: connections that ask and count tokens by their marks, without parsing.

What a token looks like is wire_text.py's; who is asked is a Door. Times are ``time.monotonic``, the clock
that the engine keeps its account by. Measures nothing by itself.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar, cast

import click
import msgspec

from thinkwell.testing.wire_text import ANSWER_MARK, THOUGHT_MARK, Direction

LAST = b"0\r\n\r\n"
DONE = b"[DONE]"
MOST_BEGINNING = 4096

_Result = TypeVar("_Result")
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_TURN = re.compile(rb'"id":\s*"([^"]+)"')
_ANSWER, _THOUGHT = ANSWER_MARK, THOUGHT_MARK


class Broken(click.ClickException):
    """A reply was an error, or ended before its end."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where a gateway is asked. ``thought_marks``: how often it repeats every token of thought.

    ``own_usage``: it asks the engine for the counts itself, and takes no such wish from others.
    """

    name: str
    host: str
    port: int
    model: str
    path: str = "/v1"
    thought_marks: int = 1
    own_usage: bool = False

    def question(self, said: Direction, *, stream: bool = True, person: int = 0) -> bytes:
        """A request, whole. ``person`` comes from a network of its own, as behind an operator's proxy."""
        body: dict[str, object] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": "You answer in plain text, and think before you do."},
                {"role": "user", "content": f"How many legs have seven spiders and two ants? {said}"},
            ],
        }
        if stream:
            usage = {"include_usage": True} | ({} if self.own_usage else {"continuous_usage_stats": True})
            body |= {"stream": True, "stream_options": usage}
        data = msgspec.json.encode(body)
        head = (
            f"POST {self.path}/chat/completions HTTP/1.1\r\nhost: {self.host}:{self.port}\r\n"
            f"content-type: application/json\r\nx-forwarded-for: 10.{person >> 8 & 255}.{person & 255}.7\r\n"
            f"content-length: {len(data)}\r\n\r\n"
        )
        return head.encode() + data


class Seen(msgspec.Struct, kw_only=True):
    """What the reader of one streamed reply saw. ``complete`` False: it left at ``ended`` by itself.

    ``thought`` counts marks, not tokens (Door.thought_marks). ``turn`` is the reply's id.
    """

    sent: float
    first: float = 0.0
    ended: float = 0.0
    thought: int = 0
    answer: int = 0
    turn: str = ""
    complete: bool = False

    def tokens(self, door: Door) -> int:
        return self.thought // door.thought_marks + self.answer


class Reader(asyncio.Protocol):
    """One kept connection. ``ask`` may be called again after a complete reply."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._seen = Seen(sent=0.0)
        self._over: asyncio.Future[Seen] | None = None
        self._beginning = b""
        self._tail = b""
        self._until: int | None = None
        self._linger = 0.0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, question: bytes, until: int | None = None, linger: float = 0.0) -> asyncio.Future[Seen]:
        """Read to the end; or leave ``linger`` seconds after ``until`` tokens. The result raises Broken."""
        self._over = asked = asyncio.get_running_loop().create_future()
        self._beginning = self._tail = b""
        self._until = until
        self._linger = linger
        self._seen = Seen(sent=time.monotonic())
        if self.lost:
            self._end()
            return asked
        self._transport.write(question)
        return asked

    @property
    def seen(self) -> Seen:
        """Of the reply that is read, also where it broke off."""
        return self._seen

    def tokens_so_far(self) -> int:
        return self._seen.tokens(self._door)

    def data_received(self, data: bytes) -> None:
        seen = self._seen
        seen.answer += data.count(_ANSWER)
        seen.thought += data.count(_THOUGHT)
        if not seen.first:
            self._begin(data)
        self._tail = data[-32:] if len(data) >= 32 else (self._tail + data)[-32:]
        if self._until is not None and seen.tokens(self._door) >= self._until:
            self._until = None
            if self._linger:
                asyncio.get_running_loop().call_later(self._linger, self._leave)
            else:
                self._leave()
        elif self._tail.endswith(LAST):
            self._end()

    def connection_lost(self, problem: Exception | None) -> None:
        self.lost = True
        self._end()  # a server without chunks ends its reply by closing

    def close(self) -> None:
        """Without a result for who still waits."""
        if (over := self._taken()) is not None:
            over.cancel()
        self._transport.abort()

    def _begin(self, data: bytes) -> None:
        seen = self._seen
        if len(self._beginning) < MOST_BEGINNING:
            self._beginning += data[:MOST_BEGINNING]
        if not (seen.answer or seen.thought):
            if b" 200 " not in self._beginning[:16]:
                self._transport.abort()
            return
        seen.first = time.monotonic()
        if found := _TURN.search(self._beginning):
            seen.turn = found[1].decode("latin-1")

    def _leave(self) -> None:
        over = self._taken()
        if over is None:
            return  # it came to its end meanwhile
        self._seen.ended = time.monotonic()
        self._transport.abort()
        over.set_result(self._seen)

    def _end(self) -> None:
        over = self._taken()
        if over is None:
            return
        self._seen.ended = time.monotonic()
        self._seen.complete = DONE in self._tail and bool(self._seen.first)
        if self._seen.complete:
            over.set_result(self._seen)
        else:
            over.set_exception(Broken(sentence(self._door, self._beginning + self._tail)))

    def _taken(self) -> asyncio.Future[Seen] | None:
        """The future that waits for this reply; nobody gets it twice."""
        over, self._over = self._over, None
        return None if over is None or over.done() else over


class Repeater(asyncio.Protocol):
    """Asks for answers in one piece, one after the other, for as long as ``more()`` says so."""

    def __init__(self, door: Door, question: bytes, until: float) -> None:
        self._door = door
        self._question = question
        self._until = until
        self._held = b""
        self._wanted: int | None = None
        self.answered = 0
        self.over: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._question)

    def data_received(self, data: bytes) -> None:
        self._held = self._held + data if self._held else data
        if self._wanted is None:
            self._wanted = _length_of(self._held)
        complete = len(self._held) >= self._wanted if self._wanted else self._held.endswith(LAST)
        if complete:
            self._complete()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(Broken(sentence(self._door, self._held)))

    def _complete(self) -> None:
        if b" 200 " not in self._held[:16] or _ANSWER not in self._held:
            self._transport.abort()
            return
        self.answered += 1
        self._held, self._wanted = b"", None
        if time.monotonic() < self._until:
            self._transport.write(self._question)
        else:
            self.over.set_result(self.answered)
            self._transport.abort()


def _length_of(held: bytes) -> int | None:
    """Bytes of the whole reply; 0 where it comes in chunks, None where the head is not complete."""
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return None
    found = _LENGTH.search(held, 0, end)
    return end + 4 + int(found[1]) if found else 0


async def connect(door: Door) -> Reader:
    """Raises Broken."""
    loop = asyncio.get_running_loop()
    try:
        _, reader = await loop.create_connection(lambda: Reader(door), door.host, door.port)
    except OSError as problem:
        raise Broken(f"{door.name} cannot be reached at {door.host}:{door.port}: {problem}.") from None
    return reader


async def repeat(door: Door, question: bytes, until: float) -> int:
    """How many answers came in one piece until then, over one connection. Raises Broken."""
    loop = asyncio.get_running_loop()
    try:
        _, repeater = await loop.create_connection(
            lambda: Repeater(door, question, until), door.host, door.port
        )
    except OSError as problem:
        raise Broken(f"{door.name} cannot be reached at {door.host}:{door.port}: {problem}.") from None
    return await repeater.over


async def fetch(host: str, port: int, path: str) -> bytes:
    """The body of a small reply with a length. Raises Broken."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError as problem:
        raise Broken(f"http://{host}:{port} cannot be reached: {problem}.") from None
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        return await reader.readexactly((_length_of(head) or len(head)) - len(head))
    except (asyncio.IncompleteReadError, OSError):
        raise Broken(f"http://{host}:{port}{path} was cut off.") from None
    finally:
        writer.close()


async def together(asked: Iterable[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """All at once, or the first Broken of them."""
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one) for one in asked]
    except BaseExceptionGroup as group:
        broken, others = group.split(Broken)
        if broken is None or others is not None:
            raise
        raise broken.exceptions[0] from None
    return [task.result() for task in running]


def sentence(door: Door, said: bytes) -> str:
    shown = said[:300].decode("utf-8", "replace")
    return f"{door.name} did not answer as it should: {shown or 'the connection was lost'}"
