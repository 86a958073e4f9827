"""Calls to one server: small questions with whole answers, and questions answered by events.

Knows statuses and server-sent events; not how bytes travel (http1.py), no chat and no tokens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from thinkwell.engines.encoding import encoded
from thinkwell.engines.http1 import Http1Client
from thinkwell.engines.http1_reply import Reply
from thinkwell.engines.refusals import MOST_BODY, refusal_of
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.engines.sse import EventTooLarge, SseEvent, SseReader
from thinkwell.errors import EngineBroken, EngineStalled

_MOST_ANSWER = 16 << 20  # bytes of the reply to a small question; tokens of a long prompt are long
TakeEvents = Callable[[list[SseEvent]], bool]


class ServerConnection:
    """Never opened again after ``close``."""

    def __init__(self, server: ServerAddress, timeouts: EngineTimeouts) -> None:
        self._key = server.key
        self._timeouts = timeouts
        # A small reply must not become a big one: nothing is decompressed.
        headers = {"accept-encoding": "identity", "user-agent": "thinkwell"}
        if server.key:
            headers["authorization"] = f"Bearer {server.key}"
        self._http = Http1Client(server.root, headers, timeouts)

    async def ask(self, method: str, path: str, body: object = None) -> bytes:
        """One small question. Raises EngineError, or PromptTooLong."""
        data = None if body is None else encoded(body)
        try:
            async with asyncio.timeout(self._timeouts.ask_s):
                reply = await self._http.send(method.encode(), path.encode(), data)
                try:
                    answer = await reply.read(_MOST_ANSWER)
                finally:
                    reply.close()
        except TimeoutError:
            raise EngineStalled("The engine stopped sending.") from None
        if reply.status != 200:
            raise refusal_of(reply.status, answer, reply.headers, secret=self._key)
        return answer

    async def begin(self, path: str, body: object) -> EventReply:
        """A question that is answered by events. Raises EngineError, or PromptTooLong."""
        reply = await self._http.send(b"POST", path.encode(), encoded(body))
        if reply.status == 200 and _is_events(reply.headers):
            return EventReply(reply)
        try:
            async with asyncio.timeout(self._timeouts.ask_s):
                answer = await reply.read(MOST_BODY)
        except TimeoutError:
            raise EngineStalled("The engine stopped sending.") from None
        finally:
            reply.close()
        if reply.status == 200:
            raise EngineBroken("The engine answered with something else in place of a stream.")
        raise refusal_of(reply.status, answer, reply.headers, secret=self._key)

    async def close(self) -> None:
        await self._http.close()


class EventReply:
    """The events of one reply. Run ``pour`` once, then ``finish`` or ``close``."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._sse = SseReader()

    async def pour(self, take: TakeEvents) -> None:
        """Give the events to ``take`` as they come, until the end, or until ``take`` says False. What came
        may have been no event yet, and none are given then.

        What ``take`` raises comes out here. Raises EngineStalled or EngineBroken.
        """
        feed = self._sse.feed
        wanted = True

        def pieces(came: list[bytes]) -> bool:
            nonlocal wanted
            try:
                events = feed(came[0] if len(came) == 1 else b"".join(came))
            except EventTooLarge as problem:
                raise EngineBroken(f"The engine sent {problem}.") from None
            wanted = take(events)
            return wanted

        await self._reply.pour(pieces)
        if wanted and (rest := self._sse.close()):
            take(rest)

    def finish(self) -> None:
        """The last event was read; the connection may be kept."""
        self._reply.finish()

    def close(self) -> None:
        """Cuts the connection unless the reply was complete."""
        self._reply.close()


def _is_events(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
    return kind == "text/event-stream" and headers.get("content-encoding", "identity") == "identity"
