"""What is asked and answered: conversations and their index, logs of turns, stored responses."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from thinkwell.store.tables.metadata import metadata

# Of one level; a conversation is in one at most.
folders = Table(
    "folders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("folders_by_owner", "owner", "created_at"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("head_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("folder_id", Text),
    Column("pinned_at", BigInteger),
    Column("deleted_at", BigInteger),  # hidden since then; soon really gone, unless it is brought back
    Index("conversations_by_owner", "owner", "updated_at", "id"),
    Index(
        "conversations_by_folder",
        "folder_id",
        "updated_at",
        "id",
        sqlite_where=text("folder_id IS NOT NULL"),
    ),
    Index("conversations_pinned", "owner", "pinned_at", sqlite_where=text("pinned_at IS NOT NULL")),
    Index("conversations_deleted", "deleted_at", sqlite_where=text("deleted_at IS NOT NULL")),
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
    Column("files", Text),  # JSON of values/file.py: what came with a question; NULL for nothing
    Index("messages_by_conversation", "conversation_id", "created_at"),
    Index("messages_by_parent", "parent_id"),
)

# What search finds (conversations/sqlite_search.py): words of messages and titles, folded, between single
# spaces. Triggers keep the virtual table search_index along with it, and scopes of none who has nothing.
search_texts = Table(
    "search_texts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),  # rises with time: newest last
    Column("scope", Integer, nullable=False),
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", Text, ForeignKey("messages.id", ondelete="CASCADE")),  # NULL: the title
    Column("said", Text, nullable=False),
    Column("thought", Text, nullable=False),
    Index("search_texts_by_conversation", "conversation_id"),
    Index("search_texts_by_message", "message_id", unique=True),
    sqlite_autoincrement=True,
)

# Under which numbers an owner's words are in the index. A visitor's become a member's with all the rest.
search_scopes = Table(
    "search_scopes",
    metadata,
    Column("scope", Integer, primary_key=True, autoincrement=True),
    Column("owner", Text, nullable=False),
    Index("search_scopes_by_owner", "owner"),
    sqlite_autoincrement=True,
)

# One row: how many texts were taken out of the index whose words its files may still hold.
search_leftovers = Table(
    "search_leftovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
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

# What a client asked under an Idempotency-Key: the same key gets the same turn again for a day.
idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # a hash of it
    Column("body_hash", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("idempotency_by_age", "created_at"),
)
