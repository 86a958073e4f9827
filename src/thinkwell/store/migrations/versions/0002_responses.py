"""Stored responses: what a caller of the Responses API may go on from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "responses",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("previous_id", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
    )
    op.create_index("responses_by_owner", "responses", ["owner", "used_at", "id", "size"])
    op.create_index("responses_by_use", "responses", ["used_at"])


def downgrade() -> None:
    op.drop_table("responses")
