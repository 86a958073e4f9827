"""``bench routing``: where a trace's turns go, and what that saves: ours beside its peers.

Figures of the same name are of the same run: one trace, one number of replicas, one seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.cli.bench.routing_runs import Pool, Spread, ceiling, documents, spread
from thinkwell.scheduling.replica_peers import cost_line, least_work, round_robin
from thinkwell.scheduling.replicas import Cost, locality_and_load
from thinkwell.testing.simulation.profile import Profile, profile
from thinkwell.testing.simulation.replay import Arrival, as_arrivals
from thinkwell.testing.simulation.trace import TraceRequest, read_trace

POLICIES: dict[str, tuple[str, Cost]] = {
    "thinkwell": ("thinkwell", locality_and_load),
    "round_robin": ("round robin", round_robin),
    "least_work": ("least work", least_work),
    "cost_line": ("uncached + 0.1 work", cost_line),
}
# Of what can be hit at all; 36.2 % of Mooncake's conversations, where that is 36.64 %.
HITS_OF_CEILING = 36.2 / 36.64
MOST_IMBALANCE = 1.05
# 1.5 million tokens a replica, as with some of the host's memory for the cache.
BOUNDED_BLOCKS = 3000
QUESTIONS = 3000
NO_BLOCKS = "no block hashes in this trace"

# The run in virtual time: the first requests of the trace, at a pace at which the pool would be busy for this
# part of the time if nothing were cached. Of decoding, a share of a step of 16 counts.
SLICE = 3000
LOAD = 0.85
TOGETHER = 16


def rows(ceilings: dict[str, float | None]) -> dict[str, Row]:
    """``ceilings`` by kind of run, for the goals of ours."""
    found: dict[str, Row] = {}
    for kind, said in (("", ""), ("bounded_", f", {BOUNDED_BLOCKS} blocks"), ("documents_", ", documents")):
        for name, (title, _) in POLICIES.items():
            ours = name == "thinkwell" and not kind
            most = ceilings[kind] if ours else None
            found[f"hits_{kind}{name}"] = Row(
                title=f"block hits{said}: {title}",
                unit="%",
                above=None if most is None else round(HITS_OF_CEILING * most, 2),
                digits=2,
                missing=NO_BLOCKS,
            )
            found[f"imbalance_{kind}{name}"] = Row(
                title=f"prefill, max/mean{said}: {title}",
                unit="",
                below=MOST_IMBALANCE if ours else None,
                digits=3,
            )
        if kind != "bounded_":
            found[f"hits_{kind}ceiling"] = Row(
                title=f"block hits{said}: ceiling", unit="%", digits=2, missing=NO_BLOCKS
            )
    for name, (title, _) in POLICIES.items():
        found[f"ttft_{name}_s"] = Row(title=f"mean time to first token: {title}", unit="s", digits=2)
    for name, (title, _) in POLICIES.items():
        found[f"answer_{name}_s"] = Row(title=f"mean time to last token: {title}", unit="s", digits=2)
    found["choice_us"] = Row(title="one choice and its booking: thinkwell", unit="us")
    return found


def measure(trace: Path, replicas: int, seed: int) -> Report:
    """Reads the trace, runs each policy four times (10 s for 12,000 requests). Raises BadTrace.

    ``hits_`` and ``imbalance_`` with endless caches, ``_bounded_`` with BOUNDED_BLOCKS each,
    ``_documents_`` with endless ones on questions about long shared texts made from ``seed``; ``ttft_`` and
    ``answer_`` (first and last token) in virtual time.
    """
    requests = read_trace(trace)
    asked = documents(seed, QUESTIONS)
    ceilings = {"": ceiling(requests), "documents_": ceiling(asked)}
    machine = _machine(requests)
    arrivals, pace = _paced(requests, machine, replicas)
    readings: dict[str, Sequence[float]] = {f"hits_{kind}ceiling": _given(c) for kind, c in ceilings.items()}
    for name, (_, cost) in POLICIES.items():
        endless = spread(requests, cost, replicas, _blocks(requests))
        readings |= _read("", name, endless)
        readings |= _read("bounded_", name, spread(requests, cost, replicas, BOUNDED_BLOCKS))
        readings |= _read("documents_", name, spread(asked, cost, replicas, _blocks(asked)))
        if arrivals:
            times = Pool(machine, replicas, cost).run(arrivals)
            readings |= {f"ttft_{name}_s": [times.first], f"answer_{name}_s": [times.last]}
        if name == "thinkwell":
            readings["choice_us"] = [endless.choice_us]
    return Report(
        bench="routing",
        machine=this_machine(),
        setup={
            "trace": trace.name,
            "requests": len(requests),
            "replicas": replicas,
            "seed": seed,
            "cache_blocks": BOUNDED_BLOCKS,
            "profile": machine.name,
            "slice": len(arrivals),
            "pace": round(pace, 3),
        },
        figures=figures(rows(ceilings | {"bounded_": None}), readings),
    )


def _read(kind: str, name: str, found: Spread) -> dict[str, Sequence[float]]:
    return {f"hits_{kind}{name}": _given(found.hits), f"imbalance_{kind}{name}": [found.imbalance]}


def _given(value: float | None) -> list[float]:
    return [] if value is None else [value]


def _blocks(trace: list[TraceRequest]) -> int:
    return sum(len(request.blocks) for request in trace)


def _machine(trace: list[TraceRequest]) -> Profile:
    """An H100 with an 8B model, whose prefix cache has BOUNDED_BLOCKS of the trace's blocks."""
    known = profile("h100-8b")
    block = max(request.block_tokens for request in trace) or known.block
    return msgspec.structs.replace(known, block=block, cache_tokens=BOUNDED_BLOCKS * block)


def _paced(trace: list[TraceRequest], machine: Profile, replicas: int) -> tuple[list[Arrival], float]:
    """The slice at the pace of LOAD, and how many times as fast as the trace's own that is.

    What is too long for the machine at all is left out. 1.0 where all came in the same moment.
    """
    fitting = [
        arrival
        for arrival in as_arrivals(trace)
        if arrival.request.prompt_tokens + arrival.request.limit <= (machine.kv_tokens or 0)
    ][:SLICE]
    work = sum(_alone_s(arrival, machine) for arrival in fitting)
    lasted = fitting[-1].at - fitting[0].at if fitting else 0.0
    pace = LOAD * replicas * lasted / work if lasted else 1.0
    return [msgspec.structs.replace(arrival, at=arrival.at / pace) for arrival in fitting], pace


def _alone_s(arrival: Arrival, machine: Profile) -> float:
    """Seconds of a machine that it takes, nothing of it being cached."""
    prompt, output = arrival.request.prompt_tokens, arrival.request.output_tokens
    step = machine.a / TOGETHER + machine.b + machine.c * (prompt + output / 2)
    return prompt * machine.prefill_s + output * step
