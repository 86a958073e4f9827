"""The thoughts of stored answers, apart from the rest: one may be longer than all that was said.

Knows where they are kept, and whose they are. A conversation is read without them; one is read when it is
wanted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.tree import StoredMessage
from thinkwell.errors import NotFound
from thinkwell.store.tables import messages

_WITHOUT = [column for column in messages.c if column.name != "reasoning"]
# Looks at no page of the thought itself.
_HAS_ONE = and_(messages.c.reasoning.is_not(None), messages.c.reasoning != "").label("has_thought")


def without(connection: Connection, conversation_id: str) -> list[tuple[StoredMessage, bool]]:
    """Every message, oldest first, and whether it has a thought, which is left out of it.

    The caller has checked the owner with ``shelf.summary``.
    """
    query: Select[Any] = (
        select(*_WITHOUT, _HAS_ONE)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.created_at, messages.c.id)
    )
    return [(shelf.message_of(row), bool(row.has_thought)) for row in connection.execute(query)]


def of(connection: Connection, conversation_id: str, message_id: str, owner: str) -> str:
    """Raises NotFound, also for another owner's and for a message without a thought."""
    shelf.summary(connection, conversation_id, owner)
    query = select(messages.c.reasoning).where(
        messages.c.conversation_id == conversation_id, messages.c.id == message_id
    )
    found: str | None = connection.execute(query).scalar()
    if not found:
        raise NotFound("There is no such message in this conversation, or it has no thought.")
    return found
