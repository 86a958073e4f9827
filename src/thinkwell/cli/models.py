"""``thinkwell models``: the catalogue."""

from __future__ import annotations

import click
import msgspec


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the cards as JSON.")
def models(as_json: bool) -> None:
    """List the models of the catalogue."""
    from thinkwell.models.catalogue import read_catalogue

    catalogue = read_catalogue()
    if as_json:
        click.echo(msgspec.json.encode(catalogue.cards).decode())
        return
    for card in catalogue.cards:
        mark = "  (default)" if card.name == catalogue.default.name else ""
        size = f"{card.size_bytes / 1e6:,.0f} MB, " if card.size_bytes else ""
        click.echo(f"{click.style(card.name, bold=True)}{mark}")
        click.echo(f"    {card.title}; {size}{card.context:,} tokens of context, {card.licence}")
        if card.about:
            click.echo(f"    {card.about}")
    click.echo(
        "\nAlso: a path to a GGUF file, hf:owner/repo/file.gguf, or the URL of an OpenAI-compatible server."
    )
