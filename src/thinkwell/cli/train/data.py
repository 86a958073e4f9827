"""``thinkwell train data``: what a model is to learn from."""

from __future__ import annotations

from pathlib import Path

import click

from thinkwell.cli.beside import data_option, folder_beside, read_beside


@click.command()
@click.option(
    "--from-site",
    "site_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    required=True,
    help="Write the conversations of people who let them be used, as rows for a part of kind site.",
)
@data_option
def data(site_file: Path, data: Path | None) -> None:
    """Write data to learn from.

    Of who says yes now, and only until they take it back: make it anew for every run, and delete it after.
    E-mail addresses, phone numbers and IBANs are replaced; names are not. Read it before you train on it.
    """
    from thinkwell.training.data.site import from_site
    from thinkwell.training.rows import write_rows

    found = read_beside(folder_beside(data), from_site)
    write_rows(site_file, found.rows)
    click.echo(found.text())
