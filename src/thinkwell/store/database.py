"""The database engine: SQLite in WAL mode through SQLAlchemy. One writer at a time, readers beside it.

Knows how to open, migrate, read and write; not what the tables mean. The only place that sees the
library's exceptions: they leave as StoreFull or StoreUnavailable.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from thinkwell.errors import SetupError, StoreError, StoreFull, StoreUnavailable

HEAD = "0001"
FILE_NAME = "thinkwell.sqlite3"


class Database:
    """Open with ``open_database``. ``close`` ends every connection."""

    def __init__(self, engine: AsyncEngine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with. Raises StoreError."""
        with _translated(self._path):
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block. Raises StoreError; then nothing was written."""
        async with self._writing:
            with _translated(self._path):
                async with self._engine.begin() as connection:
                    yield connection

    async def close(self) -> None:
        await self._engine.dispose()


class _translated:  # reads as a clause: with _translated(path)
    """Turns the library's errors into ours."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SQLAlchemyError | sqlite3.Error):
            raise _store_error(error, self._path) from error


def _store_error(error: BaseException, path: Path) -> StoreError:
    original = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(original, "sqlite_errorname", "") or ""
    if name in ("SQLITE_FULL", "SQLITE_IOERR_WRITE") or "disk is full" in str(original):
        return StoreFull(
            f"There is no room left on the disk that holds {path.parent}. Free some space there."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreUnavailable(
            "The database is locked by another program. Try again in a moment.", retry_after_s=5
        )
    return StoreUnavailable(f"The database {path} cannot be used: {original}.")


def _configure(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def pragmas(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, below
        cursor = connection.cursor()
        # NORMAL in WAL mode: a commit survives the death of the process, not of the machine's power.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")


async def open_database(data: Path) -> Database:
    """Open the site's database in ``data``, made and migrated where needed. Raises SetupError."""
    path = data / FILE_NAME
    try:
        engine = await asyncio.to_thread(_open, path)
    except sqlite3.Error as error:
        raise SetupError(_setup_sentence(error, path)) from error
    return Database(engine, path)


def _open(path: Path) -> AsyncEngine:
    _migrate(path)
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=8, max_overflow=0, pool_timeout=30)
    _configure(engine)
    return engine


def _setup_sentence(error: sqlite3.Error, path: Path) -> str:
    sentence = _store_error(error, path).message
    if "not a database" in str(error) or "malformed" in str(error):
        sentence = f"The database {path} is damaged. Restore it from a backup, or move it away to begin anew."
    return sentence


def _migrate(path: Path) -> None:
    """Bring the file to HEAD. The migration library is loaded only where there is something to do."""
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone() if found else None
    finally:
        connection.close()
    if version == (HEAD,):
        return
    from thinkwell.store.migrations.run import upgrade

    upgrade(path, known=version[0] if version else None)
