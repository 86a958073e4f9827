"""The shelf of stored conversations. Every read and write names the owner: a foreign id is not found, nor
is one that was deleted, though for a while it can be brought back.

Functions take the connection or transaction that they work in; the caller decides what is atomic.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Select, delete, func, insert, select, tuple_, update
from sqlalchemy.engine import Connection, Row

from thinkwell.conversations import folders, indexing
from thinkwell.conversations.files import as_kept, from_kept
from thinkwell.conversations.tree import Status, StoredMessage, Summary
from thinkwell.errors import Conflict, NotFound
from thinkwell.store.tables import conversations, entries, messages
from thinkwell.values.event import TurnEnd
from thinkwell.values.file import File

PAGE = 50
MOST_PINNED = 50
# So long what was deleted can be brought back. It is told to people, and really gone soon after.
UNDO_S = 60
UNDO_US = UNDO_S * 1_000_000

# Of a list: updated_at and id of its last one.
Place = tuple[int, str]


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


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is not set stays; ``folder_id`` None: out of its folder."""

    title: str | None = None
    head_id: str | None = None
    pinned: bool | None = None
    folder_id: str | msgspec.UnsetType | None = msgspec.UNSET


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
        if message.content:
            indexing.enter_message(tx, message.id, message.content, None)
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

    indexing.enter_message(tx, message_id, ended.content, ended.reasoning)


def page(
    connection: Connection, owner: str, before: Place | None, *, folder_id: str | None = None
) -> list[Summary]:
    """Up to PAGE + 1 summaries, newest first, behind ``before``; of one folder, or all. Raises NotFound for a
    folder that is not there."""
    query = _theirs(owner)
    if folder_id is not None:
        folders.check(connection, folder_id, owner, param="folder")
        query = query.where(conversations.c.folder_id == folder_id)
    return _newest(connection, query, before)


def loose(connection: Connection, owner: str, before: Place | None) -> list[Summary]:
    """The same of those that are in no folder and not pinned."""
    query = _theirs(owner).where(conversations.c.folder_id.is_(None), conversations.c.pinned_at.is_(None))
    return _newest(connection, query, before)


def pinned(connection: Connection, owner: str) -> list[Summary]:
    """All of them, what was pinned last first."""
    query = _theirs(owner).where(conversations.c.pinned_at.is_not(None))
    query = query.order_by(conversations.c.pinned_at.desc(), conversations.c.id)
    return [_summary(row) for row in connection.execute(query)]


def _theirs(owner: str) -> Select[tuple[object, ...]]:
    return select(conversations).where(conversations.c.owner == owner, conversations.c.deleted_at.is_(None))


def _newest(connection: Connection, query: Select[tuple[object, ...]], before: Place | None) -> list[Summary]:
    order = tuple_(conversations.c.updated_at, conversations.c.id)
    if before is not None:
        query = query.where(order < before)
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(PAGE + 1)
    return [_summary(row) for row in connection.execute(query)]


def summary(connection: Connection, conversation_id: str, owner: str) -> Summary:
    """Raises NotFound, also for another owner's."""
    row = connection.execute(_theirs(owner).where(conversations.c.id == conversation_id)).first()
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


def change(tx: Connection, conversation_id: str, owner: str, wanted: Change, now_us: int) -> Summary:
    """Raises NotFound, or Conflict where too many are pinned."""
    summary(tx, conversation_id, owner)
    values: dict[str, object] = {}
    if wanted.title is not None:
        values["title"] = wanted.title
        indexing.enter_title(tx, conversation_id, wanted.title)
    if wanted.head_id is not None:
        _check_message(tx, conversation_id, wanted.head_id)
        values["head_id"] = wanted.head_id
    if wanted.pinned is not None:
        values["pinned_at"] = _pin(tx, conversation_id, owner, now_us) if wanted.pinned else None
    if wanted.folder_id is not msgspec.UNSET:
        if wanted.folder_id is not None:
            folders.check(tx, wanted.folder_id, owner, param="folder_id")
        values["folder_id"] = wanted.folder_id
    if values:
        tx.execute(update(conversations).where(conversations.c.id == conversation_id).values(values))
    return summary(tx, conversation_id, owner)


def _check_message(connection: Connection, conversation_id: str, message_id: str) -> None:
    query = select(messages.c.id).where(
        messages.c.id == message_id, messages.c.conversation_id == conversation_id
    )
    if connection.execute(query).first() is None:
        raise NotFound("There is no such message in this conversation.", param="head_id")


def _pin(tx: Connection, conversation_id: str, owner: str, now_us: int) -> int:
    others = select(func.count()).select_from(conversations)
    others = others.where(
        conversations.c.owner == owner,
        conversations.c.pinned_at.is_not(None),
        conversations.c.deleted_at.is_(None),
        conversations.c.id != conversation_id,
    )
    if (tx.scalar(others) or 0) >= MOST_PINNED:
        raise Conflict(f"You have pinned {MOST_PINNED}, which is all that one person may. Unpin one first.")
    return now_us


# -- deleting ------------------------------------------------------------------------------------


def remove(tx: Connection, conversation_id: str, owner: str, now_us: int) -> list[str]:
    """Hide a conversation from everybody; the turns that wrote its answers. Raises NotFound."""
    summary(tx, conversation_id, owner)
    tx.execute(update(conversations).where(conversations.c.id == conversation_id).values(deleted_at=now_us))
    query = select(messages.c.turn_id).where(
        messages.c.conversation_id == conversation_id, messages.c.turn_id.is_not(None)
    )
    return [turn_id for turn_id in tx.scalars(query) if turn_id is not None]


def restore(tx: Connection, conversation_id: str, owner: str, now_us: int) -> Summary:
    """Bring back what was deleted UNDO_S ago at most. Raises NotFound."""
    deleted = (
        update(conversations)
        .where(
            conversations.c.id == conversation_id,
            conversations.c.owner == owner,
            conversations.c.deleted_at > now_us - UNDO_US,
        )
        .values(deleted_at=None)
    )
    if not tx.execute(deleted).rowcount:
        raise NotFound("There is nothing to bring back under this id, or the time for it is over.")
    return summary(tx, conversation_id, owner)


def hides(connection: Connection, turn_id: str) -> bool:
    """What that turn said is in a conversation that was deleted."""
    found = (
        select(conversations.c.deleted_at)
        .select_from(entries)
        .join(messages, messages.c.id == entries.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(entries.c.turn_id == turn_id)
    )
    return connection.scalar(found) is not None


def deleted_before(before_us: int) -> Select[tuple[str]]:
    """Ids of those that were deleted before then, and nobody brings back."""
    return select(conversations.c.id).where(conversations.c.deleted_at <= before_us)


def forget(tx: Connection, ids: list[str]) -> None:
    """With their messages, whoever's they are."""
    tx.execute(delete(conversations).where(conversations.c.id.in_(ids)))


def _summary(row: Row[tuple[object, ...]]) -> Summary:
    return Summary(
        id=row.id,
        title=row.title,
        head_id=row.head_id,
        updated_at=row.updated_at,
        pinned=row.pinned_at is not None,
        folder_id=row.folder_id,
    )


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
