"""The runs of ``bench budgets``: a trace of thoughts on one machine in virtual time, cut by a policy.

A thought that is cut goes on with the answer that the trace has for it: what a shorter thought does to
the answer is not simulated. A run ends with the last arrival; who has no answer by then has none.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from thinkwell.scheduling.base import OUTPUT_WEIGHT, PROMPT_WEIGHT
from thinkwell.scheduling.budgets import LoadBudgets, TierBudget
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.pooled import Job, Life, PooledRun, job
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.trace import TraceRequest

REPLICA = "replica"
TIER = "visitor"
# How often the line is told of tokens between endings. Nobody is overtaken for less than that is worth.
EVERY_S = 2.0
# How often budgets look at the pool, as the dispatcher does.
LOOK_S = 1.0


class Found(msgspec.Struct, frozen=True):
    """Turns ``answered`` within ``span_s``, ``waiting`` at its end, and the part of turns that were told
    of a shorter thought. ``kept``: tokens thought over those of the trace, in the turns answered.
    """

    answered: int
    span_s: float
    waiting: int
    told: float
    kept: float | None

    @property
    def per_hour(self) -> float:
        return 3600 * self.answered / self.span_s


class BudgetRun(PooledRun):
    """No thought is cut, unless ``fixed`` tokens are all that each may take."""

    def __init__(self, profile: Profile, span_s: float, fixed: int | None = None) -> None:
        replica = Replica(REPLICA, profile.slots or 1 << 30, profile.kv_tokens)
        router = Router([REPLICA], cache_blocks=0, block_tokens=profile.block)
        self.machine = SimulatedMachine(profile)
        schedule = PoolSchedule(FairLine, [replica], router)
        super().__init__(schedule, {REPLICA: self.machine}, EVERY_S)
        self._span_s = span_s
        self._fixed = fixed
        self._waiting = 0

    def found(self, jobs: Sequence[Job]) -> Found:
        lives = self.play(jobs).values()
        whole = [life for life in lives if life.ended is not None]
        full = sum(life.job.thought_tokens for life in whole)
        told = sum(life.thought_budget is not None for life in lives)
        thought = sum(self.thought_of(life) for life in whole)
        return Found(
            len(whole), self._span_s, self._waiting, told / len(lives), thought / full if full else None
        )

    @property
    def delivered(self) -> float:
        """Weighted tokens so far."""
        return PROMPT_WEIGHT * self.machine.prompt_tokens_computed + OUTPUT_WEIGHT * self.machine.tokens_made

    def thought_of(self, life: Life) -> int:
        """Tokens that it thinks under its budget."""
        thought = life.job.thought_tokens
        return thought if life.thought_budget is None else min(thought, life.thought_budget)

    def budget_of(self, life: Life) -> int | None:
        """At its start."""
        return self._fixed

    def output_of(self, life: Life) -> int:
        life.thought_budget = self.budget_of(life)
        return self.whole_of(life)

    def whole_of(self, life: Life) -> int:
        """Tokens that it says in all under its budget."""
        return max(1, life.job.request.output_tokens - life.job.thought_tokens + self.thought_of(life))

    def pump(self) -> None:
        super().pump()
        if self.now >= self._span_s:
            self.stop()

    def stop(self) -> None:
        """Everybody leaves, so that ``play`` comes to its end."""
        self._waiting = self.schedule.waiting
        for ticket in list(self.schedule.in_order()):
            self.schedule.leave(ticket.id)
        for ticket_id in list(self.schedule.running):
            self.machine.abort(ticket_id)
            self.schedule.ended(ticket_id, learn=False)


class FollowingRun(BudgetRun):
    """Thinkwell's: budgets that follow the load, at a turn's start and while it thinks."""

    def __init__(self, profile: Profile, span_s: float) -> None:
        super().__init__(profile, span_s)
        self._full = profile.context // 2
        self.budgets = LoadBudgets({TIER: TierBudget()})
        self._looked_at = self._delivered_then = 0.0

    def arrive(self, job: Job) -> None:
        self.budgets.arrived(self.budgets.expected(job.ticket), self.now)
        super().arrive(job)

    def budget_of(self, life: Life) -> int | None:
        return self.budgets.budget(TIER, self._full, self.now)

    def finish(self, life: Life) -> None:
        super().finish(life)
        thought = self.thought_of(life)
        cut = thought < life.job.thought_tokens
        self.budgets.ended(life.job.ticket.person, life.generated, thought, cut=cut)

    def pump(self) -> None:
        super().pump()
        if self.now - self._looked_at >= LOOK_S:
            self._looked_at = self.now
            self._look()

    def _look(self) -> None:
        delivered = self.delivered
        self.budgets.served(delivered - self._delivered_then, self.schedule.waiting, self.now)
        self._delivered_then = delivered
        budget = self.budgets.budget(TIER, self._full, self.now)
        if budget is None:
            return
        for ticket_id, said in self.machine.progress().items():
            life = self.lives[ticket_id]
            if budget <= said < self.thought_of(life):
                self._cut(life, said)

    def _cut(self, life: Life, said: int) -> None:
        has = self._full if life.thought_budget is None else life.thought_budget
        rest = self.budgets.cut(TIER, has, said, self.now)
        if rest is not None:
            life.thought_budget = rest
            self.machine.shorten(life.job.ticket.id, self.whole_of(life))


class SaturatedRun(BudgetRun):
    """Everybody comes at once; ``capacity`` is what is delivered a second from when a quarter of them have
    started to when all have. Weighted tokens."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile, float("inf"))
        self.capacity: float | None = None
        self._since: tuple[float, float] | None = None

    def pump(self) -> None:
        super().pump()
        waiting = self.schedule.waiting
        if self._since is None:
            if 4 * waiting < 3 * len(self.lives):
                self._since = self.now, self.delivered
        elif not waiting and self.capacity is None:
            at, delivered = self._since
            self.capacity = (self.delivered - delivered) / (self.now - at) if self.now > at else None
            self.stop()


# -- jobs --------------------------------------------------------------------------------------------


def jobs_of(trace: Sequence[TraceRequest], pace: float = 1.0, *, by_client: bool = False) -> list[Job]:
    """``pace`` times as fast as the trace. Every turn is another person's, unless ``by_client``."""
    return [
        job(
            str(number),
            one.at / pace,
            (one.person if by_client else None) or f"person-{number}",
            (one.prompt_tokens, one.output_tokens),
            thought_tokens=one.reasoning_tokens,
            declared=False,
        )
        for number, one in enumerate(trace)
    ]


def shuffled(trace: Sequence[TraceRequest], turns: int, cv: float, seed: int) -> list[TraceRequest]:
    """``turns`` of the trace drawn anew, with independent gaps (gamma) of mean 1 s and that variation."""
    rng = random.Random(seed)
    shape = 1 / cv**2
    at = 0.0
    drawn: list[TraceRequest] = []
    for request in rng.choices(trace, k=turns):
        drawn.append(msgspec.structs.replace(request, at=at))
        at += rng.gammavariate(shape, 1 / shape)
    return drawn


def work_of(trace: Sequence[TraceRequest]) -> float:
    """Weighted tokens, nothing cut."""
    return sum(
        PROMPT_WEIGHT * request.prompt_tokens + OUTPUT_WEIGHT * request.output_tokens for request in trace
    )
