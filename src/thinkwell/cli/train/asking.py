"""``thinkwell train distill`` and ``chat``: rows that a model behind an OpenAI-compatible server answers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, dir_okay=False)


def server_options(command: Command) -> Command:
    """Where the model is, and how many are asked at once."""
    for option in (
        click.option(
            "--at-once", type=click.IntRange(1), default=8, show_default=True, help="Open requests."
        ),
        click.option(
            "--key-env", default="", metavar="NAME", help="The environment variable that holds the key."
        ),
        click.option("--model", default="", help="The model's name, where the server has several."),
        click.option("--url", required=True, help="The server's address, up to and with /v1."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("questions", type=FILE)
@click.option("--out", type=FILE, required=True, help="Where the rows go; a journal lies beside.")
@server_options
@click.option("--samples", type=click.IntRange(1), default=4, show_default=True, help="Of each question.")
@click.option(
    "--keep", type=click.IntRange(1), default=1, show_default=True, help="Right ones, the shortest first."
)
@click.option("--temperature", type=float, default=0.6, show_default=True)
@click.option("--top-p", type=float, default=0.95, show_default=True)
@click.option("--max-tokens", type=click.IntRange(1), default=4096, show_default=True, help="Of a reply.")
@click.option("--price-in", type=float, default=0.0, help="Of a million tokens that are read.")
@click.option("--price-out", type=float, default=0.0, help="Of a million tokens that are written.")
@click.option("--spend", type=float, default=0.0, help="Begin no further question once so much is spent.")
def distill(
    questions: Path,
    out: Path,
    url: str,
    model: str,
    key_env: str,
    at_once: int,
    samples: int,
    keep: int,
    temperature: float,
    top_p: float,
    max_tokens: int,
    price_in: float,
    price_out: float,
    spend: float,
) -> None:
    """Let a teacher answer QUESTIONS (JSON Lines with prompt, answer, verifier), and keep right thoughts.

    Run it again to go on where it was broken off.
    """
    from thinkwell.training.data.asker import Draw, Endpoint, HttpAsker
    from thinkwell.training.data.teacher import Taught, Teaching, teach
    from thinkwell.training.rows import read_rows

    endpoint = Endpoint(url=url, model=model, key_env=key_env, price_in=price_in, price_out=price_out)
    draw = Draw(temperature=temperature, top_p=top_p, max_tokens=max_tokens)
    teaching = Teaching(
        endpoint=endpoint, samples=samples, keep=keep, at_once=at_once, draw=draw, spend=spend
    )
    rows = list(read_rows(questions))

    def told(so_far: Taught) -> None:
        _tell(
            f"{so_far.questions} of {len(rows)} questions, {so_far.solved} solved, {so_far.money:.4f} spent"
        )

    async def run() -> Taught:
        async with HttpAsker(endpoint) as ask:
            return await teach(teaching, rows, ask, out=out, told=told)

    taught = asyncio.run(run())
    _tell("", last=True)
    click.echo(taught.text())


@click.command()
@click.option("--out", type=FILE, required=True, help="Where the rows go; a journal lies beside.")
@server_options
@click.option("--count", type=click.IntRange(0), default=0, help="At most so many prompts; 0: all.")
@click.option("--language", "languages", multiple=True, default=("en", "fr"), show_default=True)
@click.option("--max-tokens", type=click.IntRange(1), default=320, show_default=True, help="Of an answer.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses among the prompts.")
def chat(
    out: Path,
    url: str,
    model: str,
    key_env: str,
    at_once: int,
    count: int,
    languages: tuple[str, ...],
    max_tokens: int,
    seed: int,
) -> None:
    """Let the base model answer everyday prompts itself: mixed in, they keep its way to talk.

    Run it again to go on where it was broken off.
    """
    from thinkwell.training.data.asker import Draw, Endpoint, HttpAsker
    from thinkwell.training.data.chat import Answered, answer, questions

    rows = questions(languages, count, seed)

    def told(so_far: Answered) -> None:
        _tell(f"{so_far.questions} of {len(rows)} prompts, {so_far.rows} rows")

    async def run() -> Answered:
        async with HttpAsker(Endpoint(url=url, model=model, key_env=key_env)) as ask:
            draw = Draw(max_tokens=max_tokens)
            return await answer(rows, ask, out=out, draw=draw, at_once=at_once, told=told)

    answered = asyncio.run(run())
    _tell("", last=True)
    click.echo(answered.text())


def _tell(line: str, *, last: bool = False) -> None:
    """One line that is written over, for a person at a terminal only."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{line}", nl=False, err=True)
        if last:
            sys.stderr.flush()
