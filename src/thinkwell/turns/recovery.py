"""After a death of the process: closes what it left open, from what was written. Nothing is charged twice."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.errors import Interrupted
from thinkwell.ledger import book
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.ending import Ending, write_ending
from thinkwell.turns.journal import Closed, Opened, Record, Said
from thinkwell.values.event import Failed, TurnEvent
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

log = logging.getLogger(__name__)

SENTENCE = "The site stopped while it answered. What had been said is kept."
_decode = msgspec.msgpack.Decoder(Record).decode


class _Left:
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


async def recover(database: Database, records: Iterable[bytes], now_us: int) -> int:
    """Close every open entry; returns how many there were. ``records`` of the journal. Raises StoreError."""
    return await database.write(partial(_recover, now_us, records))


def _left_by(records: Iterable[bytes]) -> list[_Left]:
    """Turns of the journal, each once: a turn that went on in another file goes on under its number there.

    Numbers begin anew with each process, and a process ends what an earlier one left before it writes.
    """
    turns: dict[str, _Left] = {}
    by_number: dict[int, _Left] = {}
    for data in records:
        try:
            record: Record = _decode(data)
        except msgspec.MsgspecError as problem:
            log.error("a record of the journal could not be read: %s", problem)
            continue
        if isinstance(record, Opened):
            left = turns.setdefault(record.turn_id, _Left(record))
            by_number[record.number] = left
        elif (known := by_number.get(record.number)) is None:
            log.error("the journal speaks of a turn that it does not know")
        elif isinstance(record, Said):
            known.hear(record)
        else:
            known.closed = record
    return list(turns.values())


def _recover(now_us: int, records: Iterable[bytes], tx: Connection) -> int:
    turns = _left_by(records)
    known = book.known_entries(tx, [left.opened.turn_id for left in turns])
    unknown = [left for left in turns if left.opened.turn_id not in known]
    book.insert_entries(tx, [_row(left) for left in unknown])
    by_id = {left.opened.turn_id: left for left in turns}
    left_open = book.open_entries(tx)
    for entry in left_open:
        _close(tx, entry, by_id.get(entry.turn_id), now_us)
    return len(left_open)


def _row(left: _Left) -> dict[str, object]:
    opened, closed = left.opened, left.closed
    owner = (opened.turn_id, opened.owner, opened.person, opened.model, opened.message_id)
    if closed is None or closed.receipt is None:
        return book.entry_row(owner, opened.opened_at)
    return book.entry_row(owner, opened.opened_at, closed.receipt, closed.closed_at)


def _close(tx: Connection, entry: book.OpenEntry, left: _Left | None, now_us: int) -> None:
    told = stored_log.read(tx, entry.turn_id) or stored_log.Told(events=[], usage=Usage())
    usage, said = told.usage, list(told.events)
    written = len(said)
    if left is not None and left.seq >= written:
        usage = left.usage
        while (event := left.events.get(len(said) + 1)) is not None:
            said.append(event)
    receipt = Receipt(turn_id=entry.turn_id, model=entry.model, usage=usage, ending="failed")
    ending = Ending(
        end=Failed(Interrupted.code, SENTENCE, receipt),
        said=said,
        written=written,
        last_seq=len(said),
        message_id=entry.message_id,
        keep_text=entry.message_id is not None,
    )
    write_ending(tx, ending, now_us)
