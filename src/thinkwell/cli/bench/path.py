"""``bench path``: what identity, admission, the ledger and who watches cost on the path of a turn.

Two sites of the same kind, each in a process of its own on one core; one of them has all of that switched off
(path_off.py). Both have the paced engine, on the load's core. Turns alone are asked of one and the other in
turn; turns at once of both at the same time, and what each takes of the processor for one is read: so that
whatever else the machine does, it does to both. A core does as many turns a second as fit into it.
"""

from __future__ import annotations

import asyncio
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
SHORTS = 5  # of each of those who ask at once
BEHIND_S = 0.3  # until what the store writes behind the turns is written


class PathPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A turn has ``tokens``, three quarters of them answer. Alone they come as fast as they can; ``at_once``
    turns get them at ``rate`` a second each. ``each``: turns of a reading one after the other."""

    rounds: int = 7
    tokens: int = 256
    rate: float = 100.0
    at_once: int = 48
    each: int = 40
    who: tuple[Who, ...] = ()

    def turn(self, rate: float = 0.0) -> Direction:
        think = self.tokens // 4
        return Direction(think=think, answer=self.tokens - think, rate=rate, phases=PHASES)


class Side:
    """One of the two sites."""

    def __init__(self, place: Place, pid: int) -> None:
        self.place = place
        self.pid = pid


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
    return Report(
        bench="path", machine=machine, setup=setup, figures=figures(rows(plan.who or WHO), readings)
    )


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
    """``sides``: whole, and switched off."""
    for said in (SHORT, plan.turn()):  # warm, and known to answer
        await _at_once(plan, who, sides, said)
    for _ in range(plan.rounds):
        found = await _alone(plan, who, sides)
        found |= lost("", await _at_once(plan, who, sides, plan.turn(plan.rate)))
        found |= lost("short_", await _at_once(plan, who, sides, SHORT, SHORTS))
        for name, value in found.items():
            readings[f"path_{name}_{who}"].append(value)


def lost(prefix: str, read: tuple[float | None, float | None]) -> dict[str, float]:
    """``read``: milliseconds of processor time for a turn, whole and switched off (None: not readable)."""
    on, off = read
    if not on or not off:
        return {}
    found = {
        "off_per_s": 1000 / off,
        "on_per_s": 1000 / on,
        "cpu_added_ms": on - off,
        "lost_percent": 100 * (1 - off / on),
    }
    return {f"{prefix}{name}": value for name, value in found.items()}


async def _alone(plan: PathPlan, who: Who, sides: tuple[Side, Side]) -> dict[str, float]:
    """Milliseconds of a turn while no other runs, each of one side beside one of the other's: medians."""
    said = plan.turn()
    on, off = [await Asker(side.place, who, 0).open() for side in sides]
    took: dict[Asker, list[float]] = {on: [], off: []}
    try:
        for turn in range(plan.each):
            for asker in (on, off) if turn % 2 == 0 else (off, on):
                took[asker].append(1000 * await asker.ask(said))
    finally:
        on.close()
        off.close()
    added = [one - other for one, other in zip(took[on], took[off], strict=True)]
    return {"off_ms": median(took[off]), "on_ms": median(took[on]), "added_ms": median(added)}


async def _at_once(
    plan: PathPlan, who: Who, sides: tuple[Side, Side], said: Direction, each: int = 1
) -> tuple[float | None, float | None]:
    """Milliseconds of processor time for a turn, of each side; both are asked by as many people at once."""
    before = [await cpu_s(side.pid) for side in sides]

    async def one(side: Side, number: int) -> None:
        asker = await Asker(side.place, who, number).open()
        try:
            for _ in range(each):
                await asker.ask(said)
        finally:
            asker.close()

    await together(one(side, number) for number in range(plan.at_once) for side in sides)
    await asyncio.sleep(BEHIND_S)
    after = [await cpu_s(side.pid) for side in sides]
    turns = plan.at_once * each
    on, off = (
        None if then is None or now is None else 1000 * (now - then) / turns
        for then, now in zip(before, after, strict=True)
    )
    return on, off
