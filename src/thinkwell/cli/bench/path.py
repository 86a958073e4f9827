"""``bench path``: what identity, admission, the ledger and who watches cost on the path of a turn.

Two sites of the same kind, each in a process of its own on one core; one of them has all of that switched off
(path_off.py). They are asked by turns, in one run; differences are taken within a pair that ran one right
after the other, and their median is shown. Both have the paced engine, on the load's core.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import msgspec

from thinkwell.cli.bench.path_asking import WHO, Asker, Place, Who
from thinkwell.cli.bench.path_rows import rows
from thinkwell.cli.bench.path_site import PEOPLE_FILE, People
from thinkwell.cli.bench.report import Report, figures, this_machine
from thinkwell.cli.bench.wire_cores import Cores, cpu_s, on_core, two_cores
from thinkwell.cli.bench.wire_load import together
from thinkwell.cli.bench.wire_processes import Started, module
from thinkwell.testing.wire_text import MODEL, Direction

PHASES = 4
SHORT = Direction(think=7, answer=5)


class PathPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A turn has ``tokens``, three quarters of them answer. Alone they come as fast as they can; ``at_once``
    turns get them at ``rate`` a second each. ``each``: turns of a reading one after the other."""

    rounds: int = 9
    tokens: int = 256
    rate: float = 400.0
    at_once: int = 96
    seconds: float = 1.5
    each: int = 30
    who: tuple[Who, ...] = ()

    def turn(self, rate: float = 0.0) -> Direction:
        think = self.tokens // 4
        return Direction(think=think, answer=self.tokens - think, rate=rate, phases=PHASES)


class Side(msgspec.Struct, frozen=True):
    place: Place
    pid: int


async def measure(plan: PathPlan, folder: Path) -> Report:
    """``folder`` is empty. Raises ClickException."""
    machine = await asyncio.to_thread(this_machine)
    cores = two_cores()
    readings: dict[str, list[float]] = defaultdict(list)
    with on_core(cores.load):
        await _play(plan, folder, cores, readings)
    setup: dict[str, str | int | float] = {
        "cores": str(cores),
        **{name: value for name, value in msgspec.structs.asdict(plan).items() if name != "who"},
    }
    return Report(bench="path", machine=machine, setup=setup, figures=figures(rows(), readings))


async def _play(plan: PathPlan, folder: Path, cores: Cores, readings: dict[str, list[float]]) -> None:
    async with (
        module(cores.load, "thinkwell.testing.wire_engine", "--port", "0") as engine,
        _side(cores, folder / "on", engine) as on,
        _side(cores, folder / "off", engine, "--off") as off,
    ):
        for who in plan.who or WHO:
            await _compare(plan, who, (on, off), readings)


@asynccontextmanager
async def _side(cores: Cores, data: Path, engine: Started, *more: str) -> AsyncIterator[Side]:
    model = f"http://{engine.host}:{engine.port}/v1"
    arguments = ("--data", str(data), "--model", model, *more)
    async with module(cores.gateway, "thinkwell.cli.bench.path_site", *arguments) as started:
        said = await asyncio.to_thread((data / PEOPLE_FILE).read_bytes)
        people = msgspec.json.decode(said, type=People)
        yield Side(Place(started.host, started.port, MODEL, people), started.pid)


async def _compare(
    plan: PathPlan, who: Who, sides: tuple[Side, Side], readings: dict[str, list[float]]
) -> None:
    for side in sides:  # warm, and known to answer
        await _alone(side, who, plan.turn(), plan.each)
        await _at_once(plan, side, who, SHORT)
    for turn in range(plan.rounds):
        alone: dict[int, float] = {}
        rates: dict[int, float] = {}
        short: dict[int, float] = {}
        cpu: dict[int, float | None] = {}
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            alone[number] = await _alone(sides[number], who, plan.turn(), plan.each)
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            rates[number], cpu[number] = await _at_once(plan, sides[number], who, plan.turn(plan.rate))
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            short[number], _ = await _at_once(plan, sides[number], who, SHORT)
        found = {
            "off_ms": alone[1],
            "on_ms": alone[0],
            "added_ms": alone[0] - alone[1],
            "off_per_s": rates[1],
            "on_per_s": rates[0],
            "lost_percent": 100 * (1 - rates[0] / rates[1]),
            "short_lost_percent": 100 * (1 - short[0] / short[1]),
        }
        on, off = cpu[0], cpu[1]
        if on is not None and off is not None:
            found["cpu_added_ms"] = on - off
        for name, value in found.items():
            readings[f"path_{name}_{who}"].append(value)


async def _alone(side: Side, who: Who, said: Direction, each: int) -> float:
    """Milliseconds of a turn, the median of ``each`` that came one after the other."""
    asker = await Asker(side.place, who, 0).open()
    try:
        return 1000 * median([await asker.ask(said) for _ in range(each)])
    finally:
        asker.close()


async def _at_once(plan: PathPlan, side: Side, who: Who, said: Direction) -> tuple[float, float | None]:
    """Turns a second, and milliseconds of processor time for each."""
    before = await cpu_s(side.pid)
    began = time.monotonic()
    until = began + plan.seconds

    async def one(number: int) -> int:
        asker = await Asker(side.place, who, number).open()
        turns = 0
        try:
            while not turns or time.monotonic() < until:
                await asker.ask(said)
                turns += 1
        finally:
            asker.close()
        return turns

    turns = sum(await together(one(number) for number in range(plan.at_once)))
    seconds = time.monotonic() - began
    after = await cpu_s(side.pid)
    used = None if before is None or after is None else 1000 * (after - before) / turns
    return turns / seconds, used
