"""The numbered log of one turn. The turn's task writes, readers only read; neither waits for the other.

Events are numbered 1, 2, 3 … without gaps. A reader sees an event only once it is published, and it
is published only once it is written down (journal.py): what was shown survives the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from thinkwell.errors import StoreError
from thinkwell.values.event import Failed, Finished, Stopped, TurnEvent

ENDINGS = (Finished, Failed, Stopped)


class TurnLog:
    """``clock`` is monotonic, in seconds."""

    __slots__ = ("_clock", "_events", "_grown", "_published", "_published_at", "error")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._published_at = clock()
        self._events: list[TurnEvent] = []
        self._published = 0
        # Made when somebody reads; most of those who wait in a long line have no reader at the moment.
        self._grown: asyncio.Event | None = None
        self.error: StoreError | None = None

    def add(self, event: TurnEvent) -> None:
        assert not (self._events and isinstance(self._events[-1], ENDINGS)), "a turn ends once"
        self._events.append(event)

    @property
    def last_seq(self) -> int:
        return len(self._events)

    @property
    def published(self) -> int:
        return self._published

    @property
    def latest(self) -> TurnEvent | None:
        """The newest event that readers see."""
        return self._events[self._published - 1] if self._published else None

    @property
    def latest_age_s(self) -> float:
        """Seconds since ``latest`` was published: how old the times are that it tells."""
        return self._clock() - self._published_at

    @property
    def ended(self) -> bool:
        """The ending is published: nothing will follow."""
        return self._published > 0 and isinstance(self._events[self._published - 1], ENDINGS)

    def since(self, seq: int) -> list[TurnEvent]:
        """Events after ``seq``, published or not: for the journal."""
        return self._events[seq:]

    def publish(self, up_to: int) -> None:
        """Let readers see everything up to ``up_to``."""
        if up_to > self._published:
            self._published = up_to
            self._published_at = self._clock()
            grown, self._grown = self._grown, None
            if grown is not None:
                grown.set()

    async def after(self, seq: int) -> list[tuple[int, TurnEvent]]:
        """Published events after ``seq`` with their numbers; waits until there are some.

        Ends with the empty list when the log has ended and nothing follows ``seq``.
        """
        while self._published <= seq:
            if self.ended:
                return []
            if self._grown is None:
                self._grown = asyncio.Event()
            await self._grown.wait()
        return list(enumerate(self._events[seq : self._published], start=seq + 1))
