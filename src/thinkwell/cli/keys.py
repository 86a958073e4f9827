"""``thinkwell keys``: API keys of members, made, listed and revoked on the data folder of a site."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thinkwell.cli.beside import (
    data_option,
    member_of,
    read_beside,
    settings_beside,
    shown_time,
    write_beside,
)
from thinkwell.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from thinkwell.people.keys import Key, Spent

DAY_US = 86_400_000_000


@click.group()
def keys() -> None:
    """API keys of members.

    \b
    thinkwell keys create zoe --name "nightly job" --door chat --tokens 1000000 --days 90
    thinkwell keys list
    thinkwell keys revoke zZ3bT0xkQ9aF

    Members make their own on the site's page. A running site hears of a change within 5 seconds.
    """


@keys.command()
@data_option
@click.argument("member")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--door", "doors", multiple=True, metavar="DOOR", help="May be repeated. Unset: all.")
@click.option("--model", "models", multiple=True, metavar="MODEL", help="May be repeated. Unset: all.")
@click.option("--money", metavar="AMOUNT", help="Most that all its turns may cost, in the site's currency.")
@click.option("--tokens", type=click.IntRange(0, 2**53), metavar="N", help="Most weighted tokens, likewise.")
@click.option("--days", type=click.IntRange(1, 36_500), metavar="N", help="Days until it expires.")
def create(
    member: str,
    name: str,
    doors: tuple[str, ...],
    models: tuple[str, ...],
    money: str | None,
    tokens: int | None,
    days: int | None,
    data: Path | None,
) -> None:
    """Make a key for MEMBER (a name, or an id) and print it. It is not shown again."""
    from thinkwell.people import keys as shelf
    from thinkwell.turns.run import now_us

    now = now_us()
    wish = shelf.Wish(
        name=name,
        doors=doors or None,
        models=models or None,
        budget_money=None if money is None else _micros(money),
        budget_tokens=tokens,
        expires_at=None if days is None else now + days * DAY_US,
    )

    def make(tx: Connection) -> tuple[Key, str]:
        return shelf.create(tx, member_of(tx, member).id, wish, now)

    key, text = write_beside(settings_beside(data).data, make)
    click.echo(text)
    click.echo(f"That is the key {key.id}. Keep it safe: it is not shown again.", err=True)


@keys.command("list")
@data_option
@click.argument("member", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a key.")
def list_(member: str | None, data: Path | None, as_json: bool) -> None:
    """List the keys of all, or of MEMBER: the newest first, revoked ones too."""
    import msgspec

    from thinkwell.people import keys as shelf

    def read(connection: Connection) -> list[tuple[Key, Spent]]:
        owner = None if member is None else member_of(connection, member).id
        found = shelf.by_owner(connection, owner)
        spent = shelf.spent(connection, owner)
        return [(key, spent.get(key.id, shelf.Spent())) for key in found]

    for key, spent in read_beside(settings_beside(data).data, read):
        if as_json:
            told = {"key": msgspec.to_builtins(key), "spent": msgspec.to_builtins(spent)}
            click.echo(msgspec.json.encode(told).decode())
        else:
            click.echo(_line(key, spent))


@keys.command()
@data_option
@click.argument("key_id", metavar="ID")
def revoke(key_id: str, data: Path | None) -> None:
    """Revoke the key ID (as the list shows it; the whole key will do, too), for ever."""
    from thinkwell.people import keys as shelf
    from thinkwell.people.keytext import id_of
    from thinkwell.turns.run import now_us

    wanted = id_of(key_id) or key_id

    def end(tx: Connection) -> None:
        found = shelf.find(tx, wanted)
        if found is None:
            raise NotFound(f"There is no key {wanted!r}.")
        shelf.revoke(tx, wanted, found[0].owner, now_us())

    write_beside(settings_beside(data).data, end)
    click.echo(f"The key {wanted} is revoked.")


def _micros(amount: str) -> int:
    """Raises BadRequest."""
    from thinkwell.settings.rooms import micros

    try:
        return micros(Decimal(amount))
    except InvalidOperation:
        raise BadRequest(f"{amount!r} is no amount of money.") from None
    except ValueError as problem:
        raise BadRequest(f"{amount}: {problem}.") from None


def _line(key: Key, spent: Spent) -> str:
    from thinkwell.values.money import decimal

    wish = key.wish
    bounds = [
        "all doors" if wish.doors is None else ", ".join(wish.doors),
        "all models" if wish.models is None else ", ".join(wish.models),
        f"cost {decimal(spent.money)}" + _of(wish.budget_money, decimal),
        f"{spent.tokens} tokens" + _of(wish.budget_tokens, str),
        f"expires {shown_time(wish.expires_at)}",
        f"used {shown_time(key.used_at)}",
    ]
    if key.revoked_at is not None:
        bounds.append(f"revoked {shown_time(key.revoked_at)}")
    return f"{key.id}  …{key.hint}  {wish.name}  ({'; '.join(bounds)})  {key.owner}"


def _of(budget: int | None, shows: Callable[[int], str]) -> str:
    return "" if budget is None else f" of {shows(budget)}"
