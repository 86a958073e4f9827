"""Which version of a conversation it is, without reading its text: for who asks often whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import msgspec
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.store.tables import messages


def version(connection: Connection, conversation_id: str, owner: str, written: Collection[str]) -> str:
    """Another one after whatever can be seen of it changed: title, branch, a new message, an answer's end.

    ``written`` are the messages of this owner that are being written now: how an answer ends is told by its
    being no longer among them. Messages are counted in their index. Raises NotFound.
    """
    found = shelf.summary(connection, conversation_id, owner)
    query = select(func.count(), func.max(messages.c.created_at))
    count, newest = connection.execute(query.where(messages.c.conversation_id == conversation_id)).one()
    running: list[str] = []
    if written:
        here = select(messages.c.id).where(
            messages.c.id.in_(written), messages.c.conversation_id == conversation_id
        )
        running = sorted(connection.execute(here).scalars())
    told = (found.title, found.head_id, found.updated_at, count, newest, running)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:24]
