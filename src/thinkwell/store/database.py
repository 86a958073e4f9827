"""The database engine: SQLite in WAL mode through SQLAlchemy. One writer at a time, readers beside it.

Knows how to open, migrate, read and write; not what the tables mean. The only place that sees the
library's exceptions: they leave as StoreFull or StoreUnavailable.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Table, create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from thinkwell.errors import SetupError, StoreError, StoreFull, StoreUnavailable

HEAD = "0007"
FILE_NAME = "thinkwell.sqlite3"
READERS = 4
# A file of so many bytes is written anew in about a second.
MOST_REWRITTEN = 64 << 20

# synchronous=NORMAL in WAL mode: a commit survives the death of the process, not of the machine's power.
# secure_delete: what a person deletes is overwritten in the file, not only unlinked.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "secure_delete=ON",
)

T = TypeVar("T")


class Batch(msgspec.Struct, frozen=True):
    """Rows with a value for every column. ``known``: those whose key is there already are left out."""

    table: Table
    rows: Sequence[Mapping[str, Any]]
    known: bool = False


class Database:
    """Open with ``open_database``. ``close`` ends every connection.

    Work is a plain function of a connection. It runs in a thread of the store as a whole: one hop from
    the event loop and back for a transaction, however many statements it has.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._driver: PoolProxiedConnection | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, from one consistent view. Raises StoreError, and what ``work`` raises."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._run, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction, in the order of the calls.

        Raises StoreError, and whatever ``work`` raises; then nothing was written.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._run, work)

    async def append(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows as one transaction. Raises StoreError; then nothing was written.

        The same as a ``write`` that inserts, for the path of every token: the driver is used directly,
        which takes a third of the time.
        """
        await self.append_all((Batch(table, rows),))

    async def append_all(self, batches: Sequence[Batch]) -> None:
        """The same for several tables, in one transaction."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._append, batches)

    def _append(self, batches: Sequence[Batch]) -> None:
        with _translated(self._path):
            if self._driver is None:
                self._driver = self._engine.raw_connection()
            cursor = self._driver.cursor()
            try:
                cursor.execute("BEGIN IMMEDIATE")
                for batch in batches:
                    cursor.executemany(_insert_statement(batch), batch.rows)
                cursor.execute("COMMIT")
            except sqlite3.Error:
                if self._driver.driver_connection.in_transaction:  # type: ignore[union-attr]
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()

    def _run(self, work: Callable[[Connection], T]) -> T:
        with _translated(self._path), self._engine.begin() as connection:
            return work(connection)

    async def checkpoint(self) -> bool:
        """Bring all that was written into the database's own file and empty the one beside it, so that what
        was deleted is in neither. False where a reader was in the way; then a later one does it. Raises
        StoreError."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._checkpoint)

    async def rewrite(self, most_bytes: int = MOST_REWRITTEN) -> bool:
        """Write the whole file anew, and ``checkpoint``: where rows were moved on their way, unused room in
        the file may hold copies of what was deleted since, which nothing else removes. False where the file
        is larger than ``most_bytes``: while it is written, nothing else is. Raises StoreError."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._rewrite, most_bytes)

    def _rewrite(self, most_bytes: int) -> bool:
        return self._checkpoint(rewrite=most_bytes)

    def _checkpoint(self, rewrite: int = 0) -> bool:
        with _translated(self._path):
            if self._driver is None:
                self._driver = self._engine.raw_connection()
            cursor = self._driver.cursor()
            try:
                if rewrite and self._path.stat().st_size <= rewrite:
                    cursor.execute("VACUUM")
                    rewrite = 0
                # A reader is waited for, but not for long: nobody writes meanwhile.
                cursor.execute("PRAGMA busy_timeout=500")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                [(busy, _, _)] = cursor.fetchall()
            finally:
                cursor.execute("PRAGMA busy_timeout=5000")
                cursor.close()
        return not busy and not rewrite

    async def close(self) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._writer.shutdown()
        if self._driver is not None:
            self._driver.close()
        self._readers.shutdown()
        self._engine.dispose()


def _insert_statement(batch: Batch) -> str:
    columns = [column.name for column in batch.table.columns]
    named = ", ".join(f":{name}" for name in columns)
    verb = "INSERT OR IGNORE" if batch.known else "INSERT"
    return f"{verb} INTO {batch.table.name} ({', '.join(columns)}) VALUES ({named})"  # names of our own


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


def _configure(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, below
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
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


def _open(path: Path) -> Engine:
    _migrate(path)
    engine = create_engine(f"sqlite:///{path}", pool_size=READERS + 2, max_overflow=0)
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
