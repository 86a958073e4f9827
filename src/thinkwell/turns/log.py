"""The numbered log of one turn. The turn's task writes, readers only read; neither waits for the other.

Events are numbered 1, 2, 3 … without gaps. A reader sees an event only once it is published, and it
is published only once it is written down (journal.py): what was shown survives the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from thinkwell.values.event import Failed, Finished, Stopped, TurnEvent

ENDINGS = (Finished, Failed, Stopped)


class TurnLog:
    """``clock`` is monotonic, in seconds."""

    __slots__ = ("_at_end", "_clock", "_events", "_followers", "_published", "_published_at", "_waiting")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._published_at = clock()
        self._events: list[TurnEvent] = []
        self._published = 0
        self._waiting: list[asyncio.Future[bool]] = []
        self._followers: tuple[Callable[[], None], ...] = ()
        self._at_end: list[asyncio.Future[bool]] = []

    def add(self, event: TurnEvent) -> None:
        assert not (self._events and isinstance(self._events[-1], ENDINGS)), "a turn ends once"
        self._events.append(event)

    def extend(self, events: Sequence[TurnEvent]) -> None:
        """Several that came at once, none of them an ending."""
        self._events.extend(events)

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

    @property
    def is_read(self) -> bool:
        """Somebody reads along, as far as is known."""
        return bool(self._followers or self._waiting)

    def since(self, seq: int) -> list[TurnEvent]:
        """Events after ``seq``, published or not."""
        return self._events[seq:]

    def publish(self, up_to: int) -> None:
        """Let readers see everything up to ``up_to``."""
        if up_to > self._published:
            self._published = up_to
            self._published_at = self._clock()
            waiting = self._waiting
            if waiting:
                self._waiting = []
                _wake(waiting)
            for grown in self._followers:
                grown()
            if self._at_end and self.ended:
                _wake(self._at_end)

    def follow(self, grown: Callable[[], None]) -> None:
        """``grown`` is called whenever readers see more, in the call that published it; it may not raise."""
        self._followers = (*self._followers, grown)

    def unfollow(self, grown: Callable[[], None]) -> None:
        self._followers = tuple(one for one in self._followers if one != grown)

    async def over(self) -> TurnEvent:
        """Wait for the ending, however much is said before it."""
        if not self.ended:
            reader: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._at_end.append(reader)
            await reader
        return self._events[-1]

    def published_after(self, seq: int) -> list[TurnEvent]:
        """The events after ``seq`` that readers see."""
        return self._events[seq : self._published]

    async def grown(self, seq: int, within_s: float | None = None) -> bool:
        """Wait until there is something after ``seq`` or nothing will follow. False: not ``within_s``."""
        if self._published > seq or self.ended:
            return True
        loop = asyncio.get_running_loop()
        reader: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(reader)
        timer = None if within_s is None else loop.call_later(within_s, _give_up, reader)
        try:
            return await reader
        finally:
            if timer is not None:
                timer.cancel()

    async def after(self, seq: int) -> list[tuple[int, TurnEvent]]:
        """Published events after ``seq`` with their numbers; waits until there are some.

        Ends with the empty list when the log has ended and nothing follows ``seq``.
        """
        await self.grown(seq)
        return list(enumerate(self.published_after(seq), start=seq + 1))


def _wake(readers: list[asyncio.Future[bool]]) -> None:
    for reader in readers:
        if not reader.done():
            reader.set_result(True)


def _give_up(reader: asyncio.Future[bool]) -> None:
    if not reader.done():
        reader.set_result(False)
