"""Links that work once: the first operator's, an invitation, a new password. Only a hash of each is kept.

Functions of a connection: whoever uses a link does so in the transaction of what it is good for.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, Literal, cast

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from thinkwell.errors import LinkUsed
from thinkwell.store.tables import links

LinkKind = Literal["operator", "invite", "password"]
TOKEN_BYTES = 32
MOST_TOKEN = 64
DAY_US = 86_400_000_000
LASTS_US: dict[LinkKind, int] = {"operator": 7 * DAY_US, "invite": 7 * DAY_US, "password": DAY_US}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """``owner`` is whose password it is, ``tier`` that of who is invited."""

    kind: LinkKind
    owner: str | None
    tier: str | None
    expires_at: int


def make(
    tx: Connection, kind: LinkKind, now_us: int, *, owner: str | None = None, tier: str | None = None
) -> tuple[str, Link]:
    """The token, which is told once, and what it is. An older password link of the same owner ends."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = Link(kind=kind, owner=owner, tier=tier, expires_at=now_us + LASTS_US[kind])
    tx.execute(delete(links).where(links.c.expires_at <= now_us))
    if owner is not None:
        tx.execute(delete(links).where(links.c.kind == kind, links.c.owner == owner))
    values = msgspec.structs.asdict(link) | {"token_hash": _hash(token), "created_at": now_us}
    tx.execute(insert(links).values(values))
    return token, link


def make_first(tx: Connection, now_us: int) -> str:
    """The link of the first operator; those of earlier starts end."""
    tx.execute(delete(links).where(links.c.kind == "operator"))
    return make(tx, "operator", now_us)[0]


def look(connection: Connection, token: str, kinds: tuple[LinkKind, ...], now_us: int) -> Link:
    """What the link is. Raises LinkUsed, whatever is wrong with it: of tokens that are guessed nothing is
    told."""
    row: Any = None
    if len(token) <= MOST_TOKEN and token.isascii():
        row = connection.execute(select(links).where(links.c.token_hash == _hash(token))).first()
    if row is None or row.expires_at <= now_us or row.kind not in kinds:
        raise LinkUsed(
            "This link was used, is too old, or is none of ours. Ask for a new one.", param="token"
        )
    return Link(kind=cast(LinkKind, row.kind), owner=row.owner, tier=row.tier, expires_at=row.expires_at)


def use(tx: Connection, token: str, kinds: tuple[LinkKind, ...], now_us: int) -> Link:
    """What the link is; it works no more, unless the transaction fails. Raises LinkUsed."""
    link = look(tx, token, kinds, now_us)
    tx.execute(delete(links).where(links.c.token_hash == _hash(token)))
    return link


def address(url: str, kind: LinkKind, token: str) -> str:
    """Where the link leads. The token is behind the #, which no browser sends and so no log holds."""
    return f"{url.rstrip('/')}/welcome#{kind}={token}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
