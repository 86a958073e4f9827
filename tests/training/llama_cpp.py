"""What llama.cpp itself makes of a model and an adapter, in a process of its own: native code may crash.

As a program it reads orders from standard input (JSON), starts xllamacpp's server, asks it everything, and
writes what it answered to standard output. As a module it has ``ask`` and ``cut``, which run that program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Said:
    """Greedy tokens; of each, where asked for, the log-probabilities of the whole vocabulary."""

    tokens: list[int]
    logprobs: list[dict[int, float]]


@dataclass(frozen=True)
class Prompts:
    """``count`` tokens are written after each, none of ``never``. Of the first ``probed`` prompts the
    log-probabilities of ``vocabulary`` tokens are told."""

    tokens: Sequence[Sequence[int]]
    vocabulary: int
    never: Sequence[int]
    count: int = 6
    probed: int = 0


def bodies(prompts: Prompts) -> list[dict[str, Any]]:
    """What to send to ``/completion``, a prompt each."""
    return [
        {
            "prompt": list(each),
            "n_predict": prompts.count,
            "temperature": 0,
            "return_tokens": True,
            "n_probs": prompts.vocabulary if number < prompts.probed else 0,
            "cache_prompt": False,
            # A token that ends within a character has its log-probabilities withheld.
            "logit_bias": [[token, False] for token in prompts.never],
        }
        for number, each in enumerate(prompts.tokens)
    ]


def said_in(reply: dict[str, Any]) -> Said:
    probed = reply.get("completion_probabilities", ())
    return Said(
        reply["tokens"], [{each["id"]: each["logprob"] for each in token["top_logprobs"]} for token in probed]
    )


def ask(model: Path, prompts: Prompts, adapter: Path | None = None) -> list[Said]:
    """Raises RuntimeError, with the end of the log, when the model does not load."""
    return [said_in(reply) for reply in _run(model, adapter, "/completion", bodies(prompts))]


def cut(model: Path, texts: Sequence[str]) -> list[list[int]]:
    """The tokens of each text, without any that begin or end one."""
    asked = [{"content": text, "add_special": False, "parse_special": True} for text in texts]
    return [said["tokens"] for said in _run(model, None, "/tokenize", asked)]


def _run(model: Path, adapter: Path | None, path: str, asked: Sequence[dict[str, Any]]) -> list[Any]:
    orders = {"model": str(model), "adapter": str(adapter or ""), "path": path, "bodies": asked}
    done = subprocess.run(
        [sys.executable, "-P", __file__], input=json.dumps(orders).encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode("utf-8", "replace")[-2000:])
    answers: list[Any] = json.loads(done.stdout)
    return answers


def main() -> None:
    orders = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what native code prints
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = orders["model"]
    if orders["adapter"]:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(orders["adapter"], 1.0)]
    params.n_parallel, params.n_ctx = 4, 4 * 128
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    # llama.cpp's own choice, half precision in attention, alone costs up to 1.5e-2 of a log-probability here.
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.verbosity, params.fit_params, params.warmup = 1, False, False
    params.hostnames, params.port, params.ui = ["127.0.0.1"], 0, False
    server = xllamacpp.Server(params)  # lives as long as somebody holds it
    url = server.listening_address + orders["path"]

    def one(body: dict[str, Any]) -> Any:
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    with ThreadPoolExecutor(4) as pool:
        json.dump(list(pool.map(one, orders["bodies"])), answers)
    answers.flush()
    os._exit(0)  # not to wait for native threads


if __name__ == "__main__":
    main()
