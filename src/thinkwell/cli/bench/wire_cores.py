"""Which core runs what, and what a process took of it. Where the system has no say, nothing is pinned."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from thinkwell.cli.bench.processes import PROC, read_process


class Cores(msgspec.Struct, frozen=True):
    """The gateway's core, and that of the engine and the load. Both None: nothing is pinned."""

    gateway: int | None = None
    load: int | None = None

    def __str__(self) -> str:
        if self.gateway is None:
            return "not pinned"
        return f"gateway on {self.gateway}, engine and load on {self.load}"


def two_cores() -> Cores:
    """The last and the first core that this process may use."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores()
    usable = sorted(os.sched_getaffinity(0))
    return Cores(gateway=usable[-1], load=usable[0]) if len(usable) > 1 else Cores()


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Within, this thread runs on ``core`` alone, and so do the processes that it starts there."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def pin(pid: int, core: int | None) -> bool:
    """All threads of a process that is not ours. False where that is not allowed or possible."""
    return core is not None and await asyncio.to_thread(_pin, pid, core)


def _pin(pid: int, core: int) -> bool:
    try:
        threads = [int(entry.name) for entry in (PROC / str(pid) / "task").iterdir()]
        for thread in threads:
            with suppress(ProcessLookupError):  # threads end
                os.sched_setaffinity(thread, {core})
    except OSError:
        return False
    return True


async def cpu_s(pid: int | None) -> float | None:
    """Processor time of all threads of a process so far; None where the system does not say."""
    if pid is None:
        return None
    if sys.platform == "linux":
        try:
            # A process' clock, as clock_getcpuclockid(3) numbers it: to the nanosecond, where
            # /proc counts in hundredths of a second.
            return time.clock_gettime((~pid << 3) | 2)
        except OSError:
            return None
    reading = await read_process(pid)
    return None if reading is None else reading.cpu_ms / 1000


async def waited_s(pid: int | None) -> float | None:
    """How long a process' first thread was ready to run and did not, for another had its core."""
    return None if pid is None else await asyncio.to_thread(_waited, pid)


def _waited(pid: int) -> float | None:
    try:
        return int((PROC / str(pid) / "schedstat").read_text("utf-8").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def raise_file_limit(wanted: int) -> int:
    """Open files that this process and its children may have from now on: ``wanted``, or what is allowed."""
    try:
        import resource
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft
