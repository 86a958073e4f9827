"""Who asks in ``bench path``: connections that ask whole turns, at the page or at the API, and time them.

At the page a turn is two requests: the question, and its events to the end. Counts tokens by their marks.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Literal

import msgspec

from thinkwell.cli.bench.path_site import PEOPLE, People
from thinkwell.cli.bench.wire_load import DONE, LAST, Broken
from thinkwell.http.callers import COOKIE, SESSION
from thinkwell.testing.wire_text import ANSWER_MARK, Direction

Who = Literal["visitor", "member", "key", "keyless"]
# At the page by a cookie or a session; at the API by a key, or by the network alone.
WHO: tuple[Who, ...] = ("visitor", "member", "key", "keyless")
MOST_READ = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Place(msgspec.Struct, frozen=True):
    """Where a site listens, and who may ask it."""

    host: str
    port: int
    model: str
    people: People

    def head(self, who: Who, number: int) -> str:
        """The headers by which somebody is known; each comes from a network of their own."""
        one = number % PEOPLE
        visitor = f"{COOKIE}={self.people.visitors[one]}"
        known = {
            "visitor": f"cookie: {visitor}\r\n",
            "member": f"cookie: {SESSION}={self.people.sessions[one]}; {visitor}\r\n",
            "key": f"authorization: Bearer {self.people.keys[one]}\r\n",
            "keyless": "",
        }
        return f"host: {self.host}:{self.port}\r\nx-forwarded-for: 10.0.{number & 255}.7\r\n{known[who]}"


class Asker:
    """One kept connection of one person. ``ask`` is a whole turn."""

    def __init__(self, place: Place, who: Who, number: int) -> None:
        self._place = place
        self._page = who in ("visitor", "member")
        self._head = place.head(who, number)

    async def open(self) -> Asker:
        """Raises Broken."""
        place = self._place
        try:
            self._reader, self._writer = await asyncio.open_connection(
                place.host, place.port, limit=MOST_READ
            )
        except OSError as problem:
            raise Broken(f"{place.host}:{place.port} cannot be reached: {problem}.") from None
        return self

    def close(self) -> None:
        self._writer.close()

    async def ask(self, said: Direction) -> float:
        """Seconds from the question to the last byte. Raises Broken."""
        text = f"How many legs have seven spiders and two ants? {said}"
        began = time.monotonic()
        if self._page:
            asked = await self._posted("/api/turns", {"content": text})
            turn = msgspec.json.decode(asked, type=_Asked).turn_id
            self._writer.write(f"GET /api/turns/{turn}/events HTTP/1.1\r\n{self._head}\r\n".encode())
        else:
            body = {
                "model": self._place.model,
                "messages": [{"role": "user", "content": text}],
                "stream": True,
            }
            self._post("/v1/chat/completions", body)
        reply = await self._streamed()
        seconds = time.monotonic() - began
        if (made := reply.count(ANSWER_MARK)) < said.answer or not (self._page or DONE in reply):
            raise Broken(f"{made} tokens came of {said.answer}: {reply[-300:].decode('utf-8', 'replace')}")
        return seconds

    def _post(self, path: str, body: object) -> None:
        data = msgspec.json.encode(body)
        head = f"content-type: application/json\r\ncontent-length: {len(data)}\r\n"
        self._writer.write(f"POST {path} HTTP/1.1\r\n{self._head}{head}\r\n".encode() + data)

    async def _posted(self, path: str, body: object) -> bytes:
        self._post(path, body)
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
            found = _LENGTH.search(head)
            reply = await self._reader.readexactly(int(found[1]) if found else 0)
        except (asyncio.IncompleteReadError, OSError):
            raise Broken(f"{path} was cut off.") from None
        if b" 20" not in head[:16]:
            raise Broken(f"{path} was refused: {reply[:300].decode('utf-8', 'replace')}")
        return reply

    async def _streamed(self) -> bytes:
        pieces: list[bytes] = []
        tail = b""
        while not tail.endswith(LAST):
            piece = await self._reader.read(1 << 16)
            if not piece or (not pieces and b" 200 " not in piece[:16]):
                raise Broken(f"No stream came: {(tail + piece)[-300:].decode('utf-8', 'replace')}")
            pieces.append(piece)
            tail = (tail + piece)[-len(LAST) :]
        return b"".join(pieces)


class _Asked(msgspec.Struct):
    turn_id: str
