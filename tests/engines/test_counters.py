"""What engines count themselves: read from their text, whatever they send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.engines.counters import NAMES, counters_of
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import ServerAddress, ServerKind
from thinkwell.testing.upstream import Kind, ScriptedUpstream
from thinkwell.values.engine import EngineCounters

LLAMA = """# HELP llamacpp:prompt_tokens_total Number of prompt tokens processed.
# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 49
llamacpp:prompt_tokens_cached_total 59
llamacpp:tokens_predicted_total 19
llamacpp:tokens_predicted_seconds_total 0.293548
"""
VLLM = """vllm:prompt_tokens_total{engine="0",model_name="a b} 7"} 1.2e+06
vllm:prompt_tokens_total{engine="1",model_name="m"} 5.0
vllm:prompt_tokens_created{engine="0"} 1.7e9
vllm:generation_tokens_total{engine="0",model_name="m"} 30.0 1700000000
vllm:generation_tokens_total{engine="1",model_name="m"} 12.0
"""
SGLANG = (
    'sglang:prompt_tokens_total{model_name="m"} 8.0\nsglang:generation_tokens_total{model_name="m"} 7.0\n'
)


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("llama.cpp", LLAMA, EngineCounters(prompt=49, generated=19)),
        ("vllm", VLLM, EngineCounters(prompt=1_200_005, generated=42, whole=True)),
        ("sglang", SGLANG, EngineCounters(prompt=8, generated=7, whole=True)),
        ("generic", LLAMA, None),
        ("vllm", LLAMA, None),
        ("llama.cpp", "", None),
        ("llama.cpp", LLAMA.replace("total 19", "total NaN"), None),
        ("llama.cpp", LLAMA.replace("total 19", "total inf"), None),
        ("llama.cpp", LLAMA.replace("total 19", "total -3"), None),
        ("llama.cpp", LLAMA.replace("total 19", "total many"), None),
    ],
)
def test_counts_are_read_by_name_and_summed_over_labels(
    kind: ServerKind, text: str, wanted: EngineCounters | None
) -> None:
    assert counters_of(kind, text.encode()) == wanted


@given(st.binary(), st.sampled_from(sorted(NAMES)))
def test_whatever_a_server_sends_is_a_count_or_none(body: bytes, kind: ServerKind) -> None:
    counters_of(kind, body + f"\n{NAMES[kind].prompt} ".encode() + body)


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "sglang", "generic"])
async def test_a_server_is_asked_where_its_kind_counts_and_may_refuse(kind: Kind) -> None:
    async with ScriptedUpstream(kind=kind) as upstream:
        engine = OpenAIEngine("e", ServerAddress(url=upstream.url))
        await engine.start()
        assert await engine.counters() is None  # it was started without its metrics
        upstream.metrics = LLAMA + VLLM + SGLANG
        found = await engine.counters()
        assert (found is None) == (kind == "generic")
        await engine.close()
