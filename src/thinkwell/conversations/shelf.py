"""The shelf of stored conversations. Every read and write names the owner: a foreign id is not found.

Functions take the connection or transaction that they work in; the caller decides what is atomic.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.engine import Connection, Row

from thinkwell.conversations.files import as_kept, from_kept
from thinkwell.conversations.tree import Status, StoredMessage, Summary
from thinkwell.errors import NotFound
from thinkwell.store.tables import conversations, messages
from thinkwell.values.event import TurnEnd
from thinkwell.values.file import File

PAGE = 50


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message about to be stored."""

    id: str
    parent_id: str | None
    role: str
    content: str = ""
    status: Status = "complete"
    turn_id: str | None = None
    files: tuple[File, ...] = ()


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer ended, as it goes into its message."""

    content: str
    reasoning: str | None
    status: Status
    ending: TurnEnd
    left_out: int = 0


def create(tx: Connection, conversation_id: str, owner: str, title: str, now_us: int) -> None:
    tx.execute(
        insert(conversations).values(
            id=conversation_id, owner=owner, title=title, created_at=now_us, updated_at=now_us
        )
    )


def add(tx: Connection, conversation_id: str, new: list[NewMessage], now_us: int) -> None:
    """Append messages, in order, and make the last one the head."""
    for place, message in enumerate(new):
        values = msgspec.structs.asdict(message) | {"files": as_kept(message.files)}
        tx.execute(
            insert(messages).values(conversation_id=conversation_id, created_at=now_us + place, **values)
        )
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(head_id=new[-1].id, updated_at=now_us)
    )


def end_message(tx: Connection, message_id: str, ended: Ended) -> None:
    """Write an answer's text and ending. A message deleted meanwhile stays deleted."""
    tx.execute(
        update(messages)
        .where(messages.c.id == message_id)
        .values(
            content=ended.content,
            reasoning=ended.reasoning,
            status=ended.status,
            ending=msgspec.json.encode(ended.ending),
            left_out=ended.left_out,
        )
    )


def page(connection: Connection, owner: str, before: tuple[int, str] | None) -> list[Summary]:
    """Up to PAGE + 1 summaries, newest first, older than ``before`` (updated_at, id)."""
    query = select(conversations).where(conversations.c.owner == owner)
    if before is not None:
        at, conversation_id = before
        query = query.where(
            or_(
                conversations.c.updated_at < at,
                and_(conversations.c.updated_at == at, conversations.c.id < conversation_id),
            )
        )
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(PAGE + 1)
    return [_summary(row) for row in connection.execute(query)]


def summary(connection: Connection, conversation_id: str, owner: str) -> Summary:
    """Raises NotFound, also for another owner's."""
    query = select(conversations).where(conversations.c.id == conversation_id, conversations.c.owner == owner)
    row = (connection.execute(query)).first()
    if row is None:
        raise NotFound("There is no such conversation, or it is not yours.")
    return _summary(row)


def tree(connection: Connection, conversation_id: str) -> list[StoredMessage]:
    """Every message, oldest first. The caller has checked the owner with ``summary``."""
    query = (
        select(messages)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.created_at, messages.c.id)
    )
    return [message_of(row) for row in connection.execute(query)]


def owned_tree(connection: Connection, conversation_id: str, owner: str) -> list[StoredMessage]:
    """The same for an owner. Raises NotFound."""
    summary(connection, conversation_id, owner)
    return tree(connection, conversation_id)


def files_of(connection: Connection, message_id: str, owner: str) -> tuple[File, ...]:
    """What came with a question. Raises NotFound."""
    query = select(messages.c.conversation_id, messages.c.files).where(messages.c.id == message_id)
    row = connection.execute(query).first()
    summary(connection, row.conversation_id if row is not None else "", owner)
    return from_kept(row.files if row is not None else None)


def change(
    tx: Connection, conversation_id: str, owner: str, title: str | None, head_id: str | None
) -> Summary:
    """Rename, or show another branch. Raises NotFound."""
    found = summary(tx, conversation_id, owner)
    if head_id is not None:
        query = select(messages.c.id).where(
            messages.c.id == head_id, messages.c.conversation_id == conversation_id
        )
        if (tx.execute(query)).first() is None:
            raise NotFound("There is no such message in this conversation.", param="head_id")
    changed = msgspec.structs.replace(found, title=title or found.title, head_id=head_id or found.head_id)
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(title=changed.title, head_id=changed.head_id)
    )
    return changed


def turns_of(connection: Connection, conversation_id: str, owner: str) -> list[str]:
    """The turns that wrote a conversation's answers. Raises NotFound."""
    summary(connection, conversation_id, owner)
    query = select(messages.c.turn_id).where(
        messages.c.conversation_id == conversation_id, messages.c.turn_id.is_not(None)
    )
    return [turn_id for turn_id in (connection.execute(query)).scalars() if turn_id is not None]


def remove(tx: Connection, conversation_id: str, owner: str) -> None:
    """Delete a conversation with all its messages. Raises NotFound."""
    summary(tx, conversation_id, owner)
    tx.execute(delete(conversations).where(conversations.c.id == conversation_id))


def _summary(row: Row[tuple[object, ...]]) -> Summary:
    return Summary(id=row.id, title=row.title, head_id=row.head_id, updated_at=row.updated_at)


def message_of(row: Row[Any]) -> StoredMessage:
    ending = None if row.ending is None else msgspec.json.decode(row.ending, type=TurnEnd)
    return StoredMessage(
        id=row.id,
        parent_id=row.parent_id,
        role=row.role,
        content=row.content,
        reasoning=row._mapping.get("reasoning"),  # left out where it was not asked for (thoughts.py)
        status=row.status,
        turn_id=row.turn_id,
        ending=ending,
        left_out=row.left_out,
        created_at=row.created_at,
        files=from_kept(row.files),
    )
