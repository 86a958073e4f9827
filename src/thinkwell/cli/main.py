"""``thinkwell``: one group, one module a command. Loads a command's machinery only when it runs."""

from __future__ import annotations

import sys

import click

from thinkwell import __version__
from thinkwell.cli.ask import ask
from thinkwell.cli.bench.command import bench
from thinkwell.cli.deletions import deletions
from thinkwell.cli.keys import keys
from thinkwell.cli.ledger import ledger
from thinkwell.cli.models import models
from thinkwell.cli.people import people
from thinkwell.cli.serve import serve
from thinkwell.cli.settings import settings
from thinkwell.cli.train.command import train
from thinkwell.cli.verify import verify
from thinkwell.cli.watch import watch
from thinkwell.errors import ThinkwellError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="thinkwell")
def group() -> None:
    """A public reasoning assistant on your own machines.

    Start a site with `thinkwell serve` and open the address it prints, or ask one question with
    `thinkwell ask "Why is the sky blue?"`.
    """


for command in (serve, ask, deletions, keys, ledger, models, people, settings, train, verify, watch, bench):
    group.add_command(command)


def main() -> None:
    """Errors of ours leave as one sentence and exit code 2; Ctrl-C leaves quietly."""
    try:
        group.main(prog_name="thinkwell", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except ThinkwellError as error:
        click.echo(f"thinkwell: {error.message}", err=True)
        sys.exit(2)
