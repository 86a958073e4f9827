"""One life of the child process: spawn it, learn its address, end it, say how it ended. Knows no restarts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import IO, Literal

import msgspec

from thinkwell.engines.embedded.child import ChildOrders
from thinkwell.errors import EngineUnavailable, SetupError

_LOG_KEPT = 1 << 20  # bytes of an earlier log that a new life may write on to
_TELLING = "error loading model:"
_GRACE_S = 2.0  # from being asked to end, to being ended


class EmbeddedModel(msgspec.Struct, frozen=True, kw_only=True):
    """What to run. ``context`` is in tokens per slot, ``cache_mib`` the RAM for finished prompts' caches.

    ``threads`` for one stream's tokens, ``prompt_threads`` for prompts and several streams at once: 0
    leaves the number to llama.cpp. ``log`` None throws llama.cpp's log away. ``template`` is the text of a
    chat template (Jinja) in place of the model's own. ``pooling`` makes it a maker of vectors only: how those
    of the tokens become one, or ``own``, as the model says. ``adapters`` are LoRA files laid over it.
    """

    path: Path
    alias: str
    slots: int = 4
    context: int = 4096
    threads: int = 0
    prompt_threads: int = 0
    cache_mib: int = 256
    log: Path | None = None
    template: str = ""
    pooling: Literal["", "own", "mean", "cls", "last"] = ""
    adapters: tuple[Path, ...] = ()


class ChildProcess:
    """Made by ``spawn``; ``url`` is known after ``announced``."""

    def __init__(self, process: asyncio.subprocess.Process, model: EmbeddedModel) -> None:
        self._process = process
        self._model = model
        self.url = ""

    @property
    def pid(self) -> int:
        return self._process.pid

    @classmethod
    async def spawn(cls, model: EmbeddedModel) -> ChildProcess:
        """Raises EngineUnavailable when the machine cannot run it."""
        # The file itself, not -m: the current folder must not decide which code runs.
        program = str(Path(__file__).with_name("child.py"))
        try:
            with await asyncio.to_thread(_log_of, model) as log:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",
                    program,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                )
        except OSError as problem:
            raise EngineUnavailable(f"the engine process cannot be started: {problem.strerror}") from None
        return cls(process, model)

    async def announced(self, within_s: float) -> None:
        """Wait until it says where it listens.

        Raises SetupError when it says that the model cannot be loaded, EngineUnavailable when it ends
        or stays silent.
        """
        model = self._model
        orders = ChildOrders(
            model=str(model.path),
            alias=model.alias,
            slots=model.slots,
            context=model.context,
            threads=model.threads,
            prompt_threads=model.prompt_threads,
            cache_mib=model.cache_mib,
            template=model.template,
            pooling=model.pooling,
            adapters=[str(path) for path in model.adapters],
            parent=os.getpid(),
        )
        try:
            async with asyncio.timeout(within_s):
                line = await self._exchange(json.dumps(orders).encode() + b"\n")
        except TimeoutError:
            raise EngineUnavailable(f"the engine process was not ready within {within_s:g} s") from None
        try:
            said = msgspec.json.decode(line, type=dict[str, str])
        except ValueError:
            await self.end()
            raise EngineUnavailable(await self.how_it_ended()) from None
        if "url" not in said:
            await self.end()
            why = await asyncio.to_thread(_told_by, model.log)
            raise SetupError(
                f"llama.cpp cannot load {_names(model)}: {why or said.get('error', 'no reason given')}; "
                "download it again, or choose another with --model."
            )
        self.url = said["url"]

    async def ended(self) -> None:
        """Wait until the process has ended, by itself or not."""
        await self._process.wait()

    async def end(self) -> None:
        """End it now. Idempotent."""
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        if process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(_GRACE_S):
                    await process.wait()
            except TimeoutError:  # stopped, or deep in native code
                self.kill()
            except asyncio.CancelledError:
                self.kill()
                raise
        await process.wait()

    def kill(self) -> None:
        if self._process.returncode is None:
            self._signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def _signal(self, which: signal.Signals) -> None:
        # Not Process.send_signal: it reaps a child that just ended, and its true status is lost.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, which)

    async def how_it_ended(self) -> str:
        status = self._process.returncode
        if status is None:
            return "the engine process did not answer"
        if status < 0:
            with contextlib.suppress(ValueError):
                return f"the engine process ended by signal {-status} ({signal.Signals(-status).name})"
            return f"the engine process ended by signal {-status}"
        why = await asyncio.to_thread(_told_by, self._model.log)
        return f"the engine process ended with status {status}" + (f": {why}" if why else "")

    async def _exchange(self, orders: bytes) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise AssertionError("spawned with pipes")
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # the answer says more
            stdin.write(orders)
            await stdin.drain()
        try:
            return await stdout.readline()
        except ValueError:  # a line over the reader's limit
            return b""


def _names(model: EmbeddedModel) -> str:
    return " with ".join(map(str, (model.path, *model.adapters)))


def _told_by(log: Path | None) -> str | None:
    """The line of llama.cpp's log that says most."""
    if log is None:
        return None
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    texts = [re.sub(r"^[\d.]+ [A-Z] ", "", line).strip() for line in lines if line.strip()]
    telling = [text for text in texts if _TELLING in text]
    best = telling[-1].partition(_TELLING)[2] if telling else texts[-1] if texts else ""
    return best.strip()[:200] or None


def _log_of(model: EmbeddedModel) -> IO[bytes]:
    """The log to write on to; an earlier one that has grown long is put aside first."""
    if model.log is None:
        return open(os.devnull, "wb")
    with contextlib.suppress(FileNotFoundError):
        if model.log.stat().st_size > _LOG_KEPT:
            model.log.replace(model.log.with_suffix(".old"))
    model.log.parent.mkdir(parents=True, exist_ok=True)
    return model.log.open("ab")
