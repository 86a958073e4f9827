"""The database: made on the first start, migrated, and its errors in one sentence."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from thinkwell.errors import SetupError, StoreUnavailable
from thinkwell.store.database import FILE_NAME, HEAD, open_database
from thinkwell.store.migrations.run import alembic_config
from thinkwell.store.tables import metadata

INSERT = text(
    "INSERT INTO conversations (id, owner, title, created_at, updated_at) VALUES ('c', 'o', 't', 1, 1)"
)


def test_the_head_in_the_code_is_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_the_migrations_make_the_tables_that_the_code_knows(new_database: Path) -> None:
    engine = create_engine(f"sqlite:///{new_database}")
    with engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"include_name": _is_no_part_of_the_index}), metadata
        )
    engine.dispose()
    assert differences == []


def _is_no_part_of_the_index(name: str | None, kind: str, parents: object) -> bool:
    """The virtual table and those in which SQLite keeps it are made by hand."""
    return kind != "table" or not (name or "").startswith("search_index")


async def test_a_write_is_all_or_nothing_and_is_in_write_ahead_mode(data: Path) -> None:
    database = await open_database(data)

    def half(tx: Connection) -> None:
        tx.execute(INSERT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half)
    count = text("SELECT count(*) FROM conversations")
    assert await database.read(lambda connection: connection.scalar(count)) == 0
    assert await database.read(lambda connection: connection.scalar(text("PRAGMA journal_mode"))) == "wal"
    assert await database.read(lambda connection: connection.scalar(text("PRAGMA foreign_keys"))) == 1
    await database.close()


async def test_a_database_of_a_newer_version_stops_the_start(data: Path) -> None:
    await asyncio.to_thread(_set_version, data)
    with pytest.raises(SetupError, match="newer Thinkwell"):
        await open_database(data)


def _set_version(data: Path) -> None:
    with sqlite3.connect(data / FILE_NAME) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


async def test_a_damaged_database_stops_the_start_with_a_sentence(data: Path) -> None:
    await asyncio.to_thread((data / FILE_NAME).write_bytes, b"this is no database at all" * 1000)
    with pytest.raises(SetupError, match="damaged"):
        await open_database(data)


async def test_a_locked_database_is_unavailable_and_says_when_to_come_back(data: Path) -> None:
    database = await open_database(data)
    await database.write(lambda tx: tx.execute(text("PRAGMA busy_timeout=1")).close())
    other = sqlite3.connect(data / FILE_NAME, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked") as caught:
        await database.write(lambda tx: tx.execute(INSERT).close())
    assert caught.value.retry_after_s
    await asyncio.to_thread(other.close)
    await database.close()


async def test_what_was_deleted_is_in_no_file_after_it_is_written_anew(data: Path) -> None:
    database = await open_database(data)
    await database.write(lambda tx: tx.execute(INSERT).close())
    await database.write(lambda tx: tx.execute(text("UPDATE conversations SET title = 'plumbago'")).close())
    assert await asyncio.to_thread(_is_in_a_file, data, b"plumbago")
    await database.write(lambda tx: tx.execute(text("DELETE FROM conversations")).close())
    assert not await database.rewrite(most_bytes=1)  # too large: what it can do is done
    assert not await asyncio.to_thread(_is_in_a_file, data, b"plumbago")
    assert await database.rewrite() and await database.checkpoint()
    assert await asyncio.to_thread(lambda: (data / f"{FILE_NAME}-wal").stat().st_size) == 0
    await database.write(lambda tx: tx.execute(INSERT).close())
    await database.close()


def _is_in_a_file(folder: Path, word: bytes) -> bool:
    return any(word in path.read_bytes() for path in folder.iterdir() if path.is_file())


async def test_a_reader_is_not_in_the_way_for_ever(data: Path) -> None:
    database = await open_database(data)
    other = sqlite3.connect(data / FILE_NAME, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN")
    await asyncio.to_thread(lambda: other.execute("SELECT count(*) FROM conversations").fetchall())
    await database.write(lambda tx: tx.execute(INSERT).close())
    assert not await database.checkpoint()
    await asyncio.to_thread(other.execute, "COMMIT")
    assert await database.checkpoint()
    await asyncio.to_thread(other.close)
    await database.close()
