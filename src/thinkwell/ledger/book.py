"""The book of entries: opened before the first token, closed exactly once, in a caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound
from thinkwell.store.tables import entries
from thinkwell.values.receipt import Receipt
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

MOST_IN_A_QUERY = 500
encode = msgspec.json.Encoder().encode


class Whose(msgspec.Struct, frozen=True):
    """Whose turn it is, and the stored answer that it writes."""

    turn_id: str
    owner: str
    person: str
    model: str
    message_id: str | None
    tier: str = "visitor"
    key_id: str | None = None


class OpenEntry(msgspec.Struct, frozen=True):
    """An entry that nobody has closed yet."""

    whose: Whose
    opened_at: int


class Closing(msgspec.Struct, frozen=True):
    """How an entry ends, and when; ``code`` is the error's, of a turn that failed."""

    receipt: Receipt
    code: str | None
    at: int


def entry_row(whose: Whose, opened_at: int, closing: Closing | None = None) -> dict[str, object]:
    """All columns of an entry; open without a closing."""
    return {
        "turn_id": whose.turn_id,
        "owner": whose.owner,
        "person": whose.person,
        "model": whose.model,
        "message_id": whose.message_id,
        "tier": whose.tier,
        "key_id": whose.key_id,
        "opened_at": opened_at,
        **(_OPEN if closing is None else columns_of(closing)),
    }


def columns_of(closing: Closing) -> dict[str, object]:
    """The columns that a closing fills. ``price`` is without what was waived: with ``due`` it says what of an
    allowance was used."""
    receipt = closing.receipt
    usage, charge, energy = receipt.usage, receipt.charge, receipt.energy
    return {
        "closed_at": closing.at,
        "ending": receipt.ending,
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "reasoning_tokens": usage.reasoning,
        "answer_tokens": usage.answer,
        "receipt": encode(receipt),
        "code": closing.code,
        "price": 0 if charge is None else charge.price - charge.waived,
        "due": 0 if charge is None else charge.due,
        "cost": receipt.cost,
        "energy": None if energy is None else energy.microjoules,
        "waited_ms": round(receipt.waited_s * 1000),
        "first_token_ms": None if receipt.first_token_s is None else round(receipt.first_token_s * 1000),
        "seconds_ms": round(receipt.seconds * 1000),
    }


_NOTHING = Receipt(turn_id="", model="", usage=Usage(), ending="failed")
_OPEN = columns_of(Closing(_NOTHING, None, 0)) | {"closed_at": None, "ending": None, "receipt": None}
# Statements on the path of every stored turn are put together once: that takes longer than to run them.
_INSERT = insert(entries)
_ENTER = insert(entries).prefix_with("OR IGNORE")
_CLOSE = (
    update(entries)
    .where(entries.c.turn_id == bindparam("to_turn_id"), entries.c.closed_at.is_(None))
    .values({name: bindparam(f"to_{name}") for name in _OPEN})
)


def whose(request: TurnRequest) -> Whose:
    caller = request.caller
    return Whose(
        request.id,
        caller.id,
        caller.person,
        request.model,
        request.message_id,
        caller.tier,
        None if caller.key is None else caller.key.id,
    )


def closed_row(request: TurnRequest, opened_at: int, closing: Closing) -> dict[str, object]:
    return entry_row(whose(request), opened_at, closing)


def open_entry(tx: Connection, request: TurnRequest, now_us: int) -> None:
    insert_entries(tx, [entry_row(whose(request), now_us)])


def insert_entries(tx: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(_INSERT, rows)


def known_entries(connection: Connection, turn_ids: list[str]) -> set[str]:
    """Those of the turns that have an entry."""
    known: set[str] = set()
    for begin in range(0, len(turn_ids), MOST_IN_A_QUERY):
        some = turn_ids[begin : begin + MOST_IN_A_QUERY]
        known.update(connection.scalars(select(entries.c.turn_id).where(entries.c.turn_id.in_(some))))
    return known


def close_entry(tx: Connection, row: Mapping[str, object]) -> bool:
    """``row`` is all of a closed entry. True if this call closed it; False if it was closed before, or is not
    there, and then nothing changes."""
    values = {f"to_{name}": row[name] for name in ("turn_id", *_OPEN)}
    return tx.execute(_CLOSE, values).rowcount == 1


def enter_closed(tx: Connection, row: Mapping[str, object]) -> bool:
    """The same for a turn whose entry need not be there yet: then it is written."""
    if close_entry(tx, row):
        return True
    return tx.execute(_ENTER, dict(row)).rowcount == 1


def open_entries(connection: Connection, opened_before: int | None = None) -> list[OpenEntry]:
    """All, or those that were opened before a time."""
    of = entries.c
    query = select(
        of.turn_id, of.owner, of.person, of.model, of.message_id, of.tier, of.key_id, of.opened_at
    ).where(of.closed_at.is_(None))
    if opened_before is not None:
        query = query.where(of.opened_at < opened_before)
    return [OpenEntry(Whose(*row[:7]), row[7]) for row in connection.execute(query)]


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
