"""A pass as an async generator of its deltas: easier to hold in a test than a function it is poured into."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from thinkwell.engines.base import Engine
from thinkwell.values.engine import EngineDelta, EnginePass


async def stream(engine: Engine, wanted: EnginePass) -> AsyncGenerator[EngineDelta, None]:
    """Closing it aborts the pass. Raises what ``RunningPass.run`` raises, after the deltas that came."""
    queue: asyncio.Queue[EngineDelta | None] = asyncio.Queue()

    def take(deltas: Sequence[EngineDelta]) -> bool:
        for delta in deltas:
            queue.put_nowait(delta)
        return True

    async def run() -> None:
        try:
            await engine.begin(wanted).run(take)
        finally:
            queue.put_nowait(None)

    running = asyncio.create_task(run())
    try:
        while (delta := await queue.get()) is not None:
            yield delta
        await running
    finally:
        running.cancel()
        await asyncio.wait({running})
