"""The composition root: settings -> a running site. The only place that picks implementations."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from thinkwell.admission.limits import Limits
from thinkwell.admission.quotas import Quotas
from thinkwell.admission.tiers import rules_of, worth_of
from thinkwell.engines.base import Engine
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.probing import keep_probing
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.errors import SetupError
from thinkwell.http.doors.responses_kept import Responses
from thinkwell.http.pages import WebApp
from thinkwell.http.signatures import ThoughtSigner
from thinkwell.http.site import Site
from thinkwell.http.watching import open_watching
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.signing_keys import open_signer
from thinkwell.ledger.supply import Machine
from thinkwell.ledger.tariff import Tariff as PriceList
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue, read_catalogue
from thinkwell.models.disk import Progress
from thinkwell.models.hub import Hub
from thinkwell.models.resolve import Resolved, card_of_file, card_of_server, resolve
from thinkwell.models.weights import present
from thinkwell.people.blocks import open_blocks
from thinkwell.people.keyring import Keyring
from thinkwell.people.members import Members
from thinkwell.people.named import SignIn
from thinkwell.people.networks import open_networks
from thinkwell.people.passwords import Passwords
from thinkwell.people.proofs import Proofs
from thinkwell.people.proxies import Proxies
from thinkwell.people.visitors import Visitors
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.budgets import LoadBudgets, TierBudget
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.null import UnlimitedLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.prefix_index import BLOCK_BYTES
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.settings import People, Settings, site_secret
from thinkwell.store.database import Database, open_database
from thinkwell.turns.ask import Asker
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.books import open_books
from thinkwell.turns.check import Checked, check_card
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.embed import Embedder
from thinkwell.turns.forecast import LoadForecast
from thinkwell.turns.gate import Gate
from thinkwell.turns.handover import Handover
from thinkwell.turns.housekeeping import keep_house
from thinkwell.turns.idempotent import Once
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.observer import Observers
from thinkwell.turns.pool import Pool
from thinkwell.turns.power import open_power
from thinkwell.turns.reconciler import Reconciler
from thinkwell.turns.run import Conductor, now_us
from thinkwell.turns.ticket import BYTES_PER_TOKEN
from thinkwell.turns.watch import Parts

log = logging.getLogger(__name__)

DEFAULT_SLOTS = 4
MOST_DEFAULT_CONTEXT = 4096
# Of a turn that paused, the part that a prefix cache is thought to have kept: the embedded engine kept
# between 0.4 and 0.99 with another turn in between (docs/log.md, 2026-11-22).
KEPT = 0.9
# What the gateway thinks a replica's prefix cache holds: 16,384 blocks of 128 tokens, two million tokens.
PREFIX_BLOCKS = 16_384


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
        return await _remote(settings, found)
    hub = Hub(url=wanted.hub_url, token=wanted.hub_token or None)
    path = await present(
        found.where, folder=settings.data / "models", hub=hub, sha256=found.card.sha256, progress=progress
    )
    card = found.card if found.complete else card_of_file(path, catalogue, found.card.source)
    engine = _embedded(settings, card, path)
    return Model(card, (engine,), check=partial(_checked_when_ready, card, engine, catalogue))


async def _checked_when_ready(card: ModelCard, engine: Engine, catalogue: Catalogue) -> Checked:
    await engine.ready()
    return await check_card(card, (engine,), catalogue)


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


def _machine() -> Machine:
    return Machine(cores=_cores(), visible=os.environ.get("CUDA_VISIBLE_DEVICES"))


def _cores() -> int:
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


@asynccontextmanager
async def open_site(
    settings: Settings, model: Model, web_app: WebApp, passwords: Passwords | None = None
) -> AsyncIterator[Site]:
    """Everything of a site but its HTTP server. At the end, running turns are kept and marked interrupted.

    Raises SetupError.
    """
    secret = await asyncio.to_thread(site_secret, settings.data)
    receipt_signer = await asyncio.to_thread(
        open_signer, settings.data, settings.site.name, int(time.time())
    )
    for engine in model.engines:
        await engine.start()
    try:
        database = await open_database(settings.data)
        try:
            turns = LiveTurns(settings.turns.keep_live_s)
            power = await open_power(settings.energy, _machine(), model.engines, turns, now_us)
            quotas = _quotas(settings, database)
            books = Bookkeeping(
                Accounts(secret),
                now_us,
                PriceList(settings.prices, settings.tariff),
                allowance=quotas,
                shares=power,
                marks=receipt_signer,
            )
            written = await open_books(settings.data / "journal", database, turns, books)
            journal = written.journal
            members = await Members(database, passwords, settings.people.session_days).open()
            keyring = Keyring(database, members.accounts, now_us)
            blocks = await open_blocks(secret, database, now_us)
            schedule = _schedule(settings, model)
            forecast = LoadForecast(schedule, _budgets(settings))
            networks = await open_networks(settings.data)
            proofs = Proofs(secret, settings.people.proof_load, lambda: forecast.load)
            dispatcher = Dispatcher(schedule, model.engines, settings.engine.patience_s, forecast)
            pool = Pool(
                model.card, model.engines, dispatcher, settings.line.share_prefixes, checked=model.checked
            )
            limits = Limits(max_tokens=settings.turns.max_tokens, max_live=settings.turns.max_live)
            gate = Gate(pool, turns, limits, quotas)
            parts = Parts(turns, dispatcher, model.engines, schedule.replicas, lambda: forecast.load)
            watching = await open_watching(settings, parts, pool, database)
            observers = Observers([watching.observers, written.tally])
            conductor = Conductor(pool, written.closer, turns, gate, observers)
            reconciler = Reconciler(model.engines, written.tally, turns, journal, database, now_us)
            async with asyncio.TaskGroup() as background, asyncio.TaskGroup() as tasks:
                keepers = [
                    background.create_task(journal.run()),
                    background.create_task(written.reaper.run()),
                    background.create_task(members.keep_looking()),
                    background.create_task(keyring.run()),
                    background.create_task(power.run()),
                    background.create_task(watching.watch.run()),
                    background.create_task(networks.keep()),
                    background.create_task(
                        keep_house(
                            database, settings.turns.keep_log_hours, settings.turns.keep_response_hours
                        )
                    ),
                ]
                keepers += [background.create_task(beside()) for beside in model.beside]
                if model.check is not None:
                    pool.checking = background.create_task(_correct(pool, model.check))
                    keepers.append(pool.checking)
                keepers.append(
                    background.create_task(reconciler.run(settings.data, partial(_checked, pool)))
                )
                try:
                    yield Site(
                        settings=settings,
                        pool=pool,
                        conductor=conductor,
                        asker=Asker(conductor, database, turns, new_id),
                        embedder=Embedder(conductor, pool, gate, journal, database),
                        quotas=quotas,
                        turns=turns,
                        once=Once(database, turns, now_us),
                        power=power,
                        database=database,
                        visitors=Visitors(secret, settings.people.cookie_days, networks, proofs),
                        sign_in=_sign_in(settings.people, secret),
                        members=members,
                        keyring=keyring,
                        handover=Handover(database, turns, journal, quotas),
                        signer=ThoughtSigner(secret),
                        receipt_signer=receipt_signer,
                        watching=watching,
                        reconciler=reconciler,
                        blocks=blocks,
                        responses=Responses(database, secret, settings.turns.keep_response_hours),
                        web_app=web_app,
                        tasks=tasks,
                        new_id=new_id,
                        started_at=int(time.time()),
                    )
                finally:
                    members.close()
                    await conductor.stop_all()
                    await watching.close()
                    for keeper in keepers:
                        keeper.cancel()
        finally:
            await database.close()
    finally:
        for engine in model.engines:
            await engine.close()


async def _checked(pool: Pool) -> None:
    if pool.checking is not None:
        await asyncio.wait({pool.checking})


async def _correct(pool: Pool, check: Callable[[], Coroutine[None, None, Checked]]) -> None:
    """The engine of the site's own is checked while the site is up: it may take long to be ready."""
    try:
        checked = await check()
    except SetupError as problem:
        log.error("the model card was not checked: %s", problem.message)
        pool.checked = (problem.message,)
    else:
        pool.card, pool.checked = checked.card, tuple(checked.said)


def _schedule(settings: Settings, model: Model) -> PoolSchedule:
    """The fair line over the model's engines; turns give way only where the model can go on."""
    wanted, engine = settings.line, settings.engine
    names = [one.name for one in model.engines]
    weights = {name: tier.weight for name, tier in settings.tiers.items()}
    at_once = {name: tier.at_once for name, tier in settings.tiers.items()}
    return PoolSchedule(
        lambda cost: BehindLine(cost, weights, at_once) if wanted.fair else UnlimitedLine(),
        [Replica(one.name, one.slots, engine.kv_tokens) for one in model.engines],
        Router(names, cache_blocks=PREFIX_BLOCKS, block_tokens=BLOCK_BYTES // BYTES_PER_TOKEN),
        Predictor(first_guess=model.card.answer_tokens / 2),
        Rules(kept=KEPT) if wanted.give_way and model.card.continues else None,
    )


def _quotas(settings: Settings, database: Database) -> Quotas:
    tiers = {name: rules_of(tier) for name, tier in settings.tiers.items()}
    worth = {model: worth_of(price) for model, price in settings.prices.items()}
    return Quotas(database, tiers, worth, settings.tariff.currency, now_us)


def _budgets(settings: Settings) -> LoadBudgets:
    """A heavier tier's thoughts are cut later."""
    least = min(tier.weight for tier in settings.tiers.values())
    return LoadBudgets(
        {
            name: TierBudget(floor_share=tier.thought_floor, weight=tier.weight / least)
            for name, tier in settings.tiers.items()
        }
    )


def _sign_in(people: People, secret: bytes) -> SignIn:
    return SignIn(secret, people.proxy_header, Proxies(people.proxy_networks()))


def new_id(kind: str) -> str:
    """Not to be guessed, and readable in a log: ``conv_…``."""
    return f"{kind}-{os.urandom(16).hex()}" if kind == "chatcmpl" else f"{kind}_{os.urandom(12).hex()}"
