"""Standing: one turn's dealings with the line, from joining to its end. What the conductor holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.errors import EngineUnavailable
from thinkwell.scheduling.base import Ticket
from thinkwell.turns.forecast import Outcome
from thinkwell.values.event import Queued

Tell = Callable[[Queued], None]


class Desk(Protocol):
    """What a standing asks of the dispatcher."""

    def enter(self, standing: Standing) -> None: ...

    def leave(self, standing: Standing) -> None: ...

    def progressed(self, ticket_id: str, generated: int, prompt: float | None) -> None: ...

    def thought_budget(self, ticket: Ticket, full: int) -> int | None: ...

    def cut(self, ticket: Ticket, has: int, said: int) -> int | None: ...

    def paused(self, standing: Standing) -> None: ...

    def lost(self, standing: Standing, *, away: bool, anew: bool) -> None: ...


class Standing:
    """``asked_to_pause``: let go as soon as it can be done (``pause``). Set by the conductor: ``complete``
    when the turn came to its own end, so that its length is worth learning from, and its ``outcome``.
    ``label`` is that of the engine in the newest lease: what was begun on one goes on on none of another.
    ``resets_at``, of the loop's clock, is when a turn that goes behind the others need not any more.
    """

    __slots__ = (
        "_desk",
        "_granted",
        "asked_to_pause",
        "came_back",
        "complete",
        "label",
        "outcome",
        "paused",
        "resets_at",
        "tell",
        "ticket",
        "told",
        "told_at",
        "told_within",
    )

    def __init__(self, desk: Desk, ticket: Ticket, tell: Tell, resets_at: float | None = None) -> None:
        self._desk = desk
        self._granted: asyncio.Future[Engine] = asyncio.get_running_loop().create_future()
        self.ticket = ticket
        self.tell = tell
        self.told: Queued | None = None
        self.told_at = 0.0
        self.told_within = 0  # how many then waited within their quota
        self.resets_at = resets_at
        self.asked_to_pause = False
        self.paused = False
        self.came_back = False
        self.complete = False
        self.outcome: Outcome | None = None
        self.label = ""

    # Methods in place of a generator: a waiting turn takes less memory.
    async def __aenter__(self) -> Standing:
        self._desk.enter(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._desk.leave(self)

    @property
    def waits(self) -> bool:
        return not self._granted.done()

    @property
    def behind(self) -> bool:
        """It waits behind the others: not where it lost its replica, and so waits before them."""
        return self.ticket.behind and not self.came_back

    async def its_turn(self) -> Engine:
        """Wait for the lease. Raises EngineUnavailable when no engine is to be had."""
        return await self._granted

    def progressed(self, generated: int, prompt: float | None = None) -> None:
        """Tokens generated so far in all, and weighted tokens of the prompt once they are known."""
        self._desk.progressed(self.ticket.id, generated, prompt)

    def thought_budget(self, full: int) -> int | None:
        """Tokens that the thought may take now, in place of ``full``; None: as many as it would."""
        return self._desk.thought_budget(self.ticket, full)

    def cut(self, has: int, said: int) -> int | None:
        """The same for a running thought that may take ``has`` and has come to ``said``."""
        return self._desk.cut(self.ticket, has, said)

    def pause(self) -> None:
        """Let others go first; ``its_turn`` comes again."""
        self.paused = True
        self.came_back = False
        self._desk.paused(self)

    def lost(self, *, away: bool, anew: bool = False) -> None:
        """The replica was lost: wait before everybody else; ``its_turn`` comes again. ``away``: it could
        not be reached, or went silent. ``anew``: nothing was said yet, so that it may begin anywhere."""
        self.paused = False
        self.came_back = True
        self._desk.lost(self, away=away, anew=anew)

    # -- what the dispatcher does ----------------------------------------------------------------

    def wait_again(self) -> None:
        self._granted = asyncio.get_running_loop().create_future()
        self.asked_to_pause = False
        self.told = None

    def forgiven(self) -> None:
        """It stands behind the others no longer."""
        self.ticket = msgspec.structs.replace(self.ticket, behind=False)
        self.resets_at = None

    def grant(self, engine: Engine, label: str = "") -> None:
        if not self._granted.done():  # else it was cancelled in this very moment, and is about to leave
            self.label = label
            self._granted.set_result(engine)

    def fail(self, error: EngineUnavailable) -> None:
        if not self._granted.done():
            self._granted.set_exception(error)
