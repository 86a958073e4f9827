"""Asks a running site: it is an OpenAI-compatible server like any other, so an engine's client will do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing

from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import ServerAddress
from thinkwell.engines.streams import stream
from thinkwell.errors import ThinkwellError
from thinkwell.ledger.meter import Meter
from thinkwell.reasoning.splitter import FieldsSplitter
from thinkwell.values.engine import EnginePass
from thinkwell.values.event import Failed, Finished, TurnEvent
from thinkwell.values.message import Message


async def ask_site(url: str, text: str) -> AsyncIterator[TurnEvent]:
    """Events of one question, the ending last."""
    site = OpenAIEngine("site", ServerAddress(url=url))
    meter = Meter("", "", time.monotonic)
    splitter = FieldsSplitter()
    try:
        await site.start()
        meter = Meter("", site.model or "", time.monotonic)
        async with aclosing(stream(site, EnginePass(messages=(Message("user", text),)))) as deltas:
            async for delta in deltas:
                if delta.prompt_tokens is not None:
                    meter.prompt(delta.prompt_tokens, delta.cached_tokens or 0)
                for event in splitter.feed(delta):
                    meter.said(event, meter.now())
                    yield event
                if delta.finish is not None:
                    yield Finished(delta.finish, meter.receipt("finished"))
    except ThinkwellError as error:
        yield Failed(error.code, error.message, meter.receipt("failed"))
    finally:
        await site.close()
