"""``thinkwell verify``: does this receipt hold, and is this the answer that it is of? Believes no file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from thinkwell.errors import BadRequest

if TYPE_CHECKING:
    from thinkwell.ledger.signing import Finding
    from thinkwell.values.receipt import Receipt

FINDINGS: dict[Finding, str] = {
    "holds": "holds: nothing in this receipt was changed since the site signed it",
    "changed": "DOES NOT HOLD: something in this receipt is not what the site signed",
    "unsigned": "IS MISSING: anybody can have written this receipt",
    "unknown_key": "is by another key than those given: whether it holds cannot be told without that key",
}


@click.command()
@click.argument("receipt", metavar="RECEIPT.json")
@click.option(
    "--answer", metavar="FILE", help="The answer's text, to see whether it is the one; - for stdin."
)
@click.option(
    "--key", metavar="KEY", help="The site's public key: a file (PEM, or what the site tells) or text."
)
@click.option("--site", metavar="URL", help="Ask the site for its public keys.")
def verify(receipt: str, answer: str | None, key: str | None, site: str | None) -> None:
    """Check the signature of a receipt. Needs no network with --key.

    RECEIPT.json is a receipt, or an answer of the API that carries one; - for stdin. Exit code 0: it holds;
    1: it does not; 2: that cannot be told.

    \b
    thinkwell verify receipt.json --site https://ask.example.org --answer answer.txt
    thinkwell verify receipt.json --key site-key.pem
    """
    from thinkwell.cli.public_keys import keys_of_site, keys_of_text
    from thinkwell.cli.receipt_file import read_receipt, said_of
    from thinkwell.ledger.signing import verify as finding_of

    if (key is None) == (site is None):
        raise BadRequest("Say whose receipt it is: --key with the site's public key, or --site with its URL.")
    if receipt == "-" and answer == "-":
        raise BadRequest("Receipt and answer cannot both come from stdin.")
    told = read_receipt(receipt)
    keys = keys_of_text(key) if key is not None else keys_of_site(site or "")
    finding = finding_of(told.members, keys)
    for line in said_of(told.receipt):
        click.echo(line)
    click.echo(f"signature  {FINDINGS[finding]}")
    if finding in ("unsigned", "unknown_key"):
        sys.exit(1 if finding == "unsigned" else 2)
    fits = _check_answer(told.receipt, answer)
    sys.exit(0 if finding == "holds" and fits else 1)


def _check_answer(receipt: Receipt, answer: str | None) -> bool:
    from thinkwell.cli.receipt_file import fits_answer

    if answer is None:
        click.echo("answer     not checked; give it with --answer")
        return True
    fits, line = fits_answer(receipt, answer)
    click.echo(f"answer     {line}")
    return fits
