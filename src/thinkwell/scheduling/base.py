"""Line: an order over waiting turns. Knows tickets and persons; no engine, no clock, no asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the waiting line. ``person`` is the unit of fairness."""

    id: str
    person: str
    tier: str = "visitor"


class Line(Protocol):
    """Every ticket that joined leaves exactly once: taken by ``next`` or withdrawn by ``leave``."""

    def join(self, ticket: Ticket) -> None:
        """Raises ValueError for a ticket that waits already."""

    def leave(self, ticket_id: str) -> bool:
        """Withdraw a waiting ticket; False if it does not wait (any more)."""

    def next(self) -> Ticket | None:
        """Take the ticket whose turn it is, or None when nobody waits."""

    def in_order(self) -> Iterator[Ticket]:
        """Waiting tickets in the order that ``next`` would take them if nobody else came."""

    def __len__(self) -> int: ...
