"""The journal: every event is written down before a reader sees it, in memory that survives the process.

An append costs microseconds and waits for nobody (store/logfile.py), so a token is written, published and
sent in the very call in which it came. The database follows behind: entries of closed turns and their lines
in the ledger in batches, each one transaction; events of stored turns when they end, or when a file of the
journal is full. Then that file can go: nothing that the database has yet to be told is in it.
Knows what is written when; recovery.py reads it after a death.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.errors import StoreError, StoreUnavailable
from thinkwell.ledger import book, lines
from thinkwell.store.database import Batch, Database
from thinkwell.store.logfile import LogFile
from thinkwell.store.tables import entries, ledger_holders, ledger_lines
from thinkwell.turns import stored_log
from thinkwell.turns.live import LiveTurn
from thinkwell.values.event import TurnEvent
from thinkwell.values.receipt import Receipt

log = logging.getLogger(__name__)

# Between two batches of entries, unless somebody waits for them: a transaction costs as much as several turns
# in it.
PACE_S = 1.0
TRY_AGAIN_S = 1.0
FORGOTTEN_S = 30.0


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
    tier: str = "visitor"
    key_id: str | None = None


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
    """``receipt`` is there where the database has yet to be told; ``code`` and ``message`` of what failed."""

    number: int
    closed_at: int
    receipt: Receipt | None
    code: str | None = None
    message: str = ""


Record = Opened | Said | Closed
encode = msgspec.msgpack.Encoder().encode


class Journal:
    """Belongs to the event loop. ``run`` is its only task."""

    def __init__(
        self, file: LogFile, database: Database, now_us: Callable[[], int], accounts: lines.Accounts
    ) -> None:
        self._file = file
        self._database = database
        self._now_us = now_us
        self._accounts = accounts
        self._open: dict[int, LiveTurn] = {}
        self._owed: dict[int, Closed] = {}  # of those that are over, but not for the database
        self._last_number = 0
        self._begins_at = file.number  # older files wait to be folded into the database
        self._rows: list[dict[str, object]] = []
        self._being_written: list[dict[str, object]] = []
        self._in_doubt = False  # whether the last batch came to be written
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._to_forget: list[asyncio.Future[None]] = []

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

    def close(self, live: LiveTurn, closing: book.Closing, *, stored: bool) -> None:
        """The turn is over. ``stored``: the database knows already. Raises StoreFull."""
        row = None if stored else book.closed_row(live.request, live.opened_at, closing)
        receipt = None if stored else closing.receipt
        self._file.append(encode(Closed(live.number, closing.at, receipt, closing.code)))
        self._open.pop(live.number, None)
        if row is not None:
            self._rows.append(row)
            self._settled.clear()
            self._work.set()

    def owe(self, live: LiveTurn, closing: book.Closing, message: str) -> None:
        """The turn is over, and the database could not be told (reaper.py). Until ``paid`` it is kept here,
        for the next start. Raises StoreFull; then that start says that it was interrupted."""
        said = live.log.since(live.log.published) if live.request.keep_text else None
        seq = live.log.last_seq
        self._owed[live.number] = owed = Closed(
            live.number, closing.at, closing.receipt, closing.code, message
        )
        self._file.append(encode(Said(live.number, seq, *live.meter.counts, said)))
        self._file.append(encode(owed))

    def paid(self, live: LiveTurn) -> None:
        """The database has it now."""
        self._owed.pop(live.number, None)
        self._open.pop(live.number, None)

    def handed_over(self, owner: str, heir: str) -> None:
        """Turns of ``owner`` are ``heir``'s: also what the database has yet to be told. Raises StoreFull."""
        for row in (*self._being_written, *self._rows):
            if row["owner"] == owner:
                row["owner"] = row["person"] = heir
        for live in self._open.values():
            if live.owner == heir and not live.request.keep_text:
                self._file.append(encode(_opened(live)))

    @property
    def waiting(self) -> int:
        """Turns that are over, and not yet in the database."""
        return len(self._rows) + len(self._being_written) + len(self._owed)

    async def settled(self) -> None:
        """Wait until the database has the entries of all turns that are over."""
        if not self._settled.is_set():
            self._hurry.set()
        await self._settled.wait()

    async def forget_ended(self) -> None:
        """Nothing of turns that are over is left in any file of the journal; the database has what is to be
        kept of them. Raises StoreUnavailable where that takes too long; it is done as soon as it can be."""
        done = asyncio.get_running_loop().create_future()
        self._to_forget.append(done)
        self._work.set()
        self._hurry.set()
        try:
            async with asyncio.timeout(FORGOTTEN_S):
                await done
        except TimeoutError:
            raise StoreUnavailable(
                "The journal cannot be emptied now. Try again in a minute.", retry_after_s=60
            ) from None

    # -- what follows behind ---------------------------------------------------------------------

    async def run(self) -> None:
        """For ever; ends by cancellation only, with nothing left that could be written."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                self._hurry.clear()
                if await self._follow():
                    await self._pause()
                else:
                    await asyncio.sleep(TRY_AGAIN_S)
        finally:
            await self._follow()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PACE_S):
                await self._hurry.wait()

    async def _follow(self) -> bool:
        """False where it is to be tried again."""
        forgetting = len(self._to_forget)
        try:
            await self._write_rows()
            if forgetting:
                if self._file.wants_spare:
                    await self._file.make_spare()
                self._file.begin_next()
            if self._file.number != self._begins_at:
                await self._fold()
            if self._file.wants_spare:
                await self._file.make_spare()
        except StoreError as error:
            log.error("the database does not follow the journal: %s", error.message)
        except Exception:  # a fault of ours must not end the writing for everybody
            log.exception("the journal failed by a fault of the site")
        else:
            for done in self._to_forget[:forgetting]:
                if not done.done():
                    done.set_result(None)
            del self._to_forget[:forgetting]
            return True
        self._work.set()
        return False

    async def _write_rows(self) -> None:
        """Entries and lines in one transaction: a turn has both, or neither."""
        rows, self._rows = self._rows, []
        self._being_written = rows
        try:
            if rows and self._in_doubt:
                await self._database.write(partial(_enter, self._accounts, tuple(rows)))
            elif rows:
                booked, holders = lines.rows_of(self._accounts, rows)
                self._in_doubt = True
                await self._database.append_all(
                    (
                        Batch(entries, rows),
                        Batch(ledger_holders, holders, known=True),
                        Batch(ledger_lines, booked),
                    )
                )
            self._in_doubt = False
        except BaseException:
            self._rows = rows + self._rows
            raise
        finally:
            self._being_written = []
        if not self._rows:
            self._settled.set()

    async def _fold(self) -> None:
        """The turns that run begin anew in the file that is written now; the older ones can go then."""
        begins_at = self._file.number
        rows = []
        now = self._now_us()
        for live in self._open.values():
            usage = live.meter.usage
            seq = live.log.published - live.log.ended
            owed = self._owed.get(live.number)
            if live.request.keep_text and seq > live.folded:
                events = live.log.since(live.folded)[: seq - live.folded]
                row = stored_log.Row(turn_id=live.request.id, last_seq=seq, events=events, usage=usage)
                rows.append((live, row))
            self._file.append(encode(_opened(live)))
            said = Said(live.number, seq, *live.meter.counts, [] if live.request.keep_text else None)
            self._file.append(encode(said))
            if owed is not None:
                self._file.append(encode(owed))
        # Those that were closed in the older files, and since.
        await self._write_rows()
        if rows:
            await self._write_logs(rows, now)
        self._begins_at = begins_at
        await self._file.drop_before(begins_at)

    async def _write_logs(self, rows: list[tuple[LiveTurn, stored_log.Row]], now_us: int) -> None:
        before = [live.folded for live, _ in rows]
        for live, row in rows:
            live.folded = row.last_seq  # before it is so: who ends the turn meanwhile looks what is there
        try:
            await self._database.write(partial(_append_logs, [row for _, row in rows], now_us))
        except BaseException:
            for (live, _), seq in zip(rows, before, strict=True):
                live.folded = seq
            raise


def _enter(accounts: lines.Accounts, rows: Iterable[Mapping[str, Any]], tx: Connection) -> None:
    """Those of the rows that are not closed yet: what becomes of a failed batch is not always known."""
    lines.book(tx, accounts, [row for row in rows if book.enter_closed(tx, row)])


def _append_logs(rows: list[stored_log.Row], now_us: int, tx: Connection) -> None:
    for row in rows:
        if stored_log.last_seq(tx, row.turn_id) < row.last_seq:  # else it ended meanwhile
            stored_log.append(tx, row, now_us)


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
        caller.tier,
        None if caller.key is None else caller.key.id,
    )
