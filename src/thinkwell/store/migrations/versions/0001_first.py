"""The first shape: conversations as trees, ledger entries, the log of turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("head_id", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index("conversations_by_owner", "conversations", ["owner", "updated_at", "id"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "conversation_id", sa.Text, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("parent_id", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("reasoning", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text),
        sa.Column("ending", sa.LargeBinary),
        sa.Column("left_out", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("messages_by_conversation", "messages", ["conversation_id", "created_at"])
    op.create_index("messages_by_parent", "messages", ["parent_id"])
    op.create_table(
        "entries",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("ending", sa.Text),
        sa.Column("prompt_tokens", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cached_tokens", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reasoning_tokens", sa.Integer, nullable=False, server_default="0"),
        sa.Column("answer_tokens", sa.Integer, nullable=False, server_default="0"),
        sa.Column("receipt", sa.LargeBinary),
    )
    op.create_index("entries_open", "entries", ["closed_at"])
    op.create_index("entries_by_owner", "entries", ["owner", "opened_at"])
    op.create_table(
        "turn_log",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("last_seq", sa.Integer, primary_key=True),
        sa.Column("events", sa.LargeBinary),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("cached_tokens", sa.Integer, nullable=False),
        sa.Column("reasoning_tokens", sa.Integer, nullable=False),
        sa.Column("answer_tokens", sa.Integer, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )
    op.create_index("turn_log_by_age", "turn_log", ["written_at"])


def downgrade() -> None:
    for table in ("turn_log", "entries", "messages", "conversations"):
        op.drop_table(table)
