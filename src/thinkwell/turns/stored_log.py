"""The log of turns on disk: rows of the ``turn_log`` table. Knows rows, not who reads them."""

from __future__ import annotations

import msgspec
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.engine import Connection

from thinkwell.store.tables import entries, idempotency, turn_log
from thinkwell.values.event import TurnEvent
from thinkwell.values.usage import Usage


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of one turn's events up to ``last_seq``; None where text may not be kept."""

    turn_id: str
    last_seq: int
    events: list[TurnEvent] | None
    usage: Usage


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """All that was written of one turn."""

    events: list[TurnEvent]
    usage: Usage


def as_columns(row: Row, now_us: int) -> dict[str, object]:
    """As it goes into the table."""
    return {
        "turn_id": row.turn_id,
        "last_seq": row.last_seq,
        "events": None if row.events is None else msgspec.msgpack.encode(row.events),
        "prompt_tokens": row.usage.prompt,
        "cached_tokens": row.usage.cached,
        "reasoning_tokens": row.usage.reasoning,
        "answer_tokens": row.usage.answer,
        "written_at": now_us,
    }


def append(tx: Connection, row: Row, now_us: int) -> None:
    tx.execute(insert(turn_log).values(as_columns(row, now_us)))


def read(connection: Connection, turn_id: str) -> Told | None:
    """None where nothing is kept of that turn."""
    query = select(turn_log).where(turn_log.c.turn_id == turn_id).order_by(turn_log.c.last_seq)
    rows = (connection.execute(query)).all()
    if not rows:
        return None
    events: list[TurnEvent] = []
    for row in rows:
        if row.events is not None:
            events += msgspec.msgpack.decode(row.events, type=list[TurnEvent])
    last = rows[-1]
    usage = Usage(
        prompt=last.prompt_tokens,
        cached=last.cached_tokens,
        reasoning=last.reasoning_tokens,
        answer=last.answer_tokens,
    )
    return Told(events=events, usage=usage)


def forget_turns(tx: Connection, turn_ids: list[str] | Select[tuple[str]]) -> None:
    if not isinstance(turn_ids, list) or turn_ids:
        tx.execute(delete(turn_log).where(turn_log.c.turn_id.in_(turn_ids)))


def older(before_us: int) -> Select[tuple[str]]:
    """Ids of closed turns of which nothing was written since ``before_us``.

    What was asked under an idempotency key stays as long as that is remembered (idempotent.py).
    """
    still_open = select(entries.c.turn_id).where(entries.c.closed_at.is_(None))
    later = turn_log.alias("later")
    return (
        select(turn_log.c.turn_id)
        .where(
            turn_log.c.written_at < before_us,
            turn_log.c.turn_id.not_in(select(later.c.turn_id).where(later.c.written_at >= before_us)),
            turn_log.c.turn_id.not_in(still_open),
            turn_log.c.turn_id.not_in(select(idempotency.c.turn_id)),
        )
        .distinct()
    )


def last_seq(connection: Connection, turn_id: str) -> int:
    """0 where nothing was written."""
    return int(
        connection.scalar(select(func.max(turn_log.c.last_seq)).where(turn_log.c.turn_id == turn_id)) or 0
    )
