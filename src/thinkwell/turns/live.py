"""Live turns: those that run or wait, and those that ended a moment ago. Only their owner finds them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from thinkwell.engines.base import RunningPass
from thinkwell.ledger.meter import Meter
from thinkwell.reasoning.base import Thinker
from thinkwell.turns.log import TurnLog
from thinkwell.values.event import Failed, Finished, Stopped, StoppedBy, TurnEnd
from thinkwell.values.turn import TurnRequest


class LiveTurn:
    """A turn with its log. ``stop`` is a verb of its own: a reader that leaves does not end it."""

    __slots__ = (
        "answer_first",
        "before_end",
        "folded",
        "full_thought",
        "log",
        "meter",
        "number",
        "opened_at",
        "request",
        "running",
        "speaking",
        "stopped_by",
        "task",
        "thinker",
    )

    def __init__(self, request: TurnRequest, meter: Meter) -> None:
        self.request = request
        self.meter = meter
        self.log = TurnLog()
        self.stopped_by: StoppedBy | None = None
        self.task: asyncio.Task[None] | None = None
        self.speaking = False
        self.thinker: Thinker | None = None  # once it has started
        self.running: RunningPass | None = None
        # What a person asked for, also before it has started.
        self.answer_first = False
        self.full_thought = request.full_thought
        # A door's: what is to be done when all is said and before readers see the end. Raises nothing.
        self.before_end: Callable[[TurnEnd], Awaitable[None]] | None = None
        # The journal's: its number, and how far the database has its log.
        self.number = 0
        self.opened_at = 0
        self.folded = 0

    def stop(self, by: StoppedBy) -> None:
        """End it now, keeping what was said. Without effect once it is ending."""
        if self.stopped_by is None:
            self.stopped_by = by
            self.cut()

    def cut(self) -> None:
        """Wake the task where it speaks or waits. Before that it finds out by itself; later is too late."""
        if self.speaking and self.task is not None:
            if self.running is not None:
                self.running.close()  # the engine should not wait for the task to come to its turn
            self.task.cancel()

    async def over(self) -> TurnEnd:
        """Wait for the ending."""
        end = await self.log.over()
        assert isinstance(end, Finished | Failed | Stopped)
        return end


class LiveTurns:
    """By id. An ended turn whose readers can come back stays ``keep_s`` seconds; then the disk has it."""

    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._turns: dict[str, LiveTurn] = {}
        self._running: dict[str, LiveTurn] = {}

    @property
    def running(self) -> list[LiveTurn]:
        """Those that run or wait."""
        return list(self._running.values())

    @property
    def count(self) -> int:
        """How many run or wait."""
        return len(self._running)

    def __len__(self) -> int:
        return len(self._turns)

    def add(self, live: LiveTurn) -> None:
        self._turns[live.request.id] = live
        self._running[live.request.id] = live

    def ended(self, live: LiveTurn) -> None:
        self._running.pop(live.request.id, None)
        keep_s = self._keep_s if live.request.keep_text else 0.0
        asyncio.get_running_loop().call_later(keep_s, self._turns.pop, live.request.id, None)

    def find(self, turn_id: str, owner: str) -> LiveTurn | None:
        """None also for another owner's turn."""
        live = self._turns.get(turn_id)
        return live if live is not None and live.request.caller.id == owner else None
