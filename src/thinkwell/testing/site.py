"""A whole site in this process, served on a loopback port: for tests and benches that talk to its doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from thinkwell.build import Model, open_site
from thinkwell.engines.base import Engine
from thinkwell.http.app import make_app
from thinkwell.http.front import FrontDoor
from thinkwell.http.pages import PageFile, WebApp
from thinkwell.http.server import Server, address_of, bind
from thinkwell.http.site import Site
from thinkwell.models.card import FieldsDialect, ModelCard
from thinkwell.people.passwords import Cost, Passwords
from thinkwell.settings import load_settings, prepare_data
from thinkwell.turns.adapters import Shelf

# Of argon2 the least that there is: no test should wait for it.
CHEAP = Cost(memory_kib=8, passes=1)
NO_PAGES = WebApp(
    {"index.html": PageFile(b"<!doctype html><title>t</title>", None, "text/html; charset=utf-8", False)}
)


def scripted_card(**changes: object) -> ModelCard:
    """A card for scripted engines: the thought comes in a field of its own."""
    card = ModelCard(
        name="scripted", title="Scripted", licence="Apache-2.0", context=4096, dialect=FieldsDialect()
    )
    return msgspec.structs.replace(card, **changes)


class RunningSite(msgspec.Struct, frozen=True):
    """``url`` is where it listens; ``server`` ends it early."""

    site: Site
    server: Server
    url: str


@asynccontextmanager
async def running_site(
    data: Path,
    engine: Engine | tuple[Engine, ...],
    card: ModelCard | None = None,
    assignments: tuple[str, ...] = (),
    web_app: WebApp = NO_PAGES,
    shelf: Shelf | None = None,
) -> AsyncIterator[RunningSite]:
    """Everything real but the engine (or several replicas), which is given.

    ``assignments``: settings as ``--set`` takes them; ``{url}`` in them is where the site listens.
    ``shelf`` is where adapters come from.
    """
    await asyncio.to_thread(prepare_data, data)
    engines = engine if isinstance(engine, tuple) else (engine,)
    site_model = Model(card or scripted_card(), engines, shelf=shelf)
    with bind("127.0.0.1", 0) as listener:
        url = address_of(listener, "127.0.0.1")
        told = tuple(text.replace("{url}", url) for text in assignments)
        settings = await asyncio.to_thread(load_settings, data, {}, told)
        async with open_site(settings, site_model, web_app, Passwords(CHEAP)) as site:
            server = Server(FrontDoor(site, make_app(site)), site.conductor.stop_all)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            await server.listening.wait()
            try:
                yield RunningSite(site, server, url)
            finally:
                server.end()
                await serving
