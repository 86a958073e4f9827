"""Files that came with a question: JSON, kept with the message and deleted with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("messages", sa.Column("files", sa.Text))


def downgrade() -> None:
    op.drop_column("messages", "files")
