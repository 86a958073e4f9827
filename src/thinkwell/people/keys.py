"""Keys of API clients: what each may do, and what it was used for. Functions of a connection.

Every read and write names the owner: a foreign id is not found. The text of a key is shown once and not
stored. Knows no header and no door of HTTP; doors are names here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, Conflict, NotFound
from thinkwell.people.keytext import HINT_LENGTH, hash_of, new_key
from thinkwell.store.tables import entries, keys
from thinkwell.values.caller import KeyScope
from thinkwell.values.usage import weighted

Door = Literal["chat", "responses", "messages", "embeddings", "models"]
DOORS: tuple[Door, ...] = get_args(Door)

# Of one person: keys that are not revoked, and revoked ones that are still shown.
MOST_KEYS = 50
MOST_REVOKED = 50
MOST_MODELS = 50
MOST_NAME = 80
NOT_FOUND = "There is no such key, or it is not yours."


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a key may do. ``doors`` and ``models`` None: all. ``budget_money`` (millionths) and
    ``budget_tokens`` (weighted) bound all that is ever asked with it; None: no bound. ``expires_at`` None:
    never."""

    name: str
    doors: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    budget_money: int | None = None
    budget_tokens: int | None = None
    expires_at: int | None = None


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """``hint`` are the last characters of its text."""

    id: str
    owner: str
    hint: str
    wish: Wish
    created_at: int
    used_at: int | None = None
    revoked_at: int | None = None

    @property
    def scope(self) -> KeyScope:
        wish = self.wish
        return KeyScope(
            id=self.id,
            doors=None if wish.doors is None else frozenset(wish.doors),
            models=None if wish.models is None else frozenset(wish.models),
            budget_money=wish.budget_money,
            budget_tokens=wish.budget_tokens,
        )


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """All that was asked with a key and is over: its price in millionths, and weighted tokens."""

    money: int = 0
    tokens: int = 0
    turns: int = 0


def check_wish(wish: Wish, now_us: int) -> Wish:
    """Raises BadRequest."""
    name = wish.name.strip()
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise BadRequest(
            f"Name the key, in at most {MOST_NAME} characters that can be printed.", param="name"
        )
    unknown = [door for door in wish.doors or () if door not in DOORS]
    if unknown or wish.doors == ():
        raise BadRequest(f"Doors are {', '.join(DOORS)}; leave them out for all.", param="doors")
    if wish.models is not None and not 0 < len(wish.models) <= MOST_MODELS:
        raise BadRequest(f"Name 1 to {MOST_MODELS} models, or leave them out for all.", param="models")
    if wish.expires_at is not None and wish.expires_at <= now_us:
        raise BadRequest("That time is over already.", param="expires_at")
    return msgspec.structs.replace(wish, name=name)


def create(tx: Connection, owner: str, wish: Wish, now_us: int) -> tuple[Key, str]:
    """The key and its text, which nobody can show again. Raises BadRequest, or Conflict for too many."""
    wish = check_wish(wish, now_us)
    alive = select(func.count()).where(keys.c.owner == owner, keys.c.revoked_at.is_(None))
    if (tx.scalar(alive) or 0) >= MOST_KEYS:
        raise Conflict(f"You have {MOST_KEYS} keys, which is all that one person may have. Revoke one first.")
    key_id, text = new_key()
    tx.execute(
        insert(keys).values(
            id=key_id,
            owner=owner,
            secret_hash=hash_of(text),
            hint=text[-HINT_LENGTH:],
            created_at=now_us,
            **_columns(wish),
        )
    )
    return owned(tx, key_id, owner), text


def find(connection: Connection, key_id: str) -> tuple[Key, str] | None:
    """Whosever it is, with the hash of its text."""
    row = connection.execute(select(keys).where(keys.c.id == key_id)).first()
    return None if row is None else (_key(row), row.secret_hash)


def owned(connection: Connection, key_id: str, owner: str) -> Key:
    """Raises NotFound."""
    found = find(connection, key_id)
    if found is None or found[0].owner != owner:
        raise NotFound(NOT_FOUND)
    return found[0]


def by_owner(connection: Connection, owner: str | None) -> list[Key]:
    """Newest first, revoked ones too. None: of all owners, for the operator."""
    query = select(keys).order_by(keys.c.created_at.desc(), keys.c.id)
    if owner is not None:
        query = query.where(keys.c.owner == owner)
    return [_key(row) for row in connection.execute(query)]


def change(tx: Connection, key_id: str, owner: str, changes: Mapping[str, Any], now_us: int) -> Key:
    """``changes`` by the names of a Wish. Raises NotFound, BadRequest, or Conflict for a revoked one."""
    key = owned(tx, key_id, owner)
    if key.revoked_at is not None:
        raise Conflict("This key is revoked. Make a new one.")
    # What is not changed need not hold any more: an expired key may get another name.
    wish = check_wish(msgspec.structs.replace(key.wish, **{"expires_at": None, **changes}), now_us)
    if "expires_at" not in changes:
        wish = msgspec.structs.replace(wish, expires_at=key.wish.expires_at)
    tx.execute(update(keys).where(keys.c.id == key_id).values(_columns(wish)))
    return owned(tx, key_id, owner)


def revoke(tx: Connection, key_id: str, owner: str, now_us: int) -> None:
    """For ever; without effect on one that is revoked. Raises NotFound."""
    key = owned(tx, key_id, owner)
    if key.revoked_at is not None:
        return
    tx.execute(update(keys).where(keys.c.id == key_id).values(revoked_at=now_us))
    shown = (
        select(keys.c.id)
        .where(keys.c.owner == owner, keys.c.revoked_at.is_not(None))
        .order_by(keys.c.revoked_at.desc(), keys.c.id)
        .limit(MOST_REVOKED)
    )
    tx.execute(
        delete(keys).where(keys.c.owner == owner, keys.c.revoked_at.is_not(None), keys.c.id.not_in(shown))
    )


def used(tx: Connection, times: Mapping[str, int]) -> None:
    """When keys were last used; never earlier than it was known before."""
    statement = (
        update(keys)
        .where(keys.c.id == bindparam("key_id"), func.coalesce(keys.c.used_at, 0) < bindparam("at"))
        .values(used_at=bindparam("at"))
    )
    tx.execute(statement, [{"key_id": key_id, "at": at} for key_id, at in times.items()])


def spent(connection: Connection, owner: str | None) -> dict[str, Spent]:
    """By the ids of an owner's keys that were used, None: of all owners'. What still runs is not in it."""
    theirs = select(keys.c.id) if owner is None else select(keys.c.id).where(keys.c.owner == owner)
    generated = func.sum(entries.c.reasoning_tokens + entries.c.answer_tokens)
    query = (
        select(
            entries.c.key_id,
            func.sum(entries.c.price).label("money"),
            func.sum(entries.c.prompt_tokens - entries.c.cached_tokens).label("uncached"),
            generated.label("generated"),
            func.count().label("turns"),
        )
        .where(entries.c.key_id.in_(theirs), entries.c.closed_at.is_not(None))
        .group_by(entries.c.key_id)
    )
    return {
        row.key_id: Spent(money=row.money, tokens=weighted(row.uncached, row.generated), turns=row.turns)
        for row in connection.execute(query)
    }


def _columns(wish: Wish) -> dict[str, object]:
    return {
        "name": wish.name,
        "doors": _listed(wish.doors),
        "models": _listed(wish.models),
        "budget_money": wish.budget_money,
        "budget_tokens": wish.budget_tokens,
        "expires_at": wish.expires_at,
    }


def _listed(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else msgspec.json.encode(sorted(set(names))).decode()


def _names(listed: str | None) -> tuple[str, ...] | None:
    return None if listed is None else msgspec.json.decode(listed, type=tuple[str, ...])


def _key(row: Row[Any]) -> Key:
    return Key(
        id=row.id,
        owner=row.owner,
        hint=row.hint,
        wish=Wish(
            name=row.name,
            doors=_names(row.doors),
            models=_names(row.models),
            budget_money=row.budget_money,
            budget_tokens=row.budget_tokens,
            expires_at=row.expires_at,
        ),
        created_at=row.created_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
