"""``thinkwell train data``: what a model is to learn from."""

from __future__ import annotations

from pathlib import Path

import click

from thinkwell.cli.beside import data_option, folder_beside, read_beside
from thinkwell.cli.progress import terminal_progress
from thinkwell.cli.train.run import models_in, opened
from thinkwell.errors import SetupError


@click.command()
@click.argument("run", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--from-site",
    "site_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the conversations of people who let them be used, as rows for a part of kind site.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="The run's folder. [default: runs/NAME beside the file]"
)
@data_option
def data(run: Path | None, site_file: Path | None, out: Path | None, data: Path | None) -> None:
    """Make the data set that RUN (a TOML file) describes, and say what was left out and why.

    With --from-site first the site's own conversations, of who says yes now, and only until they take it
    back: make them anew for every run, and delete them after. E-mail addresses, phone numbers and IBANs are
    replaced; names are not. Read the file before you train on it.
    """
    if run is None and site_file is None:
        raise SetupError("Name the run's file, or --from-site FILE, or both.")
    if site_file is not None:
        from thinkwell.training.data.site import from_site
        from thinkwell.training.rows import write_rows

        found = read_beside(folder_beside(data), from_site)
        write_rows(site_file, found.rows)
        click.echo(found.text())
    if run is not None:
        config, folder = opened(run, out)
        from thinkwell.training.stages import make_data, open_base

        base = open_base(config, models_in(data), terminal_progress(config.base))
        click.echo(make_data(config, base, run.parent, folder, click.echo))
