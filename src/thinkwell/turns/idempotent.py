"""Idempotency keys: what a caller asks again under the same one is the same turn, for a day.

The row is written with the turn's entry, so that after a death there are both or neither. Such a turn keeps
its text, and does not end when its reader leaves: whoever comes again is told the same events, live or
from the disk. Knows no header and no dialect.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Row, Select, delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from thinkwell.errors import Conflict, Interrupted, KeyReused, LogExpired
from thinkwell.ledger.meter import Meter
from thinkwell.store.database import Database
from thinkwell.store.tables import entries, idempotency
from thinkwell.turns import stored_log
from thinkwell.turns.live import Asking, LiveTurn, LiveTurns
from thinkwell.turns.log import ENDINGS
from thinkwell.turns.run import AlsoStore
from thinkwell.values.caller import Caller
from thinkwell.values.event import Failed, TurnEvent
from thinkwell.values.receipt import Receipt
from thinkwell.values.turn import TurnRequest

DAY_US = 86_400_000_000
BUSY = "This Idempotency-Key is being asked at this moment. Come back in a moment."
GONE = "What was asked under this Idempotency-Key is no longer kept. Ask again under another one."
LOST = "The site stopped while it answered."


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """``key`` is a hash of the client's key, ``body_hash`` one of what it asks: method, path and body."""

    key: str
    body_hash: str


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """The turn that the same was asked with, and when."""

    turn_id: str
    at_us: int


class First:
    """Nothing was asked under the key until now."""

    def __init__(self, asking: Asking, mark: Mark, at_us: int) -> None:
        self._asking = asking
        self._mark = mark
        self.at_us = at_us

    def stores(self, turn_id: str) -> AlsoStore:
        """To be written with the turn's entry."""
        return partial(self._store, turn_id)

    def _store(self, turn_id: str, tx: Connection) -> None:
        """Raises Conflict where another process was faster."""
        mark, owner = self._mark, self._asking.caller.id
        tx.execute(
            delete(idempotency).where(
                idempotency.c.owner == owner,
                idempotency.c.key == mark.key,
                idempotency.c.created_at <= self.at_us - DAY_US,
            )
        )
        row = {"owner": owner, "turn_id": turn_id, "created_at": self.at_us, **msgspec.structs.asdict(mark)}
        try:
            tx.execute(insert(idempotency).values(row))
        except IntegrityError as problem:
            raise Conflict(BUSY, retry_after_s=1) from problem


class _Gate:
    """For those who ask under one key at the same time: one after the other."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class Once:
    """``now_us`` is the clock, in microseconds UTC. With ``secret`` the hashes that are kept are keyed: who
    has the database alone cannot try out what was asked."""

    def __init__(
        self, database: Database, turns: LiveTurns, now_us: Callable[[], int], secret: bytes = b""
    ) -> None:
        # A name of its own in the derivation: the same secret is the key of nothing else.
        self._key = hmac.digest(secret, b"thinkwell.idempotency", "sha256")
        self._database = database
        self._turns = turns
        self._now_us = now_us
        self._gates: dict[tuple[str, str], _Gate] = {}

    @asynccontextmanager
    async def asked(self, caller: Caller, mark: Mark) -> AsyncIterator[First | Before]:
        """Whether that was asked before. Until the block ends nobody else asks under the same key.

        Raises KeyReused where something else was asked, or StoreError.
        """
        asking = self._turns.asking(caller)
        mark = Mark(key=self._hidden(mark.key), body_hash=self._hidden(mark.body_hash))
        place = caller.id, mark.key
        gate = self._gates.setdefault(place, _Gate())
        gate.users += 1
        try:
            async with gate.lock:
                yield await self._find(asking, mark)
        finally:
            gate.users -= 1
            if not gate.users:
                del self._gates[place]

    def _hidden(self, told: str) -> str:
        return hmac.digest(self._key, told.encode(), "sha256").hex()

    async def _find(self, asking: Asking, mark: Mark) -> First | Before:
        now = self._now_us()
        row = await self._database.read(lambda connection: _row(connection, asking.caller.id, mark.key))
        if row is None or row.created_at <= now - DAY_US:
            return First(asking, mark, now)
        if row.body_hash != mark.body_hash:
            raise KeyReused(
                "Something else was asked under this Idempotency-Key. Use a new one for each request."
            )
        return Before(turn_id=row.turn_id, at_us=row.created_at)

    async def again(self, before: Before, request: TurnRequest) -> LiveTurn:
        """The turn of ``before``, which ``request`` asked: as it runs, or as it was.

        Raises Conflict for one that neither runs nor has ended, LogExpired where it is no longer kept, or
        StoreError.
        """
        request = msgspec.structs.replace(request, id=before.turn_id, keep_text=True)
        live = self._turns.find(before.turn_id, request.caller.id)
        if live is not None:
            return live
        events, receipt = await self._database.read(partial(_told, before.turn_id, request.caller.id))
        live = LiveTurn(request, Meter(request.id, request.model, time.monotonic))
        live.meter.prompt(receipt.usage.prompt, receipt.usage.cached)
        for event in events:
            live.log.add(event)
        live.log.publish(live.log.last_seq)
        return live


def _row(connection: Connection, owner: str, key: str) -> Row[Any] | None:
    query = select(idempotency).where(idempotency.c.owner == owner, idempotency.c.key == key)
    return connection.execute(query).first()


def _told(turn_id: str, owner: str, connection: Connection) -> tuple[list[TurnEvent], Receipt]:
    query = select(entries.c.closed_at, entries.c.receipt, entries.c.ending, entries.c.code).where(
        entries.c.turn_id == turn_id, entries.c.owner == owner
    )
    entry = connection.execute(query).first()
    if entry is None:
        raise LogExpired(GONE)
    if entry.closed_at is None:
        raise Conflict(BUSY, retry_after_s=1)
    receipt = msgspec.json.decode(entry.receipt, type=Receipt)
    told = stored_log.read(connection, turn_id)
    events = [] if told is None else told.events
    if events and isinstance(events[-1], ENDINGS):
        return events, receipt
    if entry.ending != "failed":
        raise LogExpired(GONE)
    # Its events were lost with the power of the machine: that it failed is known.
    return [*events, Failed(entry.code or Interrupted.code, LOST, receipt)], receipt


def older(before_us: int) -> Select[tuple[str]]:
    """Ids of turns that were asked under a key before then."""
    return select(idempotency.c.turn_id).where(idempotency.c.created_at <= before_us)
