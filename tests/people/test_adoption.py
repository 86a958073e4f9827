"""A visitor's rows become a member's: all of them, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.engine import Connection

from thinkwell.people import consents
from thinkwell.people.adoption import OWNED, adopt
from thinkwell.store import tables
from thinkwell.store.database import Database, open_database

VISITOR, MEMBER, OTHER = "visitor:1", "member:1", "visitor:2"


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await open_database(data)
    yield opened
    await opened.close()


def fill(tx: Connection, owner: str, mark: str) -> None:
    """One row of everything that has an owner."""
    at = {"created_at": 1}
    tx.execute(
        insert(tables.conversations).values(id=f"conv_{mark}", owner=owner, title=mark, updated_at=1, **at)
    )
    tx.execute(
        insert(tables.entries).values(
            turn_id=f"turn_{mark}", owner=owner, person=owner, model="m", opened_at=1
        )
    )
    tx.execute(
        insert(tables.responses).values(id=f"resp_{mark}", owner=owner, body=b"{}", size=2, used_at=1, **at)
    )
    tx.execute(insert(tables.folders).values(id=f"folder_{mark}", owner=owner, name=mark, **at))
    tx.execute(insert(tables.search_scopes).values(owner=owner))
    tx.execute(
        insert(tables.push_subscriptions).values(
            id=f"push_{mark}", owner=owner, endpoint="https://push.example", seen_at=1
        )
    )
    tx.execute(insert(tables.ledger_holders).values(account=f"account_{mark}", owner=owner))
    tx.execute(
        insert(tables.idempotency).values(
            owner=owner, key=f"key_{mark}", body_hash="h", turn_id=f"turn_{mark}", **at
        )
    )


def owners(connection: Connection, table: Table) -> dict[str, str]:
    named = next(column for column in table.c if column.name in ("id", "turn_id", "account", "scope"))
    return {row[0]: row[1] for row in connection.execute(select(named, table.c.owner))}


async def test_all_that_is_a_visitors_becomes_the_members_and_nobody_elses(database: Database) -> None:
    def work(tx: Connection) -> int:
        for owner, mark in ((VISITOR, "a"), (VISITOR, "b"), (OTHER, "c"), (MEMBER, "d")):
            fill(tx, owner, mark)
        return adopt(tx, VISITOR, MEMBER)

    assert await database.write(work) == 2
    for table in OWNED:
        found = await database.read(lambda connection, table=table: owners(connection, table))  # type: ignore[misc]
        assert sorted(found.values()) == [MEMBER, MEMBER, MEMBER, OTHER], table.name
    people = await database.read(lambda connection: set(connection.scalars(select(tables.entries.c.person))))
    assert people == {MEMBER, OTHER}


async def test_a_visitors_yes_to_training_is_no_members_yes(database: Database) -> None:
    def work(tx: Connection) -> list[str]:
        consents.allow(tx, VISITOR, 1)
        consents.allow(tx, OTHER, 2)
        adopt(tx, VISITOR, MEMBER)
        return consents.consenting(tx)

    assert await database.write(work) == [OTHER]


async def test_it_may_be_done_again_and_of_nobody(database: Database) -> None:
    await database.write(lambda tx: fill(tx, VISITOR, "a"))
    assert await database.write(lambda tx: adopt(tx, VISITOR, MEMBER)) == 1
    assert await database.write(lambda tx: adopt(tx, VISITOR, MEMBER)) == 0
    assert await database.write(lambda tx: adopt(tx, "visitor:nobody", MEMBER)) == 0


async def test_the_same_idempotency_key_stays_the_members_own(database: Database) -> None:
    def work(tx: Connection) -> str | None:
        for owner, turn in ((VISITOR, "turn_v"), (MEMBER, "turn_m")):
            tx.execute(
                insert(tables.idempotency).values(
                    owner=owner, key="same", body_hash="h", turn_id=turn, created_at=1
                )
            )
        adopt(tx, VISITOR, MEMBER)
        return tx.execute(select(tables.idempotency.c.turn_id)).scalar_one()

    assert await database.write(work) == "turn_m"


def test_every_table_with_an_owner_is_adopted_or_belongs_to_members_alone() -> None:
    """A new table with an owner fails here until somebody has decided."""
    of_members = {"passkeys", "identities", "sessions", "keys", "links"}
    forgotten = {"training_consents"}
    with_owner = {table.name for table in tables.metadata.tables.values() if "owner" in table.c}
    assert with_owner == of_members | forgotten | {table.name for table in OWNED}
