"""The engine's process: llama.cpp behind its own HTTP server, on loopback, for as long as the parent lives.

Run as a program of its own (supervisor.py). It knows llama.cpp's parameters and nothing of Thinkwell:
only the standard library and ``xllamacpp`` are imported, so that it starts in a moment.

It reads one JSON line (``ChildOrders``) from standard input, writes one JSON line to standard output,
``{"url": ...}`` or ``{"error": ...}``, and then waits for standard input to end. The parent holds the
other end of that pipe, so that the kernel closes it however the parent dies, ``kill -9`` included.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
from typing import Any, TextIO, TypedDict

PR_SET_PDEATHSIG = 1  # linux/prctl.h
ERRORS = 1  # llama.cpp's log level; from the next one on every request writes lines
# Prompt tokens read in one step. Between two steps only do other streams get their next token, and is a
# closed one noticed. On two cores, two prompts of 900 tokens: with llama.cpp's own 2048 another stream
# stood still for 6.2 s and a stop took 4 to 10 s, with 128 both took 0.8 s, for some 15 % of reading speed.
SMALL_BATCH = 128
TOLD = 3  # exit status after {"error": ...}


class ChildOrders(TypedDict):
    """``context`` is in tokens per slot; ``cache_mib`` bounds the prompt cache kept in RAM.

    ``alias`` is what the engine calls its model, in place of the file's path. ``threads`` 0 leaves the
    number to llama.cpp. ``template`` is a chat template in place of the model's own, empty: its own.
    ``pooling`` makes it a maker of vectors and of nothing else: how those of the tokens become one (``mean``,
    ``cls``, ``last``), or ``own``, as the model says. ``adapters`` are LoRA files that are laid over the
    model, for as long as the process lives. ``parent`` is the process id of the parent.
    """

    model: str
    alias: str
    slots: int
    context: int
    threads: int
    prompt_threads: int
    cache_mib: int
    template: str
    pooling: str
    adapters: list[str]
    parent: int


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides
    # What native code prints goes to the log; only this program answers on the old standard output.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    orders: ChildOrders = json.loads(sys.stdin.readline())
    _die_with_parent(orders["parent"])
    try:
        import xllamacpp  # noqa: PLC0415, RUF100 - after the pipe is known to work

        server = xllamacpp.Server(_parameters(xllamacpp, orders))
        _say(answers, {"url": server.listening_address})
    except (ImportError, OSError, RuntimeError, ValueError, TypeError, MemoryError) as problem:
        _say(answers, {"error": f"{type(problem).__name__}: {problem}"})
        os._exit(TOLD)
    _wait_for_the_end_of_input()
    # Not sys.exit: llama.cpp's threads must not be able to hold up the end.
    os._exit(0)


def _parameters(xllamacpp: Any, orders: ChildOrders) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = orders["model"]
    params.model_alias = {orders["alias"]}
    params.verbosity = ERRORS
    params.n_parallel = orders["slots"]
    params.n_ctx = orders["context"] * orders["slots"]
    params.fit_params = False  # never shrink the context on its own: the gateway counts on it
    params.ctx_shift = False
    params.cache_ram_mib = orders["cache_mib"]  # llama.cpp's own default is 8 GiB
    params.chat_template = orders["template"]
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(path, 1.0) for path in orders["adapters"]]
    if orders["pooling"]:
        params.embedding = True
        if orders["pooling"] != "own":
            kind = f"LLAMA_POOLING_TYPE_{orders['pooling'].upper()}"
            params.pooling_type = xllamacpp.llama_pooling_type[kind]
    if orders["threads"]:
        params.cpuparams.n_threads = orders["threads"]
    if orders["prompt_threads"]:
        params.cpuparams_batch.n_threads = orders["prompt_threads"]
    if not _has_gpu(xllamacpp):
        params.n_batch = params.n_ubatch = SMALL_BATCH
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.cors_origins = "null"  # the default '*' would let any page in a browser here ask the engine
    params.cors_credentials = False
    params.ui = False
    params.endpoint_props = False
    params.endpoint_slots = False
    params.endpoint_metrics = True  # what it made, to be held against the ledger (ledger/reconcile.py)
    return params


def _has_gpu(xllamacpp: Any) -> bool:
    kind = xllamacpp.ggml_backend_dev_type
    graphic = (kind.GGML_BACKEND_DEVICE_TYPE_GPU, kind.GGML_BACKEND_DEVICE_TYPE_IGPU)
    return any(device["type"] in graphic for device in xllamacpp.get_device_info())


def _die_with_parent(parent: int) -> None:
    """A second net on Linux: the kernel kills this process when the thread that started it ends."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os._exit(0)


def _say(answers: TextIO, line: dict[str, str]) -> None:
    answers.write(json.dumps(line) + "\n")
    answers.flush()


def _wait_for_the_end_of_input() -> None:
    while sys.stdin.buffer.readline():
        pass


if __name__ == "__main__":
    main()
