"""Every table, in one place. Times are integers: microseconds since 1970, UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

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
    # What the pages of the operator and of a person add up. Money in millionths, energy in microjoules.
    Column("tier", Text, nullable=False, server_default="visitor"),
    Column("key_id", Text),
    Column("code", Text),  # of the error, where it failed
    Column("price", BigInteger, nullable=False, server_default="0"),
    Column("due", BigInteger, nullable=False, server_default="0"),  # the price less what was free
    Column("cost", BigInteger),  # the operator's; NULL where it is not known
    Column("energy", BigInteger),  # NULL where nothing is known of it
    Column("waited_ms", Integer, nullable=False, server_default="0"),
    Column("first_token_ms", Integer),
    Column("seconds_ms", Integer, nullable=False, server_default="0"),
    Index("entries_open", "closed_at"),
    Index("entries_by_owner", "owner", "opened_at"),
    Index("entries_by_person", "person", "closed_at"),
    Index("entries_by_key", "key_id"),
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

# -- people --------------------------------------------------------------------------------------

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

# -- money ---------------------------------------------------------------------------------------

# The ledger: lines are added and never changed. Those of one transaction add up to 0 in every column.
ledger_lines = Table(
    "ledger_lines",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("transaction_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # turn or refund
    Column("account", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("money", BigInteger, nullable=False),  # millionths of the site's currency
    Column("uncached_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("answer_tokens", BigInteger, nullable=False),
    Column("why", Text),  # of a refund, in the operator's words
    Index("ledger_by_transaction", "transaction_id", "account", unique=True),
    Index("ledger_by_account", "account", "at"),
    sqlite_autoincrement=True,
)

# Whose a ledger's account is. Erasing a person erases this, so that the lines stay without a name.
ledger_holders = Table(
    "ledger_holders",
    metadata,
    Column("account", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Index("ledger_holders_by_owner", "owner"),
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

# -- what the site tells of itself ---------------------------------------------------------------

# Hours that are over, added up once: for the public page and the operator's. No person in it.
hours = Table(
    "hours",
    metadata,
    Column("hour", BigInteger, primary_key=True),  # microseconds at which it began
    Column("model", Text, primary_key=True),
    Column("tier", Text, primary_key=True),
    Column("turns", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("stopped", Integer, nullable=False),
    Column("uncached_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("answer_tokens", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("energy", BigInteger, nullable=False),
    Column("waits", LargeBinary, nullable=False),  # histograms, as stated in ledger/hours.py
    Column("first_tokens", LargeBinary, nullable=False),
)

# Proof of what retention and erasure deleted: how much, by which rule, and a digest over the ids.
deletions = Table(
    "deletions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("kind", Text, nullable=False),  # conversations, messages, keys, …
    Column("before", BigInteger),  # what was older than this; NULL for an erasure
    Column("count", Integer, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 over the sorted ids
    Column("left", Integer, nullable=False),  # what the same rule still found afterwards: 0
    Index("deletions_by_time", "at"),
    sqlite_autoincrement=True,
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
