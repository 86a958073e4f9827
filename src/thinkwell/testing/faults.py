"""A database that fails when it is told to: before it did what was asked, or after. For crash tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from sqlalchemy.engine import Connection

from thinkwell.errors import StoreUnavailable
from thinkwell.store.database import Batch, Database

T = TypeVar("T")
When = Literal["before", "after"]


class FailingDatabase(Database):
    """Opened as any other and then made one with ``make_failing``. ``calls`` counts what changes something.

    ``fail`` is asked with the number of each such call, and says whether, and when, it fails.
    """

    calls: int
    fail: Callable[[int], When | None]

    async def write(self, work: Callable[[Connection], T]) -> T:
        when = self._next()
        if when == "before":
            raise StoreUnavailable("The database was told to fail.")
        result = await super().write(work)
        if when == "after":
            raise StoreUnavailable("The database was told to fail, once it was done.")
        return result

    async def append_all(self, batches: Sequence[Batch]) -> None:
        when = self._next()
        if when == "before":
            raise StoreUnavailable("The database was told to fail.")
        await super().append_all(batches)
        if when == "after":
            raise StoreUnavailable("The database was told to fail, once it was done.")

    def _next(self) -> When | None:
        self.calls += 1
        return self.fail(self.calls)


def never(_: int) -> When | None:
    return None


def make_failing(database: Database, fail: Callable[[int], When | None] = never) -> FailingDatabase:
    """The same database, for whoever holds it already."""
    database.__class__ = FailingDatabase
    assert isinstance(database, FailingDatabase)
    database.calls = 0
    database.fail = fail
    return database
