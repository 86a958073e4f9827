"""Sessions: a token in the browser, its hash in the database, remembered while they hold and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound, StoreUnavailable
from thinkwell.people import accounts
from thinkwell.people import sessions as rows
from thinkwell.people.accounts import Account, Accounts
from thinkwell.people.sessions import DAY_US, SEEN_EVERY_US, Sessions
from thinkwell.store.database import Database, open_database
from thinkwell.store.tables import sessions as table

DAYS = 30


class Clock:
    def __init__(self) -> None:
        self.now = 1_000 * DAY_US

    def __call__(self) -> int:
        return self.now


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await open_database(data)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(database: Database, clock: Clock) -> Sessions:
    return Sessions(database, Accounts(database), DAYS, clock)


@pytest.fixture
async def zoe(database: Database) -> Account:
    return await database.write(lambda tx: accounts.create(tx, "zoe", 5))


async def stored(database: Database) -> list[Any]:
    return await database.read(lambda connection: list(connection.execute(select(table)).all()))


def no_database(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    async def fail(work: Any) -> Any:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(database, "read", fail)
    monkeypatch.setattr(database, "write", fail)


async def test_a_token_says_who_it_is_and_only_its_hash_is_stored(
    sessions: Sessions, database: Database, zoe: Account, data: Path
) -> None:
    token = await sessions.begin(zoe.id, "A browser\x1b[31m\n")
    assert len(token) >= 43  # 256 bits
    assert await sessions.who(token) == zoe
    assert token != await sessions.begin(zoe.id, "")
    [one, _] = await stored(database)
    assert one.agent == "A browser[31m"
    assert token not in repr(one)
    kept = await asyncio.to_thread(lambda: b"".join(file.read_bytes() for file in data.iterdir()))
    assert token.encode() not in kept


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 10_000, "ö" * 43, "' or 1=1 --", "\ud800"])
async def test_a_token_that_is_none_is_nobody(sessions: Sessions, zoe: Account, token: str) -> None:
    real = await sessions.begin(zoe.id, "")
    assert await sessions.who(token) is None
    assert await sessions.who(real[:-1]) is None
    assert await sessions.who(real) == zoe


async def test_a_known_session_needs_no_database(
    sessions: Sessions, database: Database, zoe: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await sessions.begin(zoe.id, "")
    await sessions.who(token)
    no_database(monkeypatch, database)
    assert await sessions.who(token) == zoe


async def test_a_session_ends_by_itself(
    sessions: Sessions, database: Database, zoe: Account, clock: Clock
) -> None:
    token = await sessions.begin(zoe.id, "")
    clock.now += DAYS * DAY_US - 1
    assert await sessions.find(token) is not None
    clock.now += 1
    assert await sessions.who(token) is None
    assert await sessions.all(zoe.id) == []
    assert await Sessions(database, Accounts(database), DAYS, clock).who(token) is None
    await sessions.begin(zoe.id, "")  # which sweeps
    assert len(await stored(database)) == 1


async def test_an_ended_session_is_over_at_once(sessions: Sessions, zoe: Account) -> None:
    one, two, three = [await sessions.begin(zoe.id, name) for name in ("one", "two", "three")]
    for token in (one, two, three):
        assert await sessions.who(token) == zoe
    await sessions.end(one)
    assert await sessions.who(one) is None
    mine = await sessions.find(two)
    assert mine is not None
    await sessions.end_others(zoe.id, mine.id)
    assert await sessions.who(three) is None
    assert await sessions.who(two) == zoe
    await sessions.end_one(zoe.id, mine.id)
    assert await sessions.who(two) is None
    await sessions.end("never was")


async def test_another_members_session_is_as_unknown_as_one_that_is_not_there(
    sessions: Sessions, database: Database, zoe: Account
) -> None:
    max_ = await database.write(lambda tx: accounts.create(tx, "max", 6))
    token = await sessions.begin(zoe.id, "")
    session = await sessions.find(token)
    assert session is not None
    with pytest.raises(NotFound) as others:
        await sessions.end_one(max_.id, session.id)
    with pytest.raises(NotFound) as nothing:
        await sessions.end_one(max_.id, "nothing")
    assert others.value.message == nothing.value.message
    await sessions.end_others(max_.id, "")
    assert await sessions.who(token) == zoe


async def test_a_session_that_is_read_while_it_is_ended_is_not_remembered(
    sessions: Sessions, database: Database, zoe: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await sessions.begin(zoe.id, "")
    read, go = asyncio.Event(), asyncio.Event()
    real = database.read

    async def slow(work: Any) -> Any:
        found = await real(work)
        read.set()
        await go.wait()
        return found

    monkeypatch.setattr(database, "read", slow)
    asked = asyncio.create_task(sessions.who(token))
    await read.wait()
    monkeypatch.setattr(database, "read", real)
    await sessions.end(token)
    go.set()
    await asked
    assert await sessions.who(token) is None


async def test_when_it_was_last_seen_is_written_every_few_minutes(
    sessions: Sessions, database: Database, zoe: Account, clock: Clock
) -> None:
    token = await sessions.begin(zoe.id, "")
    begun = clock.now
    for _ in range(10):
        clock.now += SEEN_EVERY_US // 10 - 1
        await sessions.who(token)
    assert [row.seen_at for row in await stored(database)] == [begun]
    clock.now = begun + SEEN_EVERY_US
    await sessions.who(token)
    assert [row.seen_at for row in await stored(database)] == [clock.now]
    found = await database.read(lambda connection: accounts.find(connection, zoe.id))
    assert found is not None and found.seen_at == clock.now


async def test_a_session_holds_where_that_cannot_be_written(
    sessions: Sessions, database: Database, zoe: Account, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await sessions.begin(zoe.id, "")
    await sessions.who(token)
    clock.now += SEEN_EVERY_US
    no_database(monkeypatch, database)
    assert await sessions.who(token) == zoe


async def test_sessions_go_with_their_account(sessions: Sessions, database: Database, zoe: Account) -> None:
    token = await sessions.begin(zoe.id, "")
    await database.write(lambda tx: accounts.remove(tx, zoe.id))
    sessions.forget_all()
    assert await sessions.who(token) is None
    assert await stored(database) == []


async def test_all_of_an_owner_end_but_one(sessions: Sessions, database: Database, zoe: Account) -> None:
    tokens = [await sessions.begin(zoe.id, str(number)) for number in range(3)]
    kept = await sessions.find(tokens[1])
    assert kept is not None

    def work(tx: Connection) -> None:
        rows.end_all(tx, zoe.id, but=kept.id)

    await database.write(work)
    sessions.forget_all()
    assert [session.id for session in await sessions.all(zoe.id)] == [kept.id]
