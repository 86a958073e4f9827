"""Sessions of members: a random token in the browser, only its hash here. Knows no cookie.

Those in use are remembered, so that a request costs no database; one that is ended is forgotten first.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound, StoreError
from thinkwell.people.accounts import Account, Accounts
from thinkwell.store.database import Database
from thinkwell.store.tables import accounts, sessions

log = logging.getLogger(__name__)

TOKEN_BYTES = 32
MOST_TOKEN = 64
MOST_AGENT = 200
MOST_REMEMBERED = 20_000
DAY_US = 86_400_000_000
SEEN_EVERY_US = 300_000_000  # how exact "last seen" is, and how seldom it is written


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """``agent`` is what the browser said of itself."""

    id: str
    owner: str
    agent: str
    created_at: int
    seen_at: int
    expires_at: int


def hash_of(token: str) -> str:
    """A token has 256 bits from the system: no more than a plain hash is needed to hide it."""
    return hashlib.sha256(token.encode()).hexdigest()


# -- rows ----------------------------------------------------------------------------------------


def by_owner(connection: Connection, owner: str, now_us: int) -> list[Session]:
    """Those that hold, the last seen first."""
    query = (
        select(sessions)
        .where(sessions.c.owner == owner, sessions.c.expires_at > now_us)
        .order_by(sessions.c.seen_at.desc(), sessions.c.id)
    )
    return [_session(row) for row in connection.execute(query)]


def end_all(tx: Connection, owner: str, *, but: str | None = None) -> None:
    """All of an owner's but the one with the id ``but``. ``Sessions.forget_all`` goes with it."""
    query = delete(sessions).where(sessions.c.owner == owner)
    tx.execute(query if but is None else query.where(sessions.c.id != but))


def remove_expired(tx: Connection, now_us: int) -> int:
    """How many went."""
    return tx.execute(delete(sessions).where(sessions.c.expires_at <= now_us)).rowcount


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        owner=row.owner,
        agent=row.agent,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )


# -- remembered ----------------------------------------------------------------------------------


class Sessions:
    """Belongs to the event loop. ``now_us`` is the clock, in microseconds UTC."""

    def __init__(self, database: Database, members: Accounts, days: int, now_us: Callable[[], int]) -> None:
        self._database = database
        self._members = members
        self._now_us = now_us
        self._known: OrderedDict[str, Session] = OrderedDict()  # by the hash of the token
        self._generation = 0
        self.max_age_s = days * 86_400

    async def begin(self, account_id: str, agent: str) -> str:
        """A new token, whatever token there was before. Raises StoreError."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._now_us()
        row = {
            "id": secrets.token_urlsafe(12),
            "owner": account_id,
            "agent": "".join(char for char in agent[:MOST_AGENT] if char.isprintable()),
            "created_at": now,
            "seen_at": now,
            "expires_at": now + self.max_age_s * 1_000_000,
        }

        def write(tx: Connection) -> None:
            remove_expired(tx, now)
            tx.execute(insert(sessions).values(token_hash=hash_of(token), **row))

        await self._database.write(write)
        return token

    async def who(self, token: str) -> Account | None:
        """Whose session it is, also of one kept out; None for a token that is none. Raises StoreError."""
        session = await self.find(token)
        return None if session is None else await self._members.find(session.owner)

    async def find(self, token: str) -> Session | None:
        """The session of a token that holds. Raises StoreError."""
        if len(token) > MOST_TOKEN or not token.isascii():
            return None
        key, now = hash_of(token), self._now_us()
        session = self._known.get(key) or await self._read(key)
        if session is None or session.expires_at <= now:
            self._known.pop(key, None)
            return None
        if now - session.seen_at >= SEEN_EVERY_US:
            await self._seen(key, session, now)
        return session

    async def all(self, owner: str) -> list[Session]:
        """Those that hold, the last seen first. Raises StoreError."""
        now = self._now_us()
        return await self._database.read(lambda connection: by_owner(connection, owner, now))

    async def end(self, token: str) -> None:
        """Also of a token that is none. Raises StoreError."""
        key = hash_of(token)
        await self._end(lambda tx: _delete(tx, sessions.c.token_hash == key))

    async def end_one(self, owner: str, session_id: str) -> None:
        """Raises NotFound, also for another owner's; StoreError."""
        mine = (sessions.c.owner == owner) & (sessions.c.id == session_id)
        if not await self._end(lambda tx: _delete(tx, mine)):
            raise NotFound("There is no such session, or it is not yours.")

    async def end_others(self, owner: str, but: str) -> None:
        """All of an owner's but the one with the id ``but``. Raises StoreError."""
        await self._end(lambda tx: end_all(tx, owner, but=but))

    def forget_all(self) -> None:
        """Somebody ended sessions in the database, or may have."""
        self._generation += 1
        self._known.clear()

    async def _end(self, work: Callable[[Connection], Any]) -> Any:
        """Forgotten before as well: where the database cannot be written, who asks is at least read anew."""
        self.forget_all()
        try:
            return await self._database.write(work)
        finally:
            self.forget_all()

    async def _read(self, key: str) -> Session | None:
        generation = self._generation
        found = await self._database.read(lambda connection: _by_hash(connection, key))
        if found is not None and generation == self._generation:
            self._remember(key, found)
        return found

    async def _seen(self, key: str, session: Session, now: int) -> None:
        """A session works also where this cannot be written. It is told first, so that one request writes."""
        if key in self._known:
            self._known[key] = msgspec.structs.replace(session, seen_at=now)
        try:
            await self._database.write(lambda tx: _touch(tx, session, now))
        except StoreError as problem:
            log.warning("when a session was last seen could not be written: %s", problem.message)

    def _remember(self, key: str, session: Session) -> None:
        self._known[key] = session
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def _by_hash(connection: Connection, key: str) -> Session | None:
    row = connection.execute(select(sessions).where(sessions.c.token_hash == key)).first()
    return None if row is None else _session(row)


def _touch(tx: Connection, session: Session, now: int) -> None:
    tx.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))
    tx.execute(update(accounts).where(accounts.c.id == session.owner).values(seen_at=now))


def _delete(tx: Connection, which: Any) -> int:
    return tx.execute(delete(sessions).where(which)).rowcount
