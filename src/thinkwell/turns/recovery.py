"""After a death of the process: closes what it left open, from what was written. Nothing is charged twice."""

from __future__ import annotations

from thinkwell.conversations import shelf
from thinkwell.errors import Interrupted
from thinkwell.ledger import book
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import Failed
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

SENTENCE = "The site stopped while it answered. What had been said is kept."


async def recover(database: Database, now_us: int) -> int:
    """Close every open entry; returns how many there were. Raises StoreError."""
    async with database.write() as tx:
        left_open = await book.open_entries(tx)
        for entry in left_open:
            told = await stored_log.read(tx, entry.turn_id) or stored_log.Told(events=[], usage=Usage())
            receipt = Receipt(turn_id=entry.turn_id, model=entry.model, usage=told.usage, ending="failed")
            end = Failed(Interrupted.code, SENTENCE, receipt)
            await book.close_entry(tx, receipt, now_us)
            last = await stored_log.last_seq(tx, entry.turn_id)
            row = stored_log.Row(
                turn_id=entry.turn_id,
                last_seq=last + 1,
                events=[end] if entry.message_id else None,
                usage=told.usage,
            )
            await stored_log.append(tx, [row], now_us)
            if entry.message_id is not None:
                content, reasoning = spoken_text(told.events)
                ended = shelf.Ended(
                    content=content,
                    reasoning=reasoning,
                    status="interrupted",
                    ending=end,
                )
                await shelf.end_message(tx, entry.message_id, ended)
    return len(left_open)
