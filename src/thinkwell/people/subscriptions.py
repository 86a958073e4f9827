"""Where people are told that something is ready: addresses at their browsers' push services, owned.

An address is a secret between the browser, its service and the site: whoever has it can make it ring.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from thinkwell.store.tables import push_subscriptions as table

# Of one person: those seen last stay. Browsers name theirs again whenever the page is opened.
MOST = 10
KEPT_US = 90 * 86_400 * 1_000_000


def id_of(endpoint: str) -> str:
    return sha256(endpoint.encode()).hexdigest()


def subscribe(tx: Connection, owner: str, endpoint: str, now: int) -> None:
    """A browser has one person at a time: it is theirs from now on, whosever it was."""
    row = {"id": id_of(endpoint), "owner": owner, "endpoint": endpoint, "seen_at": now}
    renewed = {"owner": owner, "seen_at": now}
    tx.execute(insert(table).values(row).on_conflict_do_update(index_elements=["id"], set_=renewed))
    tx.execute(delete(table).where(table.c.seen_at < now - KEPT_US))
    newest = select(table.c.id).where(table.c.owner == owner).order_by(table.c.seen_at.desc()).limit(MOST)
    tx.execute(delete(table).where(table.c.owner == owner, table.c.id.not_in(newest)))


def unsubscribe(tx: Connection, owner: str, endpoint: str) -> None:
    tx.execute(delete(table).where(table.c.owner == owner, table.c.id == id_of(endpoint)))


def forget(tx: Connection, endpoint: str) -> None:
    """The browser's service does not know it any more."""
    tx.execute(delete(table).where(table.c.id == id_of(endpoint)))


def of(connection: Connection, owner: str) -> list[str]:
    found = connection.scalars(select(table.c.endpoint).where(table.c.owner == owner))
    return [str(endpoint) for endpoint in found]
