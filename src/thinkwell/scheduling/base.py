"""Line: an order over waiting turns. Knows tickets and persons; no engine, no asyncio; clocks are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

# Weighted tokens (DESIGN.md, "service"): an uncached token of prompt, and a generated one.
PROMPT_WEIGHT = 1.0
OUTPUT_WEIGHT = 2.0


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the waiting line.

    ``person`` is the unit of fairness; persons of one ``group`` share one part (None: with nobody).
    ``prompt_tokens`` is what the prompt is thought to hold, ``max_tokens`` the most that may be
    generated. ``reserve_tokens`` is the room the turn needs in a replica's memory (None: prompt and
    what it is thought to generate). ``blocks`` are hashes of the prompt's prefixes, for the choice of a
    replica.
    """

    id: str
    person: str
    tier: str = "visitor"
    group: str | None = None
    prompt_tokens: int = 1
    max_tokens: int | None = None
    reserve_tokens: int | None = None
    blocks: tuple[int, ...] = ()


Fits = Callable[[Ticket], bool]
# What a ticket is thought to use in all, in weighted tokens.
Cost = Callable[[Ticket], float]


def anything_fits(ticket: Ticket) -> bool:
    """Room for whoever is next."""
    return True


class Line(Protocol):
    """Every ticket that joined leaves exactly once: taken by ``next`` or withdrawn by ``leave``.

    A ticket that was taken runs until ``ended``. ``next`` counts its thought cost; ``charge`` puts that
    right (a refund is negative), and ``deliver`` tells what it has really used. All in weighted tokens.
    """

    def join(self, ticket: Ticket, now: float, *, front: bool = False) -> None:
        """``front``: before the person's own other tickets, since it ran before and came back.

        Raises ValueError for a ticket that waits or runs already.
        """

    def leave(self, ticket_id: str) -> bool:
        """Withdraw a waiting ticket; False if it does not wait (any more)."""

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        """Take the ticket whose turn it is and that fits, or None when there is none."""

    def charge(self, ticket_id: str, service: float) -> None:
        """Count ``service`` more (or less) to whoever bears a running ticket."""

    def deliver(self, ticket_id: str, service: float) -> None:
        """A running ticket has used ``service`` more."""

    def ended(self, ticket_id: str) -> None:
        """A ticket that was taken runs no longer."""

    def in_order(self) -> Iterator[Ticket]:
        """Waiting tickets, in the order that ``next`` would take them if nobody else came."""

    def __len__(self) -> int: ...
