"""The figures of ``bench overhead``: their stable names, what they mean, their goals."""

from __future__ import annotations

from thinkwell.cli.bench.report import Row

MOST_ADDED_MS = 5
MOST_LOST_PERCENT = 2

_AT_ONCE = "all came at once"
ROWS = {
    "first_token_direct_ms": Row(title="first token, engine", unit="ms"),
    "first_token_site_ms": Row(title="first token, site", unit="ms"),
    "first_token_added_ms": Row(
        title="first token, added by the site", unit="ms", below=MOST_ADDED_MS, digits=2
    ),
    "tokens_per_s_direct": Row(title="one stream, engine", unit="tokens/s", missing=_AT_ONCE),
    "tokens_per_s_site": Row(title="one stream, site", unit="tokens/s", missing=_AT_ONCE),
    "tokens_per_s_lost_percent": Row(
        title="one stream, lost by the site", unit="%", below=MOST_LOST_PERCENT, digits=2, missing=_AT_ONCE
    ),
    "streams_first_token_direct_ms": Row(title="streams, first token, engine", unit="ms"),
    "streams_first_token_site_ms": Row(title="streams, first token, site", unit="ms"),
    "streams_first_token_added_ms": Row(
        title="streams, first token, added by the site", unit="ms", below=MOST_ADDED_MS, digits=2
    ),
    "streams_tokens_per_s_direct": Row(title="streams together, engine", unit="tokens/s"),
    "streams_tokens_per_s_site": Row(title="streams together, site", unit="tokens/s"),
    "streams_tokens_per_s_lost_percent": Row(
        title="streams together, lost by the site", unit="%", below=MOST_LOST_PERCENT, digits=2
    ),
    "thought_first_ms": Row(title="with a thought: first word of it, site", unit="ms"),
    "thought_answer_ms": Row(title="with a thought: first word of the answer, site", unit="ms"),
    "small_requests_per_s_direct": Row(title="small answers in one piece, engine", unit="/s"),
    "small_requests_per_s_site": Row(title="small answers in one piece, site", unit="/s"),
    "gateway_cpu_ms_per_1000_tokens": Row(
        title="gateway's processor time, one stream", unit="ms/1000 tokens"
    ),
    "streams_gateway_cpu_ms_per_1000_tokens": Row(
        title="gateway's processor time, streams", unit="ms/1000 tokens"
    ),
    "gateway_memory_mib": Row(title="gateway's memory, at rest", unit="MiB"),
    "streams_gateway_memory_mib": Row(title="gateway's memory, after streams", unit="MiB"),
    "engine_memory_mib": Row(title="engine's memory, at rest", unit="MiB"),
    "streams_engine_memory_mib": Row(title="engine's memory, after streams", unit="MiB"),
}
