"""A model ready to be started: what ``engine.model`` means, its weights, the engines that will run it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.probing import keep_probing
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.errors import SetupError
from thinkwell.ledger.supply import Machine
from thinkwell.models.adapter import card_of_adapter
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue, read_catalogue
from thinkwell.models.disk import Progress
from thinkwell.models.hub import Hub
from thinkwell.models.resolve import Resolved, card_of_file, card_of_server, resolve
from thinkwell.models.weights import present
from thinkwell.settings import Settings
from thinkwell.turns.check import Checked, check_card

DEFAULT_SLOTS = 4
MOST_DEFAULT_CONTEXT = 4096


class Model(msgspec.Struct, frozen=True):
    """A model that is ready to be started: its card, the engines that will run it, and what runs beside
    them as long as the site does. The card was ``checked``, or there is a ``check`` to be run when the
    engines are ready."""

    card: ModelCard
    engines: tuple[Engine, ...]
    beside: tuple[Callable[[], Coroutine[None, None, None]], ...] = ()
    check: Callable[[], Coroutine[None, None, Checked]] | None = None
    checked: tuple[str, ...] = ()


async def prepare_model(settings: Settings, progress: Progress) -> Model:
    """Find what ``engine.model`` means, download what is missing, choose the engine. Raises SetupError."""
    wanted = settings.engine
    catalogue = await asyncio.to_thread(read_catalogue)
    found = resolve(wanted.model, catalogue)
    if found.kind == "remote":
        if wanted.adapter:
            raise SetupError("engine.adapter is for the embedded engine; a server loads its adapters itself.")
        return await _remote(settings, found)
    hub = Hub(url=wanted.hub_url, token=wanted.hub_token or None)
    path = await present(
        found.where, folder=settings.data / "models", hub=hub, sha256=found.card.sha256, progress=progress
    )
    card = found.card if found.complete else card_of_file(path, catalogue, found.card.source)
    adapter = _adapter(settings)
    if adapter is not None:
        card = await asyncio.to_thread(card_of_adapter, adapter, card, path)
    engine = embedded(settings, card, path, adapter)
    return Model(card, (engine,), check=partial(_checked_when_ready, card, engine, catalogue))


def _adapter(settings: Settings) -> Path | None:
    """A relative path is in the data folder, as the logo's."""
    wanted = settings.engine.adapter
    return settings.data / Path(wanted).expanduser() if wanted else None


async def _checked_when_ready(card: ModelCard, engine: Engine, catalogue: Catalogue) -> Checked:
    await engine.ready()
    return await check_card(card, (engine,), catalogue)


def embedded(settings: Settings, card: ModelCard, path: Path, adapter: Path | None) -> EmbeddedEngine:
    """Not yet started."""
    wanted = settings.engine
    threads, prompt_threads = engine_threads(wanted.threads, cores())
    model = EmbeddedModel(
        path=path,
        alias=card.name,
        slots=wanted.slots or DEFAULT_SLOTS,
        context=min(wanted.context or MOST_DEFAULT_CONTEXT, card.context),
        threads=threads,
        prompt_threads=prompt_threads,
        cache_mib=wanted.cache_mib,
        log=settings.data / "engine.log",
        adapters=() if adapter is None else (adapter,),
    )
    return EmbeddedEngine(model, timeouts=EngineTimeouts(silent_s=wanted.silent_s))


def engine_threads(wanted: int | None, cores: int) -> tuple[int, int]:
    """Threads for one stream's tokens, and for prompts and several streams at once. 0: llama.cpp decides.

    On one or two cores a single stream leaves one free for the site and the browser: llama.cpp's
    threads wait for each other by spinning, so that whatever else runs on a core of theirs slows all
    of them (docs/log.md, 2026-11-21). Where nothing is said of the second, it is as the first.
    """
    if wanted is not None:
        return wanted, wanted
    return (1, cores) if cores <= 2 else (0, 0)


def machine() -> Machine:
    return Machine(cores=cores(), visible=os.environ.get("CUDA_VISIBLE_DEVICES"))


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
