"""After a death of the process: closes what it left open, from what was written. Nothing is charged twice."""

from __future__ import annotations

from functools import partial

from sqlalchemy.engine import Connection

from thinkwell.errors import Interrupted
from thinkwell.ledger import book
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.ending import Ending, write_ending
from thinkwell.values.event import Failed
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

SENTENCE = "The site stopped while it answered. What had been said is kept."


async def recover(database: Database, now_us: int) -> int:
    """Close every open entry; returns how many there were. Raises StoreError."""
    return await database.write(partial(_recover, now_us))


def _recover(now_us: int, tx: Connection) -> int:
    left_open = book.open_entries(tx)
    for entry in left_open:
        told = stored_log.read(tx, entry.turn_id) or stored_log.Told(events=[], usage=Usage())
        receipt = Receipt(turn_id=entry.turn_id, model=entry.model, usage=told.usage, ending="failed")
        ending = Ending(
            end=Failed(Interrupted.code, SENTENCE, receipt),
            said=told.events,
            written=len(told.events),
            last_seq=stored_log.last_seq(tx, entry.turn_id),
            message_id=entry.message_id,
            keep_text=entry.message_id is not None,
        )
        write_ending(tx, ending, now_us)
    return len(left_open)
