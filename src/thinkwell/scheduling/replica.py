"""Replica and Run: what the pool keeps of an engine process, and of a turn that holds a lease on it."""

from __future__ import annotations

from thinkwell.scheduling.base import PROMPT_WEIGHT, Ticket
from thinkwell.scheduling.giveway import Candidate
from thinkwell.scheduling.replicas import ReplicaState


class Run:
    """A turn that has begun. Service in weighted tokens, over all of its leases."""

    __slots__ = (
        "charged",
        "delivered",
        "generated",
        "label",
        "pauses",
        "prompt",
        "replica",
        "reserve",
        "since",
        "ticket",
        "yielding",
    )

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.replica: Replica | None = None
        self.label: str | None = None  # of the replicas that may go on with it; None: nothing is begun
        self.reserve = 0
        self.prompt = PROMPT_WEIGHT * ticket.prompt_tokens
        self.charged = 0.0
        self.delivered = 0.0
        self.generated = 0
        self.since = 0  # generated before the present lease
        self.pauses = 0
        self.yielding = False  # was asked to pause

    def candidate(self) -> Candidate:
        tokens = self.ticket.prompt_tokens + self.generated
        return Candidate(self.ticket.id, self.generated - self.since, tokens, self.delivered, self.pauses)


class Replica:
    """``kv_tokens`` bounds what its turns reserve (None: only its slots bound them). Replicas of one
    ``label`` go on with each other's turns. ``pauses``: its turns may give way."""

    __slots__ = ("draining", "kv_tokens", "label", "name", "pauses", "ready", "reserved", "running", "slots")

    def __init__(
        self, name: str, slots: int, kv_tokens: int | None = None, label: str = "", *, pauses: bool = True
    ) -> None:
        self.name = name
        self.slots = slots
        self.kv_tokens = kv_tokens
        self.label = label
        self.pauses = pauses
        self.ready = True
        self.draining = False
        self.running: dict[str, Run] = {}
        self.reserved = 0

    @property
    def open(self) -> bool:
        """Takes turns, and has a slot for one more."""
        return self.ready and not self.draining and len(self.running) < self.slots

    def holds(self, tokens: int) -> bool:
        """Room for so many more. What no room is large enough for is let in alone: the engine decides."""
        return self.kv_tokens is None or self.reserved + tokens <= self.kv_tokens or not self.running

    def state(self) -> ReplicaState:
        return ReplicaState(
            name=self.name,
            ready=self.ready,
            running=len(self.running),
            slots=self.slots,
            draining=self.draining,
        )
