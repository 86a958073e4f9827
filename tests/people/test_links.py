"""Links work once, for what they were made for and as long as they last; only a hash of each is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Connection

from thinkwell.errors import Conflict, LinkUsed
from thinkwell.people import links
from thinkwell.people.links import LASTS_US, LinkKind
from thinkwell.store import tables
from thinkwell.store.database import Database, open_database

NOW = 10**15
KINDS: tuple[LinkKind, ...] = ("operator", "invite", "password")


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await open_database(data)
    yield opened
    await opened.close()


async def made(database: Database, kind: LinkKind, owner: str | None = None, tier: str | None = None) -> str:
    return (await database.write(lambda tx: links.make(tx, kind, NOW, owner=owner, tier=tier)))[0]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_link_works_once_for_what_it_was_made(database: Database, kind: LinkKind) -> None:
    token = await made(database, kind, owner="member:1" if kind == "password" else None, tier="gold")
    others = tuple(one for one in KINDS if one != kind)
    with pytest.raises(LinkUsed):
        await database.write(lambda tx: links.use(tx, token, others, NOW))
    seen = await database.read(lambda connection: links.look(connection, token, KINDS, NOW))
    used = await database.write(lambda tx: links.use(tx, token, (kind,), NOW))
    assert used == seen
    assert (used.kind, used.tier) == (kind, "gold")
    for again in (links.use, links.look):
        with pytest.raises(LinkUsed):
            await database.write(lambda tx, again=again: again(tx, token, (kind,), NOW))  # type: ignore[misc]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_link_ends_by_itself(database: Database, kind: LinkKind) -> None:
    token = await made(database, kind)
    await database.read(lambda connection: links.look(connection, token, KINDS, NOW + LASTS_US[kind] - 1))
    with pytest.raises(LinkUsed):
        await database.write(lambda tx: links.use(tx, token, KINDS, NOW + LASTS_US[kind]))


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 100_000, "ö" * 40, "\ud800", "' or 1=1 --"])
async def test_a_token_of_nothing_is_refused_in_the_same_words(database: Database, token: str) -> None:
    used = await made(database, "invite")
    await database.write(lambda tx: links.use(tx, used, KINDS, NOW))
    with pytest.raises(LinkUsed) as nothing:
        await database.write(lambda tx: links.use(tx, token, KINDS, NOW))
    with pytest.raises(LinkUsed) as again:
        await database.write(lambda tx: links.use(tx, used, KINDS, NOW))
    assert nothing.value.message == again.value.message


async def test_of_two_who_use_a_link_at_once_one_has_it(database: Database) -> None:
    token = await made(database, "invite")

    async def use() -> bool:
        try:
            await database.write(lambda tx: links.use(tx, token, KINDS, NOW))
        except LinkUsed:
            return False
        return True

    assert sum(await asyncio.gather(*(use() for _ in range(20)))) == 1


async def test_what_fails_does_not_use_the_link_up(database: Database) -> None:
    token = await made(database, "invite")

    def fail(tx: Connection) -> None:
        links.use(tx, token, KINDS, NOW)
        raise Conflict("the name was taken")

    with pytest.raises(Conflict):
        await database.write(fail)
    await database.write(lambda tx: links.use(tx, token, KINDS, NOW))


async def test_a_new_link_ends_the_older_one_of_its_kind_for_that_person(database: Database) -> None:
    old, others = await made(database, "password", "member:1"), await made(database, "password", "member:2")
    new = await made(database, "password", "member:1")
    with pytest.raises(LinkUsed):
        await database.write(lambda tx: links.use(tx, old, KINDS, NOW))
    for token in (new, others):
        await database.write(lambda tx, token=token: links.use(tx, token, KINDS, NOW))  # type: ignore[misc]
    invites = [await made(database, "invite") for _ in range(3)]
    for token in invites:
        await database.write(lambda tx, token=token: links.use(tx, token, KINDS, NOW))  # type: ignore[misc]


async def test_the_first_operators_link_is_that_of_the_last_start(database: Database) -> None:
    first = await database.write(lambda tx: links.make_first(tx, NOW))
    invite = await made(database, "invite")
    second = await database.write(lambda tx: links.make_first(tx, NOW))
    with pytest.raises(LinkUsed):
        await database.write(lambda tx: links.use(tx, first, KINDS, NOW))
    await database.write(lambda tx: links.use(tx, second, KINDS, NOW))
    await database.write(lambda tx: links.use(tx, invite, KINDS, NOW))


async def test_no_token_is_stored_and_those_that_are_over_go(database: Database) -> None:
    token = await made(database, "invite")
    await database.write(lambda tx: links.make(tx, "invite", NOW + LASTS_US["invite"]))
    left = await database.read(lambda connection: connection.execute(select(tables.links)).all())
    assert len(left) == 1
    assert token not in repr(left)


def test_the_token_stands_where_no_browser_sends_it() -> None:
    address = links.address("https://ask.example.org/", "invite", "TOKEN")
    assert address == "https://ask.example.org/welcome#invite=TOKEN"
    assert links.address("", "password", "TOKEN") == "/welcome#password=TOKEN"
