"""``bench fairness``: a trace through the fair line and its peers, beside the fluid ideal of the same run.

The measure is the VTC artifact's (testing/simulation/fairness.py). All is in virtual time but the costs
of the line itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import msgspec

from thinkwell.cli.bench.fairness_rows import rows
from thinkwell.cli.bench.fairness_runs import (
    OVERLOAD_S,
    POLICIES,
    BudgetedRun,
    FairnessRun,
    identities,
    jittered,
    jobs_of,
    machine_for,
    paced,
    two_overloaded,
    with_guests,
)
from thinkwell.cli.bench.plots import Series, write_plots
from thinkwell.cli.bench.queue_runs import bytes_per_waiting, leaked, operations, refills
from thinkwell.cli.bench.report import Report, figures, this_machine
from thinkwell.testing.simulation.fairness import (
    WINDOW_S,
    Served,
    differences,
    first_token_s,
    fluid,
    served_of,
    ticks_of,
    widest_drift,
)
from thinkwell.testing.simulation.pooled import Job, Life
from thinkwell.testing.simulation.profile import Profile, profile
from thinkwell.testing.simulation.trace import read_trace

ABORTS = 1_000_000
COPIES = 8
REPLICAS = 4
IDENTITIES = 100
# The one who outnumbered asks alone: what was won is counted while both wait.
FROM_S = 60.0
PLOTTED = 4  # persons, those who asked most
PLOT_EVERY_S = 10.0

Readings = dict[str, Sequence[float]]


class Answered(msgspec.Struct, frozen=True):
    """One run: what everybody had, in the measure's terms and in the simulator's."""

    lives: list[Life]
    served: list[Served]
    differences: list[float]
    pauses: int

    @property
    def tokens_per_s(self) -> float:
        tokens = sum(
            life.job.request.prompt_tokens + life.generated for life in self.lives if not life.refused
        )
        return tokens / self.span_s

    @property
    def span_s(self) -> float:
        return max(life.ended or 0.0 for life in self.lives)

    @property
    def capacity(self) -> float:
        """Weighted tokens a second."""
        return sum(one.cost for one in self.served if one.ended is not None) / self.span_s


def measure(trace: Path, seed: int, aborts: int = ABORTS, plots: Path | None = None) -> Report:
    """Reads the trace and plays it; writes plots where asked for. Raises BadTrace and SetupError.

    ``_jittered`` are the same ratios on COPIES of the trace with all arrivals moved a little: what of a
    ratio is the trace's and what is chance. ``_full`` has REPLICAS machines for as many copies of the
    trace, other people in each, a third of them guests, and budgets that follow the load.
    """
    requests = read_trace(trace)
    machine = machine_for(requests)
    jobs, pace = paced(jobs_of(requests, machine, seed), machine)
    answered = {name: answer(jobs, machine, name) for name in POLICIES}
    ideal = poured(answered["first_come"])
    readings = of_policies(answered, ideal)
    readings |= of_ratios(answered, ideal)
    readings |= jitter(jobs, machine, seed)
    full, cut = full_ratios(jobs, machine, seed)
    readings |= full
    readings |= made_up() | of_queue(seed, aborts)
    report = Report(
        bench="fairness",
        machine=this_machine(),
        setup={
            "trace": trace.name,
            "requests": len(jobs),
            "left_out": len(requests) - len(jobs),
            "persons": len({one.ticket.person for one in jobs}),
            "profile": machine.name,
            "kv_tokens": machine.kv_tokens or 0,
            "pace": round(pace, 3),
            "load": round(answered["first_come"].span_s / jobs[-1].at, 3) if jobs[-1].at else 0.0,
            "full_replicas": REPLICAS,
            "full_thoughts_cut": cut,
            "aborts": aborts,
            "seed": seed,
        },
        figures=figures(rows(like_arena=machine == profile(machine.name) and pace == 1.0), readings),
    )
    if plots is not None:
        write_plots(report, series_of(answered, ideal), plots)
    return report


def answer(jobs: Sequence[Job], machine: Profile, policy: str) -> Answered:
    run = FairnessRun(POLICIES[policy], machine)
    return _answered(run, jobs)


def _answered(run: FairnessRun, jobs: Sequence[Job]) -> Answered:
    lives = list(run.play(jobs).values())
    served = served_of(lives)
    return Answered(lives, served, differences(served, ticks_of(served)), run.pauses)


def poured(answered: Answered, capacity: float | None = None) -> list[Served]:
    """The fluid ideal of what was asked, by default at the capacity of the run."""
    return fluid(answered.served, capacity or answered.capacity)


def of_policies(answered: Mapping[str, Answered], ideal: list[Served]) -> Readings:
    readings: Readings = {}
    for name, run in answered.items():
        readings[f"tokens_per_s_{name}"] = [run.tokens_per_s]
        readings[f"refused_{name}"] = [sum(life.refused for life in run.lives)]
    both = {name: (run.differences, run.served) for name, run in answered.items()}
    both["fluid"] = differences(ideal, ticks_of(ideal)), ideal
    for name, (found, served) in both.items():
        readings[f"difference_max_{name}"] = [max(found)]
        readings[f"difference_mean_{name}"] = [fmean(found)]
        readings[f"ttft_median_person_s_{name}"] = [first_token_s(served)]
    ours, first_come = answered["thinkwell"], answered["first_come"]
    readings["tokens_per_s_ratio"] = [ours.tokens_per_s / first_come.tokens_per_s]
    readings["pauses"] = [ours.pauses]
    return readings


def of_ratios(answered: Mapping[str, Answered], ideal: list[Served]) -> Readings:
    least = differences(ideal, ticks_of(ideal))
    readings: Readings = {}
    for name, ending in (("thinkwell", ""), ("vtc", "_vtc")):
        found = answered[name].differences
        readings[f"difference_max_ratio{ending}"] = _over(max(found), max(least))
        readings[f"difference_mean_ratio{ending}"] = _over(fmean(found), fmean(least))
    return readings


def _over(ours: float, ideal: float) -> list[float]:
    return [ours / ideal] if ideal else []


def jitter(jobs: Sequence[Job], machine: Profile, seed: int) -> Readings:
    readings: dict[str, list[float]] = {}
    for copy in range(COPIES):
        moved = jittered(jobs, seed * COPIES + copy)
        answered = {name: answer(moved, machine, name) for name in ("thinkwell", "vtc", "first_come")}
        for name, ratio in of_ratios(answered, poured(answered["first_come"])).items():
            readings.setdefault(f"{name}_jittered", []).extend(ratio)
    return dict(readings)


def full_ratios(jobs: Sequence[Job], machine: Profile, seed: int) -> tuple[Readings, int]:
    """And how many thoughts were cut. The fluid has the capacity of first come, first served, and is
    asked for what was generated in the end."""
    many = with_guests(jobs, REPLICAS, seed)
    base = FairnessRun(POLICIES["first_come"], machine, REPLICAS)
    capacity = _answered(base, many).capacity
    run = BudgetedRun(POLICIES["thinkwell"], machine, REPLICAS)
    ours = _answered(run, many)
    ideal = poured(ours, capacity)
    least = differences(ideal, ticks_of(ideal))
    return {
        "difference_max_full_ratio": _over(max(ours.differences), max(least)),
        "difference_mean_full_ratio": _over(fmean(ours.differences), fmean(least)),
    }, run.cut


def made_up() -> Readings:
    """What the trace does not have: two who wait all the time, and one against many identities."""
    machine = profile("arena")
    readings: Readings = {}
    for name, ending in (("thinkwell", ""), ("vtc", "_vtc")):
        lives = answer(two_overloaded(), machine, name).lives
        readings[f"overload_difference{ending}"] = [widest_drift(lives, OVERLOAD_S)]
        lives = answer(identities(IDENTITIES), machine, name).lives
        won = {True: 0.0, False: 0.0}
        for life in lives:
            alone = msgspec.structs.replace(served_of([life])[0], sharer="")
            won[life.job.ticket.group is not None] += alone.within(FROM_S, OVERLOAD_S)
        readings[f"identities_ratio{ending}"] = _over(won[True], max(won[False], 1.0))
    return readings


def of_queue(seed: int, aborts: int) -> Readings:
    cost = operations(seed)
    return {
        "queue_operation_us": [cost.enqueue, cost.pick, cost.charge],
        "queue_enqueue_us": [cost.enqueue],
        "queue_pick_us": [cost.pick],
        "queue_charge_us": [cost.charge],
        "idle_refill_ms": refills(seed),
        "bytes_per_waiting": [bytes_per_waiting()],
        "leaked_counts": [leaked(seed, aborts)],
    }


# -- plots -------------------------------------------------------------------------------------------


def series_of(answered: Mapping[str, Answered], ideal: list[Served]) -> list[Series]:
    """Differences of all policies, and who had what when: thinkwell, first come, and the fluid."""
    by_policy = {POLICIES[name].title: run.differences for name, run in answered.items()}
    found = [
        Series(
            title="Difference of service, by policy",
            unit="weighted tokens/s",
            x_unit="s",
            x=ticks_of(ideal),
            ys=by_policy | {"fluid ideal": differences(ideal, ticks_of(ideal))},
        )
    ]
    asked: dict[str, float] = {}
    for one in ideal:
        asked[one.sharer] = asked.get(one.sharer, 0.0) + one.cost
    heaviest = sorted(asked, key=lambda name: -asked[name])[:PLOTTED]
    both = (
        ("thinkwell", answered["thinkwell"].served),
        ("first come, first served", answered["first_come"].served),
    )
    for title, served in (*both, ("the fluid ideal", ideal)):
        found.append(_over_time(f"Service of each person: {title}", served, heaviest))
    return found


def _over_time(title: str, served: Iterable[Served], heaviest: Sequence[str]) -> Series:
    served = list(served)
    end = max(one.ended or 0.0 for one in served)
    x = [PLOT_EVERY_S * step for step in range(int(end / PLOT_EVERY_S) + 1)]
    others = len({one.sharer for one in served}) - len(heaviest)
    ys = {
        name: [0.0] * len(x)
        for name in (*(f"person {name}" for name in heaviest), f"each of {others} others")
    }
    mean = f"each of {others} others"
    for one in served:
        heavy = one.sharer in heaviest
        line = ys[f"person {one.sharer}"] if heavy else ys[mean]
        for place, at in enumerate(x):
            rate = one.within(at - WINDOW_S / 2, at + WINDOW_S / 2) / WINDOW_S
            line[place] += rate if heavy else rate / others
    return Series(title=title, unit="weighted tokens/s", x_unit="s", x=x, ys=ys)
