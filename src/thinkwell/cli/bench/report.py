"""What a bench found: figures under stable names, the machine, the set-up; as JSON and as a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure means. The goal is a value under ``below``, or of at least ``above``.

    ``missing`` is said where nothing could be read.
    """

    title: str
    unit: str
    below: float | None = None
    above: float | None = None
    digits: int = 1
    missing: str = "not readable here"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` is the median of ``readings`` readings, ``low`` and ``high`` their range.

    None where there are none. ``met`` is None where no goal is set or nothing was read, and with two
    goals says whether both are met.
    """

    title: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    readings: int
    below: float | None
    above: float | None
    met: bool | None
    missing: str
    digits: int


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """``load`` is the load average of the last minute when the bench began (None where unknown)."""

    processor: str
    cores: int
    system: str
    python: str
    load: float | None
    date: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    bench: str
    machine: Machine
    setup: dict[str, str | int | float]
    figures: dict[str, Figure]


def figure(row: Row, readings: Sequence[float]) -> Figure:
    value = round(median(readings), 4) if readings else None
    return Figure(
        title=row.title,
        unit=row.unit,
        value=value,
        low=round(min(readings), 4) if readings else None,
        high=round(max(readings), 4) if readings else None,
        readings=len(readings),
        below=row.below,
        above=row.above,
        met=_met(row, value),
        missing=row.missing,
        digits=row.digits,
    )


def _met(row: Row, value: float | None) -> bool | None:
    if value is None or (row.below is None and row.above is None):
        return None
    return (row.below is None or value < row.below) and (row.above is None or value >= row.above)


def figures(rows: Mapping[str, Row], readings: Mapping[str, Sequence[float]]) -> dict[str, Figure]:
    """A figure for every row, with or without readings."""
    return {name: figure(row, readings.get(name, ())) for name, row in rows.items()}


def this_machine() -> Machine:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(
        processor=_processor(),
        cores=cores,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown processor"


def to_json(report: Report) -> str:
    return msgspec.json.encode(report).decode()


def as_table(report: Report) -> str:
    machine = report.machine
    load = "" if machine.load is None else f", load {machine.load:g}"
    head = [
        f"{machine.processor}, {machine.cores} cores{load}; {machine.system}, Python {machine.python}; "
        f"{machine.date}",
        f"bench {report.bench}: " + ", ".join(f"{name} {value}" for name, value in report.setup.items()),
        "",
    ]
    cells = [("", "median", "", "range", "goal", "")] + [cells_of(found) for found in report.figures.values()]
    widths = [max(len(row[column]) for row in cells) for column in range(6)]
    lines = []
    for title, value, unit, spread, goal, verdict in cells:
        lines.append(
            f"{title:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {spread:<{widths[3]}}  "
            f"{goal:<{widths[4]}}  {verdict}".rstrip()
        )
    return "\n".join(head + lines)


def cells_of(found: Figure) -> tuple[str, str, str, str, str, str]:
    goals = [] if found.above is None else [f">= {found.above:g}"]
    goals += [] if found.below is None else [f"< {found.below:g}"]
    goal = f"{', '.join(goals)} {found.unit}".rstrip() if goals else ""
    if found.value is None or found.low is None or found.high is None:
        return found.title, "-", "", found.missing, goal, ""
    verdict = {True: "met", False: "not met", None: ""}[found.met]
    spread = ""
    if found.readings > 1:
        spread = f"{found.low:,.{found.digits}f} .. {found.high:,.{found.digits}f}"
    return found.title, f"{found.value:,.{found.digits}f}", found.unit, spread, goal, verdict
