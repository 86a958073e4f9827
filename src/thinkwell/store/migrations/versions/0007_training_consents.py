"""Who said that their conversations may be used to train the site's models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "training_consents",
        sa.Column("owner", sa.Text, primary_key=True, nullable=False),
        sa.Column("said_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("training_consents")
