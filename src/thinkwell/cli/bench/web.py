"""``bench web``: the page in a real Chromium, before a real site with an engine that pours as it is told.

Site, engine and bench share a process, and the browser has the same machine: on few cores each is in
the other's way, and what is measured is no better than on two machines.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Literal, get_args

import msgspec

from thinkwell.cli.bench import web_cuts, web_load, web_long, web_shots, web_thought, web_token
from thinkwell.cli.bench.report import Report, figures, this_machine
from thinkwell.cli.bench.web_house import House, open_house
from thinkwell.cli.bench.web_rows import rows

Part = Literal["load", "thought", "cost", "long", "cuts", "token", "shots"]
PARTS: tuple[Part, ...] = get_args(Part)


class WebPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``seconds`` that a long thought streams; ``messages`` of the long conversation; ``events`` of the
    stream that is cut at each of them; ``turns`` whose last token is timed; ``lengths`` of thought
    (characters) at which a token's cost is read, for ``window_s`` each."""

    parts: tuple[Part, ...] = PARTS
    rounds: int = 9
    seconds: float = 300.0
    messages: int = 500
    events: int = 300
    turns: int = 40
    lengths: tuple[int, ...] = web_thought.LENGTHS
    window_s: float = web_thought.WINDOW_S


SHORT = WebPlan(
    rounds=1, seconds=30.0, messages=40, events=20, turns=4, lengths=(1_000, 10_000), window_s=1.0
)


async def measure(plan: WebPlan, folder: Path, shots: Path) -> Report:
    """``folder`` is empty; screenshots go to ``shots``. Raises ClickException."""
    machine = await asyncio.to_thread(this_machine)
    readings: dict[str, list[float]] = defaultdict(list)
    browser = ""
    for part in plan.parts:  # a site each, so that none reads what another wrote
        async with open_house(folder / part, web_load.script) as house:
            browser = f"Chromium {house.browser.version}"
            await _play(plan, part, house, shots, readings)
    told = {
        name: value for name, value in msgspec.structs.asdict(plan).items() if isinstance(value, int | float)
    }
    setup: dict[str, str | int | float] = {"browser": browser, **told}
    return Report(
        bench="web", machine=machine, setup=setup, figures=figures(rows(plan.parts, plan.lengths), readings)
    )


async def _play(
    plan: WebPlan, part: Part, house: House, shots: Path, readings: dict[str, list[float]]
) -> None:
    match part:
        case "load":
            await web_load.measure(house, plan.rounds, readings)
        case "thought":
            await web_thought.measure(house, plan.seconds, readings)
        case "cost":
            await web_thought.measure_cost(house, plan.lengths, plan.window_s, readings)
        case "long":
            await web_long.measure(house, plan.messages, plan.rounds, readings)
        case "cuts":
            await web_cuts.measure(house, plan.events, readings)
        case "token":
            await web_token.measure(house, plan.turns, readings)
        case "shots":
            await web_shots.take(house, shots)
