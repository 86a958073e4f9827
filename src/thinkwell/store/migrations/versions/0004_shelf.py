"""The shelf: folders, pins, what was deleted and may still be brought back; the index of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "folders",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("folders_by_owner", "folders", ["owner", "created_at"])
    op.add_column("conversations", sa.Column("folder_id", sa.Text))
    op.add_column("conversations", sa.Column("pinned_at", sa.BigInteger))
    op.add_column("conversations", sa.Column("deleted_at", sa.BigInteger))
    for name, columns, what in (
        ("conversations_by_folder", ["folder_id", "updated_at", "id"], "folder_id"),
        ("conversations_pinned", ["owner", "pinned_at"], "pinned_at"),
        ("conversations_deleted", ["deleted_at"], "deleted_at"),
    ):
        op.create_index(name, "conversations", columns, sqlite_where=sa.text(f"{what} IS NOT NULL"))
    _search()


def _search() -> None:
    op.create_table(
        "search_scopes",
        sa.Column("scope", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("search_scopes_by_owner", "search_scopes", ["owner"])
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("scope", sa.Integer, nullable=False),
        sa.Column(
            "conversation_id", sa.Text, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("message_id", sa.Text, sa.ForeignKey("messages.id", ondelete="CASCADE")),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("thought", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("search_texts_by_conversation", "search_texts", ["conversation_id"])
    op.create_index("search_texts_by_message", "search_texts", ["message_id"], unique=True)
    op.create_table(
        "search_leftovers",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO search_leftovers VALUES (1, 0)")
    # Without a copy of the text: search_texts has it. What is put in is words and spaces alone.
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5 (said, thought, content = '', tokenize = 'ascii')"
    )
    new, old = (f"{_scoped(row, 'said')}, {_scoped(row, 'thought')}" for row in ("NEW", "OLD"))
    index = "INSERT INTO search_index"
    op.execute(
        f"CREATE TRIGGER search_entered AFTER INSERT ON search_texts BEGIN {index} "  # noqa: S608
        f"(rowid, said, thought) VALUES (NEW.id, {new}); END"
    )
    op.execute(
        f"CREATE TRIGGER search_removed AFTER DELETE ON search_texts BEGIN {index} "  # noqa: S608
        f"(search_index, rowid, said, thought) VALUES ('delete', OLD.id, {old}); "
        "UPDATE search_leftovers SET count = count + 1; END"
    )
    # Whoever has nothing here any more is not named by the index either.
    op.execute(
        "CREATE TRIGGER search_left AFTER DELETE ON conversations BEGIN "
        "DELETE FROM search_scopes WHERE owner = OLD.owner "
        "AND NOT EXISTS (SELECT 1 FROM conversations WHERE owner = OLD.owner); END"
    )


def _scoped(row: str, column: str) -> str:
    """Every word with the number of its scope before it: 12xapple. So each owner has words of their own."""
    text, mark = f"{row}.{column}", f"{row}.scope || 'x'"
    return f"CASE {text} WHEN '' THEN '' ELSE {mark} || replace({text}, ' ', ' ' || {mark}) END"


def downgrade() -> None:
    for trigger in ("search_left", "search_removed", "search_entered"):
        op.execute(f"DROP TRIGGER {trigger}")
    for table in ("search_index", "search_leftovers", "search_texts", "search_scopes"):
        op.execute(f"DROP TABLE {table}")
    for index in ("conversations_by_folder", "conversations_pinned", "conversations_deleted"):
        op.drop_index(index, "conversations")
    for column in ("folder_id", "pinned_at", "deleted_at"):
        op.drop_column("conversations", column)
    op.drop_table("folders")
