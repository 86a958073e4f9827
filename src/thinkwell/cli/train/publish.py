"""``thinkwell train publish``: an adapter into a running site. What it does is in training/publishing.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from thinkwell.cli.beside import data_option, folder_beside
from thinkwell.errors import SetupError

if TYPE_CHECKING:
    from thinkwell.training.publishing import Publishing

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


def publish_options(command: Callable[..., None]) -> Callable[..., None]:
    """Where the site is, and how an adapter is tried there."""
    for option in (
        click.option("--name", help="What the site calls it.  [default: the file's name]"),
        click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the site is."),
        click.option(
            "--key-env",
            default="THINKWELL_KEY",
            show_default=True,
            metavar="NAME",
            help="The environment variable that holds an operator's key.",
        ),
        click.option(
            "--smoke",
            type=FILE,
            help="JSON Lines of prompts to try first: "
            '{"prompt": "2 + 2?", "contains": ["4"], "thinks": true}.',
        ),
        click.option(
            "--percent",
            type=click.FloatRange(0, 100),
            default=20.0,
            show_default=True,
            help="Of new turns, on trial. 0: no trial.",
        ),
        click.option(
            "--turns", type=click.IntRange(1), default=20, show_default=True, help="To answer on trial."
        ),
        click.option(
            "--wait", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds for them."
        ),
    ):
        command = option(command)
    return command


def ordered(
    adapter: Path,
    data: Path | None,
    *,
    name: str | None,
    url: str,
    key_env: str,
    smoke: Path | None,
    percent: float,
    turns: int,
    wait: float,
) -> Publishing:
    """Raises SetupError where there is no key, or the smoke prompts are none."""
    from thinkwell.training.publishing import Publishing, read_smoke

    key = os.environ.get(key_env, "")
    if not key:
        raise SetupError(
            f"The environment variable {key_env}, which is to hold an operator's key, is not set."
        )
    return Publishing(
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


@click.command()
@click.argument("adapter", type=FILE)
@publish_options
@data_option
def publish(adapter: Path, data: Path | None, **how: Any) -> None:
    """Let a running site answer with ADAPTER (a .gguf file), once it was tried and compared."""
    from thinkwell.training.publishing import publish as publish_it

    if not publish_it(ordered(adapter, data, **how), click.echo):
        sys.exit(1)
