"""The benches of people and money: the books, many behind one address, what a turn pays for all of it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thinkwell.cli.bench.options import json_option, seed_option, show

if TYPE_CHECKING:
    from thinkwell.cli.bench.path_asking import Who


@click.command()
@click.option("--turns", type=click.IntRange(1), default=100_000, show_default=True, help="Turns asked.")
@click.option("--kills", type=click.IntRange(0), default=20, show_default=True, help="Times kill -9.")
@seed_option
@json_option
def books(turns: int, kills: int, seed: int, as_json: bool) -> None:
    """Whether the books are exact, with readers that leave and a site that is killed again and again."""
    from thinkwell.cli.bench.books import BooksPlan, measure
    from thinkwell.testing.wire_http import run_fast

    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(run_fast(measure(BooksPlan(turns=turns, kills=kills, seed=seed), Path(folder))), as_json)


@click.command()
@click.option(
    "--visitors", type=click.IntRange(2), default=300, show_default=True, help="Behind one address."
)
@click.option("--seconds", type=float, default=300.0, show_default=True, help="Over which they come.")
@click.option("--others", type=float, default=2.2, show_default=True, help="People elsewhere, a second.")
@seed_option
@json_option
def nat(visitors: int, seconds: float, others: float, seed: int, as_json: bool) -> None:
    """Whether people behind one address of a provider wait as long as on addresses of their own.

    Beside it: the same people without proofs of work, and one person who makes a cookie for each question.
    """
    from thinkwell.cli.bench.nat import NatPlan, measure

    plan = NatPlan(visitors=visitors, seconds=seconds, others=others, seed=seed)
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(measure(plan, Path(folder)), as_json)


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True, help="Pairs of each reading.")
@click.option(
    "--who",
    type=click.Choice(["visitor", "member", "key", "keyless"]),
    multiple=True,
    help="These alone; may be given several times.",
)
@click.option("--tokens", type=click.IntRange(4), default=256, show_default=True, help="Tokens of a turn.")
@click.option("--at-once", type=click.IntRange(1), default=48, show_default=True, help="Turns at once.")
@json_option
def path(rounds: int, who: tuple[Who, ...], tokens: int, at_once: int, as_json: bool) -> None:
    """What identity, admission, the ledger and who watches cost a turn, against all of it switched off."""
    from thinkwell.cli.bench.path import PathPlan, measure
    from thinkwell.testing.wire_http import run_fast

    plan = PathPlan(rounds=rounds, who=who, tokens=tokens, at_once=at_once)
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(run_fast(measure(plan, Path(folder))), as_json)


@click.command()
@click.option(
    "--messages", type=click.IntRange(200), default=100_000, show_default=True, help="In the database."
)
@click.option("--searches", type=click.IntRange(1), default=200, show_default=True, help="Of each kind.")
@seed_option
@json_option
def search(messages: int, searches: int, seed: int, as_json: bool) -> None:
    """How long a search through one's own conversations takes, and what writing for it costs."""
    from thinkwell.cli.bench.search import SearchPlan, measure

    plan = SearchPlan(messages=messages, searches=searches, seed=seed)
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(asyncio.run(measure(plan, Path(folder))), as_json)
