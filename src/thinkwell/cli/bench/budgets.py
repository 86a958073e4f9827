"""``bench budgets``: people answered in an hour of overload, with thoughts that follow the load and without.

Peers in the same run: the same budget always, and no thinking at all, which no budget can beat. And what
must not happen: budgets cut while the load is below one, however bunched people come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from thinkwell.cli.bench.budget_runs import (
    BudgetRun,
    FollowingRun,
    Found,
    SaturatedRun,
    jobs_of,
    shuffled,
    work_of,
)
from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.testing.simulation.profile import Profile, profile
from thinkwell.testing.simulation.trace import TraceRequest, read_trace

GOAL = 1.9
NOT_ONE = 0.0001  # of the turns: the table shows four digits
# The machine has so many turns of the trace behind one another in each slot, or more.
DEEP = 20
# Turns that measure the capacity, for each slot.
TO_SATURATE = 8
# The peer's budget keeps this part of all thoughts, the best that can be known beforehand.
FIXED_SHARE = 0.5
# Turns with made-up gaps. CV 13 is the burstiest that issue 3 names.
DRAWN = 8000
GAPS = {"": None, "_poisson": 1.0, "_bursty": 13.0}
LOADS = {"0_8": 0.8, "0_95": 0.95}
NO_THOUGHTS = "no thoughts in this trace, or all at once"


def rows() -> dict[str, Row]:
    titles = {"none": "none", "thinkwell": "thinkwell", "fixed": "fixed", "ceiling": "no thinking"}
    found = {
        f"answered_per_hour_{name}": Row(title=f"answered an hour: {title}", unit="", digits=0)
        for name, title in titles.items()
    }
    found["answered_ratio"] = Row(title="over none: thinkwell", unit="x", above=GOAL, digits=3)
    found["answered_ratio_fixed"] = Row(title="over none: fixed", unit="x", digits=3)
    found["answered_ratio_ceiling"] = Row(title="over none: no thinking", unit="x", digits=3)
    found["answered_ratio_clients"] = Row(
        title="over none: thinkwell, a client of the trace a person", unit="x", digits=3
    )
    found["mean_thought_share"] = Row(title="kept of the thoughts: thinkwell", unit="", digits=3)
    found["waiting_end_none"] = Row(title="waiting at the end: none", unit="", digits=0)
    found["waiting_end_thinkwell"] = Row(title="waiting at the end: thinkwell", unit="", digits=0)
    for name, load in LOADS.items():
        for kind in GAPS:
            said = {"": "", "_poisson": ", Poisson", "_bursty": ", gaps of CV 13"}[kind]
            found[f"cut_share_at_load_{name}{kind}"] = Row(
                title=f"turns told of a cut at load {load:g}{said}",
                unit="",
                below=NOT_ONE if name == "0_8" else None,
                digits=4,
            )
    return {name: msgspec.structs.replace(row, missing=NO_THOUGHTS) for name, row in found.items()}


def measure(trace: Path, seed: int, load: float) -> Report:
    """``load``: weighted tokens asked for in the trace's span, over what the machine delivers in it while
    people wait and nothing is cut. The trace is played faster or slower to have it. Raises BadTrace."""
    requests = read_trace(trace)
    machine = _machine(requests)
    readings: dict[str, Sequence[float]] = {}
    setup: dict[str, str | int | float] = {
        "trace": trace.name,
        "turns": len(requests),
        "seed": seed,
        "load": load,
        "profile": machine.name,
        "slots": machine.slots or 0,
        "persons": "one a turn",
    }
    if requests[-1].at > 0 and any(request.reasoning_tokens for request in requests):
        capacity = _capacity(machine, requests)
        site = _Site(machine, capacity)
        setup["capacity"] = round(capacity)
        setup["pace"] = round(site.pace(requests, load), 3)
        setup["fixed_budget"] = _fixed_budget(requests)
        readings = _overloaded(site, requests, load) | _not_overloaded(site, requests, seed)
    return Report(bench="budgets", machine=this_machine(), setup=setup, figures=figures(rows(), readings))


class _Site:
    """A machine, and the weighted tokens a second that it can do."""

    def __init__(self, machine: Profile, capacity: float) -> None:
        self._machine = machine
        self._capacity = capacity

    def pace(self, trace: Sequence[TraceRequest], load: float) -> float:
        return load * self._capacity * trace[-1].at / work_of(trace)

    def play(
        self,
        trace: Sequence[TraceRequest],
        load: float,
        make: Callable[[Profile, float], BudgetRun],
        *,
        by_client: bool = False,
    ) -> Found:
        jobs = jobs_of(trace, self.pace(trace, load), by_client=by_client)
        return make(self._machine, jobs[-1].at).found(jobs)


def _overloaded(site: _Site, trace: Sequence[TraceRequest], load: float) -> dict[str, Sequence[float]]:
    fixed = _fixed_budget(trace)
    found = {
        "none": site.play(trace, load, BudgetRun),
        "thinkwell": site.play(trace, load, FollowingRun),
        "fixed": site.play(trace, load, lambda machine, span: BudgetRun(machine, span, fixed)),
        "ceiling": site.play(trace, load, lambda machine, span: BudgetRun(machine, span, 0)),
    }
    ours, none = found["thinkwell"], found["none"]
    readings: dict[str, Sequence[float]] = {
        f"answered_per_hour_{name}": [one.per_hour] for name, one in found.items()
    }
    readings["answered_ratio"] = _ratio(ours, none)
    readings["answered_ratio_fixed"] = _ratio(found["fixed"], none)
    readings["answered_ratio_ceiling"] = _ratio(found["ceiling"], none)
    readings["mean_thought_share"] = [] if ours.kept is None else [ours.kept]
    readings["waiting_end_none"] = [none.waiting]
    readings["waiting_end_thinkwell"] = [ours.waiting]
    if any(request.person for request in trace):
        by_client = [site.play(trace, load, make, by_client=True) for make in (FollowingRun, BudgetRun)]
        readings["answered_ratio_clients"] = _ratio(*by_client)
    return readings


def _not_overloaded(site: _Site, trace: Sequence[TraceRequest], seed: int) -> dict[str, Sequence[float]]:
    readings: dict[str, Sequence[float]] = {}
    for name, load in LOADS.items():
        for kind, cv in GAPS.items():
            played = trace if cv is None else shuffled(trace, min(DRAWN, len(trace)), cv, seed)
            readings[f"cut_share_at_load_{name}{kind}"] = [site.play(played, load, FollowingRun).told]
    return readings


def _ratio(ours: Found, none: Found) -> list[float]:
    return [ours.answered / none.answered] if none.answered else []


def _machine(trace: Sequence[TraceRequest]) -> Profile:
    known = profile("deepseek-node")
    slots = max(1, min(known.slots or len(trace), len(trace) // DEEP))
    return msgspec.structs.replace(known, slots=slots)


def _capacity(machine: Profile, trace: Sequence[TraceRequest]) -> float:
    """Of turns drawn evenly from the trace."""
    turns = min(len(trace), TO_SATURATE * (machine.slots or 1))
    drawn = [trace[place * len(trace) // turns] for place in range(turns)]
    run = SaturatedRun(machine)
    run.play([msgspec.structs.replace(job, at=0.0) for job in jobs_of(drawn)])
    assert run.capacity, "time passes while a quarter of the turns start"
    return run.capacity


def _fixed_budget(trace: Sequence[TraceRequest]) -> int:
    """The budget that keeps FIXED_SHARE of the trace's thoughts, all counted together."""
    thoughts = sorted(request.reasoning_tokens for request in trace)
    wanted = FIXED_SHARE * sum(thoughts)
    whole = 0
    for place, tokens in enumerate(thoughts):
        longer = len(thoughts) - place
        if whole + tokens * longer >= wanted:
            return round((wanted - whole) / longer)
        whole += tokens
    return thoughts[-1]
