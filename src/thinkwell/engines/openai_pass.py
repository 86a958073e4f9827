"""OpenAIPass: one streamed chat completion, from the question to its end. Knows nothing of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from thinkwell.engines.base import Take
from thinkwell.engines.connection import EventReply
from thinkwell.engines.reply import ReplyReader
from thinkwell.engines.sse import SseEvent
from thinkwell.errors import EngineError, EngineStalled
from thinkwell.values.engine import EnginePass

if TYPE_CHECKING:
    from thinkwell.engines.openai_http import OpenAIEngine


class OpenAIPass:
    """A RunningPass."""

    def __init__(self, engine: OpenAIEngine, wanted: EnginePass) -> None:
        self._engine = engine
        self._wanted = wanted
        self._reader: ReplyReader | None = None
        self._reply: EventReply | None = None

    async def run(self, take: Take) -> None:
        engine = self._engine
        time = asyncio.get_running_loop().time
        longest = engine.longest_nothing_s
        try:
            reply = self._reply = await engine.send(self._wanted)
        except EngineError as problem:
            engine.seen(problem)
            raise
        reader = self._reader = engine.reader(self._wanted)
        wanted = True
        said_at = time()

        def came(events: list[SseEvent]) -> bool:
            nonlocal wanted, said_at
            deltas = reader.take(events)
            if deltas:
                said_at = time()
                wanted = take(deltas)
            elif time() - said_at > longest:
                raise EngineStalled("The engine goes on without saying anything.")
            return wanted and not reader.ended

        try:
            await self._pour(reply, came, reader)
            if wanted and not reader.ended:
                wanted = take((reader.close(),))
            if reader.ended:
                engine.seen(None)
                reply.finish()
            else:
                reply.close()
        except EngineError as problem:
            engine.seen(problem)
            reply.close()
            raise
        except BaseException:
            reply.close()
            raise

    async def _pour(
        self, reply: EventReply, came: Callable[[list[SseEvent]], bool], reader: ReplyReader
    ) -> None:
        """A connection lost after the engine said that it had finished is an end like any other."""
        try:
            await reply.pour(came)
        except EngineError:
            if reader.finish is None:
                raise

    def close(self) -> None:
        if self._reply is not None:
            self._reply.close()

    async def end_thought(self) -> bool:
        reader = self._reader
        if reader is None or reader.id is None or reader.finish is not None:
            return False
        return await self._engine.end_thought(reader.id)
