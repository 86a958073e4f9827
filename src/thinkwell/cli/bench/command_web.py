"""``thinkwell bench web``: its options. Knows not how to measure."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import get_args

import click

from thinkwell.cli.bench.options import json_option, show

PARTS = ("load", "thought", "cost", "long", "cuts", "token", "shots")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS), metavar="[PART]…")
@click.option("--short", is_flag=True, help="Less of everything, in a minute or two.")
@click.option("--rounds", type=click.IntRange(1), default=None, help="Of what is measured again and again.")
@click.option("--seconds", type=float, default=None, help="That the long thought streams.")
@click.option(
    "--shots",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("artifacts/web"),
    show_default=True,
    help="Where the pictures go.",
)
@json_option
def web(
    parts: tuple[str, ...], short: bool, rounds: int | None, seconds: float | None, shots: Path, as_json: bool
) -> None:
    """The page in a real Chromium: weight, a long thought, a long conversation, cut streams, pictures.

    Parts: load, thought (frames and memory), cost (of a token as a thought grows), long (500 messages), cuts
    (a stream cut at each event), token (the last one's way to the screen), shots. None named: all of them.
    """
    import msgspec

    from thinkwell.cli.bench.web import SHORT, Part, WebPlan, measure

    chosen = tuple(part for part in get_args(Part) if part in parts or not parts)
    plan = msgspec.structs.replace(SHORT if short else WebPlan(), parts=chosen)
    if rounds is not None:
        plan = msgspec.structs.replace(plan, rounds=rounds)
    if seconds is not None:
        plan = msgspec.structs.replace(plan, seconds=seconds)
    with tempfile.TemporaryDirectory(prefix="thinkwell-bench-") as folder:
        show(asyncio.run(measure(plan, Path(folder), shots)), as_json)
