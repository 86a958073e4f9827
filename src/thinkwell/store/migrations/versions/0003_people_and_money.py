"""People, keys, the ledger of double entry, and what the site tells of itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LEDGER_ONLY_GROWS = "the ledger only grows"


def upgrade() -> None:
    _entries()
    _people()
    _money()
    _told()


def _entries() -> None:
    op.add_column("entries", sa.Column("tier", sa.Text, nullable=False, server_default="visitor"))
    op.add_column("entries", sa.Column("key_id", sa.Text))
    op.add_column("entries", sa.Column("code", sa.Text))
    op.add_column("entries", sa.Column("price", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("due", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("cost", sa.BigInteger))
    op.add_column("entries", sa.Column("energy", sa.BigInteger))
    op.add_column("entries", sa.Column("waited_ms", sa.Integer, nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("first_token_ms", sa.Integer))
    op.add_column("entries", sa.Column("seconds_ms", sa.Integer, nullable=False, server_default="0"))
    op.create_index("entries_by_person", "entries", ["person", "closed_at"])
    op.create_index("entries_by_key", "entries", ["key_id"])


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("name_key", sa.Text, unique=True),
        sa.Column("role", sa.Text, nullable=False, server_default="member"),
        sa.Column("tier", sa.Text, nullable=False, server_default="member"),
        sa.Column("password", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("blocked_at", sa.BigInteger),
        sa.Column("blocked_why", sa.Text),
        sa.Column("cap_tokens", sa.BigInteger),
        sa.Column("cap_money", sa.BigInteger),
    )
    op.create_index("accounts_by_role", "accounts", ["role"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("passkeys_by_owner", "passkeys", ["owner"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, primary_key=True, nullable=False),
        sa.Column("subject", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("identities_by_owner", "identities", ["owner"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("owner", sa.Text, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_by_expiry", "sessions", ["expires_at"])
    op.create_index("sessions_by_owner", "sessions", ["owner", "seen_at"])
    op.create_table(
        "links",
        sa.Column("token_hash", sa.Text, primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("tier", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("links_by_expiry", "links", ["expires_at"])
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("doors", sa.Text),
        sa.Column("models", sa.Text),
        sa.Column("budget_money", sa.BigInteger),
        sa.Column("budget_tokens", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("keys_by_owner", "keys", ["owner", "created_at"])
    op.create_table(
        "blocks",
        sa.Column("subject", sa.Text, primary_key=True, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
    )


def _money() -> None:
    op.create_table(
        "ledger_lines",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("transaction_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("money", sa.BigInteger, nullable=False),
        sa.Column("uncached_tokens", sa.BigInteger, nullable=False),
        sa.Column("cached_tokens", sa.BigInteger, nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger, nullable=False),
        sa.Column("answer_tokens", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ledger_by_account", "ledger_lines", ["account", "at"])
    op.create_index("ledger_by_transaction", "ledger_lines", ["transaction_id", "account"], unique=True)
    op.create_table(
        "ledger_holders",
        sa.Column("account", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
    )
    op.create_index("ledger_holders_by_owner", "ledger_holders", ["owner"])
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.Text, primary_key=True, nullable=False),
        sa.Column("key", sa.Text, primary_key=True, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("idempotency_by_age", "idempotency", ["created_at"])
    for what, when in (("UPDATE", f"WHEN NOT ({_only_nameless()}) "), ("DELETE", "")):
        op.execute(
            f"CREATE TRIGGER ledger_no_{what.lower()} BEFORE {what} ON ledger_lines {when}"
            f"BEGIN SELECT RAISE(ABORT, '{LEDGER_ONLY_GROWS}'); END"
        )


def _only_nameless() -> str:
    """The one change that is allowed: an erased person's account is called by a name that leads nowhere."""
    stays = "id transaction_id kind at money uncached_tokens cached_tokens reasoning_tokens answer_tokens why"
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in stays.split())
    return f"OLD.account GLOB 'person:*' AND NEW.account GLOB 'erased:*' AND {same}"


def _told() -> None:
    op.create_table(
        "hours",
        sa.Column("hour", sa.BigInteger, primary_key=True, nullable=False),
        sa.Column("model", sa.Text, primary_key=True, nullable=False),
        sa.Column("tier", sa.Text, primary_key=True, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("stopped", sa.Integer, nullable=False),
        sa.Column("uncached_tokens", sa.BigInteger, nullable=False),
        sa.Column("cached_tokens", sa.BigInteger, nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger, nullable=False),
        sa.Column("answer_tokens", sa.BigInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("energy", sa.BigInteger, nullable=False),
        sa.Column("waits", sa.LargeBinary, nullable=False),
        sa.Column("first_tokens", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "deletions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("before", sa.BigInteger),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("deletions_by_time", "deletions", ["at"])


def downgrade() -> None:
    op.drop_table("deletions")
    op.drop_table("hours")
    op.drop_table("idempotency")
    op.drop_table("ledger_holders")
    op.drop_table("ledger_lines")
    op.drop_table("blocks")
    op.drop_table("keys")
    op.drop_table("links")
    op.drop_table("sessions")
    op.drop_table("identities")
    op.drop_table("passkeys")
    op.drop_table("accounts")
    for index in ("entries_by_person", "entries_by_key"):
        op.drop_index(index, "entries")
    for column in [
        "tier",
        "key_id",
        "code",
        "price",
        "due",
        "cost",
        "energy",
        "waited_ms",
        "first_token_ms",
        "seconds_ms",
    ]:
        op.drop_column("entries", column)
