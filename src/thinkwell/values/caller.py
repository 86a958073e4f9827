"""Who asks. Knows nothing about how a caller was recognised (see people/)."""

from __future__ import annotations

from typing import Literal

import msgspec

CallerKind = Literal["visitor", "member", "key", "partner"]


class KeyScope(msgspec.Struct, frozen=True, kw_only=True):
    """What the key that a caller came with may do. ``doors`` and ``models`` None: all. ``budget_money``
    (millionths of the site's currency) and ``budget_tokens`` (weighted tokens) bound all that is ever asked
    with it; None: no bound."""

    id: str
    doors: frozenset[str] | None = None
    models: frozenset[str] | None = None
    budget_money: int | None = None
    budget_tokens: int | None = None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One who asks.

    ``id`` owns conversations, turns, keys (``visitor:…``, ``member:…``, ``named:…``, ``network:…``); with a
    key it is the id of the key's owner. ``person`` is the unit of fairness: all of one person's tabs and
    keys share it. ``tier`` names the class of limits and weight. Persons of one ``group`` (a network, for
    those without an account) share one person's part of the machine; None is a person who shares with
    nobody. ``networks`` are keyed hashes of the networks that the address belongs to, narrow to wide.
    """

    kind: CallerKind
    id: str
    person: str
    tier: str = "visitor"
    group: str | None = None
    operator: bool = False
    key: KeyScope | None = None
    networks: tuple[str, ...] = ()
