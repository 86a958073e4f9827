"""``thinkwell deletions``: proof of what retention and erasure deleted, from the data folder of a site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from thinkwell.cli.beside import data_option, read_beside, settings_beside, shown_time

if TYPE_CHECKING:
    from thinkwell.turns.deletions import Deletion


@click.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, with the whole digest.")
def deletions(data: Path | None, as_json: bool) -> None:
    """List what was deleted: when, by which rule, how much. The newest first.

    The digest is SHA-256 over the sorted ids, each with a line break after it: nobody can be told from it,
    and who has the ids can make it again.
    """
    import msgspec

    from thinkwell.turns import deletions as kept

    settings, before = settings_beside(data), None
    while True:
        found = read_beside(settings.data, lambda connection, at=before: kept.page(connection, at))  # type: ignore[misc]
        for _, proof in found[: kept.PAGE]:
            click.echo(msgspec.json.encode(proof).decode() if as_json else _line(proof))
        if len(found) <= kept.PAGE:
            return
        before = found[kept.PAGE - 1][0]


def _line(proof: Deletion) -> str:
    older = "" if proof.before is None else f", older than {shown_time(proof.before)}"
    left = "" if not proof.left else f"  {proof.left} left!"
    return (
        f"{shown_time(proof.at)}  {proof.count} {proof.kind}  by {proof.rule}{older}  "
        f"{proof.digest[:16]}…{left}"
    )
