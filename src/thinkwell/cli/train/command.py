"""``thinkwell train``: one group, one module a command."""

from __future__ import annotations

import click

from thinkwell.cli.train.asking import chat, distill
from thinkwell.cli.train.data import data
from thinkwell.cli.train.live import live
from thinkwell.cli.train.publish import publish
from thinkwell.cli.train.run import doctor, evaluate, export, grpo, report, sft


@click.group()
def train() -> None:
    """Make a reasoning model of your own."""


for command in (doctor, data, distill, chat, sft, grpo, evaluate, report, export, publish, live):
    train.add_command(command)
