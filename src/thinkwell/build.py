"""The composition root: settings -> a running site. The only place that picks implementations."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from thinkwell.admission.limits import Limits
from thinkwell.engines.base import Engine
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.probing import keep_probing
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.errors import SetupError
from thinkwell.http.metrics import SiteMetrics
from thinkwell.http.pages import WebApp
from thinkwell.http.site import Site
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.disk import Progress
from thinkwell.models.hub import Hub
from thinkwell.models.resolve import Resolved, card_of_file, card_of_server, resolve
from thinkwell.models.weights import present
from thinkwell.people.visitors import Visitors
from thinkwell.scheduling.round_robin import RoundRobinLine
from thinkwell.settings import Settings, site_secret
from thinkwell.store.database import open_database
from thinkwell.turns.ask import Asker
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.housekeeping import keep_house
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.recovery import recover
from thinkwell.turns.run import Conductor, Pool, now_us

DEFAULT_SLOTS = 4
MOST_DEFAULT_CONTEXT = 4096


class Model(msgspec.Struct, frozen=True):
    """A model that is ready to be started: its card, the engine that will run it, and what runs beside
    the engine as long as the site does."""

    card: ModelCard
    engine: Engine
    beside: Callable[[], Coroutine[None, None, None]] | None = None


async def prepare_model(settings: Settings, progress: Progress) -> Model:
    """Find what ``engine.model`` means, download what is missing, choose the engine. Raises SetupError."""
    wanted = settings.engine
    catalogue = read_catalogue()
    found = resolve(wanted.model, catalogue)
    if found.kind == "remote":
        return await _remote(settings, found)
    hub = Hub(url=wanted.hub_url, token=wanted.hub_token or None)
    path = await present(
        found.where, folder=settings.data / "models", hub=hub, sha256=found.card.sha256, progress=progress
    )
    card = found.card if found.complete else card_of_file(path, catalogue, found.card.source)
    return Model(card, _embedded(settings, card, path))


def _embedded(settings: Settings, card: ModelCard, path: Path) -> EmbeddedEngine:
    wanted = settings.engine
    threads, prompt_threads = engine_threads(wanted.threads, _cores())
    model = EmbeddedModel(
        path=path,
        alias=card.name,
        slots=wanted.slots or DEFAULT_SLOTS,
        context=min(wanted.context or MOST_DEFAULT_CONTEXT, card.context),
        threads=threads,
        prompt_threads=prompt_threads,
        cache_mib=wanted.cache_mib,
        log=settings.data / "engine.log",
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


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _remote(settings: Settings, found: Resolved) -> Model:
    wanted = settings.engine
    address = ServerAddress(
        url=found.where,
        model=found.model_id,
        key=wanted.key or None,
        slots=wanted.slots,
        context=wanted.context,
    )
    engine = OpenAIEngine("remote", address, EngineTimeouts(silent_s=wanted.silent_s))
    try:
        await engine.start()
    except BaseException:
        await engine.close()
        raise
    health = engine.health()
    if health.state != "ready":
        await engine.close()
        raise SetupError(f"The server at {engine.url} does not answer: {health.reason} Start it first.")
    card = (
        found.card if found.complete else card_of_server(engine.model or "", engine.context, read_catalogue())
    )
    return Model(card, engine, partial(keep_probing, engine))


@asynccontextmanager
async def open_site(settings: Settings, model: Model, web_app: WebApp) -> AsyncIterator[Site]:
    """Everything of a site but its HTTP server. At the end, running turns are kept and marked interrupted.

    Raises SetupError.
    """
    secret = await asyncio.to_thread(site_secret, settings.data)
    engine = model.engine
    await engine.start()
    try:
        database = await open_database(settings.data)
        try:
            await recover(database, now_us())
            journal = Journal(database, now_us)
            turns = LiveTurns(settings.turns.keep_live_s)
            metrics = SiteMetrics()
            dispatcher = Dispatcher(RoundRobinLine(), [engine], settings.engine.patience_s)
            pool = Pool(model.card, (engine,), dispatcher)
            limits = Limits(max_tokens=settings.turns.max_tokens, max_live=settings.turns.max_live)
            conductor = Conductor(pool, database, journal, turns, limits, metrics)
            async with asyncio.TaskGroup() as background, asyncio.TaskGroup() as tasks:
                keepers = [
                    background.create_task(journal.run()),
                    background.create_task(keep_house(database, settings.turns.keep_log_hours)),
                ]
                if model.beside is not None:
                    keepers.append(background.create_task(model.beside()))
                _gauges(metrics, dispatcher, engine)
                try:
                    yield Site(
                        settings=settings,
                        pool=pool,
                        conductor=conductor,
                        asker=Asker(conductor, database, new_id),
                        turns=turns,
                        database=database,
                        visitors=Visitors(secret, settings.people.cookie_days),
                        metrics=metrics,
                        web_app=web_app,
                        tasks=tasks,
                        new_id=new_id,
                        started_at=int(time.time()),
                    )
                finally:
                    await conductor.stop_all()
                    for keeper in keepers:
                        keeper.cancel()
        finally:
            await database.close()
    finally:
        await engine.close()


def _gauges(metrics: SiteMetrics, dispatcher: Dispatcher, engine: Engine) -> None:
    readings: dict[str, tuple[str, Callable[[], float]]] = {
        "turns_running": ("Turns that hold a lease", lambda: dispatcher.running),
        "turns_waiting": ("Turns waiting in line", lambda: dispatcher.waiting),
        "engine_ready": ("1 while the engine is ready", lambda: engine.health().state == "ready"),
        "engine_slots": ("Turns the engine runs at once", lambda: engine.slots),
        "engine_restarts": ("Restarts of the engine", lambda: engine.health().restarts),
    }
    for name, (about, read) in readings.items():
        metrics.gauge(name, about, read)


def new_id(kind: str) -> str:
    """Not to be guessed, and readable in a log: ``conv_…``."""
    return f"{kind}-{secrets.token_hex(16)}" if kind == "chatcmpl" else f"{kind}_{secrets.token_hex(12)}"
