"""Line: an order over waiting turns. Knows tickets and persons; no engine, no asyncio; clocks are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

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
    replica. ``behind``: it goes behind all that are not, since its person's quota is used up. ``place`` is
    where it stands for a canary's share (canary.py).
    """

    id: str
    person: str
    tier: str = "visitor"
    group: str | None = None
    prompt_tokens: int = 1
    max_tokens: int | None = None
    reserve_tokens: int | None = None
    blocks: tuple[int, ...] = ()
    behind: bool = False
    place: float = 1.0  # NO_CANARY


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


@runtime_checkable
class RankedLine(Line, Protocol):
    """A line that knows whose turn it is, and who had more than another."""

    def head(self) -> Ticket | None:
        """Whose turn it is, whether it fits or not; None where nobody waits but for turns of their own."""

    def lead(self, running_id: str, waiting: Ticket) -> float:
        """Weighted tokens by which a running turn's share is ahead of a waiting one's; infinite where it
        runs only as long as nobody like that one waits."""

    def running_of(self, waiting: Ticket) -> int:
        """Turns that run of the person of a waiting ticket."""

    @property
    def waiting_behind(self) -> int:
        """How many wait behind all others."""

    def forgive(self, ticket_id: str, now: float) -> bool:
        """A waiting ticket stands behind no longer; False where it did not."""
