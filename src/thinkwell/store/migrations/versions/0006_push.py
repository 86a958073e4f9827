"""Where people are told by Web Push that an answer is ready."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("push_subscriptions_by_owner", "push_subscriptions", ["owner", "seen_at"])
    op.create_index("push_subscriptions_by_age", "push_subscriptions", ["seen_at"])


def downgrade() -> None:
    op.drop_table("push_subscriptions")
