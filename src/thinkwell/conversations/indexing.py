"""Puts what is written into conversations where search finds it, in the transaction that writes it.

Taking out needs no code: a text goes with its message or conversation, and its words with it, by the
database's own rules. Knows no index: that follows the table by triggers.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from thinkwell.conversations.searchwords import folded

OF_MESSAGE = """
SELECT conversations.id, conversations.owner,
       (SELECT min(scope) FROM search_scopes WHERE search_scopes.owner = conversations.owner)
FROM messages JOIN conversations ON conversations.id = messages.conversation_id WHERE messages.id = ?
"""
OF_CONVERSATION = """
SELECT id, owner, (SELECT min(scope) FROM search_scopes WHERE search_scopes.owner = conversations.owner)
FROM conversations WHERE id = ?
"""
ENTER = "INSERT INTO search_texts (scope, conversation_id, message_id, said, thought) VALUES (?, ?, ?, ?, ?)"


def enter_message(tx: Connection, message_id: str, content: str, reasoning: str | None) -> None:
    """What a stored message says, in the place of what it said before. Nothing of one that is gone."""
    tx.exec_driver_sql("DELETE FROM search_texts WHERE message_id = ?", (message_id,))
    said, thought = folded(content), folded(reasoning or "")
    if said or thought:
        _enter(tx, tx.exec_driver_sql(OF_MESSAGE, (message_id,)).first(), message_id, said, thought)


def enter_title(tx: Connection, conversation_id: str, title: str) -> None:
    """A title that somebody gave. One that is the beginning of a question is found by the question."""
    gone = "DELETE FROM search_texts WHERE conversation_id = ? AND message_id IS NULL"
    tx.exec_driver_sql(gone, (conversation_id,))
    if said := folded(title):
        _enter(tx, tx.exec_driver_sql(OF_CONVERSATION, (conversation_id,)).first(), None, said, "")


def _enter(tx: Connection, whose: Any, message_id: str | None, said: str, thought: str) -> None:
    if whose is None:
        return
    conversation_id, owner, scope = whose
    if scope is None:
        scope = tx.exec_driver_sql("INSERT INTO search_scopes (owner) VALUES (?)", (owner,)).lastrowid
    tx.exec_driver_sql(ENTER, (scope, conversation_id, message_id, said, thought))
