"""Every table. Times are integers: microseconds since 1970, UTC."""

from __future__ import annotations

from thinkwell.store.tables.asked import (
    conversations,
    folders,
    idempotency,
    messages,
    responses,
    search_leftovers,
    search_scopes,
    search_texts,
    turn_log,
)
from thinkwell.store.tables.counted import deletions, entries, hours, ledger_holders, ledger_lines
from thinkwell.store.tables.metadata import metadata
from thinkwell.store.tables.people import (
    accounts,
    blocks,
    identities,
    keys,
    links,
    passkeys,
    push_subscriptions,
    sessions,
    training_consents,
)

__all__ = [
    "accounts",
    "blocks",
    "conversations",
    "deletions",
    "entries",
    "folders",
    "hours",
    "idempotency",
    "identities",
    "keys",
    "ledger_holders",
    "ledger_lines",
    "links",
    "messages",
    "metadata",
    "passkeys",
    "push_subscriptions",
    "responses",
    "search_leftovers",
    "search_scopes",
    "search_texts",
    "sessions",
    "training_consents",
    "turn_log",
]
