"""Who asks: accounts and what belongs to them, keys, who is kept out."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text

from thinkwell.store.tables.metadata import metadata

# Members, those whom the operator's sign-in proxy names among them once there is something to keep of them.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),  # the caller's id: member:… or named:…
    Column("name", Text),  # as it was typed, to sign in with
    Column("name_key", Text, unique=True),  # the same for all spellings that look alike
    Column("role", Text, nullable=False, server_default="member"),  # or operator
    Column("tier", Text, nullable=False, server_default="member"),
    Column("password", Text),  # an argon2 hash
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("blocked_at", BigInteger),
    Column("blocked_why", Text),
    # The person's own cap, lower than the tier's quota.
    Column("cap_tokens", BigInteger),
    Column("cap_money", BigInteger),
    Index("accounts_by_role", "role"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Text, primary_key=True),  # the credential's, base64url
    Column("owner", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("passkeys_by_owner", "owner"),
)

# Who a member is at the organisation's identity provider.
identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("owner", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("identities_by_owner", "owner"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),  # shown in the list of sessions; no secret
    Column("token_hash", Text, nullable=False, unique=True),
    Column("owner", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("agent", Text, nullable=False),  # about which browser it is
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("sessions_by_owner", "owner", "seen_at"),
    Index("sessions_by_expiry", "expires_at"),
)

# Links that work once: the first operator's, an invitation, a new password.
links = Table(
    "links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text),  # whose password; NULL for the others
    Column("tier", Text),  # of who is invited
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("links_by_expiry", "expires_at"),
)

# Keys of API clients. ``doors`` and ``models`` are JSON lists, NULL for all.
keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("hint", Text, nullable=False),  # its last characters, to know it again
    Column("doors", Text),
    Column("models", Text),
    Column("budget_money", BigInteger),  # millionths, for all its life; NULL: none
    Column("budget_tokens", BigInteger),  # weighted tokens, likewise
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("keys_by_owner", "owner", "created_at"),
)

# Whom an operator keeps out, other than members: a visitor, or a network (a keyed hash that lasts a day).
blocks = Table(
    "blocks",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("until", BigInteger),
)

# Where people are told by Web Push that an answer is ready: one line a browser.
push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of the endpoint
    Column("owner", Text, nullable=False),
    Column("endpoint", Text, nullable=False),  # a secret: whoever has it can make it ring
    Column("seen_at", BigInteger, nullable=False),  # when the browser last said that it still holds
    Index("push_subscriptions_by_owner", "owner", "seen_at"),
    Index("push_subscriptions_by_age", "seen_at"),
)

# Who said that their conversations may be used to train the site's models. No row: they may not.
training_consents = Table(
    "training_consents",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("said_at", BigInteger, nullable=False),
)
