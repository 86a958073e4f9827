"""``thinkwell people``: members, their roles and tiers, who is kept out, links. Beside a running site or not.

Works on the database in the data folder. A running site hears of it within seconds (store/changes.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from thinkwell.cli.beside import (
    data_option,
    member_of,
    read_beside,
    settings_beside,
    shown_time,
    write_beside,
)
from thinkwell.errors import BadRequest
from thinkwell.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from thinkwell.people.accounts import Account


@click.group()
def people() -> None:
    """Members of a site: list them, make links for them, change their roles and tiers, keep them out.

    \b
    thinkwell people list
    thinkwell people link invite
    thinkwell people link password zoe
    thinkwell people role zoe operator
    thinkwell people block zoe "asks for others' homework"

    NAME is the name that a member signs in with, or the id that the list shows.
    """


@people.command("list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a member.")
def list_(data: Path | None, as_json: bool) -> None:
    """List all members, the newest first."""
    import msgspec

    from thinkwell.people import accounts

    def read(connection: Connection) -> list[Account]:
        found, after = [], None
        while True:
            some = accounts.page(connection, after=after)
            found += some[: accounts.PAGE]
            if len(some) <= accounts.PAGE:
                return found
            after = (found[-1].created_at, found[-1].id)

    for account in read_beside(settings_beside(data).data, read):
        click.echo(msgspec.json.encode(account).decode() if as_json else _line(account))


@people.command()
@data_option
@click.option("--tier", metavar="TIER", help="Tier of who is invited.")
@click.option("--url", metavar="URL", help="Where people reach the site, if site.url is not set.")
@click.argument("kind", type=click.Choice(["invite", "password", "operator"]))
@click.argument("name", required=False)
def link(kind: Any, name: str | None, data: Path | None, tier: str | None, url: str | None) -> None:
    """Make a link that works once: an invitation, a new password for NAME, or one that makes an operator."""
    from thinkwell.people import links
    from thinkwell.turns.run import now_us

    settings = settings_beside(data)
    if (kind == "password") != (name is not None):
        raise click.UsageError("A password link, and no other, is for somebody: say the name.")
    if tier is not None:
        if kind != "invite":
            raise click.UsageError("Only an invitation has a tier.")
        _check_tier(settings, tier)

    def make(tx: Connection) -> tuple[str, links.Link]:
        owner = None
        if name is not None:
            found = member_of(tx, name)
            if found.name is None:
                raise BadRequest(f"{found.id} has no name here to sign in with.")
            owner = found.id
        return links.make(tx, kind, now_us(), owner=owner, tier=tier)

    token, made = write_beside(settings.data, make)
    base = url or settings.site.url or f"http://{settings.http.host}:{settings.http.port}"
    click.echo(links.address(base, kind, token))
    click.echo(f"It works once, until {shown_time(made.expires_at)}.", err=True)


@people.command()
@data_option
@click.argument("name")
@click.argument("role", type=click.Choice(["member", "operator"]))
def role(name: str, role: Any, data: Path | None) -> None:
    """Make NAME an operator, or a member like others. The last operator stays one."""
    from thinkwell.people import accounts

    _change(data, lambda tx: accounts.change_role(tx, member_of(tx, name).id, role))


@people.command()
@data_option
@click.argument("name")
@click.argument("tier")
def tier(name: str, tier: str, data: Path | None) -> None:
    """Put NAME into a TIER of the settings."""
    from thinkwell.people import accounts

    _check_tier(settings_beside(data), tier)
    _change(data, lambda tx: accounts.change_tier(tx, member_of(tx, name).id, tier))


@people.command()
@data_option
@click.argument("name")
@click.argument("why")
def block(name: str, why: str, data: Path | None) -> None:
    """Keep NAME out. They are told WHY."""
    from thinkwell.people import accounts
    from thinkwell.turns.run import now_us

    if not why.strip():
        raise click.UsageError("Say why: the person is told.")
    _change(data, lambda tx: accounts.block(tx, member_of(tx, name).id, why, now_us()))


@people.command()
@data_option
@click.argument("name")
def unblock(name: str, data: Path | None) -> None:
    """Let NAME in again."""
    from thinkwell.people import accounts

    _change(data, lambda tx: accounts.unblock(tx, member_of(tx, name).id))


# -- the database --------------------------------------------------------------------------------


def _change(data: Path | None, work: Callable[[Connection], Account]) -> None:
    click.echo(_line(write_beside(settings_beside(data).data, work)))


def _check_tier(settings: Settings, tier: str) -> None:
    if tier not in settings.tiers:
        raise BadRequest(f"There is no tier {tier!r}; there are: {', '.join(sorted(settings.tiers))}.")


def _line(account: Account) -> str:
    blocked = "" if account.blocked_at is None else f"  kept out: {account.blocked_why}"
    name = account.name or "(named by your sign-in)"
    return (
        f"{name}  {account.role}, tier {account.tier}, last seen {shown_time(account.seen_at)}  "
        f"{account.id}{blocked}"
    )
