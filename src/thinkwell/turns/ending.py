"""Writes how a turn ended: entry, ledger, log, message, in one transaction; alike live and after a crash."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.tree import Status
from thinkwell.errors import Interrupted
from thinkwell.ledger import book, lines
from thinkwell.turns import stored_log
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import Failed, Finished, Started, Stopped, TurnEnd, TurnEvent


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """``said`` is everything that happened, of which ``written`` events are on the disk already, or may be.

    ``keep_text``: events may be written, and the entry was opened in the database; of a turn without, the
    database need not know yet.
    """

    whose: book.Whose
    opened_at: int
    end: TurnEnd
    said: list[TurnEvent]
    written: int
    keep_text: bool


def ending_of(live: LiveTurn, end: TurnEnd) -> Ending:
    """Of a turn that said all it will say."""
    return Ending(
        whose=book.whose(live.request),
        opened_at=live.opened_at,
        end=end,
        said=[event for event in live.log.since(0) if event is not end],
        written=live.folded,
        keep_text=live.request.keep_text,
    )


def write_ending(tx: Connection, ending: Ending, now_us: int, accounts: lines.Accounts) -> bool:
    """Closes the entry exactly once, and then books it: of a turn that is closed nothing changes any more.

    False where it was closed before, or is gone: its owner was erased meanwhile.
    """
    end, whose = ending.end, ending.whose
    row = book.entry_row(whose, ending.opened_at, closing_of(end, now_us))
    if not (book.close_entry(tx, row) if ending.keep_text else book.enter_closed(tx, row)):
        return False
    lines.book(tx, accounts, (row,))
    if ending.keep_text:
        written = stored_log.last_seq(tx, whose.turn_id) if ending.written else 0
        log = stored_log.Row(
            turn_id=whose.turn_id,
            last_seq=len(ending.said) + 1,
            events=[*ending.said[written:], end],
            usage=end.receipt.usage,
        )
        stored_log.append(tx, log, now_us)
    if whose.message_id is not None:
        content, reasoning = spoken_text(ending.said)
        ended = shelf.Ended(
            content=content,
            reasoning=reasoning,
            status=_status(end),
            ending=end,
            left_out=next((event.left_out for event in ending.said if isinstance(event, Started)), 0),
        )
        shelf.end_message(tx, whose.message_id, ended)
    return True


def closing_of(end: TurnEnd, at: int) -> book.Closing:
    return book.Closing(end.receipt, end.code if isinstance(end, Failed) else None, at)


def _status(end: TurnEnd) -> Status:
    if isinstance(end, Finished):
        return "complete"
    if isinstance(end, Stopped):
        return "stopped"
    return "interrupted" if end.code == Interrupted.code else "failed"
