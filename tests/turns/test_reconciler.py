"""The site holds what it metered against what its engines counted, replica by replica, while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from thinkwell.errors import EngineUnavailable
from thinkwell.http.site import Site
from thinkwell.ledger.reconcile import MADE_MEANWHILE, Account, Metered, Report, Span, account_of
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.reconciler import FILE_NAME
from thinkwell.turns.tally import HEARD_S, Tally
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EngineCounters
from thinkwell.values.event import Finished
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine) -> AsyncIterator[Site]:
    engine.play(saying(*"abc", reasoning=("x", "y")))
    async with running_site(data, engine) as running:
        await running.site.reconciler.reconcile()  # from here on
        yield running.site


async def begin(site: Site, said: str = "?") -> LiveTurn:
    request = TurnRequest(
        id=site.new_id("turn"), caller=CALLER, model="scripted", messages=(Message("user", said),)
    )
    return await site.conductor.begin(site.tasks, request)


async def the_account(site: Site) -> Account:
    (account,) = (await site.reconciler.reconcile()).engines
    return account


async def test_what_was_metered_and_booked_is_what_the_engine_made(site: Site) -> None:
    for _ in range(3):
        assert isinstance(await (await begin(site)).over(), Finished)
    await site.conductor.settled()
    report = await site.reconciler.reconcile()
    (account,) = report.engines
    assert (account.generated.metered, account.generated.counted, account.generated.verdict) == (
        15,
        15,
        "equal",
    )
    assert (account.prompt.metered, account.prompt.verdict, account.reasons) == (24, "equal", ())
    assert report.clean and report.ledger is not None
    assert (report.ledger.metered, report.ledger.booked) == (39, 39)


async def test_turns_that_run_or_were_stopped_are_told_of(site: Site, engine: ScriptedEngine) -> None:
    engine.gates.hold("3")
    live = await begin(site)
    await engine.gates.reached("3")
    account = await the_account(site)
    assert (account.generated.metered, account.generated.difference) == (3, 0)
    assert [(reason.why, reason.count) for reason in account.reasons] == [("running", 1)]
    live.stop("person")
    await live.over()
    account = await the_account(site)
    told = [(reason.why, reason.at_most) for reason in account.reasons]
    assert told == [("cut", MADE_MEANWHILE), ("just_cut", 3)]


async def test_what_was_cut_is_late_until_the_engine_must_have_heard_of_it(
    site: Site, engine: ScriptedEngine
) -> None:
    now = 0.0
    tally = Tally(lambda: now)
    engine.gates.hold("3")
    live = await begin(site)
    await engine.gates.reached("3")
    live.stop("person")
    tally.ended(live, await live.over())
    assert tally.sums()[engine.name].late == 3
    now = HEARD_S
    assert tally.sums()[engine.name] == Metered(prompt=8, generated=3, leases=1, cut=1)


def test_what_the_site_asked_and_broke_off_before_it_counted_may_be_counted_after() -> None:
    now, span = 0.0, Span()
    tally = Tally(lambda: now)
    tally.broke_off("gpu", 18)
    start = tally.sums()["gpu"]
    assert start == Metered(unheard=18)
    for generated in (100, 118):
        span.look(EngineCounters(prompt=0, generated=generated))
    account = account_of("gpu", Metered().since(start), span)
    assert (account.generated.difference, account.generated.verdict) == (18, "explained")
    assert [reason.why for reason in account.reasons] == ["cut_before"]
    now = HEARD_S
    assert tally.sums() == {}


async def test_another_client_of_the_engine_is_not_explained(site: Site, engine: ScriptedEngine) -> None:
    await (await begin(site)).over()
    engine.tokens_made += 7
    report = await site.reconciler.reconcile()
    assert (report.engines[0].generated.difference, report.engines[0].generated.verdict) == (7, "unexplained")
    assert not report.clean


async def test_a_turn_that_lost_its_replica_is_counted_where_each_token_was_made(data: Path) -> None:
    first, second = ScriptedEngine(name="first", slots=1), ScriptedEngine(name="second", slots=1)
    for engine in (first, second):
        engine.play("fields")
    first.then("dies_at_once")
    async with running_site(data, (first, second)) as running:
        site = running.site
        await site.reconciler.reconcile()
        turns = [await begin(site, f"question {n}") for n in range(6)]
        await asyncio.gather(*(live.over() for live in turns))
        await site.conductor.settled()
        report = await site.reconciler.reconcile()
        assert report.clean
        for account, engine in zip(report.engines, (first, second), strict=True):
            assert account.engine == engine.name
            assert account.generated.metered == account.generated.counted == engine.tokens_made
        assert report.engines[0].reasons[0].why == "cut"


async def test_an_engine_that_does_not_tell_now_is_held_against_what_it_was_when_it_last_did(
    site: Site, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await begin(site)).over()
    engine.counts = False
    assert (await the_account(site)).generated.verdict == "equal", "as it was when it last told"

    async def away() -> None:
        raise EngineUnavailable("away")

    monkeypatch.setattr(engine, "counters", away)
    account = await the_account(site)
    assert (account.generated.counted, account.generated.verdict) == (0, "equal")
    monkeypatch.undo()
    engine.counts = True
    account = await the_account(site)
    assert (account.generated.counted, account.generated.verdict) == (5, "equal")


async def test_an_engine_that_never_told_is_untold(data: Path, engine: ScriptedEngine) -> None:
    engine.counts = False
    async with running_site(data, engine) as running:
        report = await running.site.reconciler.reconcile()
        assert report.clean
        assert report.engines[0].generated.verdict == report.engines[0].prompt.verdict == "untold"


async def test_the_newest_report_lies_in_the_data_folder(site: Site, data: Path) -> None:
    path = data / FILE_NAME
    while not await asyncio.to_thread(path.exists):
        await asyncio.sleep(0)
    report = msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=Report)
    assert [account.engine for account in report.engines] == ["scripted"]
    assert (await asyncio.to_thread(path.stat)).st_mode & 0o777 == 0o600
