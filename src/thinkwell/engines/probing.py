"""Brings a remote engine back: asks one that is down whether it answers again. Knows no restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.errors import SetupError

log = logging.getLogger(__name__)

EVERY_S = 2.0


async def keep_probing(
    engine: OpenAIEngine, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, every_s: float = EVERY_S
) -> None:
    """Runs for ever; ends by cancellation only."""
    while True:
        await sleep(every_s)
        if engine.health().state == "ready":
            continue
        try:
            health = await engine.probe()
        except SetupError as problem:  # it came back as something else; the operator has to look
            log.error("the engine at %s: %s", engine.url, problem.message)
        else:
            log.warning(
                "the engine at %s is %s: %s", engine.url, health.state, health.reason or "it answers again"
            )
