"""The figures of ``bench wire``: their stable names, what they mean, their goals.

A figure of a rival has its name at the end: ``cpu_ms_per_1000_tokens_nginx``.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from thinkwell.cli.bench.report import Row
from thinkwell.cli.bench.wire_field import Rival
from thinkwell.cli.bench.wire_stacks import JSON

OURS = "thinkwell"
MOST_OVER_NGINX = 2.5
LEAST_TOKENS_PER_S = 60_000
LEAST_REQUESTS_PER_S = 1_500
MOST_FIRST_P50_MS = 1
MOST_FIRST_P99_MS = 3
MOST_MEMORY_MIB = 150
MOST_GROWTH_MIB = 1
MOST_ABORT_P99_MS = 30  # a step of an engine at 100 tokens per second, and 20 ms
MOST_TOKENS_AFTER = 1

_COST = "ms/1000 tokens"

# For each rival; a goal holds for the site alone.
_EACH: dict[str, dict[str, Row]] = {
    "cpu": {
        "cpu_ms_per_1000_tokens": Row(title="processor time, streams in step", unit=_COST, digits=2),
        "cpu_spread_ms_per_1000_tokens": Row(title="processor time, out of step", unit=_COST, digits=2),
    },
    "unpaced": {
        "tokens_per_cpu_s": Row(
            title="tokens per processor second", unit="tokens/s", above=LEAST_TOKENS_PER_S, digits=0
        ),
        "tokens_per_s": Row(
            title="tokens per second, one core", unit="tokens/s", above=LEAST_TOKENS_PER_S, digits=0
        ),
        "tokens_core_lost_percent": Row(title="ready and kept from its core", unit="%"),
    },
    "first": {
        "first_token_added_p50_ms": Row(
            title="first token, added, median", unit="ms", below=MOST_FIRST_P50_MS, digits=2
        ),
        "first_token_added_p99_ms": Row(
            title="first token, added, 99 of 100", unit="ms", below=MOST_FIRST_P99_MS, digits=2
        ),
    },
    "whole": {
        "requests_per_cpu_s": Row(
            title="short answers per processor second", unit="/s", above=LEAST_REQUESTS_PER_S, digits=0
        ),
        "requests_per_s": Row(
            title="short answers per second, one core", unit="/s", above=LEAST_REQUESTS_PER_S, digits=0
        ),
        "requests_core_lost_percent": Row(title="ready and kept from its core", unit="%"),
    },
    "abort": {
        "abort_p50_ms": Row(title="reader gone to engine told, median", unit="ms", digits=2),
        "abort_p99_ms": Row(
            title="reader gone to engine told, 99 of 100", unit="ms", below=MOST_ABORT_P99_MS, digits=2
        ),
        "abort_tokens_after": Row(
            title="most tokens made for one gone", unit="tokens", below=MOST_TOKENS_AFTER + 1, digits=0
        ),
    },
    "memory": {
        "memory_rest_mib": Row(title="memory, at rest", unit="MiB"),
        "memory_mib": Row(title="memory, streams open", unit="MiB", below=MOST_MEMORY_MIB),
    },
    "stacks": {
        "stack_cpu_ms_per_1000_tokens": Row(title="bare stack, streams in step", unit=_COST, digits=2),
        "stack_requests_per_cpu_s": Row(title="bare stack, per processor second", unit="/s", digits=0),
        "stack_requests_per_s": Row(title="bare stack, short answers", unit="/s", digits=0),
    },
}
# Of the engine alone. It is on the load's core: what it takes of it is nobody's figure.
_DIRECT = {
    "first": {
        "first_token_p50_ms_direct": Row(title="first token, engine alone, median", unit="ms", digits=2),
        "first_token_p99_ms_direct": Row(title="first token, engine alone, 99 of 100", unit="ms", digits=2),
    },
    "whole": {"requests_per_s_direct": Row(title="short answers, engine alone", unit="/s", digits=0)},
    "unpaced": {
        "tokens_per_s_direct": Row(title="tokens per second, engine alone", unit="tokens/s", digits=0)
    },
    "abort": {
        "abort_p99_ms_direct": Row(title="reader gone, engine alone, 99 of 100", unit="ms", digits=2),
    },
}
_RATIO = {
    "cpu_over_nginx": Row(
        title="processor time over nginx's, in step", unit="x", below=MOST_OVER_NGINX, digits=2
    ),
    "cpu_spread_over_nginx": Row(title="processor time over nginx's, out of step", unit="x", digits=2),
}
CHURN = {
    "churn_requests_per_s": Row(title="asked and left: requests", unit="/s", digits=0),
    "churn_memory_mib": Row(title="memory at their end", unit="MiB"),
    "churn_memory_growth_mib": Row(
        title="memory won since the warm-up", unit="MiB", below=MOST_GROWTH_MIB, digits=2
    ),
    "churn_memory_growth_late_mib": Row(title="of it in the second half", unit="MiB", digits=2),
    "churn_turns_missing": Row(title="turns not closed in the ledger", unit="", below=1, digits=0),
    "churn_error_complete_tokens": Row(
        title="metering error of complete answers", unit="tokens", below=1, digits=0
    ),
    "churn_error_left_turns": Row(title="left answers not between read and made", unit="", below=1, digits=0),
    "churn_most_not_metered_tokens": Row(title="left: most made, not metered", unit="tokens", digits=0),
    "churn_most_not_read_tokens": Row(title="left: most metered, not read", unit="tokens", digits=0),
    "churn_error_metrics_tokens": Row(title="/metrics against the ledger", unit="tokens", below=1, digits=0),
}


def rows_of(part: str, rivals: Iterable[Rival]) -> dict[str, Row]:
    """Rows of a part that is measured for each rival, figure by figure."""
    rows = dict(_DIRECT.get(part, {}))
    everybody = [rival for rival in rivals if rival.name != "direct"]
    for name, row in _EACH[part].items():
        for rival in everybody:
            mine = rival.name == OURS
            rows[f"{name}_{rival.name}"] = msgspec.structs.replace(
                row,
                title=f"{row.title}: {rival.name}",
                below=row.below if mine else None,
                above=row.above if mine else None,
                missing=rival.missing,
            )
    return rows | (_ratio(everybody) if part == "cpu" else {})


def _ratio(rivals: Iterable[Rival]) -> dict[str, Row]:
    """Against nginx, or why there is none."""
    why = next((rival.missing for rival in rivals if rival.name == "nginx"), "not readable here")
    return {name: msgspec.structs.replace(row, missing=why) for name, row in _RATIO.items()}


def json_rows() -> dict[str, Row]:
    return {
        f"json_us_per_chunk_{name}": Row(
            title=f"a chunk read and written: {name.replace('_', ' ')}",
            unit="us",
            digits=2,
            missing=f"{name} is not installed",
        )
        for name in JSON
    }
