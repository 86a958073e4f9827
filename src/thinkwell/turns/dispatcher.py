"""The dispatcher: lets turns wait in the line, start on an engine, give way and come back. The only one
who drives the pool's schedule, which is pure; this adds futures, timers and the engines' health.

A pool gets at most as many turns as it can run at once; whoever is over that waits here, never in the
engine. Waiting goes on while an engine starts; when none is to be had for longer than ``patience_s``,
those who wait are told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from math import inf

from thinkwell.engines.base import Engine, EngineState, state_of_pool
from thinkwell.errors import EngineUnavailable
from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.canary import Canary
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.turns.announcer import Announcer
from thinkwell.turns.forecast import Forecast, NoForecast
from thinkwell.turns.standing import Standing, Tell
from thinkwell.values.event import WaitReason

# How often the schedule is looked at between two changes of it: a turn that runs may have come to where
# it should give way, and service that was given says how fast the line moves.
LOOK_EVERY_S = 0.25

# An engine that a turn could not reach gets no other for so long: the news of its death may be on the way.
AWAY_S = 1.0

REASONS: dict[EngineState, WaitReason] = {
    "ready": "busy",
    "starting": "engine_starting",
    "down": "engine_down",
}


class Dispatcher:
    def __init__(
        self,
        schedule: PoolSchedule,
        engines: Sequence[Engine],
        patience_s: float,
        forecast: Forecast | None = None,
    ) -> None:
        self._schedule = schedule
        self._engines = {engine.name: engine for engine in engines}
        self._standings: dict[str, Standing] = {}
        self._forecast = forecast or NoForecast(schedule)
        self._announcer = Announcer(self._standings, self._forecast)
        self._patience_s = patience_s
        self._time: Callable[[], float] | None = None
        self._away_until: dict[str, float] = {}
        self._looking: asyncio.TimerHandle | None = None
        # Of tickets that went behind the others: until when, and of all the first such moment.
        self._behind: dict[str, float] = {}
        self._next_reset = inf
        # Of labels without an engine: the timer that fails those who wait for it, None once it has run out.
        self._giving_up: dict[str, asyncio.TimerHandle | None] = {}
        self._freed: dict[str, asyncio.Event] = {}
        for engine in engines:
            engine.watch(self.pump)

    def _now(self) -> float:
        if self._time is None:
            self._time = asyncio.get_running_loop().time
        return self._time()

    @property
    def waiting(self) -> int:
        return self._schedule.waiting

    @property
    def running(self) -> int:
        return len(self._schedule.running)

    def standing(self, ticket: Ticket, tell: Tell, resets_s: float | None = None) -> Standing:
        """A turn's place in the line and, when its turn has come, its lease: ``async with`` it; both end
        with the block.

        ``tell`` is given a Queued event when the turn has to wait, and as that changes. A ticket that goes
        behind the others does so for ``resets_s`` at most: then its person has a quota again.
        """
        return Standing(self, ticket, tell, None if resets_s is None else self._now() + resets_s)

    def enter(self, standing: Standing) -> None:
        """Raises ValueError for a ticket that waits or runs already."""
        now = self._now()
        ticket = standing.ticket
        self._schedule.join(ticket, now)
        self._standings[ticket.id] = standing
        if ticket.behind and standing.resets_at is not None:
            self._behind[ticket.id] = standing.resets_at
            self._next_reset = min(self._next_reset, standing.resets_at)
        try:
            self._forecast.arrived(ticket, now)
            self.pump()
        except BaseException:
            self.leave(standing)
            raise

    def expected_wait(self, ticket: Ticket) -> float | None:
        """Seconds until half of those in such a place have started, if it joined now; None: unknown."""
        now = self._now()
        self._schedule.join(ticket, now)
        try:
            if self._schedule.would_start(ticket) and self._reason() == "busy":
                return 0.0
            quote = self._forecast.quote(ticket.id, now)
            return None if quote is None else quote.expected_s
        finally:
            self._schedule.leave(ticket.id)

    def drain(self, replica: str, *, on: bool = True) -> None:
        """Give a replica no more turns; those that run there come to their end. KeyError: no such one."""
        self._schedule.replicas[replica].draining = on
        self.pump()

    # -- engines come and go ---------------------------------------------------------------------

    @property
    def canary(self) -> Canary:
        return self._schedule.canary

    def turn_to(self, canary: Canary) -> None:
        """Turns that begin from now on go where ``canary`` says."""
        self._schedule.canary = canary
        self.pump()

    def add(self, engine: Engine, *, pauses: bool) -> None:
        """One more engine, whose label is its name: no turn of another's goes on there. It gets turns when a
        canary says so."""
        kv_tokens = next((one.kv_tokens for one in self._schedule.replicas.values()), None)
        replica = Replica(engine.name, engine.slots, kv_tokens, label=engine.name, pauses=pauses)
        self._schedule.add(replica)
        self._engines[engine.name] = engine
        engine.watch(self.pump)
        self.pump()

    async def freed(self, label: str) -> None:
        """Wait until no turn runs or is to go on on engines of that label. It comes to that when new ones go
        elsewhere (``turn_to``)."""
        while self._schedule.bound(label):
            await self._freed.setdefault(label, asyncio.Event()).wait()
        self._freed.pop(label, None)

    def remove(self, name: str) -> None:
        """Raises ValueError where turns are still to go on there."""
        label = self._schedule.replicas[name].label
        self._schedule.remove(name)
        del self._engines[name]
        if not any(self._of(label)) and (timer := self._giving_up.pop(label, None)) is not None:
            timer.cancel()
        self.pump()

    def _tell_if_freed(self) -> None:
        for label in [label for label in self._freed if not self._schedule.bound(label)]:
            self._freed.pop(label).set()

    # -- what a standing asks --------------------------------------------------------------------

    def progressed(self, ticket_id: str, generated: int, prompt: float | None) -> None:
        self._schedule.progressed(ticket_id, generated, prompt)

    def thought_budget(self, ticket: Ticket, full: int) -> int | None:
        return self._forecast.thought_budget(ticket, full, self._now())

    def cut(self, ticket: Ticket, has: int, said: int) -> int | None:
        return self._forecast.cut(ticket, has, said, self._now())

    def paused(self, standing: Standing) -> None:
        self._schedule.paused(standing.ticket.id, self._now())
        self._waits_again(standing)

    def lost(self, standing: Standing, *, away: bool, anew: bool) -> None:
        run = self._schedule.running[standing.ticket.id]
        if away and run.replica is not None:
            self._away_until[run.replica.name] = self._now() + AWAY_S
        self._schedule.back(standing.ticket.id, anew=anew)
        self._tell_if_freed()
        self._announcer.somebody_came_back()
        self._waits_again(standing)

    def _waits_again(self, standing: Standing) -> None:
        standing.wait_again()
        if standing.resets_at is not None and standing.resets_at <= self._now():
            self._forgive(standing.ticket.id)
        self.pump()
        if standing.waits:
            self._announcer.changed(self._reason(), urgent=True)

    def leave(self, standing: Standing) -> None:
        id = standing.ticket.id
        del self._standings[id]
        self._behind.pop(id, None)
        if id in self._schedule.running:
            self._schedule.ended(id, learn=standing.complete)
        else:
            self._schedule.leave(id)
            self._forecast.left(id, self._now())
        if standing.outcome is not None:
            self._forecast.ended(standing.ticket, standing.outcome)
        if self._freed:
            self._tell_if_freed()
        self.pump()

    # -- what makes the line move ----------------------------------------------------------------

    def pump(self) -> None:
        """Give leases while there is room. Called at each change of the line, the leases or the engines."""
        schedule, now = self._schedule, self._now()
        for name, engine in self._engines.items():
            replica = schedule.replicas[name]
            ready = engine.health().state == "ready" and self._away_until.get(name, 0.0) <= now
            if replica.ready and not ready:
                schedule.went_away(name)
            replica.ready, replica.slots = ready, engine.slots
        for grant in schedule.grants(now):
            self._forecast.started(grant.ticket.id, now)
            label = schedule.replicas[grant.replica].label
            self._standings[grant.ticket.id].grant(self._engines[grant.replica], label)
        if schedule.waiting:
            self._ask_to_give_way()
        if self._looking is None and (schedule.waiting or schedule.running):
            self._looking = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look)
        self._watch_for_outage()
        if schedule.waiting:
            self._announcer.changed(self._reason())

    def _look(self) -> None:
        self._looking = None
        self._forgive_whose_time_it_is()
        self._forecast.look(self._now(), ready=self._reason() == "busy")
        self.pump()

    def _forgive_whose_time_it_is(self) -> None:
        """Windows of a tier end together, so there is seldom anybody to look at, and then many."""
        now = self._now()
        if now < self._next_reset:
            return
        for ticket_id in [id for id, resets_at in self._behind.items() if resets_at <= now]:
            del self._behind[ticket_id]
            self._forgive(ticket_id)
        self._next_reset = min(self._behind.values(), default=inf)

    def _forgive(self, ticket_id: str) -> None:
        """Its person has a quota again. What runs by then goes on as it is."""
        standing = self._standings.get(ticket_id)
        if standing is not None and self._schedule.forgive(ticket_id, self._now()):
            standing.forgiven()
            self._forecast.forgiven(standing.ticket, self._now())

    def _ask_to_give_way(self) -> None:
        ticket_id = self._schedule.who_gives_way()
        if ticket_id is not None:
            self._standings[ticket_id].asked_to_pause = True

    def _reason(self) -> WaitReason:
        return REASONS[self._state_of(self._schedule.canary.current)]

    def _state_of(self, label: str) -> EngineState:
        return state_of_pool(engine for _, engine in self._of(label))

    def _of(self, label: str) -> Iterator[tuple[str, Engine]]:
        replicas = self._schedule.replicas
        return ((name, one) for name, one in self._engines.items() if replicas[name].label == label)

    # -- when there is no engine -----------------------------------------------------------------

    def _watch_for_outage(self) -> None:
        """Of each label by itself: another's engine is no help to who began on it."""
        for label in {replica.label for replica in self._schedule.replicas.values()}:
            if self._state_of(label) != "down":
                timer = self._giving_up.pop(label, None)
                if timer is not None:
                    timer.cancel()
            elif label not in self._giving_up:
                loop = asyncio.get_running_loop()
                self._giving_up[label] = loop.call_later(self._patience_s, self._give_up, label)
            elif self._giving_up[label] is None:
                self._give_up(label)

    def _give_up(self, label: str) -> None:
        self._giving_up[label] = None
        reasons = "; ".join(engine.health().reason or "no reason known" for _, engine in self._of(label))
        for standing in list(self._standings.values()):
            if standing.waits and self._schedule.label_of(standing.ticket) == label:
                standing.fail(EngineUnavailable(f"The model is not running: {reasons}", retry_after_s=30))
