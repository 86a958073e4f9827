"""The ledger: lines only grow, every column adds up to 0, a turn is booked once and given back once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import Conflict, NotFound, StoreError
from thinkwell.ledger import book, lines
from thinkwell.ledger.lines import AMOUNTS, SITE, Accounts
from thinkwell.people.adoption import adopt
from thinkwell.store.database import Database, open_database
from thinkwell.store.tables import ledger_holders, ledger_lines
from thinkwell.values.receipt import Charge, Receipt
from thinkwell.values.usage import Usage

ACCOUNTS = Accounts(b"s" * 32)
OWNER = "visitor:a"


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    database = await open_database(data)
    yield database
    await database.close()


def closed(turn_id: str, usage: Usage, due: int = 0, owner: str = OWNER) -> dict[str, object]:
    charge = Charge(currency="EUR", lines=(), price=due, due=due)
    receipt = Receipt(turn_id=turn_id, model="m", usage=usage, ending="finished", charge=charge)
    whose = book.Whose(turn_id, owner, owner, "m", None)
    return book.entry_row(whose, 1, book.Closing(receipt, None, 2))


async def booked(database: Database, turn_id: str = "t", due: int = 700, owner: str = OWNER) -> None:
    row = closed(turn_id, Usage(prompt=10, cached=4, reasoning=3, answer=2), due, owner)
    await database.write(lambda tx: lines.book(tx, ACCOUNTS, (row,)))


async def all_lines(database: Database) -> list[dict[str, Any]]:
    query = select(ledger_lines).order_by(ledger_lines.c.id)
    return [dict(row) for row in await database.read(lambda tx: tx.execute(query).mappings().all())]


def sums(found: list[dict[str, Any]]) -> list[int]:
    return [sum(line[name] for line in found) for name in AMOUNTS]


async def test_a_turn_is_two_lines_that_add_up_to_nothing(database: Database) -> None:
    await booked(database)
    person, site = await all_lines(database)
    assert (person["account"], site["account"]) == (ACCOUNTS.of(OWNER), SITE)
    assert [person[name] for name in AMOUNTS] == [-700, 6, 4, 3, 2]
    assert sums([person, site]) == [0] * len(AMOUNTS)
    assert person["transaction_id"] == site["transaction_id"] == "t"


async def test_an_account_says_nothing_of_its_owner_without_the_secret(database: Database) -> None:
    await booked(database)
    assert OWNER not in str(await all_lines(database))
    assert ACCOUNTS.of(OWNER) == Accounts(b"s" * 32).of(OWNER) != Accounts(b"t" * 32).of(OWNER)
    assert ACCOUNTS.of(OWNER) != ACCOUNTS.of(OWNER + "a")
    held = await database.read(lambda tx: tx.execute(select(ledger_holders)).all())
    assert [tuple(row) for row in held] == [(ACCOUNTS.of(OWNER), OWNER)]


@pytest.mark.parametrize("by", [update(ledger_lines).values(money=0), delete(ledger_lines)])
async def test_no_line_is_ever_changed_or_deleted(database: Database, by: Any) -> None:
    await booked(database)
    before = await all_lines(database)
    with pytest.raises(StoreError, match="the ledger only grows"):
        await database.write(lambda tx: tx.execute(by))
    assert await all_lines(database) == before


@pytest.mark.parametrize("owner", [OWNER, "visitor:b"])
async def test_a_turn_is_not_booked_twice_whoever_it_is_said_to_be(database: Database, owner: str) -> None:
    await booked(database)
    with pytest.raises(StoreError, match="UNIQUE"):
        await booked(database, owner=owner)
    assert len(await all_lines(database)) == 2


async def test_a_turn_that_used_nothing_is_not_in_the_ledger(database: Database) -> None:
    row = closed("t", Usage())
    await database.write(lambda tx: lines.book(tx, ACCOUNTS, (row,)))
    assert await all_lines(database) == []


async def test_what_was_due_is_given_back_once_and_the_tokens_stay(database: Database) -> None:
    await booked(database)
    give_back = partial(lines.refund, turn_id="t", why="a wrong answer", now_us=9)
    refund = await database.write(give_back)
    assert (refund.account, refund.money) == (ACCOUNTS.of(OWNER), 700)
    found = await all_lines(database)
    assert sums(found) == [0] * len(AMOUNTS)
    assert [line["why"] for line in found] == [None, None, "a wrong answer", "a wrong answer"]
    of_person = [line for line in found if line["account"] != SITE]
    assert sums(of_person) == [0, 6, 4, 3, 2]
    with pytest.raises(Conflict, match="before"):
        await database.write(give_back)
    assert await all_lines(database) == found
    assert await database.read(lambda tx: lines.refunded(tx, ["t", "u"])) == {"t": 700}


async def test_there_is_nothing_to_give_back_of_a_free_turn_or_of_one_that_never_was(
    database: Database,
) -> None:
    await booked(database, "free", due=0)
    for turn_id, error in (("free", Conflict), ("nobody's", NotFound)):
        with pytest.raises(error):
            await database.write(partial(lines.refund, turn_id=turn_id, why="", now_us=9))
    assert len(await all_lines(database)) == 2


async def test_the_accounts_of_a_visitor_who_became_a_member_are_the_members(database: Database) -> None:
    await booked(database, "one", 100)
    await booked(database, "two", 20, "member:b")
    await database.write(lambda tx: adopt(tx, OWNER, "member:b"))
    assert await database.read(lambda tx: lines.balance(tx, "member:b")) == -120
    assert await database.read(lambda tx: lines.balance(tx, OWNER)) == 0
    # A turn of the visitor that was still to be booked finds the account, and it stays the member's.
    await booked(database, "three", 3)
    assert await database.read(lambda tx: lines.balance(tx, "member:b")) == -123


async def test_an_erased_person_leaves_amounts_and_no_name(database: Database) -> None:
    await booked(database)

    def erase(tx: Connection) -> None:
        tx.execute(delete(ledger_holders).where(ledger_holders.c.owner == OWNER))

    await database.write(erase)
    assert sums(await all_lines(database)) == [0] * len(AMOUNTS)
    assert await database.read(lambda tx: lines.balance(tx, OWNER)) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**12))
    )
)
def test_whatever_was_used_the_lines_of_all_turns_add_up_to_nothing(
    used: list[tuple[int, int, int, int]],
) -> None:
    rows = [
        closed(
            str(number),
            Usage(prompt=prompt, cached=prompt // 3, reasoning=thought, answer=answer),
            due,
        )
        for number, (prompt, thought, answer, due) in enumerate(used)
    ]
    found, holders = lines.rows_of(ACCOUNTS, rows)
    assert sums(found) == [0] * len(AMOUNTS)
    assert len(found) == 2 * len(holders)
    of_person = [line for line in found if line["account"] != SITE]
    assert sum(line["money"] for line in of_person) == -sum(due for *_, due in used)
