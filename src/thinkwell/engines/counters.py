"""What servers count themselves, in the text that Prometheus reads. Knows names, not who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from thinkwell.engines.server import ServerKind
from thinkwell.values.engine import EngineCounters

PATH = "/metrics"


class _Names(msgspec.Struct, frozen=True):
    prompt: str
    generated: str
    whole: bool


# llama.cpp counts what it read of a prompt (measured, docs/log.md); vLLM and SGLang count it with what was
# cached. llama.cpp and SGLang have to be started so that they tell: --metrics, --enable-metrics.
NAMES: Mapping[ServerKind, _Names] = {
    "llama.cpp": _Names("llamacpp:prompt_tokens_total", "llamacpp:tokens_predicted_total", False),
    "vllm": _Names("vllm:prompt_tokens_total", "vllm:generation_tokens_total", True),
    "sglang": _Names("sglang:prompt_tokens_total", "sglang:generation_tokens_total", True),
}


def counters_of(kind: ServerKind, body: bytes) -> EngineCounters | None:
    """None where it does not tell, or tells what is no count."""
    names = NAMES.get(kind)
    if names is None:
        return None
    text = body.decode("utf-8", "replace")
    prompt, generated = _sum(text, names.prompt), _sum(text, names.generated)
    if prompt is None or generated is None:
        return None
    return EngineCounters(prompt=prompt, generated=generated, whole=names.whole)


def _sum(text: str, name: str) -> int | None:
    """Of all label sets: a server may run several engines."""
    found = re.findall(rf"^{re.escape(name)}(?:{{[^\n]*}})?[ \t]+(\S+)", text, re.MULTILINE)
    if not found:
        return None
    whole = 0
    for value in found:
        try:
            whole += int(float(value))
        except (ValueError, OverflowError):
            return None
    return whole if whole >= 0 else None
