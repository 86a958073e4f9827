"""A site in this process over simulated engines that speak HTTP and can go on with a text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.http.site import Site
from thinkwell.models.card import ModelCard, TagsDialect
from thinkwell.testing.simulation.server import Options, SimulatedServer
from thinkwell.testing.site import running_site
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

CARD = ModelCard(
    name="simulated",
    title="Simulated",
    licence="Apache-2.0",
    context=4096,
    dialect=TagsDialect(open="<think>", close="</think>"),
    continues=True,
)


@asynccontextmanager
async def site_over(
    data: Path, *servers: Options, settings: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Site, list[SimulatedServer]]]:
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(SimulatedServer(options)) for options in servers]
        engines = []
        for number, server in enumerate(running):
            address = ServerAddress(url=f"{server.url}/v1", whole_text=True)
            engine = OpenAIEngine(f"replica-{number}", address, EngineTimeouts())
            await engine.start()
            engines.append(engine)
        site = await stack.enter_async_context(running_site(data, tuple(engines), CARD, settings))
        yield site.site, running


def request(site: Site, person: str, says: str, *, full_thought: bool = False) -> TurnRequest:
    return TurnRequest(
        id=site.new_id("turn"),
        caller=Caller(kind="visitor", id=person, person=person),
        model="simulated",
        messages=(Message("user", says),),
        full_thought=full_thought,
    )


async def ask(site: Site, person: str, says: str, *, full_thought: bool = False) -> LiveTurn:
    return await site.conductor.begin(site.tasks, request(site, person, says, full_thought=full_thought))


async def heard(live: LiveTurn, characters: int) -> None:
    """Return when so much of the turn was said."""
    seq = 0
    said = 0
    while said < characters:
        for number, event in await live.log.after(seq):
            seq = number
            said += len(getattr(event, "text", ""))
