"""Whom an operator keeps out, other than members (accounts.py): a visitor, or everybody of a network.

All blocks are in memory, so that to look costs a few microseconds; the table ``blocks`` has them for the next
start. A network is known by a hash of one day (networks.py): to block it holds until that day is over.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import TypeVar

import msgspec
from sqlalchemy import delete, or_, select
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, Blocked, NotFound
from thinkwell.people.networks import DAY_US, GRACE_US
from thinkwell.people.networks import PREFIX as NETWORK
from thinkwell.people.visitors import PREFIX as VISITOR
from thinkwell.store.database import Database
from thinkwell.store.tables import accounts, blocks
from thinkwell.values.caller import Caller

HOUR_US = 3_600_000_000
SUBJECT = re.compile(rf"{VISITOR}[A-Za-z0-9_-]{{8,64}}|{NETWORK}[0-9a-f]{{16,64}}")
HASH = "person:"
MOST_SHOWN = 500

Known = TypeVar("Known", Caller, Caller | None)


class Block(msgspec.Struct, frozen=True):
    """``until`` None: for ever."""

    subject: str
    why: str
    created_at: int
    until: int | None = None


class BlockedAccount(msgspec.Struct, frozen=True):
    id: str
    name: str | None
    why: str
    at: int


class Blocks:
    """Belongs to the event loop. ``now_us`` is the clock, microseconds UTC."""

    def __init__(self, secret: bytes, database: Database, now_us: Callable[[], int]) -> None:
        self._key = hmac.digest(secret, b"thinkwell.blocks", "sha256")
        self._database = database
        self._now_us = now_us
        self._blocks: dict[str, Block] = {}

    async def start(self) -> None:
        """Remember those of the table. Raises StoreError."""
        self._blocks = {block.subject: block for block in await self._database.read(read_all)}

    def let_in(self, caller: Known) -> Known:
        """Who is not kept out. Raises Blocked, with the reason."""
        if self._blocks and caller is not None:
            for subject in (caller.id, caller.person, caller.group, *caller.networks):
                block = self._blocks.get(subject or "")
                if block is not None and not _over(block, self._now_us()):
                    raise Blocked(f"An operator of this site keeps you out: {block.why}")
        return caller

    def hash_of(self, person: str) -> str:
        """As who is not to be named is shown; of one site only."""
        return HASH + hmac.digest(self._key, person.encode(), "sha256").hex()[:24]

    @property
    def all(self) -> list[Block]:
        """Those that hold, the newest first."""
        now = self._now_us()
        held = [block for block in self._blocks.values() if not _over(block, now)]
        return sorted(held, key=lambda block: -block.created_at)

    async def add(self, subject: str, why: str, hours: int | None = None) -> Block:
        """In the place of an older one of the same subject. Raises BadRequest or StoreError."""
        if not SUBJECT.fullmatch(subject):
            raise BadRequest("That is no visitor and no network of this site.", param="subject")
        now = self._now_us()
        until = None if hours is None else now + hours * HOUR_US
        if subject.startswith(NETWORK):
            day = now - now % DAY_US + DAY_US + GRACE_US
            until = day if until is None else min(until, day)
        block = Block(subject, why, now, until)
        await self._database.write(lambda tx: _put(tx, block))
        self._blocks[subject] = block
        return block

    async def remove(self, subject: str) -> None:
        """Raises NotFound or StoreError."""
        block = self._blocks.get(subject)
        if block is None or _over(block, self._now_us()):
            raise NotFound("Nobody of that name is kept out.")
        await self._database.write(lambda tx: tx.execute(delete(blocks).where(blocks.c.subject == subject)))
        self._blocks.pop(subject, None)


async def open_blocks(secret: bytes, database: Database, now_us: Callable[[], int]) -> Blocks:
    """Raises StoreError."""
    blocks = Blocks(secret, database, now_us)
    await blocks.start()
    return blocks


def _over(block: Block, now_us: int) -> bool:
    return block.until is not None and block.until <= now_us


def read_all(connection: Connection) -> list[Block]:
    columns = (blocks.c.subject, blocks.c.why, blocks.c.created_at, blocks.c.until)
    return [Block(*row) for row in connection.execute(select(*columns))]


def _put(tx: Connection, block: Block) -> None:
    over = blocks.c.until <= block.created_at
    tx.execute(delete(blocks).where(or_(blocks.c.subject == block.subject, over)))
    tx.execute(blocks.insert().values(msgspec.structs.asdict(block)))


def blocked_accounts(connection: Connection) -> list[BlockedAccount]:
    """Members who are kept out, the latest first."""
    query = (
        select(accounts.c.id, accounts.c.name, accounts.c.blocked_why, accounts.c.blocked_at)
        .where(accounts.c.blocked_at.isnot(None))
        .order_by(accounts.c.blocked_at.desc())
        .limit(MOST_SHOWN)
    )
    return [BlockedAccount(row[0], row[1], row[2] or "", row[3]) for row in connection.execute(query)]
