"""Every table, in one place. Times are integers: microseconds since 1970, UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("head_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("conversations_by_owner", "owner", "updated_at", "id"),
)

# A conversation is a tree: an edit or a regenerate is another child of the same parent.
messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", Text),  # no foreign key: a cascade down a long conversation would nest too deep
    Column("role", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("reasoning", Text),
    Column("status", Text, nullable=False),
    Column("turn_id", Text),
    Column("ending", LargeBinary),  # the turn's last event: receipt, reason, error
    Column("left_out", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Index("messages_by_conversation", "conversation_id", "created_at"),
    Index("messages_by_parent", "parent_id"),
)

# One line per turn, opened before the first token and closed exactly once. No text in it.
entries = Table(
    "entries",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("message_id", Text),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("ending", Text),
    Column("prompt_tokens", Integer, nullable=False, server_default="0"),
    Column("cached_tokens", Integer, nullable=False, server_default="0"),
    Column("reasoning_tokens", Integer, nullable=False, server_default="0"),
    Column("answer_tokens", Integer, nullable=False, server_default="0"),
    Column("receipt", LargeBinary),
    Index("entries_open", "closed_at"),
    Index("entries_by_owner", "owner", "opened_at"),
)

# What happened in a turn, in batches as it streamed: written before any reader sees it. ``events`` is
# NULL where the text may not be kept; the counts are totals up to ``last_seq``.
turn_log = Table(
    "turn_log",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("last_seq", Integer, primary_key=True),
    Column("events", LargeBinary),
    Column("prompt_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("reasoning_tokens", Integer, nullable=False),
    Column("answer_tokens", Integer, nullable=False),
    Column("written_at", BigInteger, nullable=False),
    Index("turn_log_by_age", "written_at"),
)

# Responses of the OpenAI Responses API that their callers may go on from. ``body`` is JSON of the door's
# own; ``previous_id`` has no foreign key: what is deleted breaks the chain, and does not take it along.
responses = Table(
    "responses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("previous_id", Text),
    Column("body", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Index("responses_by_owner", "owner", "used_at", "id", "size"),
    Index("responses_by_use", "used_at"),
)
