"""Which replica runs the next turn: among the ready ones with room, the least loaded."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class ReplicaLoad(msgspec.Struct, frozen=True):
    """What the choice knows of a replica: turns running on it and turns it can run."""

    name: str
    ready: bool
    running: int
    slots: int


def choose_replica(loads: Iterable[ReplicaLoad]) -> str | None:
    """The name of the chosen replica, or None while none has room. Ties go to the first."""
    free = [load for load in loads if load.ready and load.running < load.slots]
    return min(free, key=lambda load: load.running / load.slots).name if free else None
