"""Writes how a turn ended: entry, log and message, in one transaction; alike live and after a crash."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.tree import Status
from thinkwell.errors import Interrupted
from thinkwell.ledger import book
from thinkwell.turns import stored_log
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import Finished, Started, Stopped, TurnEnd, TurnEvent


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """``said`` is everything that happened, of which ``written`` events are on the disk already.

    ``message_id`` is the stored answer, None outside a conversation; ``keep_text`` whether events may
    be written.
    """

    end: TurnEnd
    said: list[TurnEvent]
    written: int
    last_seq: int
    message_id: str | None
    keep_text: bool


def write_ending(tx: Connection, ending: Ending, now_us: int) -> None:
    """Closes the entry exactly once: of a turn that is closed nothing changes any more."""
    end = ending.end
    if not book.close_entry(tx, end.receipt, now_us):
        return
    if ending.keep_text:
        row = stored_log.Row(
            turn_id=end.receipt.turn_id,
            last_seq=ending.last_seq + 1,
            events=[*ending.said[ending.written :], end],
            usage=end.receipt.usage,
        )
        stored_log.append(tx, row, now_us)
    if ending.message_id is not None:
        content, reasoning = spoken_text(ending.said)
        ended = shelf.Ended(
            content=content,
            reasoning=reasoning,
            status=_status(end),
            ending=end,
            left_out=next((event.left_out for event in ending.said if isinstance(event, Started)), 0),
        )
        shelf.end_message(tx, ending.message_id, ended)


def _status(end: TurnEnd) -> Status:
    if isinstance(end, Finished):
        return "complete"
    if isinstance(end, Stopped):
        return "stopped"
    return "interrupted" if end.code == Interrupted.code else "failed"
