"""Accounts: names once, roles with a last operator, who is kept out; and what is remembered of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from thinkwell.errors import Blocked, Conflict, NameTaken, NotFound
from thinkwell.people import accounts
from thinkwell.people.accounts import Accounts, caller_of
from thinkwell.store.changes import tell, told
from thinkwell.store.database import Database, open_database
from thinkwell.values.caller import Caller, KeyScope


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await open_database(data)
    yield opened
    await opened.close()


async def test_a_new_account_is_found_by_every_spelling_of_its_name(database: Database) -> None:
    def work(tx: Connection) -> None:
        made = accounts.create(tx, "Zoë", 5, tier="member", password="hash")
        assert made.id.startswith("member:")
        assert (made.name, made.role, made.tier, made.has_password) == ("Zoë", "member", "member", True)
        for spelling in ("zoë", "ZOE\u0308", "ｚｏë", "zo\u200bë"):
            assert accounts.by_name(tx, spelling) == made
        assert accounts.by_name(tx, "zoe") is None
        assert accounts.find(tx, made.id) == made
        assert accounts.password_of(tx, made.id) == "hash"
        assert "hash" not in repr(made)

    await database.write(work)


@pytest.mark.parametrize("twin", ["copy", "COPY", "сору", "ｃｏｐｙ", "co\u200bpy"])
async def test_a_name_or_its_twin_is_taken_once(database: Database, twin: str) -> None:
    await database.write(lambda tx: accounts.create(tx, "copy", 5))
    with pytest.raises(NameTaken):
        await database.write(lambda tx: accounts.create(tx, twin, 6))
    other = await database.write(lambda tx: accounts.create(tx, "other", 6))
    with pytest.raises(NameTaken):
        await database.write(lambda tx: accounts.rename(tx, other.id, twin))
    assert await database.read(lambda tx: accounts.by_name(tx, "other")) == other


async def test_a_name_may_be_spelled_anew_by_its_owner(database: Database) -> None:
    made = await database.write(lambda tx: accounts.create(tx, "zoe", 5))
    assert (await database.write(lambda tx: accounts.rename(tx, made.id, "ZOE"))).name == "ZOE"


async def test_whom_the_proxy_names_gets_one_account(database: Database) -> None:
    caller = Caller(kind="member", id="named:ab", person="named:ab", tier="member")
    first = await database.write(lambda tx: accounts.ensure(tx, caller, 5))
    assert (first.id, first.name, first.tier) == ("named:ab", None, "member")
    assert await database.write(lambda tx: accounts.ensure(tx, caller, 9)) == first


async def test_the_last_operator_can_be_neither_demoted_nor_kept_out_nor_removed(database: Database) -> None:
    def work(tx: Connection) -> None:
        one, two = accounts.create(tx, "one", 5).id, accounts.create(tx, "two", 6).id
        accounts.change_role(tx, one, "operator")
        for change in _takes_away(one):
            with pytest.raises(Conflict):
                change(tx)
        accounts.change_role(tx, two, "operator")
        accounts.block(tx, two, "gone", 7)  # an operator who is kept out is none
        for change in _takes_away(one):
            with pytest.raises(Conflict):
                change(tx)
        accounts.change_role(tx, two, "member")
        accounts.unblock(tx, two)
        accounts.change_role(tx, two, "operator")
        assert accounts.change_role(tx, one, "member").role == "member"
        assert accounts.operators(tx) == 1

    await database.write(work)


def _takes_away(account_id: str) -> list[Any]:
    return [
        lambda tx: accounts.change_role(tx, account_id, "member"),
        lambda tx: accounts.block(tx, account_id, "why", 7),
        lambda tx: accounts.remove(tx, account_id),
    ]


async def test_nothing_changes_of_an_account_that_is_not_there(database: Database) -> None:
    for change in [*_takes_away("member:none"), lambda tx: accounts.change_tier(tx, "member:none", "x")]:
        with pytest.raises(NotFound):
            await database.write(change)


async def test_an_account_is_a_caller_alone_in_the_line_and_with_a_key_no_operator(
    database: Database,
) -> None:
    def work(tx: Connection) -> accounts.Account:
        return accounts.change_role(tx, accounts.create(tx, "zoe", 5, tier="gold").id, "operator")

    made = await database.write(work)
    caller = caller_of(made)
    assert (caller.kind, caller.id, caller.person, caller.tier) == ("member", made.id, made.id, "gold")
    assert (caller.group, caller.operator, caller.key) == (None, True, None)
    scope = KeyScope(id="key_1")
    with_key = caller_of(made, key=scope)
    assert (with_key.kind, with_key.id, with_key.person) == ("key", made.id, made.id)
    assert (with_key.operator, with_key.key) == (False, scope)


async def test_who_is_kept_out_is_told_why(database: Database) -> None:
    made = await database.write(lambda tx: accounts.create(tx, "zoe", 5))
    blocked = await database.write(lambda tx: accounts.block(tx, made.id, "asks \x1b[31mtoo much\n", 6))
    for key in (None, KeyScope(id="key_1")):
        with pytest.raises(Blocked, match=r"asks  \[31mtoo much$"):
            caller_of(blocked, key=key)
    assert caller_of(await database.write(lambda tx: accounts.unblock(tx, made.id))).id == made.id


async def test_pages_lead_through_all_and_search_is_no_pattern(database: Database) -> None:
    def make(tx: Connection) -> None:
        for number in range(accounts.PAGE * 2 + 7):
            accounts.create(tx, f"user{number}", 100 + number // 3)  # several in the same microsecond
        accounts.create(tx, "100_percent", 1)

    await database.write(make)

    def read(connection: Connection) -> list[str]:
        seen: list[str] = []
        after = None
        while True:
            some = accounts.page(connection, after=after)
            seen += [account.id for account in some[: accounts.PAGE]]
            if len(some) <= accounts.PAGE:
                return seen
            last = some[accounts.PAGE - 1]
            after = (last.created_at, last.id)

    seen = await database.read(read)
    assert len(seen) == len(set(seen)) == accounts.PAGE * 2 + 8

    async def found(name: str) -> list[str | None]:
        return [one.name for one in await database.read(lambda tx: accounts.page(tx, name=name))]

    assert await found("USER106") == ["user106"]
    assert await found("%") == []
    assert await found("_p") == ["100_percent"]
    assert await found("' or 1=1 --") == []


async def test_an_account_is_read_once_until_it_is_forgotten(database: Database) -> None:
    made = await database.write(lambda tx: accounts.create(tx, "zoe", 5))
    known = Accounts(database)
    assert await known.find(made.id) == made
    assert await known.find("named:nobody") is None
    await database.write(lambda tx: accounts.change_tier(tx, made.id, "gold"))
    assert await known.find(made.id) == made
    known.forget(made.id)
    found = await known.find(made.id)
    assert found is not None and found.tier == "gold"


async def test_what_another_program_changes_is_heard_of_and_what_the_site_writes_is_not(
    database: Database, data: Path
) -> None:
    made = await database.write(lambda tx: accounts.create(tx, "zoe", 5))
    known = Accounts(database)
    await known.look()
    await known.find(made.id)
    await database.write(lambda tx: accounts.change_tier(tx, made.id, "not told"))
    assert not await known.look()
    assert await known.find(made.id) == made

    def beside(tx: Connection) -> None:
        tell(tx)
        accounts.block(tx, made.id, "why", 6)

    other = await open_database(data)
    await other.write(beside)
    await other.close()
    assert await known.look()
    found = await known.find(made.id)
    assert found is not None and found.blocked_why == "why"


async def test_a_change_that_fails_is_not_told_of(database: Database) -> None:
    def work(tx: Connection) -> None:
        tell(tx)
        raise Conflict("no")

    before = await database.read(told)
    with pytest.raises(Conflict):
        await database.write(work)
    assert await database.read(told) == before


async def test_what_was_read_before_a_change_is_not_remembered_after_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read of a request overlaps a change: the old row must not outlive it."""
    made = await database.write(lambda tx: accounts.create(tx, "zoe", 5))
    known = Accounts(database)
    read, go = asyncio.Event(), asyncio.Event()
    real = database.read

    async def slow(work: Any) -> Any:
        found = await real(work)
        read.set()
        await go.wait()
        return found

    monkeypatch.setattr(database, "read", slow)
    asked = asyncio.create_task(known.find(made.id))
    await read.wait()
    monkeypatch.setattr(database, "read", real)
    await database.write(lambda tx: accounts.block(tx, made.id, "why", 6))
    known.forget(made.id)
    go.set()
    await asked
    found = await known.find(made.id)
    assert found is not None and found.blocked_at == 6
