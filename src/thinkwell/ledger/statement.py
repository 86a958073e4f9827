"""A person's statement: the receipts of their own turns that are over, one by one and added up.

Every read names the owner, so that nobody finds another's. Functions of a connection; knows no HTTP.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound
from thinkwell.ledger.lines import REFUND, SITE
from thinkwell.store.tables import conversations, entries, keys, ledger_lines, messages
from thinkwell.values.usage import Usage

By = Literal["day", "model", "conversation", "key"]
# A place in a statement: when the turn was asked, and its id.
Place = tuple[int, str]

MOST_SUMS = 1_000
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
# Days of every time zone begin at a whole quarter of an hour.
QUARTER_US = 900 * SECOND_US
NOT_FOUND = "There is no such turn, or it is not yours."
# The person's line of a refund: the other one is the site's.
_refund = ledger_lines.alias("refund")


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Whose turns, and which of them: asked from ``since_us`` on and before ``until_us``; None: all."""

    owner: str
    since_us: int | None = None
    until_us: int | None = None
    model: str | None = None
    conversation: str | None = None
    key: str | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One turn. ``receipt`` is JSON as it was signed; ``refunded`` what the operator gave back of it."""

    turn_id: str
    asked_at: int
    conversation_id: str | None
    title: str | None
    key_id: str | None
    key_name: str | None
    refunded: int
    receipt: bytes

    @property
    def place(self) -> Place:
        return self.asked_at, self.turn_id


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Of so many turns. Amounts are in millionths of the currency. ``price`` is without what was waived of
    turns that failed, and is ``free`` and ``due`` together; of what was due ``refunded`` was given back.

    ``cost`` is the operator's, ``energy`` in microjoules: None where nothing is known of any of the turns.
    """

    turns: int = 0
    usage: Usage = Usage()
    price: int = 0
    free: int = 0
    due: int = 0
    refunded: int = 0
    cost: int | None = None
    energy: int | None = None

    def __add__(self, other: Sums) -> Sums:
        one, two = self.usage, other.usage
        return Sums(
            turns=self.turns + other.turns,
            usage=Usage(
                prompt=one.prompt + two.prompt,
                cached=one.cached + two.cached,
                reasoning=one.reasoning + two.reasoning,
                answer=one.answer + two.answer,
            ),
            price=self.price + other.price,
            free=self.free + other.free,
            due=self.due + other.due,
            refunded=self.refunded + other.refunded,
            cost=_both(self.cost, other.cost),
            energy=_both(self.energy, other.energy),
        )


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is a day, a model, or the id of a conversation or key; None: of none. ``title`` as a person
    knows it."""

    name: str | None
    title: str | None = None
    sums: Sums


def receipt_of(connection: Connection, turn_id: str, owner: str, key: str | None = None) -> bytes | None:
    """The receipt of an owner's turn as JSON; None while it runs. With ``key`` only of one asked with it.

    Raises NotFound, also for another owner's.
    """
    query = select(entries.c.receipt).where(entries.c.turn_id == turn_id, entries.c.owner == owner)
    if key is not None:
        query = query.where(entries.c.key_id == key)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(NOT_FOUND)
    return None if row.receipt is None else bytes(row.receipt)


def page(connection: Connection, chosen: Chosen, before: Place | None, limit: int) -> list[Line]:
    """Newest first, those before a place. What was there at the first page comes once, whatever is added."""
    named = select(
        entries.c.turn_id,
        entries.c.opened_at.label("asked_at"),
        conversations.c.id.label("conversation_id"),
        conversations.c.title,
        entries.c.key_id,
        keys.c.name.label("key_name"),
        func.coalesce(_refund.c.money, 0).label("refunded"),
        entries.c.receipt,
    ).select_from(
        entries.outerjoin(messages, messages.c.id == entries.c.message_id)
        .outerjoin(conversations, _is_shown())
        .outerjoin(keys, keys.c.id == entries.c.key_id)
        .outerjoin(_refund, _is_refund())
    )
    query = _only(named, chosen)
    if before is not None:
        query = query.where(tuple_(entries.c.opened_at, entries.c.turn_id) < tuple_(*map(literal, before)))
    query = query.order_by(entries.c.opened_at.desc(), entries.c.turn_id.desc()).limit(limit)
    return [Line(**row) for row in connection.execute(query).mappings()]


def total(connection: Connection, chosen: Chosen) -> Sums:
    query = _only(select(*_sums()).select_from(entries.outerjoin(_refund, _is_refund())), chosen)
    return _sums_of(connection.execute(query).mappings().one())


def days(connection: Connection, chosen: Chosen, zone: tzinfo = UTC) -> list[Group]:
    """Newest first; the days of a time zone. At most MOST_SUMS + 1."""
    unit = DAY_US if zone is UTC else QUARTER_US
    began = (entries.c.opened_at // unit).label("began")
    query = select(began, *_sums()).select_from(entries.outerjoin(_refund, _is_refund()))
    sums: dict[date, Sums] = {}
    for row in connection.execute(_only(query, chosen).group_by(began)).mappings():
        day = datetime.fromtimestamp(row["began"] * unit // SECOND_US, zone).date()
        sums[day] = sums.get(day, Sums()) + _sums_of(row)
    newest = sorted(sums, reverse=True)[: MOST_SUMS + 1]
    return [Group(name=day.isoformat(), sums=sums[day]) for day in newest]


def groups(
    connection: Connection, chosen: Chosen, by: Literal["model", "conversation", "key"]
) -> list[Group]:
    """Those of the highest price first, then those of most turns. At most MOST_SUMS + 1."""
    within = entries.outerjoin(_refund, _is_refund())
    name: ColumnElement[Any] = entries.c.model
    title: ColumnElement[Any] = literal(None)
    if by == "conversation":
        within = within.outerjoin(messages, messages.c.id == entries.c.message_id).outerjoin(
            conversations, _is_shown()
        )
        name, title = conversations.c.id, func.max(conversations.c.title)
    elif by == "key":
        within = within.outerjoin(keys, keys.c.id == entries.c.key_id)
        name, title = entries.c.key_id, func.max(keys.c.name)
    query = _only(select(name.label("name"), title.label("title"), *_sums()).select_from(within), chosen)
    price, turns = func.sum(entries.c.price), func.count()
    query = query.group_by(name).order_by(price.desc(), turns.desc(), name).limit(MOST_SUMS + 1)
    rows = connection.execute(query).mappings()
    return [Group(name=row["name"], title=row["title"], sums=_sums_of(row)) for row in rows]


def day_begins(day: date, zone: tzinfo) -> int:
    """In microseconds since 1970. Raises OverflowError or ValueError for days out of reach."""
    return int(datetime.combine(day, time(), zone).timestamp()) * SECOND_US


def day_ends(day: date, zone: tzinfo) -> int:
    """When the next one begins, which is not always 24 hours later. Raises as ``day_begins``."""
    return day_begins(day + timedelta(days=1), zone)


def _is_shown() -> ColumnElement[bool]:
    """The conversation of a message, unless it was deleted."""
    return and_(conversations.c.id == messages.c.conversation_id, conversations.c.deleted_at.is_(None))


def _only(query: Select[Any], chosen: Chosen) -> Select[Any]:
    owner: ColumnElement[str] = entries.c.owner
    if chosen.conversation is not None:
        wrote = select(messages.c.turn_id).where(messages.c.conversation_id == chosen.conversation)
        query = query.where(entries.c.turn_id.in_(wrote.where(messages.c.turn_id.is_not(None))))
        owner = owner + ""  # else SQLite goes through all of the owner's turns to find those few
    query = query.where(owner == chosen.owner, entries.c.receipt.is_not(None))
    if chosen.since_us is not None:
        query = query.where(entries.c.opened_at >= chosen.since_us)
    if chosen.until_us is not None:
        query = query.where(entries.c.opened_at < chosen.until_us)
    if chosen.model is not None:
        query = query.where(entries.c.model == chosen.model)
    if chosen.key is not None:
        query = query.where(entries.c.key_id == chosen.key)
    return query


def _is_refund() -> ColumnElement[bool]:
    return and_(_refund.c.transaction_id == f"{REFUND}:" + entries.c.turn_id, _refund.c.account != SITE)


def _sums() -> list[ColumnElement[Any]]:
    """One row for each turn: it was given back at most once."""
    kinds = ("prompt", "cached", "reasoning", "answer")
    counted = [*(entries.c[f"{kind}_tokens"].label(kind) for kind in kinds), entries.c.price, entries.c.due]
    return [
        func.count().label("turns"),
        *(func.coalesce(func.sum(column), 0).label(column.name) for column in counted),
        func.coalesce(func.sum(_refund.c.money), 0).label("refunded"),
        func.sum(entries.c.cost).label("cost"),
        func.sum(entries.c.energy).label("energy"),
    ]


def _sums_of(row: Any) -> Sums:
    return Sums(
        turns=row["turns"],
        usage=Usage(
            prompt=row["prompt"], cached=row["cached"], reasoning=row["reasoning"], answer=row["answer"]
        ),
        price=row["price"],
        free=row["price"] - row["due"],
        due=row["due"],
        refunded=row["refunded"],
        cost=row["cost"],
        energy=row["energy"],
    )


def _both(one: int | None, two: int | None) -> int | None:
    return two if one is None else one if two is None else one + two
