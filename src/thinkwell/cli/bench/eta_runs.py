"""The runs of ``bench eta``: a trace in virtual time, in which who has to wait is told when it will be over.

The naive peer is asked in the same run: the work of all who came before and still wait, over what the pool
delivers, which is what is told where anything is. It knows nothing of overtaking.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import exp
from statistics import median

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.eta import Eta
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.pool import Grant, PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.pooled import Job, Life, PooledRun, job
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.trace import TraceRequest

REPLICA = "replica"
# How often who waits is told anew; the naive peer's throughput is averaged over so long.
ANNOUNCED_S = 5.0
NAIVE_OVER_S = 60.0
# An error up to this part of the real wait, or up to this many seconds, is no error to who waits.
GOOD_SHARE, GOOD_S = 0.1, 1.0


class Told(msgspec.Struct, frozen=True):
    """What was told to a turn, and what it came to; seconds."""

    expected_s: float
    p90_s: float | None
    real_s: float


class Score(msgspec.Struct, frozen=True):
    error_share: float
    error_s: float
    within_goal: float
    covered: float | None
    later: float


def score(told: Sequence[Told]) -> Score | None:
    if not told:
        return None
    errors = [abs(one.expected_s - one.real_s) for one in told]
    limits = [max(GOOD_S, GOOD_SHARE * one.real_s) for one in told]
    covered = [one.real_s <= one.p90_s for one in told if one.p90_s is not None]
    return Score(
        error_share=median(error / one.real_s for error, one in zip(errors, told, strict=True)),
        error_s=median(errors),
        within_goal=sum(error <= limit for error, limit in zip(errors, limits, strict=True)) / len(told),
        covered=sum(covered) / len(covered) if covered else None,
        later=sum(one.real_s > one.expected_s for one in told) / len(told),
    )


class EtaRun(PooledRun):
    """``told`` when a turn joined, ``again`` every ANNOUNCED_S, ``naive`` when it joined. Turns that found
    nothing known yet are in none of them."""

    def __init__(self, profile: Profile, rules: Rules | None = None) -> None:
        replica = Replica(REPLICA, profile.slots or 1 << 30, profile.kv_tokens)
        router = Router([REPLICA], cache_blocks=0, block_tokens=profile.block)
        schedule = PoolSchedule(FairLine, [replica], router, rules=rules)
        super().__init__(schedule, {REPLICA: SimulatedMachine(profile)})
        self.eta = Eta(schedule)
        self._naive = _Naive()
        self._served = 0.0
        self._announced_at = 0.0
        self._joined: list[Job] = []
        self._quoted: list[tuple[list[Told], str, float, float, float | None]] = []
        self.told: list[Told] = []
        self.again: list[Told] = []
        self.naive: list[Told] = []

    def measured(self, jobs: Sequence[Job]) -> EtaRun:
        lives = self.play(jobs)
        for told, ticket_id, at, expected, p90 in self._quoted:
            real = lives[ticket_id].starts[0] - at
            if real > 0.0:  # some are told in the moment in which they start
                told.append(Told(expected, p90, real))
        return self

    def arrive(self, job: Job) -> None:
        super().arrive(job)
        self.eta.arrived(job.ticket, self.now)
        self._joined.append(job)

    def start(self, grant: Grant) -> None:
        super().start(grant)
        self.eta.started(grant.ticket.id, self.now)
        self._naive.started(grant.ticket.id)

    def finish(self, life: Life) -> None:
        super().finish(life)
        self.eta.ended(life.job.ticket.person, life.generated)

    def pump(self) -> None:
        super().pump()
        service, self._served = self.schedule.delivered - self._served, self.schedule.delivered
        self.eta.served(self.now, service)
        self._naive.served(self.now, service, waiting=bool(self.schedule.waiting))
        for joined in self._joined:
            if not self.lives[joined.ticket.id].starts:
                self._tell(joined.ticket)
        self._joined.clear()
        if self.now - self._announced_at >= ANNOUNCED_S:
            self._announced_at = self.now
            for ticket_id, quote in self.eta.quotes(self.now):
                if not self.lives[ticket_id].starts:
                    self._quoted.append((self.again, ticket_id, self.now, quote.expected_s, quote.p90_s))

    def _tell(self, ticket: Ticket) -> None:
        quote = self.eta.quote(ticket.id, self.now)
        naive = self._naive.seconds()
        self._naive.joined(ticket.id, self.schedule.cost(ticket))
        if quote is not None and naive is not None:
            self._quoted.append((self.told, ticket.id, self.now, quote.expected_s, quote.p90_s))
            self._quoted.append((self.naive, ticket.id, self.now, naive, None))


class _Naive:
    """Work ahead over throughput."""

    def __init__(self) -> None:
        self._waiting: dict[str, float] = {}
        self._work = self._service = self._seconds = self._at = 0.0

    def joined(self, ticket_id: str, cost: float) -> None:
        self._waiting[ticket_id] = cost
        self._work += cost

    def started(self, ticket_id: str) -> None:
        self._work -= self._waiting.pop(ticket_id, 0.0)

    def served(self, now: float, service: float, *, waiting: bool) -> None:
        passed, self._at = now - self._at, now
        if waiting:
            faded = exp(-passed / NAIVE_OVER_S)
            self._service = self._service * faded + service
            self._seconds = self._seconds * faded + passed

    def seconds(self) -> float | None:
        return max(0.0, self._work) * self._seconds / self._service if self._service else None


def jobs_of(trace: Sequence[TraceRequest], pace: float, *, declared: bool) -> list[Job]:
    """``pace`` times as fast as the trace. Where it names nobody, each turn is another person's.

    ``declared``: each turn reserves the memory that it will use, as the arena trace's published runs do. The
    expected start takes no length from that.
    """
    return [
        job(
            str(number),
            one.at / pace,
            f"nobody {number}" if one.person is None else one.person,
            (one.prompt_tokens, one.output_tokens),
            declared=declared,
        )
        for number, one in enumerate(trace)
    ]


def bunched(trace: Sequence[TraceRequest], seed: int, cv: float) -> list[TraceRequest]:
    """The same requests in the same order and time, with gamma gaps of this coefficient of variation."""
    drawn = random.Random(seed)
    gaps = [drawn.gammavariate(1.0 / cv**2, 1.0) for _ in trace]
    scale = (trace[-1].at - trace[0].at) / sum(gaps)
    at = 0.0
    found: list[TraceRequest] = []
    for request, gap in zip(trace, gaps, strict=True):
        at += gap * scale
        found.append(msgspec.structs.replace(request, at=at))
    return found
