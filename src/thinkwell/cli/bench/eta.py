"""``bench eta``: what turns that wait are told about their start, and what came of it.

Over the turns of a trace that had to wait, told at the moment of joining, and again every few seconds; as
the trace has it, and with its requests bunched. The naive peer is asked in the same runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from thinkwell.cli.bench.eta_runs import EtaRun, Told, bunched, jobs_of, score
from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.scheduling.giveway import Rules
from thinkwell.testing.simulation.profile import Profile, profile
from thinkwell.testing.simulation.replay import as_arrivals, replay
from thinkwell.testing.simulation.trace import TraceRequest, read_trace

# Of the turns, this many are told within 10 % of the real wait or a second: then the median error is.
LEAST_WITHIN_GOAL = 0.5
COVERED = (0.88, 0.92)
LATER = (0.47, 0.53)
# The burstiest arrivals that issue 3 names: the gaps' standard deviation over their mean.
CV = 13.0
# Such gaps come in a few bunches, so that one draw says little: so many, with the seeds that follow.
DRAWS = 3
# The first requests of a long trace, and the load at which they are asked where the trace's own is not used.
SLICE = 2000
LOAD = 1.2
NO_P90 = "it tells none"
NOBODY_WAITED = "nobody had to wait"


def rows() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for kind, said in (("", ""), ("bursty_", f", gaps of CV {CV:g}")):
        found |= _rows(f"{kind}eta", f"thinkwell{said}", ours=True)
        found |= _rows(f"{kind}eta_again", f"thinkwell, told again{said}", ours=True)
        found |= _rows(f"{kind}naive_eta", f"work ahead/throughput{said}", ours=False)
    return found


def _rows(name: str, title: str, *, ours: bool) -> dict[str, Row]:
    least, most = COVERED if ours else (None, None)
    early, late = LATER if ours else (None, None)
    return {
        f"{name}_median_error_share": Row(
            title=f"{title}: median error, of the wait", unit="", digits=3, missing=NOBODY_WAITED
        ),
        f"{name}_median_error_s": Row(
            title=f"{title}: median error", unit="s", digits=2, missing=NOBODY_WAITED
        ),
        f"{name}_within_goal_share": Row(
            title=f"{title}: within 10 % or 1 s",
            unit="",
            above=LEAST_WITHIN_GOAL if ours else None,
            digits=3,
            missing=NOBODY_WAITED,
        ),
        f"{name}_p90_coverage": Row(
            title=f"{title}: started by the P90",
            unit="",
            above=least,
            below=most,
            digits=3,
            missing=NOBODY_WAITED if ours else NO_P90,
        ),
        f"{name}_later_than_median": Row(
            title=f"{title}: later than the median",
            unit="",
            above=early,
            below=late,
            digits=3,
            missing=NOBODY_WAITED,
        ),
    }


def measure(trace: Path, seed: int, load: float | None = None) -> Report:
    """``load`` over capacity; None: a trace that overloads the arena's machine is played there as it is, any
    other at 1.2 on an H100 with an 8B model. ``seed`` draws the gaps of the bursts. Raises BadTrace.
    """
    machine, requests, pace, offered = _set_up(read_trace(trace), load)
    declared = machine.name == "arena"
    readings: dict[str, list[float]] = {}
    waited: dict[str, int] = {}
    for kind, asked in (
        ("", [requests]),
        ("bursty_", [bunched(requests, seed + draw, CV) for draw in range(DRAWS)]),
    ):
        runs = [EtaRun(machine, Rules()).measured(jobs_of(one, pace, declared=declared)) for one in asked]
        readings |= _read(f"{kind}eta", [run.told for run in runs])
        readings |= _read(f"{kind}eta_again", [run.again for run in runs])
        readings |= _read(f"{kind}naive_eta", [run.naive for run in runs])
        waited[kind] = sum(len(run.told) for run in runs)
    return Report(
        bench="eta",
        machine=this_machine(),
        setup={
            "trace": trace.name,
            "requests": len(requests),
            "profile": machine.name,
            "load": round(offered, 3),
            "pace": round(pace, 3),
            "seed": seed,
            "waited": waited[""],
            "waited_bursty": waited["bursty_"],
        },
        figures=figures(rows(), readings),
    )


def _read(name: str, runs: Sequence[Sequence[Told]]) -> dict[str, list[float]]:
    """A reading of each run in which somebody waited."""
    scores = [found for told in runs if (found := score(told)) is not None]
    return {
        f"{name}_median_error_share": [found.error_share for found in scores],
        f"{name}_median_error_s": [found.error_s for found in scores],
        f"{name}_within_goal_share": [found.within_goal for found in scores],
        f"{name}_p90_coverage": [found.covered for found in scores if found.covered is not None],
        f"{name}_later_than_median": [found.later for found in scores],
    }


def _set_up(
    trace: list[TraceRequest], load: float | None
) -> tuple[Profile, list[TraceRequest], float, float]:
    """(machine, what is asked, how many times as fast as the trace, load over capacity)."""
    arena = profile("arena")
    if all(request.person is not None and _size(request) <= arena.context for request in trace):
        requests = trace[:SLICE]
        own = _load(arena, requests)
        if load is None and own >= 1.0:
            return arena, requests, 1.0, own
    h100 = profile("h100-8b")
    requests = [request for request in trace if _size(request) <= h100.context][:SLICE]
    own = _load(h100, requests)
    wanted = LOAD if load is None else load
    return (h100, requests, wanted / own, wanted) if own else (h100, requests, 1.0, own)


def _size(request: TraceRequest) -> int:
    return request.prompt_tokens + request.output_tokens


def _load(machine: Profile, requests: list[TraceRequest]) -> float:
    """Seconds that the machine takes for all of it at once, over those in which it is asked."""
    if len(requests) < 2 or requests[-1].at <= requests[0].at:
        return 0.0
    at_once = [msgspec.structs.replace(arrival, at=0.0) for arrival in as_arrivals(requests)]
    took = max(span.ended or 0.0 for span in replay(machine, at_once).values())
    return took / (requests[-1].at - requests[0].at)
