"""A conversation in parts, however long it is: for who writes it out. The caller has checked the owner."""

from __future__ import annotations

from sqlalchemy import literal, select, tuple_
from sqlalchemy.engine import Connection

from thinkwell.conversations.markdown import Node
from thinkwell.conversations.shelf import message_of
from thinkwell.conversations.tree import StoredMessage
from thinkwell.store.tables import messages

# Messages at once: with their thoughts they may have a megabyte each.
PAGE = 16

Place = tuple[int, str]


def outline(connection: Connection, conversation_id: str) -> list[Node]:
    """All messages without their text, oldest first."""
    query = (
        select(messages.c.id, messages.c.parent_id)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.created_at, messages.c.id)
    )
    return [Node(*row) for row in connection.execute(query)]


def page(connection: Connection, conversation_id: str, after: Place | None) -> list[StoredMessage]:
    """Up to PAGE, oldest first, behind the place (created_at, id) of one."""
    query = select(messages).where(messages.c.conversation_id == conversation_id)
    if after is not None:
        place = tuple_(*map(literal, after))
        query = query.where(tuple_(messages.c.created_at, messages.c.id) > place)
    query = query.order_by(messages.c.created_at, messages.c.id).limit(PAGE)
    return [message_of(row) for row in connection.execute(query)]


def some(connection: Connection, conversation_id: str, ids: list[str]) -> list[StoredMessage]:
    """Those of the conversation, in the order of their ids as they are given; what is gone is left out."""
    query = select(messages).where(messages.c.conversation_id == conversation_id, messages.c.id.in_(ids))
    found = {row.id: message_of(row) for row in connection.execute(query)}
    return [found[one] for one in ids if one in found]
