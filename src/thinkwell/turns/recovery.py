"""After a death of the process: closes what it left open, from what was written. Nothing is charged twice."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.errors import Interrupted
from thinkwell.ledger import book, lines
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.ending import Ending, write_ending
from thinkwell.turns.journal import Closed, Opened, Record, Said
from thinkwell.values.event import Failed, Finished, Started, Stopped, TurnEnd, TurnEvent
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

log = logging.getLogger(__name__)

SENTENCE = "The site stopped while it answered. What had been said is kept."
_decode = msgspec.msgpack.Decoder(Record).decode


class Left:
    """One turn as the journal tells it."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.usage = Usage()
        self.seq = 0
        self.events: dict[int, TurnEvent] = {}
        self.closed: Closed | None = None

    def hear(self, said: Said) -> None:
        self.usage = Usage(
            prompt=said.prompt, cached=said.cached, reasoning=said.reasoning, answer=said.answer
        )
        self.seq = said.seq
        for number, event in enumerate(reversed(said.events or ())):
            self.events[said.seq - number] = event


async def recover(database: Database, records: Iterable[bytes], now_us: int, books: Bookkeeping) -> int:
    """Close every open entry; returns how many there were. ``records`` of the journal. Raises StoreError."""
    return await database.write(partial(_recover, now_us, records, books))


def _left_by(records: Iterable[bytes]) -> list[Left]:
    """Turns of the journal, each once: a turn that went on in another file goes on under its number there.

    Numbers begin anew with each process, and a process ends what an earlier one left before it writes.
    """
    turns: dict[str, Left] = {}
    by_number: dict[int, Left] = {}
    for data in records:
        try:
            record: Record = _decode(data)
        except msgspec.MsgspecError as problem:
            log.error("a record of the journal could not be read: %s", problem)
            continue
        if isinstance(record, Opened):
            left = turns.setdefault(record.turn_id, Left(record))
            left.opened = record  # told again, it may be another's by now
            by_number[record.number] = left
        elif (known := by_number.get(record.number)) is None:
            log.error("the journal speaks of a turn that it does not know")
        elif isinstance(record, Said):
            known.hear(record)
        else:
            known.closed = record
    return list(turns.values())


def _recover(now_us: int, records: Iterable[bytes], books: Bookkeeping, tx: Connection) -> int:
    turns = _left_by(records)
    known = book.known_entries(tx, [left.opened.turn_id for left in turns])
    rows = [_row(left) for left in turns if left.opened.turn_id not in known]
    book.insert_entries(tx, rows)
    lines.book(tx, books.accounts, [row for row in rows if row["closed_at"] is not None])
    by_id = {left.opened.turn_id: left for left in turns}
    left_open = book.open_entries(tx)
    for entry in left_open:
        close_left(tx, entry, by_id.get(entry.whose.turn_id), now_us, books)
    return len(left_open)


def _row(left: Left) -> dict[str, object]:
    opened, closed = left.opened, left.closed
    owner = book.Whose(
        opened.turn_id,
        opened.owner,
        opened.person,
        opened.model,
        opened.message_id,
        opened.tier,
        opened.key_id,
    )
    if closed is None or closed.receipt is None:
        return book.entry_row(owner, opened.opened_at)
    closing = book.Closing(closed.receipt, closed.code, closed.closed_at)
    return book.entry_row(owner, opened.opened_at, closing)


def close_left(
    tx: Connection, entry: book.OpenEntry, left: Left | None, now_us: int, books: Bookkeeping
) -> None:
    """An entry for which no turn lives: ``left`` is what a journal tells of it, beside the database."""
    whose = entry.whose
    told = stored_log.read(tx, whose.turn_id) or stored_log.Told(events=[], usage=Usage())
    usage, said = told.usage, list(told.events)
    written = len(said)
    keep_text = whose.message_id is not None
    if left is not None:
        keep_text = keep_text or left.opened.keep_text
        if left.seq >= written:
            usage = left.usage
            while (event := left.events.get(len(said) + 1)) is not None:
                said.append(event)
    closed = None if left is None else left.closed
    if closed is not None and closed.receipt is not None:
        end, now_us = _told_by(closed, closed.receipt), closed.closed_at
    else:
        # Which adapter answered is told in its log only, where that may be written.
        model = next((event.model for event in reversed(said) if isinstance(event, Started)), whose.model)
        receipt = Receipt(turn_id=whose.turn_id, model=model, usage=usage, ending="failed")
        receipt = books.of_dead(entry, receipt, Interrupted.code, said if keep_text else None)
        end = Failed(Interrupted.code, SENTENCE, receipt)
    ending = Ending(
        whose=whose, opened_at=entry.opened_at, end=end, said=said, written=written, keep_text=keep_text
    )
    write_ending(tx, ending, now_us, books.accounts)


def _told_by(closed: Closed, receipt: Receipt) -> TurnEnd:
    """The ending that its readers saw, while the database could not be told."""
    if receipt.ending == "failed":
        return Failed(closed.code or Interrupted.code, closed.message or SENTENCE, receipt)
    return Finished("stop", receipt) if receipt.ending == "finished" else Stopped("person", receipt)
