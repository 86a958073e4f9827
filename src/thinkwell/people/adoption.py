"""A visitor's history becomes a member's: rows change owner, and nothing is copied. Knows no live turn."""

from __future__ import annotations

from sqlalchemy import Table, delete, select, update
from sqlalchemy.engine import Connection

from thinkwell.store.tables import (
    conversations,
    entries,
    folders,
    idempotency,
    ledger_holders,
    push_subscriptions,
    responses,
    search_scopes,
    training_consents,
)

OWNED: tuple[Table, ...] = (
    conversations,
    folders,
    search_scopes,
    entries,
    responses,
    ledger_holders,
    idempotency,
    push_subscriptions,
)


def adopt(tx: Connection, visitor: str, member: str) -> int:
    """All that is ``visitor``'s is ``member``'s; returns how many conversations were."""
    # The same key of a client: what the member asked under it stays.
    kept = select(idempotency.c.key).where(idempotency.c.owner == member)
    tx.execute(delete(idempotency).where(idempotency.c.owner == visitor, idempotency.c.key.in_(kept)))
    # A visitor's yes was not said for what a member asks: the member's own word counts, for all of it.
    tx.execute(delete(training_consents).where(training_consents.c.owner == visitor))
    tx.execute(update(entries).where(entries.c.person == visitor).values(person=member))
    counts = [
        tx.execute(update(table).where(table.c.owner == visitor).values(owner=member)).rowcount
        for table in OWNED
    ]
    return counts[0]
