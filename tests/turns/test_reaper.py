"""The reaper: what could not be closed is closed as soon as it can be, once, as its readers saw it end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from thinkwell.conversations import shelf
from thinkwell.http.site import Site
from thinkwell.ledger import book
from thinkwell.ledger.check import check
from thinkwell.ledger.lines import Accounts
from thinkwell.store.tables import entries, messages
from thinkwell.testing.clock import ManualClock
from thinkwell.testing.faults import FailingDatabase, When, make_failing, never
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site
from thinkwell.turns import stored_log
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.reaper import LONGEST_PAUSE_S, YOUNG_US, Reaper
from thinkwell.turns.run import now_us
from thinkwell.values.caller import Caller
from thinkwell.values.event import Failed, Finished
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")
PRICES = ("prices.default.answer=10",)


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine) -> AsyncIterator[Site]:
    engine.play(saying(*"abc", reasoning=("x", "y")))
    async with running_site(data, engine, assignments=PRICES) as running:
        yield running.site


async def begin(site: Site, *, keep: bool) -> LiveTurn:
    """A turn of a conversation, where its text is kept."""
    turn_id = site.new_id("turn")
    request = TurnRequest(
        id=turn_id,
        caller=CALLER,
        model="scripted",
        messages=(Message("user", "?"),),
        keep_text=keep,
        message_id=f"msg_{turn_id}" if keep else None,
    )

    def store(tx: Any) -> None:
        shelf.create(tx, f"conv_{turn_id}", CALLER.id, "?", now_us())
        answer = shelf.NewMessage(
            id=f"msg_{turn_id}",
            parent_id=None,
            role="assistant",
            content="",
            status="pending",
            turn_id=turn_id,
        )
        shelf.add(tx, f"conv_{turn_id}", [answer], now_us())

    return await site.conductor.begin(site.tasks, request, store if keep else None)


async def row(site: Site, turn_id: str) -> dict[str, Any] | None:
    query = select(entries).where(entries.c.turn_id == turn_id)
    found = await site.database.read(lambda tx: tx.execute(query).mappings().first())
    return None if found is None else dict(found)


async def audited(site: Site) -> int:
    found = await site.database.read(lambda tx: check(tx, 2**62))
    assert found.findings == []
    return found.lines


def broken(database: FailingDatabase, when: When) -> None:
    database.fail = lambda _: when


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_turn_whose_closing_failed_is_closed_when_the_database_works_again(
    site: Site, engine: ScriptedEngine, when: When
) -> None:
    database = make_failing(site.database)
    engine.gates.hold("2")
    live = await begin(site, keep=True)
    await engine.gates.reached("2")
    broken(database, when)
    engine.gates.release("2")
    end = await live.over()
    assert isinstance(end, Failed) and end.code == "storage_unavailable"
    assert site.conductor.closer.reaper.owed == 1
    assert not await site.conductor.closer.reaper.pay()
    database.fail = never
    assert await site.conductor.closer.reaper.pay()
    assert site.conductor.closer.reaper.owed == 0
    closed = await row(site, live.request.id)
    assert closed is not None and closed["closed_at"]
    if when == "before":  # else it was closed as finished by then, and stays so
        assert (closed["ending"], closed["code"], closed["due"]) == ("failed", end.code, 0)
        assert closed["receipt"] == book.encode(end.receipt)
        told = await site.database.read(lambda tx: stored_log.read(tx, live.request.id))
        assert told is not None and told.events == live.log.since(0)
        query = select(messages.c.content, messages.c.status).where(messages.c.turn_id == live.request.id)
        content, status = await site.database.read(lambda tx: tx.execute(query).one())
        assert (content, status) == ("abc", "failed")
    assert closed["answer_tokens"] == 3
    assert await audited(site) == 2


async def test_what_is_owed_is_paid_in_the_background_with_longer_and_longer_pauses(
    site: Site, engine: ScriptedEngine
) -> None:
    clock = ManualClock()
    database = make_failing(site.database)
    books = Bookkeeping(Accounts(b"s" * 32), now_us)
    reaper = Reaper(database, site.conductor.closer.journal, site.turns, books)
    live = await begin(site, keep=False)
    end = await live.over()
    await site.conductor.settled()
    running = asyncio.create_task(reaper.run(clock.sleep))
    broken(database, "before")
    failed = Failed("storage_full", "no room", end.receipt)
    reaper.owe(live, failed, 5)
    calls = database.calls
    await clock.slept_on(2)
    for pause, tries in ((0.5, 1), (1, 2), (2, 3), (4, 4)):
        await clock.advance(pause)
        while database.calls < calls + tries:
            await asyncio.sleep(0)
        await clock.slept_on(2)
    database.fail = never
    await clock.advance(LONGEST_PAUSE_S)
    while reaper.owed:
        await asyncio.sleep(0)
    closed = await row(site, live.request.id)
    assert closed is not None and closed["ending"] == "finished", "it was closed before, and stays as it was"
    running.cancel()
    await asyncio.wait({running})
    assert await audited(site) == 2


async def test_a_turn_that_the_journal_did_not_take_is_closed_too(
    site: Site, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("thinkwell.ledger.book.closed_row", fail)
        live = await begin(site, keep=False)
        end = await live.over()
    assert isinstance(end, Failed) and end.code == "error"
    assert await row(site, live.request.id) is None
    assert await site.conductor.closer.reaper.pay()
    closed = await row(site, live.request.id)
    assert closed is not None
    assert (closed["ending"], closed["code"], closed["answer_tokens"]) == ("failed", "error", 3)
    assert closed["receipt"] == book.encode(end.receipt)
    assert await audited(site) == 2


@pytest.mark.parametrize("paid", [False, True])
async def test_what_is_owed_when_the_site_dies_ends_as_its_readers_saw_it(
    data: Path, engine: ScriptedEngine, paid: bool
) -> None:
    engine.play(saying(*"abc", reasoning=("x", "y")))
    async with running_site(data, engine, assignments=PRICES) as running:
        site = running.site
        database = make_failing(site.database)
        engine.gates.hold("2")
        live = await begin(site, keep=True)
        await engine.gates.reached("2")
        broken(database, "before")
        engine.gates.release("2")
        end = await live.over()
        assert isinstance(end, Failed)
        if paid:
            database.fail = never  # then the end of the site pays it
    async with running_site(data, engine, assignments=PRICES) as running:
        closed = await row(running.site, live.request.id)
        assert closed is not None
        assert (closed["ending"], closed["code"], closed["answer_tokens"]) == ("failed", end.code, 3)
        assert closed["receipt"] == book.encode(end.receipt)
        told = await running.site.database.read(lambda tx: stored_log.read(tx, live.request.id))
        assert told is not None and told.events == live.log.since(0)
        assert await audited(running.site) == 2


async def test_entries_without_a_turn_are_found_and_closed_and_young_or_live_ones_are_left(
    site: Site, engine: ScriptedEngine
) -> None:
    engine.gates.hold("1")
    live = await begin(site, keep=True)
    await engine.gates.reached("1")
    now = now_us()

    def lost(name: str, opened_at: int) -> TurnRequest:
        return TurnRequest(
            id=name, caller=CALLER, model="scripted", messages=(Message("user", "?"),), keep_text=True
        )

    for name, opened_at in (("old", now - YOUNG_US - 1), ("young", now)):
        request = lost(name, opened_at)
        await site.database.write(partial(book.open_entry, request=request, now_us=opened_at))

    def age(tx: Any) -> None:
        tx.execute(entries.update().where(entries.c.turn_id == live.request.id).values(opened_at=1))

    await site.database.write(age)
    assert await site.conductor.closer.reaper.look() == 1
    assert await site.conductor.closer.reaper.look() == 0
    closed = await row(site, "old")
    assert closed is not None and (closed["ending"], closed["code"]) == ("failed", "interrupted")
    for name in ("young", live.request.id):
        still = await row(site, name)
        assert still is not None and still["closed_at"] is None
    engine.gates.release("1")
    assert isinstance(await live.over(), Finished)


async def test_a_database_that_cannot_be_read_is_looked_at_again_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("thinkwell.ledger.book.open_entries", fail)
        assert await site.conductor.closer.reaper.look() == 0
    assert await site.conductor.closer.reaper.look() == 0
