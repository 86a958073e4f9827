"""The runs of ``bench fairness``: a trace through the line of each policy, on one machine and on several."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from statistics import quantiles

import msgspec

from thinkwell.scheduling.base import Cost, Line
from thinkwell.scheduling.budgets import LoadBudgets, TierBudget
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.peers.deficit import DeficitRoundRobinLine
from thinkwell.scheduling.peers.first_come import FirstComeLine
from thinkwell.scheduling.peers.rate_limit import OverLimit, RateLimitLine
from thinkwell.scheduling.peers.vtc import PlainVtcLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.testing.simulation.fairness import cost_of
from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.pooled import Job, Life, PooledRun, job
from thinkwell.testing.simulation.profile import Profile, profile
from thinkwell.testing.simulation.trace import TraceRequest


class Policy(msgspec.Struct, frozen=True):
    title: str
    line: Callable[[Cost], Line]
    rules: Rules | None = None


POLICIES = {
    "thinkwell": Policy("thinkwell", FairLine, Rules()),
    "first_come": Policy("first come", lambda cost: FirstComeLine()),
    "rate_limit_5": Policy("5 a minute", lambda cost: RateLimitLine(5)),
    "rate_limit_20": Policy("20 a minute", lambda cost: RateLimitLine(20)),
    "vtc": Policy("plain VTC", lambda cost: PlainVtcLine()),
    "deficit": Policy("deficit round robin", DeficitRoundRobinLine),
}
TIER = "visitor"
NO_BOUND = 1 << 30
# Where the trace names nobody: so many persons, the n-th asking 1/n times as often. Like the arena trace's
# 27, of whom the first asks 20 % and the first five 63 %: here 26 % and 59 %.
PERSONS = 27
# A trace that is not overloaded like the arena trace (1.23), within these bounds, is made so.
LOAD = 1.23
LOADS = (1.1, 2.0)
# As much of a trace as the machine can answer in this time (of the arena trace's 741 s, all), and no more
# requests than these.
MOST_S = 900.0
MOST_REQUESTS = 3000
LOOK_S = 1.0


class FairnessRun(PooledRun):
    """One policy over ``replicas`` machines of one profile. What its line refuses is refused for good."""

    def __init__(self, policy: Policy, machine: Profile, replicas: int = 1) -> None:
        names = [f"replica-{number}" for number in range(replicas)]
        slots = machine.slots or NO_BOUND
        schedule = PoolSchedule(
            policy.line,
            [Replica(name, slots, machine.kv_tokens) for name in names],
            Router(names, cache_blocks=machine.cache_tokens // machine.block, block_tokens=machine.block),
            rules=policy.rules,
        )
        super().__init__(schedule, {name: SimulatedMachine(machine) for name in names})

    def arrive(self, job: Job) -> None:
        try:
            super().arrive(job)
        except OverLimit:
            self.lives[job.ticket.id].refused = True


class BudgetedRun(FairnessRun):
    """With budgets that follow the load, at each turn's start."""

    def __init__(self, policy: Policy, machine: Profile, replicas: int = 1) -> None:
        super().__init__(policy, machine, replicas)
        self._budgets = LoadBudgets({TIER: TierBudget()})
        self._full = machine.context // 2
        self._looked_at = self._delivered = 0.0
        self.cut = 0

    def arrive(self, job: Job) -> None:
        self._budgets.arrived(self._budgets.expected(job.ticket), self.now)
        super().arrive(job)

    def output_of(self, life: Life) -> int:
        if len(life.starts) == 1:
            life.thought_budget = self._budgets.budget(TIER, self._full, self.now)
        output, thought = life.job.request.output_tokens, life.job.thought_tokens
        return max(1, output - thought + self._thought_of(life))

    def _thought_of(self, life: Life) -> int:
        thought = life.job.thought_tokens
        return thought if life.thought_budget is None else min(thought, life.thought_budget)

    def finish(self, life: Life) -> None:
        super().finish(life)
        thought = self._thought_of(life)
        cut = thought < life.job.thought_tokens
        self.cut += cut
        self._budgets.ended(life.job.ticket.person, life.generated, thought, cut=cut)

    def pump(self) -> None:
        super().pump()
        if self.now - self._looked_at >= LOOK_S:
            self._looked_at = self.now
            delivered = sum(
                cost_of(machine.prompt_tokens_computed, machine.tokens_made)
                for machine in self.machines.values()
            )
            self._budgets.served(delivered - self._delivered, self.schedule.waiting, self.now)
            self._delivered = delivered


# -- from a trace to jobs ----------------------------------------------------------------------------


def machine_for(trace: Sequence[TraceRequest]) -> Profile:
    """``arena``, with more memory where the longest of the trace would leave room for few beside them."""
    known = profile("arena")
    longest = quantiles([one.prompt_tokens + one.output_tokens for one in trace] * 2, n=100)[-1]
    return msgspec.structs.replace(known, kv_tokens=max(known.kv_tokens or 0, round(4 * longest)))


def jobs_of(trace: Iterable[TraceRequest], machine: Profile, seed: int) -> list[Job]:
    """The first MOST_REQUESTS that the machine can hold. Lengths are declared, as in the VTC paper's runs:
    memory is reserved by them; what a turn will use in time is guessed."""
    rng = random.Random(seed)
    often = [1 / place for place in range(1, PERSONS + 1)]
    jobs: list[Job] = []
    for one in trace:
        prompt, output = max(1, one.prompt_tokens), max(1, one.output_tokens)
        if prompt + output > (machine.kv_tokens or NO_BOUND) or len(jobs) == MOST_REQUESTS:
            continue
        person = one.person or f"person-{rng.choices(range(PERSONS), often)[0]}"
        jobs.append(
            job(str(len(jobs)), one.at, person, (prompt, output), thought_tokens=one.reasoning_tokens)
        )
    return jobs


def span_of(jobs: Sequence[Job], machine: Profile, replicas: int = 1) -> float:
    """Seconds in which first come, first served answers them all."""
    lives = FairnessRun(POLICIES["first_come"], machine, replicas).play(jobs).values()
    return max(life.ended or 0.0 for life in lives)


def paced(jobs: list[Job], machine: Profile) -> tuple[list[Job], float]:
    """The first MOST_S of work, so fast that more is asked than the machine can do; and how many times as
    fast as the trace that is: 1 where the trace is like that already."""
    at_once = _at_once_s(jobs, machine)
    if at_once > MOST_S:
        jobs = jobs[: max(2, round(len(jobs) * MOST_S / at_once))]
        at_once = _at_once_s(jobs, machine)
    lasted = jobs[-1].at
    if not lasted or LOADS[0] <= span_of(jobs, machine) / lasted <= LOADS[1]:
        return jobs, 1.0
    pace = lasted * LOAD / at_once
    return [msgspec.structs.replace(one, at=one.at / pace) for one in jobs], pace


def _at_once_s(jobs: Sequence[Job], machine: Profile) -> float:
    return span_of([msgspec.structs.replace(one, at=0.0) for one in jobs], machine)


def jittered(jobs: Sequence[Job], seed: int, most_s: float = 0.05) -> list[Job]:
    rng = random.Random(seed)
    moved = [msgspec.structs.replace(one, at=one.at + rng.uniform(0, most_s)) for one in jobs]
    return sorted(moved, key=lambda one: one.at)


def with_guests(jobs: Sequence[Job], copies: int, seed: int) -> list[Job]:
    """The jobs ``copies`` times at about the same moments, each time of other people; a third of them are
    guests, three of whom share a network."""
    rng = random.Random(seed)
    persons = sorted({(one.ticket.person, copy) for one in jobs for copy in range(copies)})
    rng.shuffle(persons)
    guests = persons[: len(persons) // 3]
    network = {guest: f"network-{place // 3}" for place, guest in enumerate(guests)}
    many = [
        job(
            f"{one.ticket.id}.{copy}",
            one.at + rng.uniform(0, 1),
            f"{one.ticket.person}.{copy}",
            (one.request.prompt_tokens, one.request.output_tokens),
            group=network.get((one.ticket.person, copy)),
            thought_tokens=one.thought_tokens,
        )
        for one in jobs
        for copy in range(copies)
    ]
    return sorted(many, key=lambda one: one.at)


# -- made-up ones ------------------------------------------------------------------------------------

OVERLOAD_S = 360.0
TOKENS = (256, 256)


def two_overloaded() -> list[Job]:
    """The VTC paper's ``overload``: 1.5 and 3 requests a second."""
    jobs = [
        job(f"{person}{number}", number / rate, person, TOKENS)
        for person, rate in (("a", 1.5), ("b", 3.0))
        for number in range(int(OVERLOAD_S * rate))
    ]
    return sorted(jobs, key=lambda one: one.at)


def identities(count: int) -> list[Job]:
    """One person, and ``count`` identities of one network; each of these asks once every 30 s, and the
    person three times a second."""
    jobs = [job(f"one{number}", number / 3, "one", TOKENS) for number in range(int(OVERLOAD_S * 3))]
    for identity in range(count):
        for turn in range(int(OVERLOAD_S / 30)):
            at = 30.0 * (turn + identity / count)
            jobs.append(job(f"{identity}.{turn}", at, f"identity-{identity}", TOKENS, group="2001:db8::/48"))
    return sorted(jobs, key=lambda one: one.at)
