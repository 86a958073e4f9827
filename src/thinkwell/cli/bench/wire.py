"""``bench wire``: what the gateway itself costs, beside its rivals, in one run.

Everybody passes on the same engine's tokens on the same core, one after the other within a round, another
one first every round; a figure is the median of the rounds. Knows who comes when, not how it is measured.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.cli.bench.wire_aborts import aborts
from thinkwell.cli.bench.wire_churn import churn
from thinkwell.cli.bench.wire_cores import on_core, raise_file_limit, two_cores
from thinkwell.cli.bench.wire_field import Field, Rival, a_proxy, field, rivals, the_nginx, the_peer, the_site
from thinkwell.cli.bench.wire_load import Broken
from thinkwell.cli.bench.wire_memory import memory
from thinkwell.cli.bench.wire_plan import PARTS, WirePlan
from thinkwell.cli.bench.wire_rows import CHURN, OURS, json_rows, rows_of
from thinkwell.cli.bench.wire_speed import Figures, added, cpu, first, over_nginx, unpaced, whole
from thinkwell.cli.bench.wire_stacks import STACKS, json_us, libraries, stack

OPEN_FILES = 16_384
LONGEST_S = 600  # for one measurement of one rival
MOST_SLOTS = 4_096

Measure = Callable[[Field, Rival], Awaitable[Figures]]
Derive = Callable[[Mapping[str, Figures]], Figures]

TOGETHER: dict[str, Measure] = {
    "cpu": cpu,
    "unpaced": unpaced,
    "first": first,
    "whole": whole,
    "abort": aborts,
}
DERIVED: dict[str, Derive] = {"cpu": over_nginx, "first": added}


async def measure(plan: WirePlan, folder: Path) -> Report:
    """``folder`` is empty. Raises ClickException."""
    machine = await asyncio.to_thread(this_machine)
    cores = two_cores()
    raise_file_limit(OPEN_FILES)
    with on_core(cores.load):
        async with field(plan, cores, folder) as here:
            bench = WireBench(here)
            await bench.run()
    setup = {"cores": str(cores), **bench.setup()}
    found = figures(bench.rows, bench.readings)
    return Report(bench="wire", machine=machine, setup=setup, figures=found)


class WireBench:
    """Rows and readings, by name, as the parts give them."""

    def __init__(self, here: Field) -> None:
        self._here = here
        self._plan = here.plan
        self.rows: dict[str, Row] = {}
        self.readings: dict[str, list[float]] = defaultdict(list)

    async def run(self) -> None:
        plan = self._plan
        parts = [part for part in TOGETHER if plan.does(part)]
        if parts:
            async with rivals(self._here) as found:
                for part in parts:
                    await self.rounds(part, found, TOGETHER[part])
        if plan.does("memory"):
            await self._memory()
        if plan.does("churn"):
            self.rows |= CHURN
            self._note("", await churn(self._here))
        if plan.does("stacks"):
            await self._stacks()

    async def rounds(self, part: str, found: list[Rival], measure_one: Measure, times: int = 0) -> None:
        """A rival that fails is out of the part, and its rows say why; the site may not fail."""
        present = [rival for rival in found if rival.door is not None]
        why: dict[str, str] = {}
        for turn in range(times or self._plan.rounds) if present else ():
            start = turn % len(present)
            this_round: dict[str, Figures] = {}
            for rival in present[start:] + present[:start]:
                if rival.name in why:
                    continue
                try:
                    async with asyncio.timeout(LONGEST_S):
                        this_round[rival.name] = await measure_one(self._here, rival)
                except (Broken, TimeoutError) as problem:
                    if rival.name == OURS:
                        raise
                    why[rival.name] = str(problem) or f"it did not end in {LONGEST_S} s"
            for name, found_here in this_round.items():
                self._note(f"_{name}", found_here)
            if part in DERIVED:
                self._note("", DERIVED[part](this_round))
        self.rows |= rows_of(part, [_failed(rival, why.get(rival.name)) for rival in found])

    async def _memory(self) -> None:
        """One after the other, each in a process of its own; a peer as its operator left it."""
        here = self._here
        slots = min(MOST_SLOTS, here.plan.open_streams + 64)
        for made in (
            the_site(here, "memory", slots),
            the_nginx(here),
            a_proxy(here, "bare", "uvicorn", "aiohttp", "uvicorn"),
            a_proxy(here, "granian", "granian", "aiohttp", "granian"),
        ):
            async with made as rival:
                await self.rounds("memory", [rival], memory, 1)
        for peer in here.plan.peers:
            await self.rounds("memory", [await the_peer(here, peer)], memory, 1)

    async def _stacks(self) -> None:
        async with AsyncExitStack() as running:
            made = [
                a_proxy(self._here, name, server, client, *needed) for name, server, client, needed in STACKS
            ]
            found = [await running.enter_async_context(one) for one in made]
            await self.rounds("stacks", found, stack)
        here = await asyncio.to_thread(libraries)
        for _ in range(self._plan.rounds):
            for name, round_trip in here.items():
                self.readings[f"json_us_per_chunk_{name}"].append(json_us(round_trip, self._plan.seconds / 5))
        self.rows |= json_rows()

    def _note(self, end: str, found: Figures) -> None:
        for name, value in found.items():
            self.readings[name + end].append(value)

    def setup(self) -> dict[str, str | int | float]:
        plan = self._plan
        said: dict[str, str | int | float] = {
            name: value
            for name, value in msgspec.structs.asdict(plan).items()
            if isinstance(value, int | float) and (value or name != "engine_port")
        }
        said["parts"] = " ".join(plan.only or PARTS)
        return said | ({"peers": " ".join(peer.name for peer in plan.peers)} if plan.peers else {})


def _failed(rival: Rival, why: str | None) -> Rival:
    return rival if why is None else msgspec.structs.replace(rival, missing=" ".join(why.split())[:80])
