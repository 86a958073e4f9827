"""The figures of ``bench fairness``: their stable names, what they mean, their goals (issue 3)."""

from __future__ import annotations

import msgspec

from thinkwell.cli.bench.fairness_runs import POLICIES
from thinkwell.cli.bench.report import Row

MOST_OF_IDEAL = 1.05
MOST_OF_IDEAL_FULL = 1.1
LEAST_TOKENS = 0.999
MOST_FIRST_TOKEN_S = 0.7
MOST_DRIFT = 1536.0
MOST_IDENTITIES = 1.5
MOST_OPERATION_US = 5.0
MOST_REFILL_MS = 1.0
MOST_BYTES = 4096.0
NONE = 1.0  # of a count: below one


# These goals are for the arena trace, or one like it: overloaded, of turns that a small machine answers.
OF_THE_TRACE = ("difference_", "tokens_per_s_", "ttft_")


def rows(*, like_arena: bool = True) -> dict[str, Row]:
    found = _rows()
    if like_arena:
        return found
    return {
        name: msgspec.structs.replace(row, below=None, above=None) if name.startswith(OF_THE_TRACE) else row
        for name, row in found.items()
    }


def _rows() -> dict[str, Row]:
    found: dict[str, Row] = {}
    everybody = {name: policy.title for name, policy in POLICIES.items()} | {"fluid": "fluid ideal"}
    for kind, said in (("max", "largest"), ("mean", "mean")):
        for name, title in everybody.items():
            found[f"difference_{kind}_{name}"] = Row(
                title=f"{said} difference of service: {title}", unit="tokens/s"
            )
        found[f"difference_{kind}_ratio"] = Row(
            title=f"{said} difference, thinkwell over fluid", unit="x", below=MOST_OF_IDEAL, digits=3
        )
        found[f"difference_{kind}_ratio_jittered"] = Row(
            title=f"{said} difference, thinkwell over fluid, arrivals moved by 50 ms", unit="x", digits=3
        )
        found[f"difference_{kind}_ratio_vtc"] = Row(
            title=f"{said} difference, plain VTC over fluid", unit="x", digits=3
        )
        found[f"difference_{kind}_ratio_vtc_jittered"] = Row(
            title=f"{said} difference, plain VTC over fluid, arrivals moved by 50 ms", unit="x", digits=3
        )
        found[f"difference_{kind}_full_ratio"] = Row(
            title=f"{said} difference, 4 replicas, guests, budgets, over fluid",
            unit="x",
            below=MOST_OF_IDEAL_FULL,
            digits=3,
        )
    for name, policy in POLICIES.items():
        found[f"tokens_per_s_{name}"] = Row(title=f"tokens a second: {policy.title}", unit="tokens/s")
    found["tokens_per_s_ratio"] = Row(
        title="tokens a second, thinkwell over first come", unit="x", above=LEAST_TOKENS, digits=4
    )
    for name, title in everybody.items():
        found[f"ttft_median_person_s_{name}"] = Row(
            title=f"median person's mean time to the first token: {title}",
            unit="s",
            below=MOST_FIRST_TOKEN_S if name == "thinkwell" else None,
            digits=2,
        )
    for name, policy in POLICIES.items():
        found[f"refused_{name}"] = Row(
            title=f"requests refused: {policy.title}",
            unit="",
            below=NONE if name == "thinkwell" else None,
            digits=0,
        )
    found["pauses"] = Row(title="turns that gave way: thinkwell", unit="", digits=0)
    found["overload_difference"] = Row(
        title="two who wait, widest drift: thinkwell", unit="tokens", below=MOST_DRIFT, digits=0
    )
    found["overload_difference_vtc"] = Row(
        title="two who wait, widest drift: plain VTC", unit="tokens", digits=0
    )
    found["identities_ratio"] = Row(
        title="won by 100 identities of one network against one: thinkwell",
        unit="x",
        below=MOST_IDENTITIES,
        digits=2,
    )
    found["identities_ratio_vtc"] = Row(
        title="won by 100 identities of one network against one: plain VTC", unit="x", digits=2
    )
    found["queue_operation_us"] = Row(
        title="one operation, 100,000 waiting (median of the three)",
        unit="us",
        below=MOST_OPERATION_US,
        digits=2,
    )
    for name in ("enqueue", "pick", "charge"):
        found[f"queue_{name}_us"] = Row(title=f"{name}, 100,000 waiting", unit="us", digits=2)
    found["idle_refill_ms"] = Row(
        title="slot's release to the next grant, 1,000 waiting", unit="ms", below=MOST_REFILL_MS, digits=3
    )
    found["bytes_per_waiting"] = Row(
        title="memory of a waiting person", unit="bytes", below=MOST_BYTES, digits=0
    )
    found["leaked_counts"] = Row(title="counts left after aborts", unit="", below=NONE, digits=0)
    return found
