"""All that writes turns down, put together: what a dead process left is settled before anything begins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from thinkwell.errors import SetupError, StoreError
from thinkwell.store.database import Database
from thinkwell.store.logfile import open_log, read_log
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.closing import Closer
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.reaper import Reaper
from thinkwell.turns.recovery import recover
from thinkwell.turns.tally import Tally


class Books(msgspec.Struct, frozen=True):
    """``journal.run`` and ``reaper.run`` are tasks of the site; ``tally`` is an observer of turns."""

    journal: Journal
    reaper: Reaper
    closer: Closer
    tally: Tally


async def open_books(folder: Path, database: Database, turns: LiveTurns, keeping: Bookkeeping) -> Books:
    """With the journal in ``folder``. Raises SetupError."""
    try:
        file = await asyncio.to_thread(open_log, folder)
        await recover(database, read_log(folder), keeping.now_us(), keeping)
        await file.drop_before(file.number)
    except StoreError as problem:
        raise SetupError(problem.message) from problem
    journal = Journal(file, database, keeping.now_us, keeping.accounts)
    reaper = Reaper(database, journal, turns, keeping)
    return Books(journal, reaper, Closer(database, journal, keeping, reaper), Tally())
