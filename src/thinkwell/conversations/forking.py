"""A fork: a conversation of its own that begins with a copy of another's, up to one message.

Copies are new messages: what happens to the one conversation does not touch the other. They have the
receipts of the answers that they are copies of, which are booked once, and no turn: that is the first one's.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.conversations import indexing, shelf
from thinkwell.conversations.tree import Summary, path_to
from thinkwell.errors import Conflict
from thinkwell.store.tables import conversations, messages


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``conversation_id`` up to ``message_id``. ``title`` None: the same."""

    conversation_id: str
    message_id: str
    title: str | None = None


def fork(tx: Connection, owner: str, wanted: Fork, new_id: Callable[[str], str], now_us: int) -> Summary:
    """Raises NotFound, or Conflict for an answer that is still being written."""
    conversation_id, message_id = wanted.conversation_id, wanted.message_id
    found = shelf.summary(tx, conversation_id, owner)
    path = path_to(shelf.tree(tx, conversation_id), message_id, param="message_id")
    if path[-1].status == "streaming":
        raise Conflict("That answer is still being written. Stop it, or wait until it is complete.")
    fork_id = new_id("conv")
    shelf.create(tx, fork_id, owner, wanted.title or found.title, now_us)
    ids = {message.id: new_id("msg") for message in path}
    query = select(messages).where(messages.c.conversation_id == conversation_id, messages.c.id.in_(ids))
    rows = {row["id"]: dict(row) for row in tx.execute(query).mappings()}
    copies = [
        rows[message.id]
        | {
            "id": ids[message.id],
            "conversation_id": fork_id,
            "parent_id": ids.get(message.parent_id or ""),
            "turn_id": None,
            "created_at": now_us + place,
        }
        for place, message in enumerate(path)
    ]
    tx.execute(insert(messages), copies)
    for message in path:
        indexing.enter_message(tx, ids[message.id], message.content, message.reasoning)
    head = ids[message_id]
    tx.execute(update(conversations).where(conversations.c.id == fork_id).values(head_id=head))
    return shelf.summary(tx, fork_id, owner)
