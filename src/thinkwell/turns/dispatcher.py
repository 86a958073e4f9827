"""The dispatcher: lets turns wait in the line and gives each its lease. The line's only user.

A pool gets at most as many turns as it can run at once; whoever is over that waits here, never in the
engine. Waiting goes on while an engine starts; when it is down for longer than ``patience_s``, those
who wait are told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from thinkwell.engines.base import Engine, EngineState, state_of_pool
from thinkwell.errors import EngineUnavailable
from thinkwell.scheduling.base import Line, Ticket
from thinkwell.scheduling.replicas import ReplicaLoad, choose_replica
from thinkwell.values.event import WaitReason

# People read a changing number; more often than this is noise, and work for every waiting turn.
ANNOUNCE_EVERY_S = 0.5

REASONS: dict[EngineState, WaitReason] = {
    "ready": "busy",
    "starting": "engine_starting",
    "down": "engine_down",
}

OnPlace = Callable[[int, int, WaitReason], None]


class _Waiting:
    def __init__(self, on_place: OnPlace) -> None:
        self.granted: asyncio.Future[Engine] = asyncio.get_running_loop().create_future()
        self.on_place = on_place
        self.told: tuple[int, int, WaitReason] | None = None


class Dispatcher:
    def __init__(self, line: Line, engines: Sequence[Engine], patience_s: float) -> None:
        self._line = line
        self._engines = {engine.name: engine for engine in engines}
        self._running = dict.fromkeys(self._engines, 0)
        self._waiting: dict[str, _Waiting] = {}
        self._patience_s = patience_s
        self._announcing: asyncio.TimerHandle | None = None
        self._stale = False
        self._told_reason: WaitReason = "busy"
        self._giving_up: asyncio.TimerHandle | None = None
        self._gave_up = False
        for engine in engines:
            engine.watch(self._pump)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def running(self) -> int:
        return sum(self._running.values())

    @asynccontextmanager
    async def lease(self, ticket: Ticket, on_place: OnPlace) -> AsyncIterator[Engine]:
        """Wait for the ticket's turn; the right to run on an engine lasts as long as the block.

        ``on_place(position, waiting, reason)`` is called when the ticket has to wait, and as that changes.
        Raises EngineUnavailable when no engine is to be had.
        """
        mine = _Waiting(on_place)
        self._line.join(ticket)
        self._waiting[ticket.id] = mine
        self._pump()
        if not mine.granted.done():
            self._announce()
        try:
            engine = await mine.granted
        except BaseException:
            self._leave(ticket.id, mine)
            raise
        try:
            yield engine
        finally:
            self._release(engine)

    def _leave(self, ticket_id: str, mine: _Waiting) -> None:
        self._line.leave(ticket_id)
        self._waiting.pop(ticket_id, None)
        if mine.granted.done() and not mine.granted.cancelled() and mine.granted.exception() is None:
            self._release(mine.granted.result())  # granted in the same moment as it was cancelled
        else:
            self._announce()

    def _release(self, engine: Engine) -> None:
        self._running[engine.name] -= 1
        self._pump()

    def _pump(self) -> None:
        """Give leases while there is room. Called at each change of the line, the leases or the engines."""
        granted = False
        while len(self._line):
            name = choose_replica(self._loads())
            if name is None:
                break
            ticket = self._line.next()
            assert ticket is not None
            waiting = self._waiting.pop(ticket.id)
            if not waiting.granted.cancelled():  # else it was stopped in this very moment
                self._running[name] += 1
                waiting.granted.set_result(self._engines[name])
                granted = True
        self._watch_for_outage()
        if granted or self._told_reason != self._reason():
            self._announce()

    def _loads(self) -> list[ReplicaLoad]:
        return [
            ReplicaLoad(name, engine.health().state == "ready", self._running[name], engine.slots)
            for name, engine in self._engines.items()
        ]

    def _announce(self) -> None:
        """Tell everybody whose place changed: at once, then at most every ANNOUNCE_EVERY_S."""
        if not self._waiting:
            return
        if self._announcing is None:
            self._tell_places()
            self._announcing = asyncio.get_running_loop().call_later(ANNOUNCE_EVERY_S, self._announce_again)
        else:
            self._stale = True

    def _announce_again(self) -> None:
        self._announcing = None
        if self._stale:
            self._stale = False
            self._announce()

    def _tell_places(self) -> None:
        total = len(self._line)
        reason = self._told_reason = self._reason()
        for position, ticket in enumerate(self._line.in_order(), start=1):
            waiting = self._waiting[ticket.id]
            if waiting.told != (position, total, reason):
                waiting.told = (position, total, reason)
                waiting.on_place(position, total, reason)

    def _reason(self) -> WaitReason:
        return REASONS[state_of_pool(self._engines.values())]

    def _watch_for_outage(self) -> None:
        if state_of_pool(self._engines.values()) != "down":
            self._gave_up = False
            if self._giving_up is not None:
                self._giving_up.cancel()
                self._giving_up = None
        elif self._gave_up:
            self._give_up()
        elif self._giving_up is None:
            self._giving_up = asyncio.get_running_loop().call_later(self._patience_s, self._give_up)

    def _give_up(self) -> None:
        self._gave_up = True
        self._giving_up = None
        reasons = "; ".join(engine.health().reason or "no reason known" for engine in self._engines.values())
        for ticket_id, waiting in list(self._waiting.items()):
            self._line.leave(ticket_id)
            del self._waiting[ticket_id]
            if not waiting.granted.done():
                waiting.granted.set_exception(
                    EngineUnavailable(f"The model is not running: {reasons}", retry_after_s=30)
                )
