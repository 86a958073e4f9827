"""The book of entries: opened before the first token, closed exactly once, in a caller's transaction."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound
from thinkwell.store.tables import entries
from thinkwell.values.receipt import Receipt
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

MOST_IN_A_QUERY = 500
encode = msgspec.json.Encoder().encode


class OpenEntry(msgspec.Struct, frozen=True):
    """An entry that a dead process left open."""

    turn_id: str
    model: str
    message_id: str | None


# Turn, owner, person, model, and the stored answer that the turn writes.
Whose = tuple[str, str, str, str, str | None]


def entry_row(
    whose: Whose, opened_at: int, receipt: Receipt | None = None, closed_at: int | None = None
) -> dict[str, object]:
    """All columns of an entry; open without a receipt."""
    turn_id, owner, person, model, message_id = whose
    usage = receipt.usage if receipt else Usage()
    return {
        "turn_id": turn_id,
        "owner": owner,
        "person": person,
        "model": model,
        "message_id": message_id,
        "opened_at": opened_at,
        "closed_at": closed_at,
        "ending": receipt.ending if receipt else None,
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "reasoning_tokens": usage.reasoning,
        "answer_tokens": usage.answer,
        "receipt": encode(receipt) if receipt else None,
    }


def whose(request: TurnRequest) -> Whose:
    return request.id, request.caller.id, request.caller.person, request.model, request.message_id


def closed_row(request: TurnRequest, receipt: Receipt, opened_at: int, closed_at: int) -> dict[str, object]:
    return entry_row(whose(request), opened_at, receipt, closed_at)


def open_entry(tx: Connection, request: TurnRequest, now_us: int) -> None:
    insert_entries(tx, [entry_row(whose(request), now_us)])


def insert_entries(tx: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(insert(entries), rows)


def known_entries(connection: Connection, turn_ids: list[str]) -> set[str]:
    """Those of the turns that have an entry."""
    known: set[str] = set()
    for begin in range(0, len(turn_ids), MOST_IN_A_QUERY):
        some = turn_ids[begin : begin + MOST_IN_A_QUERY]
        known.update(connection.scalars(select(entries.c.turn_id).where(entries.c.turn_id.in_(some))))
    return known


def close_entry(tx: Connection, receipt: Receipt, now_us: int) -> bool:
    """True if this call closed it; False if it was closed before, and then nothing changes."""
    result = tx.execute(
        update(entries)
        .where(entries.c.turn_id == receipt.turn_id, entries.c.closed_at.is_(None))
        .values(
            closed_at=now_us,
            ending=receipt.ending,
            prompt_tokens=receipt.usage.prompt,
            cached_tokens=receipt.usage.cached,
            reasoning_tokens=receipt.usage.reasoning,
            answer_tokens=receipt.usage.answer,
            receipt=encode(receipt),
        )
    )
    return result.rowcount == 1


def open_entries(connection: Connection) -> list[OpenEntry]:
    rows = connection.execute(
        select(entries.c.turn_id, entries.c.model, entries.c.message_id).where(entries.c.closed_at.is_(None))
    )
    return [OpenEntry(*row) for row in rows]


def owned_entry(connection: Connection, turn_id: str, owner: str) -> Receipt | None:
    """The receipt of an owner's turn, None while it runs. Raises NotFound, also for another owner's."""
    query = select(entries.c.receipt).where(entries.c.turn_id == turn_id, entries.c.owner == owner)
    row = (connection.execute(query)).first()
    if row is None:
        raise NotFound("There is no such turn, or it is not yours.")
    return None if row.receipt is None else msgspec.json.decode(row.receipt, type=Receipt)


def totals(connection: Connection) -> Usage:
    """Tokens of all closed entries."""
    sums = [
        func.coalesce(func.sum(entries.c[f"{kind}_tokens"]), 0)
        for kind in ("prompt", "cached", "reasoning", "answer")
    ]
    row = (connection.execute(select(*sums))).one()
    return Usage(prompt=row[0], cached=row[1], reasoning=row[2], answer=row[3])
