"""What the system says of a process: processor time and resident memory. None where it does not say."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec

PROC = Path("/proc")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """``cpu_ms``: user and system time of all its threads so far, in steps of the system's clock tick."""

    cpu_ms: float
    memory_mib: float


async def read_process(pid: int | None) -> Reading | None:
    """None where there is no such process, or no /proc to read."""
    return None if pid is None else await asyncio.to_thread(_read, pid)


async def only_child(pid: int) -> int | None:
    """The process that ``pid`` started; None where there is none, or more than one, or no /proc."""
    children = await asyncio.to_thread(_children, pid)
    return children[0] if len(children) == 1 else None


def _read(pid: int) -> Reading | None:
    fields = _stat(PROC / str(pid))
    try:
        status = (PROC / str(pid) / "status").read_text("utf-8")
    except OSError:
        return None
    resident = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    if fields is None or not resident:
        return None
    ticks = int(fields[11]) + int(fields[12])  # utime and stime: proc_pid_stat(5), fields 14 and 15
    return Reading(cpu_ms=1000 * ticks / os.sysconf("SC_CLK_TCK"), memory_mib=int(resident[0]) / 1024)


def _children(pid: int) -> list[int]:
    if not PROC.is_dir():
        return []
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and (fields := _stat(folder)) is not None and int(fields[1]) == pid:
            found.append(int(folder.name))
    return found


def _stat(folder: Path) -> list[str] | None:
    """The fields after the command, from the third on: a command may hold spaces and brackets."""
    try:
        return (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
