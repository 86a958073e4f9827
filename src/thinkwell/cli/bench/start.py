"""``bench start``: how long a second start takes, from the command to the first healthy answer."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import click

from thinkwell.cli.bench.report import Report, Row, figures, this_machine

MOST_S = 3
ROWS = {"start_s": Row(title="second start, to the first healthy answer", unit="s", below=MOST_S, digits=2)}


async def measure(data: Path, rounds: int, model: str | None) -> Report:
    """The first start, which makes the data folder, is not counted. Raises ClickException."""
    machine = await asyncio.to_thread(this_machine)
    more = ("--model", model) if model else ()
    seconds = [await _start(data, more) for _ in range(rounds + 1)]
    return Report(
        bench="start",
        machine=machine,
        setup={"rounds": rounds, "first_start_s": round(seconds[0], 2)},
        figures=figures(ROWS, {"start_s": seconds[1:]}),
    )


async def _start(data: Path, more: tuple[str, ...]) -> float:
    from thinkwell.testing.process import DidNotStart, site_process

    began = time.perf_counter()
    try:
        async with site_process(data, *more) as site:
            async with aiohttp.ClientSession() as session, session.get(f"{site.ready.url}/health") as reply:
                await reply.read()
                seconds = time.perf_counter() - began
                if reply.status != 200:
                    raise click.ClickException(f"The site said that it was ready, then {reply.status}.")
            await site.end()
    except DidNotStart as problem:
        raise click.ClickException(f"The site did not start: {problem.said.strip()[-500:]}") from None
    return seconds
