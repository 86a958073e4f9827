"""``thinkwell settings``: every setting there is."""

from __future__ import annotations

import click

from thinkwell.settings import FILE_NAME, setting_rows


@click.command()
@click.option("--markdown", is_flag=True, help="Print the table that docs/settings.md holds.")
def settings(markdown: bool) -> None:
    """List every setting: its name, type, default and meaning."""
    if markdown:
        click.echo(settings_table(), nl=False)
        return
    for row in setting_rows():
        click.echo(f"{click.style(row.name, bold=True)}  ({row.type}, default {row.default})")
        click.echo(f"    {row.help}.")
    click.echo(
        f"\nGive one with --set ROOM.NAME=VALUE, as THINKWELL_ROOM_NAME, or under [room] in DATA/{FILE_NAME}."
    )


def settings_table() -> str:
    lines = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    lines += [f"| `{row.name}` | {row.type} | `{row.default}` | {row.help} |" for row in setting_rows()]
    return "\n".join(lines) + "\n"
