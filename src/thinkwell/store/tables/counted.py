"""What it cost, and what the site tells of itself. No text that anybody wrote."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from thinkwell.store.tables.metadata import metadata

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
