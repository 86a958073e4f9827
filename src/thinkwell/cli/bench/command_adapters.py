"""``thinkwell bench adapters``: its options. Knows not how to measure."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import click

from thinkwell.cli.bench.options import json_option, seed_option, show

USUAL = {"scripted": (1000, 12), "embedded": (20, 3)}


@click.command()
@click.option("--on", "engine", type=click.Choice(list(USUAL)), default="scripted", show_default=True)
@click.option("--swaps", type=click.IntRange(1), default=None, help="1000 scripted, 20 embedded.")
@click.option("--people", type=click.IntRange(1), default=None, help="Who ask all the time: 12, or 3.")
@click.option("--threads", type=click.IntRange(0), default=0, help="Of an embedded engine; 0: as the site.")
@seed_option
@json_option
def adapters(
    engine: str, swaps: int | None, people: int | None, threads: int, seed: int, as_json: bool
) -> None:
    """Adapters swapped under people who ask: how soon, and whether a turn was dropped or mixed."""
    from thinkwell.cli.bench.adapters import Plan, measure

    usual_swaps, usual_people = USUAL[engine]
    plan = Plan(
        engine=engine,
        swaps=swaps or usual_swaps,
        people=people or usual_people,
        seed=seed,
        threads=threads,
    )
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(asyncio.run(measure(plan, Path(folder))), as_json)
