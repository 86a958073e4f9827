"""Commands that work on the database in a site's data folder, beside the running site or without one.

A running site hears within seconds of what they change (store/changes.py, people/keyring.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from thinkwell.cli.options import default_data, read_settings
from thinkwell.errors import NotFound, SetupError
from thinkwell.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from thinkwell.people.accounts import Account

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="Where everything the site writes lies.",
    )(command)


def folder_beside(data: Path | None) -> Path:
    """The data folder. Raises SetupError where no site has been."""
    from thinkwell.store.database import FILE_NAME

    folder = (data or default_data()).expanduser()
    if not (folder / FILE_NAME).is_file():
        raise SetupError(f"There is no site in {folder}. Start one, or name its folder with --data.")
    return folder


def settings_beside(data: Path | None) -> Settings:
    """Raises SetupError also where no site has been."""
    folder_beside(data)
    return read_settings(data, (), {})


def read_beside(folder: Path, work: Callable[[Connection], T]) -> T:
    return asyncio.run(_run(folder, work, changes=False))


def write_beside(folder: Path, work: Callable[[Connection], T]) -> T:
    return asyncio.run(_run(folder, work, changes=True))


async def _run(folder: Path, work: Callable[[Connection], T], *, changes: bool) -> T:
    from thinkwell.store.changes import tell
    from thinkwell.store.database import open_database

    database = await open_database(folder)

    def told(tx: Connection) -> T:
        tell(tx)  # a write: so that the transaction is one from its begin on
        return work(tx)

    try:
        return await (database.write(told) if changes else database.read(work))
    finally:
        await database.close()


def member_of(connection: Connection, name: str) -> Account:
    """By name or id. Raises NotFound."""
    from thinkwell.people import accounts

    found = accounts.by_name(connection, name) or accounts.find(connection, name)
    if found is None:
        raise NotFound(f"There is no member {name!r}.")
    return found


def shown_time(time_us: int | None) -> str:
    if time_us is None:
        return "never"
    return datetime.fromtimestamp(time_us / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
