"""Stored responses: what a caller asked and was told, kept so that the next question can go on from it.

Every read and write names the owner: a foreign id is not found, and neither is one whose time is over.
Knows how responses hang together and how long they stay; what is in a ``body`` is the door's.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import CTE, Select, delete, func, insert, literal, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound, PromptTooLong
from thinkwell.store.tables import responses

# What one question may go on from. Both are far over what a context holds.
MOST_LINKS = 1_000
MOST_CHAIN_BYTES = 16_000_000
# What one owner may have stored; of more the least recently used go. Looked at by retention.
MOST_OWNED_BYTES = 256 * 2**20
# A use is not written anew for every one of a long conversation each time.
EXACT_TO_US = 3_600_000_000
NOT_FOUND = "There is no such response, or it is not yours."


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it is stored. ``previous_id`` is the one that it goes on from."""

    id: str
    previous_id: str | None
    body: bytes


def as_columns(owner: str, new: Kept, now_us: int) -> dict[str, object]:
    """As it goes into the table. Of one that goes on from nothing that is all there is to do."""
    return {
        "id": new.id,
        "owner": owner,
        "previous_id": new.previous_id,
        "body": new.body,
        "size": len(new.body),
        "created_at": now_us,
        "used_at": now_us,
    }


def keep(tx: Connection, owner: str, new: Kept, now_us: int) -> None:
    """Store it. Those that it goes on from have been used with it, and stay as long as it does."""
    tx.execute(insert(responses).values(as_columns(owner, new, now_us)))
    if new.previous_id is not None:
        back = _back_from(new.previous_id, owner)
        used = select(back.c.id).where(back.c.used_at < now_us - EXACT_TO_US)
        tx.execute(update(responses).where(responses.c.id.in_(used)).values(used_at=now_us))


def read(connection: Connection, response_id: str, owner: str, since_us: int) -> Kept:
    """One response, used at ``since_us`` or later. Raises NotFound."""
    query = select(responses).where(
        responses.c.id == response_id, responses.c.owner == owner, responses.c.used_at >= since_us
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(NOT_FOUND)
    return Kept(id=row.id, previous_id=row.previous_id, body=row.body)


def chain(connection: Connection, response_id: str, owner: str, since_us: int) -> list[bytes]:
    """The bodies of a response and of all that it goes on from, oldest first.

    Raises NotFound also where one of them is gone, PromptTooLong where they are too many or too large.
    """
    back = _back_from(response_id, owner)
    query = select(back.c.id, back.c.previous_id, back.c.size, back.c.used_at).order_by(back.c.depth.desc())
    links = connection.execute(query).all()
    if len(links) > MOST_LINKS or sum(link.size for link in links) > MOST_CHAIN_BYTES:
        raise PromptTooLong(
            "The conversation is too long to go on from this response. Start a new one.",
            param="previous_response_id",
        )
    if not links or links[0].previous_id is not None or any(link.used_at < since_us for link in links):
        raise NotFound(
            "The conversation that previous_response_id ends is not found: a response of it was deleted, "
            "its time is over, it was not stored, or it is not yours.",
            param="previous_response_id",
        )
    found = connection.execute(
        select(responses.c.id, responses.c.body).where(responses.c.id.in_([link.id for link in links]))
    )
    bodies = {row.id: row.body for row in found}
    return [bodies[link.id] for link in links]


def _back_from(response_id: str, owner: str) -> CTE:
    """The response and those before it, each with its depth; at most one more than may be used."""
    first = (
        select(
            responses.c.id,
            responses.c.previous_id,
            responses.c.size,
            responses.c.used_at,
            literal(1).label("depth"),
        )
        .where(responses.c.id == response_id, responses.c.owner == owner)
        .cte("back", recursive=True)
    )
    older = responses.alias("older")
    return first.union_all(
        select(older.c.id, older.c.previous_id, older.c.size, older.c.used_at, first.c.depth + 1).where(
            older.c.id == first.c.previous_id, older.c.owner == owner, first.c.depth <= MOST_LINKS
        )
    )


def remove(tx: Connection, response_id: str, owner: str) -> None:
    """Delete one; what went on from it can no longer be gone on from. Raises NotFound."""
    gone = tx.execute(delete(responses).where(responses.c.id == response_id, responses.c.owner == owner))
    if gone.rowcount == 0:
        raise NotFound(NOT_FOUND)


def unused_since(before_us: int) -> Select[tuple[str]]:
    """Ids of those not used since ``before_us``."""
    return select(responses.c.id).where(responses.c.used_at < before_us)


def over(most_bytes: int = MOST_OWNED_BYTES) -> Select[tuple[str]]:
    """Ids, of owners with more than ``most_bytes``, of the least recently used over it."""
    newest_first = (responses.c.used_at.desc(), responses.c.id.desc())
    total = func.sum(responses.c.size).over(partition_by=responses.c.owner, order_by=newest_first)
    counted = select(responses.c.id, total.label("total")).subquery()
    return select(counted.c.id).where(counted.c.total > most_bytes)
