"""Live turns: those that run or wait, and those that ended a moment ago. Only their owner finds them.

Whose a turn is may change while it is asked, runs or waits: when a visitor becomes a member (handover.py).
Who has everything of theirs erased (erasing.py) asks nothing more from that moment on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from weakref import WeakSet

import msgspec

from thinkwell.admission.quotas import FREELY
from thinkwell.engines.base import RunningPass
from thinkwell.errors import NotSignedIn, StoreError
from thinkwell.ledger.meter import Meter
from thinkwell.reasoning.base import Thinker
from thinkwell.turns.log import TurnLog
from thinkwell.values.caller import Caller
from thinkwell.values.event import Failed, Finished, Stopped, StoppedBy, TurnEnd
from thinkwell.values.receipt import Energy
from thinkwell.values.turn import TurnRequest

ERASED = "Everything of yours was erased here, as you asked. Load the page again to begin anew."
# Ids of members are never used again; so many of those that were erased are remembered.
MOST_ERASED = 10_000


class Asking:
    """Somebody who is asking, until that is a turn. Whoever holds one looks here after each wait."""

    __slots__ = ("__weakref__", "_caller", "gone")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.gone = False  # erased meanwhile: nothing of theirs may be written any more

    @property
    def caller(self) -> Caller:
        """Raises NotSignedIn for who was erased while they asked."""
        if self.gone:
            raise NotSignedIn(ERASED)
        return self._caller

    def is_of(self, owner: str) -> bool:
        return self._caller.id == owner

    def become(self, owner: str) -> None:
        self._caller = _as(owner, self._caller)

    def of(self, request: TurnRequest) -> TurnRequest:
        """The request as that of whoever asks by now."""
        if request.caller.id == self.caller.id:
            return request
        return msgspec.structs.replace(request, caller=self.caller)


class Booked(msgspec.Struct, frozen=True):
    """What a turn used, as it is counted against quotas: weighted tokens, millionths."""

    service: int
    price: int
    due: int


class LiveTurn:
    """A turn with its log. ``stop`` is a verb of its own: a reader that leaves does not end it."""

    __slots__ = (
        "admitted",
        "answer_first",
        "before_end",
        "booked",
        "energy",
        "folded",
        "full_thought",
        "heir_to",
        "label",
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
        self.label: str | None = None  # of the engines that go on with it, once it has started
        self.running: RunningPass | None = None
        # What a person asked for, also before it has started.
        self.answer_first = False
        self.full_thought = request.full_thought
        # A door's: what is to be done when all is said and before readers see the end. Raises nothing.
        self.before_end: Callable[[TurnEnd], Awaitable[None]] | None = None
        self.admitted = FREELY  # set before it joins the line
        self.heir_to: str | None = None  # while it is being handed over: whose it was finds it too
        self.energy: Energy | None = None  # once it is settled (power.py)
        self.booked: Booked | None = None  # what the quotas were told of it (bookkeeping.py)
        # The journal's: its number, and how far the database has its log.
        self.number = 0
        self.opened_at = 0
        self.folded = 0

    @property
    def behind(self) -> bool:
        """It goes behind the others, since its person's quota was used up."""
        return self.admitted.behind

    @property
    def owner(self) -> str:
        """Whose it is now."""
        return self.request.caller.id

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
        self._asking: WeakSet[Asking] = WeakSet()
        self._heirs: dict[str, str] = {}  # while it is written down
        self._gone: dict[str, None] = {}

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
        request = live.request
        keep_s = self._keep_s if request.keep_text or request.temporary else 0.0
        asyncio.get_running_loop().call_later(keep_s, self._turns.pop, request.id, None)

    def find(self, turn_id: str, owner: str) -> LiveTurn | None:
        """None also for another owner's turn."""
        live = self._turns.get(turn_id)
        return live if live is not None and owner in (live.owner, live.heir_to) else None

    def asking(self, caller: Caller) -> Asking:
        """``caller`` is asking, as long as the returned is held. Raises NotSignedIn for who was erased."""
        self.check_there(caller.id)
        asking = Asking(_as(self._heirs.get(caller.id, caller.id), caller))
        self._asking.add(asking)
        return asking

    @contextmanager
    def handed_over(self, owner: str, heir: str) -> Iterator[None]:
        """What is ``owner``'s, or being asked by them, is ``heir``'s from now on; to be given back where the
        block, which writes it down, fails. In the line and in its tier it stays what it was."""
        self.check_there(owner)
        self.check_there(heir)
        asked = [asking for asking in self._asking if asking.is_of(owner)]
        lives = [live for live in self._turns.values() if live.owner == owner]
        self._belong(asked, lives, heir)
        self._heirs[owner] = heir
        for live in lives:
            live.heir_to = owner
        try:
            yield
        except StoreError:
            self._belong(asked, lives, owner)
            raise
        finally:
            self._heirs.pop(owner, None)
            for live in lives:
                live.heir_to = None

    def check_there(self, owner: str) -> None:
        """Raises NotSignedIn for somebody who is being erased, or was."""
        if owner in self._gone:
            raise NotSignedIn(ERASED)

    @contextmanager
    def erasing(self, owner: str, *, for_ever: bool) -> Iterator[list[LiveTurn]]:
        """Nothing new is asked by ``owner`` while the block erases what is theirs; if ``for_ever``, not after
        it either, unless it fails. Given are their turns that run; those that ended are no longer found."""
        self._gone[owner] = None
        for asking in list(self._asking):
            asking.gone = asking.gone or asking.is_of(owner)
        kept = False
        try:
            yield [live for live in self.running if live.owner == owner]
            kept = for_ever
        finally:
            if not kept:
                self._gone.pop(owner, None)
            while len(self._gone) > MOST_ERASED:
                del self._gone[next(iter(self._gone))]
        for turn_id in [id for id, live in self._turns.items() if live.owner == owner]:
            del self._turns[turn_id]

    @staticmethod
    def _belong(asked: list[Asking], lives: list[LiveTurn], owner: str) -> None:
        for asking in asked:
            asking.become(owner)
        for live in lives:
            live.request = msgspec.structs.replace(live.request, caller=_as(owner, live.request.caller))


def _as(owner: str, caller: Caller) -> Caller:
    return caller if caller.id == owner else msgspec.structs.replace(caller, id=owner, person=owner)
