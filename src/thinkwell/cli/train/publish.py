"""``thinkwell train publish``: an adapter into a running site. What it does is in training/publishing.py."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from thinkwell.cli.beside import data_option, folder_beside
from thinkwell.errors import SetupError

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("adapter", type=FILE)
@click.option("--name", help="What the site calls it.  [default: the file's name]")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the site is.")
@click.option(
    "--key-env",
    default="THINKWELL_KEY",
    show_default=True,
    metavar="NAME",
    help="The environment variable that holds an operator's key.",
)
@click.option(
    "--smoke",
    type=FILE,
    help='JSON Lines of prompts to try first: {"prompt": "2 + 2?", "contains": ["4"], "thinks": true}.',
)
@click.option(
    "--percent",
    type=click.FloatRange(0, 100),
    default=20.0,
    show_default=True,
    help="Of new turns, on trial. 0: no trial.",
)
@click.option("--turns", type=click.IntRange(1), default=20, show_default=True, help="To answer on trial.")
@click.option("--wait", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds for them.")
@data_option
def publish(
    adapter: Path,
    name: str | None,
    url: str,
    key_env: str,
    smoke: Path | None,
    percent: float,
    turns: int,
    wait: float,
    data: Path | None,
) -> None:
    """Let a running site answer with ADAPTER (a .gguf file), once it was tried and compared."""
    from thinkwell.training.publishing import Publishing, read_smoke
    from thinkwell.training.publishing import publish as publish_it

    key = os.environ.get(key_env, "")
    if not key:
        raise SetupError(
            f"The environment variable {key_env}, which is to hold an operator's key, is not set."
        )
    wanted = Publishing(
        adapter=adapter,
        data=folder_beside(data),
        name=name or adapter.stem,
        url=url,
        key=key,
        smoke=read_smoke(smoke) if smoke else (),
        percent=percent,
        turns=turns,
        wait_s=wait,
    )
    if not publish_it(wanted, click.echo):
        sys.exit(1)
