"""Who asks. Knows nothing about how a caller was recognised (see people/)."""

from __future__ import annotations

from typing import Literal

import msgspec

CallerKind = Literal["visitor", "member", "key", "partner"]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One who asks.

    ``id`` owns conversations and turns (``visitor:…``). ``person`` is the unit of fairness: all of one
    person's tabs and keys share it. ``tier`` names the class of limits and weight. Persons of one
    ``group`` (a network, for those without an account) share one person's part of the machine; None is
    a person who shares with nobody.
    """

    kind: CallerKind
    id: str
    person: str
    tier: str = "visitor"
    group: str | None = None
