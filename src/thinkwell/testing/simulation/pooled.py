"""A pool in virtual time: the real scheduler over simulated machines. Hours in seconds, no asyncio.

It does what turns/dispatcher.py and the conductor do in real time, with the same PoolSchedule.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.pool import Grant, PoolSchedule
from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.request import Began, Ended, FirstToken, SimRequest


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a trace: when, by whom, and what the model will say. ``thought_tokens`` of the
    request's output are thought, and come first."""

    at: float
    ticket: Ticket
    request: SimRequest
    thought_tokens: int = 0


def job(  # noqa: PLR0913  the parts of two values
    id: str,
    at: float,
    person: str,
    tokens: tuple[int, int],
    *,
    group: str | None = None,
    thought_tokens: int = 0,
    declared: bool = True,
) -> Job:
    """``tokens`` of prompt and output, one of each at least. ``declared``: it reserves the memory that it
    will use, as the arena trace's published runs do."""
    prompt, output = (max(1, count) for count in tokens)
    return Job(
        at=at,
        ticket=Ticket(
            id=id,
            person=person,
            group=group,
            prompt_tokens=prompt,
            reserve_tokens=prompt + output if declared else None,
        ),
        request=SimRequest(id=id, prompt_tokens=prompt, output_tokens=output),
        thought_tokens=thought_tokens,
    )


class Life(msgspec.Struct, kw_only=True):
    """What became of it; times in seconds, None where it did not come to that. ``starts`` are the times
    of its leases, ``cached_tokens`` of its prompt were read from a cache in the first of them."""

    job: Job
    starts: list[float] = []
    first_token: float | None = None
    ended: float | None = None
    generated: int = 0
    cached_tokens: int = 0
    replica: str = ""
    thought_budget: int | None = None
    refused: bool = False

    @property
    def service(self) -> float:
        """Weighted tokens, the whole prompt counted (as the VTC paper's metric does)."""
        return self.job.request.prompt_tokens + 2.0 * self.generated


class PooledRun:
    """Plays jobs over ``machines``, by replica name, from time 0 to the end of the last.

    ``every_s``: how often the scheduler is told of tokens between two endings.
    """

    def __init__(
        self, schedule: PoolSchedule, machines: Mapping[str, SimulatedMachine], every_s: float = 0.25
    ) -> None:
        self.schedule = schedule
        self.machines = machines
        self.now = 0.0
        self.lives: dict[str, Life] = {}
        self.pauses = 0
        self.again_tokens = 0  # read again after pauses
        self._every_s = every_s
        self._told_at = 0.0
        self._base: dict[str, int] = {}  # generated in leases before the present one

    def play(self, jobs: Iterable[Job]) -> dict[str, Life]:
        arrivals = deque(sorted(jobs, key=lambda job: job.at))
        self.lives = {job.ticket.id: Life(job=job) for job in arrivals}
        while arrivals or self.schedule.running or self.schedule.waiting:
            self._pass_time(arrivals[0].at if arrivals else float("inf"))
            while arrivals and arrivals[0].at <= self.now:
                self.arrive(arrivals.popleft())
            self.pump()
        return self.lives

    # -- steps that benches extend ---------------------------------------------------------------

    def arrive(self, job: Job) -> None:
        self.schedule.join(job.ticket, self.now)

    def start(self, grant: Grant) -> None:
        """A lease begins, or a turn goes on with a later one: what was said is prompt by then."""
        life = self.lives[grant.ticket.id]
        life.starts.append(self.now)
        life.replica = grant.replica
        base = self._base.setdefault(grant.ticket.id, 0)
        request = life.job.request
        output = self.output_of(life)
        if base:
            self.again_tokens += request.prompt_tokens + base
        if base or output != request.output_tokens:
            limit = None if request.max_tokens is None else max(1, request.max_tokens - base)
            request = msgspec.structs.replace(
                request,
                prompt_tokens=request.prompt_tokens + base,
                output_tokens=max(1, output - base),
                max_tokens=limit,
            )
        self.machines[grant.replica].submit(request, self.now)

    def output_of(self, life: Life) -> int:
        """Tokens that it will say in all."""
        return life.job.request.output_tokens

    def finish(self, life: Life) -> None:
        self.schedule.ended(life.job.ticket.id)

    def pump(self) -> None:
        schedule = self.schedule
        while True:
            for grant in schedule.grants(self.now):
                self.start(grant)
            if not len(schedule.line) or (ticket_id := schedule.who_gives_way()) is None:
                return
            life = self.lives[ticket_id]
            self._base[ticket_id] += self.machines[life.replica].abort(ticket_id)
            self.pauses += 1
            schedule.progressed(ticket_id, self._base[ticket_id])
            schedule.paused(ticket_id, self.now)

    # -- time ------------------------------------------------------------------------------------

    def _pass_time(self, until: float) -> None:
        until = min([until] + [machine.earliest_end for machine in self.machines.values()])
        if until == float("inf"):
            raise RuntimeError("somebody waits, nothing runs, and nobody comes: this never ends")
        ended: list[Life] = []
        for machine in self.machines.values():
            for event in machine.advance(until):
                life = self.lives[event.id]
                match event:
                    case Began(cached_tokens=cached):
                        if len(life.starts) == 1:
                            life.cached_tokens = cached
                    case FirstToken(at=at):
                        life.first_token = at if life.first_token is None else life.first_token
                    case Ended(at=at, tokens=tokens):
                        life.ended = at
                        life.generated = self._base[event.id] + tokens
                        ended.append(life)
        self.now = until
        if until - self._told_at >= self._every_s:
            self._tell_progress()
        for life in ended:
            self.schedule.progressed(life.job.ticket.id, life.generated)
            self.finish(life)

    def _tell_progress(self) -> None:
        self._told_at = self.now
        for machine in self.machines.values():
            for id, made in machine.progress().items():
                if made:
                    self.schedule.progressed(id, self._base[id] + made)
