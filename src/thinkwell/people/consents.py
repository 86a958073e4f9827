"""Who lets the site train its models on their conversations. Nobody does until they say so themselves.

What is said holds from the next export on, yes and no; of what was trained before nothing can be taken out.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from thinkwell.store.tables import accounts, blocks
from thinkwell.store.tables import training_consents as table


def since(connection: Connection, owner: str) -> int | None:
    """In microseconds since 1970, UTC. None: they may not be used."""
    return connection.scalar(select(table.c.said_at).where(table.c.owner == owner))


def allow(tx: Connection, owner: str, now: int) -> None:
    """Said again, it holds from when it was said first."""
    tx.execute(insert(table).values(owner=owner, said_at=now).on_conflict_do_nothing())


def withdraw(tx: Connection, owner: str) -> None:
    tx.execute(delete(table).where(table.c.owner == owner))


def consenting(connection: Connection) -> list[str]:
    """Who says yes now and is not kept out."""
    kept_out = (
        select(accounts.c.id)
        .where(accounts.c.blocked_at.is_not(None))
        .union(select(blocks.c.subject))
        .subquery()
    )
    query = select(table.c.owner).where(table.c.owner.not_in(select(kept_out)))
    return [str(owner) for owner in connection.scalars(query.order_by(table.c.said_at, table.c.owner))]
