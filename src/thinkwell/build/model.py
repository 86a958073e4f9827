"""A model ready to be started: what ``engine.model`` means, its weights, the engines that will run it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial

import msgspec

from thinkwell.build.embedded import AS_IT_IS, AdapterShelf, embedded
from thinkwell.engines.base import Engine
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.probing import keep_probing
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.errors import SetupError
from thinkwell.models.adapter import card_of_adapter
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue, read_catalogue
from thinkwell.models.disk import Progress
from thinkwell.models.hub import Hub
from thinkwell.models.resolve import Resolved, card_of_file, card_of_server, resolve
from thinkwell.models.weights import present
from thinkwell.settings import Settings
from thinkwell.turns.adapters import Shelf
from thinkwell.turns.check import Checked, check_card


class Model(msgspec.Struct, frozen=True):
    """A model that is ready to be started: its card, the engines that will run it, and what runs beside
    them as long as the site does. The card was ``checked``, or there is a ``check`` to be run when the
    engines are ready. ``shelf`` is where adapters of it come from, and ``adapter`` what it is begun with."""

    card: ModelCard
    engines: tuple[Engine, ...]
    beside: tuple[Callable[[], Coroutine[None, None, None]], ...] = ()
    check: Callable[[], Coroutine[None, None, Checked]] | None = None
    shelf: Shelf | None = None
    adapter: str = ""
    checked: tuple[str, ...] = ()


async def prepare_model(settings: Settings, progress: Progress) -> Model:
    """Find what ``engine.model`` means, download what is missing, choose the engine. Raises SetupError."""
    wanted = settings.engine
    catalogue = await asyncio.to_thread(read_catalogue)
    found = await asyncio.to_thread(resolve, wanted.model, catalogue)
    if found.kind == "remote":
        if wanted.adapter not in ("", AS_IT_IS):
            raise SetupError("engine.adapter is for the embedded engine; a server loads its adapters itself.")
        return await _remote(settings, found)
    hub = Hub(url=wanted.hub_url, token=wanted.hub_token or None)
    path = await present(
        found.where, folder=settings.data / "models", hub=hub, sha256=found.card.sha256, progress=progress
    )
    base = card = found.card
    if not found.complete:
        base = card = await asyncio.to_thread(card_of_file, path, catalogue, found.card.source)
    shelf = AdapterShelf(settings, base, path, catalogue)
    name, adapter = await asyncio.to_thread(shelf.first)
    if adapter is not None:
        card = await asyncio.to_thread(card_of_adapter, adapter, base, path)
    engine = embedded(settings, path, card, adapter)
    return Model(
        card,
        (engine,),
        check=partial(_checked_when_ready, card, engine, catalogue),
        shelf=shelf,
        adapter=name,
    )


async def _checked_when_ready(card: ModelCard, engine: Engine, catalogue: Catalogue) -> Checked:
    await engine.ready()
    return await check_card(card, (engine,), catalogue)


async def _remote(settings: Settings, found: Resolved) -> Model:
    """The server that was named, which must answer, and further ones of the same model, which may come."""
    wanted = settings.engine
    others = wanted.replicas.replace(",", " ").split()
    async with AsyncExitStack() as on_failure:
        engines = []
        for number, url in enumerate([found.where, *others], start=1):
            address = ServerAddress(
                url=url,
                model=found.model_id,
                key=wanted.key or None,
                slots=wanted.slots,
                context=wanted.context,
            )
            name = "remote" if number == 1 else f"remote-{number}"
            engine = OpenAIEngine(name, address, EngineTimeouts(silent_s=wanted.silent_s))
            on_failure.push_async_callback(engine.close)
            engines.append(engine)
            await engine.start()
        first = engines[0]
        health = first.health()
        if health.state != "ready":
            raise SetupError(f"The server at {first.url} does not answer: {health.reason} Start it first.")
        strange = [engine for engine in engines[1:] if engine.model not in (None, first.model)]
        if strange:
            raise SetupError(
                f"The server at {strange[0].url} serves {strange[0].model!r}, and the one at {first.url} "
                f"{first.model!r}. Replicas serve one model; name the model after a '#' in engine.model."
            )
        catalogue = await asyncio.to_thread(read_catalogue)
        card = found.card
        if not found.complete:
            card = card_of_server(first.model or "", first.context, catalogue)
        checked = await check_card(card, engines, catalogue)
        on_failure.pop_all()
    beside = tuple(partial(keep_probing, engine) for engine in engines)
    return Model(checked.card, tuple(engines), beside, checked=tuple(checked.said))
