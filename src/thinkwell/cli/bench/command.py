"""``thinkwell bench``: one group, one command a bench. Knows options and printing, not how to measure."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from thinkwell.cli.bench.report import Report

json_option = click.option("--json", "as_json", is_flag=True, help="Print every figure as one JSON object.")


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Measure this site on this machine."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@bench.command()
@click.option(
    "--engine",
    type=click.Choice(["embedded", "simulated"]),
    default="embedded",
    show_default=True,
    help="The engine behind the site.",
)
@click.option("--profile", default="h100-8b", show_default=True, help="The simulated engine's machine.")
@click.option(
    "--speed",
    type=float,
    default=1.0,
    show_default=True,
    help="Times as fast as its real time.",
)
@click.option(
    "--rounds", type=click.IntRange(1), default=9, show_default=True, help="Times that each is asked."
)
@click.option("--tokens", type=click.IntRange(2), default=96, show_default=True, help="Tokens of an answer.")
@click.option("--streams", type=click.IntRange(1), default=4, show_default=True, help="Answers at once.")
@click.option("--seed", type=int, default=1, show_default=True, help="Makes the prompts of this run.")
@json_option
def overhead(
    engine: str,
    profile: str,
    speed: float,
    rounds: int,
    tokens: int,
    streams: int,
    seed: int,
    as_json: bool,
) -> None:
    """What the site adds to its engine: time, tokens per second, processor, memory.

    The site and its engine, asked directly, answer the same kind of question by turns in one run. No
    two prompts begin alike, so that no cache helps one of them.
    """
    from thinkwell.cli.bench.overhead import measure
    from thinkwell.cli.bench.rivals import Plan

    plan = Plan(
        engine=engine,
        profile=profile,
        speed=speed,
        rounds=rounds,
        tokens=tokens,
        streams=streams,
        seed=seed,
    )
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        _show(asyncio.run(measure(plan, Path(folder))), as_json)


@bench.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Starts measured.")
@click.option("--model", default=None, help="Another model than the default one.")
@json_option
def start(rounds: int, model: str | None, as_json: bool) -> None:
    """Seconds from the command to the first healthy answer, where the site was started before."""
    from thinkwell.cli.bench.start import measure

    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        _show(asyncio.run(measure(Path(folder), rounds, model)), as_json)


@bench.command()
@json_option
def page(as_json: bool) -> None:
    """Size of what a browser loads before a person can ask, as it travels (gzip)."""
    from thinkwell.cli.bench.page import measure
    from thinkwell.http.pages import read_web_app

    _show(measure(read_web_app()), as_json)


def _show(report: Report, as_json: bool) -> None:
    from thinkwell.cli.bench.report import as_table, to_json

    click.echo(to_json(report) if as_json else as_table(report))
