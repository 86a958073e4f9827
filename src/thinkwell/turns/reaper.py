"""The reaper: closes what could not be closed when it ended, as soon as the database works again.

Two kinds: turns whose closing failed, which it is told of, and entries open in the database for which no turn
lives, which it looks for. Both get the ending that a turn gets anywhere (ending.py), once: what is closed by
then stays as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.engine import Connection

from thinkwell.errors import StoreError
from thinkwell.ledger import book
from thinkwell.store.database import Database
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.ending import ending_of, write_ending
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.recovery import close_left
from thinkwell.values.event import Failed

log = logging.getLogger(__name__)

# How long after the first failure, and at most, it is tried again; the pause doubles.
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
# Open entries without a turn are looked for so often, and left alone while they are so young.
LOOK_EVERY_S = 60.0
YOUNG_US = 60_000_000


class Owed:
    __slots__ = ("at", "end", "live")

    def __init__(self, live: LiveTurn, end: Failed, at: int) -> None:
        self.live = live
        self.end = end
        self.at = at


class Reaper:
    """Belongs to the event loop. ``run`` is its only task."""

    def __init__(self, database: Database, journal: Journal, turns: LiveTurns, books: Bookkeeping) -> None:
        self._database = database
        self._journal = journal
        self._turns = turns
        self._books = books
        self._owed: dict[str, Owed] = {}
        self._work = asyncio.Event()

    @property
    def owed(self) -> int:
        """Turns that are over, and open in the database."""
        return len(self._owed)

    def owe(self, live: LiveTurn, end: Failed, at_us: int) -> None:
        """The turn ended so, and the database could not be told."""
        self._owed[live.request.id] = Owed(live, end, at_us)
        self._work.set()

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """For ever; ends by cancellation only, after one more try."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pay_all(sleep))
                both.create_task(self._look_about(sleep))
        finally:
            await self.pay()

    async def _pay_all(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE_S
        while True:
            await self._work.wait()
            await sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
            if await self.pay():
                pause = FIRST_PAUSE_S

    async def _look_about(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        while True:
            await sleep(LOOK_EVERY_S)
            await self.look()

    async def pay(self) -> bool:
        """Close what is owed, as far as that can be done. True: nothing is owed any more."""
        for turn_id, owed in list(self._owed.items()):
            try:
                await self._database.write(partial(self._close, owed))
            except StoreError as problem:
                log.warning("turn %s still cannot be closed: %s", turn_id, problem.message)
                return False
            except Exception:  # a boundary: the others are not to wait for this one
                log.exception("turn %s still cannot be closed by a fault of the site", turn_id)
                continue
            self._journal.paid(owed.live)
            self._owed.pop(turn_id, None)
        if not self._owed:
            self._work.clear()
        return not self._owed

    def _close(self, owed: Owed, tx: Connection) -> None:
        write_ending(tx, ending_of(owed.live, owed.end), owed.at, self._books.accounts)

    async def look(self) -> int:
        """Close entries for which no turn lives; returns how many there were."""
        before = self._books.now_us() - YOUNG_US
        try:
            found = await self._database.read(partial(book.open_entries, opened_before=before))
            live = {live.request.id for live in self._turns.running} | self._owed.keys()
            lost = {entry.whose.turn_id for entry in found} - live
            if lost:
                await self._database.write(partial(self._close_lost, lost, before))
        except StoreError as problem:
            log.warning("open entries could not be looked for: %s", problem.message)
            return 0
        except Exception:  # a boundary: the next look may find what is wrong
            log.exception("open entries could not be closed by a fault of the site")
            return 0
        if lost:
            log.warning("%d turns were open in the database without running, and are closed", len(lost))
        return len(lost)

    def _close_lost(self, lost: set[str], before: int, tx: Connection) -> None:
        now = self._books.now_us()
        for entry in book.open_entries(tx, before):
            if entry.whose.turn_id in lost:
                close_left(tx, entry, None, now, self._books)
