"""Shapes of a member's API keys. Money is in millionths of the site's currency, tokens are weighted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.http.wire.web import iso
from thinkwell.people.keys import MOST_MODELS, MOST_NAME, Door, Key, Spent, Wish

Name = Annotated[str, Meta(min_length=1, max_length=MOST_NAME)]
Doors = Annotated[list[Door], Meta(min_length=1, max_length=20)]
Models = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1, max_length=MOST_MODELS)
]
Amount = Annotated[int, Meta(ge=0, le=2**53)]
When = Annotated[datetime, Meta(tz=True)]


class NewKeyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out, or null, is without bound: all doors, all models, no budget, no end."""

    name: Name
    doors: Doors | None = None
    models: Models | None = None
    budget_money: Amount | None = None
    budget_tokens: Amount | None = None
    expires_at: When | None = None


class ChangeKeyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; null takes a bound away."""

    name: Name | UnsetType = UNSET
    doors: Doors | UnsetType | None = UNSET
    models: Models | UnsetType | None = UNSET
    budget_money: Amount | UnsetType | None = UNSET
    budget_tokens: Amount | UnsetType | None = UNSET
    expires_at: When | UnsetType | None = UNSET


class WireSpent(msgspec.Struct, frozen=True, kw_only=True):
    """By all turns of the key that are over."""

    money: int
    tokens: int
    turns: int


class WireKey(msgspec.Struct, frozen=True, kw_only=True):
    """``hint`` are the key's last characters. ``used_at`` is exact to a minute."""

    id: str
    name: str
    hint: str
    doors: list[str] | None
    models: list[str] | None
    budget_money: int | None
    budget_tokens: int | None
    created_at: str
    expires_at: str | None
    used_at: str | None
    revoked_at: str | None
    spent: WireSpent


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """``currency`` is that of all money here; of keys that are not revoked a person may have ``most``."""

    items: list[WireKey]
    currency: str
    most: int


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """``key`` is the text to ask with. It is told this once."""

    key: str
    item: WireKey


def wish_of(body: NewKeyBody) -> Wish:
    return Wish(
        name=body.name,
        doors=_tuple(body.doors),
        models=_tuple(body.models),
        budget_money=body.budget_money,
        budget_tokens=body.budget_tokens,
        expires_at=_micros(body.expires_at),
    )


def changes_of(body: ChangeKeyBody) -> dict[str, Any]:
    """By the names of a Wish; without what is to stay."""
    changes: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(body).items():
        if value is not UNSET:
            changes[name] = _tuple(value) if isinstance(value, list) else value
    if isinstance(body.expires_at, datetime):
        changes["expires_at"] = _micros(body.expires_at)
    return changes


def _tuple(names: list[Any] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _micros(when: datetime | None) -> int | None:
    return None if when is None else int(when.timestamp()) * 1_000_000


def wire_key(key: Key, spent: Spent) -> WireKey:
    wish = key.wish
    return WireKey(
        id=key.id,
        name=wish.name,
        hint=key.hint,
        doors=None if wish.doors is None else list(wish.doors),
        models=None if wish.models is None else list(wish.models),
        budget_money=wish.budget_money,
        budget_tokens=wish.budget_tokens,
        created_at=iso(key.created_at),
        expires_at=_iso(wish.expires_at),
        used_at=_iso(key.used_at),
        revoked_at=_iso(key.revoked_at),
        spent=WireSpent(money=spent.money, tokens=spent.tokens, turns=spent.turns),
    )


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)
