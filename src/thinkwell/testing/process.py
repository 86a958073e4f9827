"""A site in a process of its own, as an operator starts it: to be killed, restarted and asked."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec


class Ready(msgspec.Struct, frozen=True):
    """The line that ``serve --json`` prints."""

    url: str
    pid: int
    engine_url: str | None
    model: str
    data: str


class SiteProcess:
    """``ready`` is what it printed; ``kill`` is kill -9; ``end`` is what Ctrl-C does."""

    def __init__(self, process: asyncio.subprocess.Process, ready: Ready) -> None:
        self.process = process
        self.ready = ready

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def end(self) -> int:
        """Ask it to end, and wait; returns its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


class DidNotStart(Exception):
    """``said`` is what it wrote on standard error."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"exit code {code}: {said}")
        self.code = code
        self.said = said


@asynccontextmanager
async def site_process(data: Path, *arguments: str) -> AsyncIterator[SiteProcess]:
    """``thinkwell serve --port 0 --json`` on ``data``. Raises DidNotStart."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "thinkwell",
        "serve",
        "--port",
        "0",
        "--json",
        "--data",
        str(data),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith("THINKWELL_")},
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        line = await process.stdout.readline()
        if not line:
            said = (await process.stderr.read()).decode(errors="replace")
            raise DidNotStart(await process.wait(), said)
        yield SiteProcess(process, msgspec.json.decode(line, type=Ready))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
