"""The composition root: settings -> a running site. The only place that picks implementations."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from thinkwell.admission.limits import Limits
from thinkwell.build.embedded import machine
from thinkwell.build.line import line_over, quotas_of, thought_budgets
from thinkwell.build.model import Model
from thinkwell.conversations.search import Search
from thinkwell.conversations.sqlite_search import SqliteSearch
from thinkwell.engines.base import Engine
from thinkwell.errors import SetupError
from thinkwell.http.doors.responses_kept import Responses
from thinkwell.http.look import Look, open_look
from thinkwell.http.pages import WebApp
from thinkwell.http.signatures import ThoughtSigner
from thinkwell.http.site import Site
from thinkwell.http.watching import open_watching
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.signing import Signer
from thinkwell.ledger.signing_keys import open_signer
from thinkwell.ledger.tariff import Tariff as PriceList
from thinkwell.models.runs import Runs
from thinkwell.people.blocks import open_blocks
from thinkwell.people.keyring import Keyring
from thinkwell.people.members import Members
from thinkwell.people.named import SignIn
from thinkwell.people.networks import open_networks
from thinkwell.people.organisation import Organisation, Registration
from thinkwell.people.passwords import Passwords
from thinkwell.people.proofs import Proofs
from thinkwell.people.proxies import Proxies
from thinkwell.people.pushing import OverHttps, Pushing
from thinkwell.people.visitors import Visitors
from thinkwell.settings import People, Settings, site_secret
from thinkwell.store.database import open_database
from thinkwell.turns.adapters import Adapters
from thinkwell.turns.ask import Asker
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.books import open_books
from thinkwell.turns.check import Checked
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.embed import Embedder
from thinkwell.turns.erasing import Eraser
from thinkwell.turns.forecast import LoadForecast
from thinkwell.turns.gate import Gate
from thinkwell.turns.handover import Handover
from thinkwell.turns.housekeeping import keep_house, keeping
from thinkwell.turns.idempotent import Once
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.observer import Observers
from thinkwell.turns.pool import Pool
from thinkwell.turns.power import open_power
from thinkwell.turns.ready import Ready
from thinkwell.turns.reconciler import Reconciler
from thinkwell.turns.run import Conductor, now_us
from thinkwell.turns.sweeping import keep_sweeping
from thinkwell.turns.tally import Tally
from thinkwell.turns.watch import Parts

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_site(
    settings: Settings, model: Model, web_app: WebApp, passwords: Passwords | None = None
) -> AsyncIterator[Site]:
    """Everything of a site but its HTTP server. At the end, running turns are kept and marked interrupted.

    Raises SetupError.
    """
    secret, receipt_signer, look, pushing = await asyncio.to_thread(_from_files, settings, web_app)
    engines = list(model.engines)  # that everybody reads, and adapters changes
    await _start(engines)
    try:
        database = await open_database(settings.data)
        try:
            turns = LiveTurns(settings.turns.keep_live_s)
            power = await open_power(settings.energy, machine(), engines, turns, now_us)
            quotas = quotas_of(settings, database)
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
            members = await Members(
                database,
                passwords,
                settings.people.session_days,
                organisation=_organisation(settings, secret),
            ).open()
            keyring = Keyring(database, members.accounts, now_us)
            blocks = await open_blocks(secret, database, now_us)
            schedule = line_over(settings, model)
            forecast = LoadForecast(schedule, thought_budgets(settings))
            networks = await open_networks(settings.data)
            dispatcher = Dispatcher(schedule, model.engines, settings.engine.patience_s, forecast)
            pool = Pool(model.card, engines, dispatcher, settings.line.share_prefixes, checked=model.checked)
            adapters = Adapters(
                pool, engines, model.shelf, name=model.adapter, prices=(books, quotas), now_us=now_us
            )
            gate = Gate(pool, turns, _limits(settings), quotas)
            watching = await open_watching(
                settings,
                Parts(turns, dispatcher, engines, schedule.replicas, lambda: forecast.load),
                pool,
                database,
            )
            ready = [Ready(database, pushing, settings.push.after_s)] if pushing is not None else []
            observers = Observers([watching.observers, written.tally, adapters.counts, *ready])
            conductor = Conductor(pool, written.closer, turns, gate, observers)
            reconciler = Reconciler(engines, written.tally, turns, journal, database, now_us)
            async with asyncio.TaskGroup() as background, asyncio.TaskGroup() as tasks:
                keepers = [
                    background.create_task(journal.run()),
                    background.create_task(written.reaper.run()),
                    background.create_task(members.keep_looking()),
                    background.create_task(members.look_at_organisation()),
                    background.create_task(keyring.run()),
                    background.create_task(power.run()),
                    background.create_task(watching.watch.run()),
                    background.create_task(networks.keep()),
                    background.create_task(keep_house(database, keeping(settings), journal, _search())),
                    background.create_task(keep_sweeping(database)),
                ]
                besides = [*model.beside, adapters.keep, *(one.run for one in ready)]
                keepers += [background.create_task(beside()) for beside in besides]
                if model.check is not None:
                    pool.checking = background.create_task(_correct(pool, model.check, written.tally))
                    keepers.append(pool.checking)
                keepers.append(background.create_task(reconciler.run(settings.data, partial(_checked, pool))))
                try:
                    yield Site(
                        settings=settings,
                        pool=pool,
                        adapters=adapters,
                        runs=_runs(settings),
                        conductor=conductor,
                        asker=Asker(conductor, database, turns, new_id),
                        embedder=Embedder(conductor, pool, gate, journal, database),
                        quotas=quotas,
                        turns=turns,
                        once=Once(database, turns, now_us, secret),
                        power=power,
                        database=database,
                        search=_search(),
                        visitors=Visitors(
                            secret,
                            settings.people.cookie_days,
                            networks,
                            Proofs(secret, settings.people.proof_load, lambda: forecast.pressure),
                        ),
                        sign_in=_sign_in(settings.people, secret),
                        members=members,
                        keyring=keyring,
                        handover=Handover(database, turns, journal, quotas),
                        eraser=Eraser(
                            written.closer, turns, members, keyring, quotas, watching.watch, search=_search()
                        ),
                        signer=ThoughtSigner(secret),
                        receipt_signer=receipt_signer,
                        watching=watching,
                        reconciler=reconciler,
                        blocks=blocks,
                        responses=Responses(database, secret, settings.turns.keep_response_hours),
                        web_app=web_app,
                        look=look,
                        pushing=pushing,
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
        await _close(engines)


async def _start(engines: Sequence[Engine]) -> None:
    for engine in engines:
        await engine.start()


async def _close(engines: Sequence[Engine]) -> None:
    for engine in tuple(engines):
        await engine.close()


def _from_files(settings: Settings, web_app: WebApp) -> tuple[bytes, Signer, Look, Pushing | None]:
    """What is read once, at the start. Raises SetupError."""
    signer = open_signer(settings.data, settings.site.name, int(time.time()))
    return site_secret(settings.data), signer, open_look(settings, web_app), _pushing(settings)


def _pushing(settings: Settings) -> Pushing | None:
    push = settings.push
    if not push.enabled:
        return None
    from thinkwell.people.vapid import open_vapid  # brings cryptography that others need not carry

    contact = push.contact or (settings.site.url if settings.site.url.startswith("https:") else "")
    return Pushing(open_vapid(settings.data, contact), push.services(), OverHttps())


def _runs(settings: Settings) -> Runs:
    usual, named = settings.data / "training" / "runs", settings.training.runs
    return Runs([settings.data / Path(named).expanduser(), usual] if named else [usual])


def _search() -> Search:
    """Has no state."""
    return SqliteSearch()


def _limits(settings: Settings) -> Limits:
    return Limits(max_tokens=settings.turns.max_tokens, max_live=settings.turns.max_live)


async def _checked(pool: Pool) -> None:
    if pool.checking is not None:
        await asyncio.wait({pool.checking})


async def _correct(pool: Pool, check: Callable[[], Coroutine[None, None, Checked]], tally: Tally) -> None:
    """The engine of the site's own is checked while the site is up: it may take long to be ready."""
    try:
        checked = await check()
    except SetupError as problem:
        log.error("the model card was not checked: %s", problem.message)
        pool.checked = (problem.message,)
    else:
        pool.card, pool.checked = checked.card, tuple(checked.said)
        if checked.cut_tokens:
            tally.broke_off(pool.engines[0].name, checked.cut_tokens)


def _sign_in(people: People, secret: bytes) -> SignIn:
    return SignIn(secret, people.proxy_header, Proxies(people.proxy_networks()))


def _organisation(settings: Settings, secret: bytes) -> Organisation | None:
    people = settings.people
    if not people.oidc_issuer:
        return None
    at = Registration(
        issuer=people.oidc_issuer,
        client=people.oidc_client,
        secret=people.oidc_secret,
        url=settings.site.url,
        title=people.oidc_title,
    )
    return Organisation(at, secret)


def new_id(kind: str) -> str:
    """Not to be guessed, and readable in a log: ``conv_…``."""
    return f"{kind}-{os.urandom(16).hex()}" if kind == "chatcmpl" else f"{kind}_{os.urandom(12).hex()}"
