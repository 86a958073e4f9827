"""The journal: every event is written down before a reader sees it, in memory that survives the process.

An append costs microseconds and waits for nobody (store/logfile.py), so a token is written, published and
sent in the very call in which it came. The database follows behind: entries of closed turns in batches;
events of stored turns when they end, or when a file of the journal is full. Then that file can go.
Knows what is written when; recovery.py reads it after a death.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from thinkwell.errors import StoreError
from thinkwell.ledger import book
from thinkwell.store.database import Database
from thinkwell.store.logfile import LogFile
from thinkwell.store.tables import entries, turn_log
from thinkwell.turns import stored_log
from thinkwell.turns.live import LiveTurn
from thinkwell.values.event import TurnEvent
from thinkwell.values.receipt import Receipt

log = logging.getLogger(__name__)

PACE_S = 0.2  # between two batches of entries: a bound on the database's work per second
TRY_AGAIN_S = 1.0


class Opened(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """``number`` stands for the turn in what follows; it is new in every file in which the turn goes on."""

    number: int
    turn_id: str
    owner: str
    person: str
    model: str
    message_id: str | None
    opened_at: int
    keep_text: bool


class Said(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Totals up to event ``seq``; ``events`` are the newest up to it, None where text may not be kept."""

    number: int
    seq: int
    prompt: int
    cached: int
    reasoning: int
    answer: int
    events: list[TurnEvent] | None


class Closed(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """``receipt`` is there where the database has yet to be told."""

    number: int
    closed_at: int
    receipt: Receipt | None


Record = Opened | Said | Closed
encode = msgspec.msgpack.Encoder().encode


class Journal:
    """Belongs to the event loop. ``run`` is its only task."""

    def __init__(self, file: LogFile, database: Database, now_us: Callable[[], int]) -> None:
        self._file = file
        self._database = database
        self._now_us = now_us
        self._open: dict[int, LiveTurn] = {}
        self._last_number = 0
        self._begins_at = file.number  # older files wait to be folded into the database
        self._rows: list[dict[str, object]] = []
        self._work = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()

    # -- what the conductor tells ----------------------------------------------------------------

    def open(self, live: LiveTurn) -> None:
        """The turn is admitted. Raises StoreFull; then it is not."""
        self._last_number += 1
        live.number = self._last_number
        live.opened_at = self._now_us()
        self._file.append(encode(_opened(live)))
        self._open[live.number] = live

    def said(self, live: LiveTurn) -> None:
        """Write what is new in the turn's log, and let readers see it. Raises StoreFull."""
        log, meter = live.log, live.meter
        events = log.since(log.published) if live.request.keep_text else None
        prompt, cached, reasoning, answer = meter.counts
        seq = log.last_seq
        self._file.append(encode(Said(live.number, seq, prompt, cached, reasoning, answer, events)))
        if self._file.number != self._begins_at:
            self._work.set()
        log.publish(seq)

    def close(self, live: LiveTurn, receipt: Receipt, *, stored: bool) -> None:
        """The turn is over. ``stored``: the database knows already. Raises StoreFull."""
        now = self._now_us()
        row = None if stored else book.closed_row(live.request, receipt, live.opened_at, now)
        self._file.append(encode(Closed(live.number, now, None if stored else receipt)))
        self._open.pop(live.number, None)
        if row is not None:
            self._rows.append(row)
            self._settled.clear()
            self._work.set()

    def forget(self, live: LiveTurn) -> None:
        """The turn could not be closed: the next start will do it."""
        self._open.pop(live.number, None)

    async def settled(self) -> None:
        """Wait until the database has the entries of all turns that are over."""
        await self._settled.wait()

    # -- what follows behind ---------------------------------------------------------------------

    async def run(self) -> None:
        """For ever; ends by cancellation only, with nothing left that could be written."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                pause = PACE_S if await self._follow() else TRY_AGAIN_S
                await asyncio.sleep(pause)
        finally:
            await self._follow()

    async def _follow(self) -> bool:
        """False where it is to be tried again."""
        try:
            await self._write_rows()
            if self._file.number != self._begins_at:
                await self._fold()
            if self._file.wants_spare:
                await self._file.make_spare()
        except StoreError as error:
            log.error("the database does not follow the journal: %s", error.message)
        except Exception:  # a fault of ours must not end the writing for everybody
            log.exception("the journal failed by a fault of the site")
        else:
            return True
        self._work.set()
        return False

    async def _write_rows(self) -> None:
        rows, self._rows = self._rows, []
        try:
            if rows:
                await self._database.append(entries, rows)
        except BaseException:
            self._rows = rows + self._rows
            raise
        if not self._rows:
            self._settled.set()

    async def _fold(self) -> None:
        """The turns that run begin anew in the file that is written now; the older ones can go then."""
        begins_at = self._file.number
        rows = []
        now = self._now_us()
        for live in self._open.values():
            usage = live.meter.usage
            seq = live.log.published
            if live.request.keep_text and seq > live.folded:
                events = live.log.since(live.folded)[: seq - live.folded]
                row = stored_log.Row(turn_id=live.request.id, last_seq=seq, events=events, usage=usage)
                rows.append((live, seq, stored_log.as_columns(row, now)))
            self._file.append(encode(_opened(live)))
            said = Said(live.number, seq, *live.meter.counts, [] if live.request.keep_text else None)
            self._file.append(encode(said))
        if rows:
            await self._database.append(turn_log, [columns for _, _, columns in rows])
        for live, seq, _ in rows:
            live.folded = seq
        self._begins_at = begins_at
        await self._file.drop_before(begins_at)


def _opened(live: LiveTurn) -> Opened:
    request = live.request
    caller = request.caller
    return Opened(
        live.number,
        request.id,
        caller.id,
        caller.person,
        request.model,
        request.message_id,
        live.opened_at,
        request.keep_text,
    )
