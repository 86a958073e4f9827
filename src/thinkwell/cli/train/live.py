"""``thinkwell train live``: from the file of a run to an adapter that a running site answers with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from thinkwell.cli.progress import terminal_progress
from thinkwell.cli.train.publish import ordered, publish_options
from thinkwell.cli.train.run import models_in, opened, run_options
from thinkwell.cli.train.steps import StepLines


@click.command("live")
@run_options
@publish_options
@click.option("--reinforce", is_flag=True, help="With reinforcement after fine-tuning.")
def live(run: Path, data: Path | None, out: Path | None, reinforce: bool, **how: Any) -> None:
    """Data, fine-tuning, export, and into the site that runs: all of RUN (a TOML file) in one command.

    Begun again, it goes on where it was broken off.
    """
    config, folder = opened(run, out)
    how["name"] = how["name"] or config.name
    wanted = ordered(folder / f"{config.name}.gguf", data, **how)
    from thinkwell.training.publishing import look_for, publish
    from thinkwell.training.stages import exported, make_data, open_base, run_grpo, run_sft

    look_for(wanted)  # before hours are spent on what nobody would answer with
    base = open_base(config, models_in(data), terminal_progress(config.base))
    if not (folder / "data" / "data.json").exists():
        click.echo(make_data(config, base, run.parent, folder, click.echo))
    with StepLines(config.cost) as lines:
        run_sft(config, base, folder, lines.step)
    if reinforce:
        with StepLines(config.cost) as lines:
            run_grpo(config, base, folder, lines.step, click.echo)
    exported(config, base, folder, wanted.adapter)
    if not publish(wanted, click.echo):
        sys.exit(1)
