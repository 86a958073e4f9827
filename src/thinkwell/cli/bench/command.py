"""``thinkwell bench``: one group, one command a bench. Knows options and printing, not how to measure."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thinkwell.cli.bench.command_adapters import adapters
from thinkwell.cli.bench.command_people import books, nat, path, search
from thinkwell.cli.bench.command_web import web
from thinkwell.cli.bench.options import TRACE, json_option, plot_option, seed_option, show, trace_option

if TYPE_CHECKING:
    from thinkwell.cli.bench.report import Report


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
        show(asyncio.run(measure(plan, Path(folder))), as_json)


@bench.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Starts measured.")
@click.option("--model", default=None, help="Another model than the default one.")
@json_option
def start(rounds: int, model: str | None, as_json: bool) -> None:
    """Seconds from the command to the first healthy answer, where the site was started before."""
    from thinkwell.cli.bench.start import measure

    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(asyncio.run(measure(Path(folder), rounds, model)), as_json)


@bench.command()
@json_option
def page(as_json: bool) -> None:
    """Size of what a browser loads before a person can ask, as it travels (gzip)."""
    from thinkwell.cli.bench.page import measure
    from thinkwell.http.pages import read_web_app

    show(measure(read_web_app()), as_json)


@bench.command()
@click.option("--trace", type=TRACE, help="As of the other benches; not needed with --on embedded.")
@click.option(
    "--on",
    "where",
    type=click.Choice(["virtual", "simulated", "embedded"]),
    default="virtual",
    show_default=True,
    help="In virtual time; or over HTTP against the simulated engine, or the embedded one.",
)
@click.option("--seconds", type=float, default=180.0, show_default=True, help="Of the trace, over HTTP.")
@click.option(
    "--pace", type=float, default=3.0, show_default=True, help="Times as fast as the trace, over HTTP."
)
@click.option(
    "--aborts", type=click.IntRange(0), default=1_000_000, show_default=True, help="Random aborts, virtual."
)
@plot_option
@seed_option
@json_option
def fairness(
    trace: Path | None,
    where: str,
    seconds: float,
    pace: float,
    aborts: int,
    plot: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Who gets what, beside first come first served, rate limits, VTC, deficit round robin and the ideal."""
    if where != "embedded" and trace is None:
        raise click.UsageError("Name a trace with --trace FILE.")
    if where == "virtual":
        from thinkwell.cli.bench.fairness import measure

        assert trace is not None
        show(measure(trace, seed, aborts, plot), as_json)
        return
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(asyncio.run(_fairness_live(trace, where, seconds, pace, seed, Path(folder))), as_json, plot)


async def _fairness_live(
    trace: Path | None, where: str, seconds: float, pace: float, seed: int, folder: Path
) -> Report:
    from thinkwell.cli.bench.live import SLOTS, from_trace, measure, one_heavy_three_light
    from thinkwell.cli.bench.rivals import Plan
    from thinkwell.testing.simulation.trace import read_trace

    if trace is None or where == "embedded":
        return await measure(Plan(seed=seed), one_heavy_three_light(), folder)
    plan = Plan(engine="simulated", streams=SLOTS, seed=seed, over="queue")
    questions = from_trace(await asyncio.to_thread(read_trace, trace), seconds, pace)
    return await measure(plan, questions, folder)


@bench.command()
@trace_option
@click.option("--load", type=float, default=None, help="Asked for over what the machine can do.")
@plot_option
@seed_option
@json_option
def eta(trace: Path, load: float | None, seed: int, plot: Path | None, as_json: bool) -> None:
    """How true the expected starts are: error, nine of ten, half of them."""
    from thinkwell.cli.bench.eta import measure

    show(measure(trace, seed, load), as_json, plot)


@bench.command()
@trace_option
@click.option("--load", type=float, default=2.0, show_default=True, help="Asked for over what can be done.")
@plot_option
@seed_option
@json_option
def budgets(trace: Path, load: float, seed: int, plot: Path | None, as_json: bool) -> None:
    """People answered under overload, with thoughts that follow the load and without."""
    from thinkwell.cli.bench.budgets import measure

    show(measure(trace, seed, load), as_json, plot)


@bench.command()
@trace_option
@click.option("--replicas", type=click.IntRange(1), default=8, show_default=True, help="Machines.")
@plot_option
@seed_option
@json_option
def routing(trace: Path, replicas: int, seed: int, plot: Path | None, as_json: bool) -> None:
    """Prefixes found again and evenness of load over several machines."""
    from thinkwell.cli.bench.routing import measure

    show(measure(trace, replicas, seed), as_json, plot)


@bench.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Of each measurement.")
@click.option(
    "--only",
    type=click.Choice(["cpu", "unpaced", "first", "whole", "abort", "memory", "churn", "stacks"]),
    multiple=True,
    help="This part alone; may be given several times.",
)
@click.option("--streams", type=click.IntRange(1), default=64, show_default=True, help="Answers at once.")
@click.option("--tokens", type=click.IntRange(2), default=256, show_default=True, help="Tokens of an answer.")
@click.option(
    "--seconds",
    type=float,
    default=1.0,
    show_default=True,
    help="Of a measurement that can be of any length.",
)
@click.option(
    "--open-streams", type=click.IntRange(1), default=2_000, show_default=True, help="For the memory."
)
@click.option(
    "--requests", type=click.IntRange(1), default=20_000, show_default=True, help="Asked, and some left."
)
@click.option(
    "--peer",
    "peers",
    multiple=True,
    metavar="NAME=URL[@PID]",
    help="Your own gateway before the engine of --engine-port; its process is put on the gateways' core.",
)
@click.option(
    "--engine-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Where the engine listens, for your peers.",
)
@seed_option
@json_option
def wire(
    rounds: int,
    only: tuple[str, ...],
    streams: int,
    tokens: int,
    seconds: float,
    open_streams: int,
    requests: int,
    peers: tuple[str, ...],
    engine_port: int,
    seed: int,
    as_json: bool,
) -> None:
    """What the gateway itself costs, beside nginx and bare proxies, before an engine that costs nothing.

    Processor time and tokens per second, first token, requests, readers that leave, memory, and whether
    every token is metered. Where there are two cores, the gateways run on one, all else on the other.
    """
    from thinkwell.cli.bench.wire import measure
    from thinkwell.cli.bench.wire_plan import WirePlan, peer_of
    from thinkwell.testing.wire_http import run_fast

    if peers and not engine_port:
        raise click.UsageError("Say with --engine-port N where your --peer finds the engine.")
    plan = WirePlan(
        rounds=rounds,
        only=only,
        streams=streams,
        tokens=tokens,
        seconds=seconds,
        open_streams=open_streams,
        requests=requests,
        peers=tuple(peer_of(text) for text in peers),
        engine_port=engine_port,
        seed=seed,
    )
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(run_fast(measure(plan, Path(folder))), as_json)


for _other in (adapters, books, nat, path, web, search):
    bench.add_command(_other)
