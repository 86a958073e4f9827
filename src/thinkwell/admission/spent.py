"""What was used, as the book of entries has it: of a person since a time, and with a key ever. And a person's
own cap. Functions of a connection."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.engine import Connection

from thinkwell.store.tables import accounts, entries
from thinkwell.values.usage import weighted


class Spent(msgspec.Struct, frozen=True):
    """Weighted tokens, the price, and what of the price was free, in millionths."""

    tokens: int = 0
    money: int = 0
    free: int = 0


class Cap(msgspec.Struct, frozen=True):
    """A person's own, in a window of their tier; None: no bound."""

    tokens: int | None = None
    money: int | None = None


NO_CAP = Cap()


def spent_by(connection: Connection, person: str, since_us: int) -> Spent:
    return _sum(connection, (entries.c.person == person, entries.c.closed_at >= since_us))


def spent_with(connection: Connection, key_id: str) -> Spent:
    return _sum(connection, (entries.c.key_id == key_id, entries.c.closed_at.is_not(None)))


def _sum(connection: Connection, where: tuple[ColumnElement[bool], ...]) -> Spent:
    of = entries.c
    sums = (
        of.prompt_tokens - of.cached_tokens,
        of.reasoning_tokens + of.answer_tokens,
        of.price,
        of.price - of.due,
    )
    row = connection.execute(select(*(func.coalesce(func.sum(one), 0) for one in sums)).where(*where)).one()
    return Spent(weighted(row[0], row[1]), row[2], row[3])


def store_cap(tx: Connection, account_id: str, cap: Cap) -> None:
    tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(cap_tokens=cap.tokens, cap_money=cap.money)
    )


def own_cap(connection: Connection, account_id: str) -> Cap:
    query = select(accounts.c.cap_tokens, accounts.c.cap_money).where(accounts.c.id == account_id)
    row = connection.execute(query).first()
    return NO_CAP if row is None else Cap(*row)
