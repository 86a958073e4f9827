"""Holds what the site metered against what its engines counted and what its ledger has, while it runs.

It looks every minute, so that an engine that is restarted takes little with it, and leaves its newest report
in the data folder, where ``thinkwell ledger reconcile`` reads it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.engines.base import Engine
from thinkwell.errors import EngineError, StoreError
from thinkwell.files import put
from thinkwell.ledger.lines import tokens_booked
from thinkwell.ledger.reconcile import Booked, Metered, Report, Span, account_of, sums_of
from thinkwell.store.database import Database
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.tally import Tally

log = logging.getLogger(__name__)

EVERY_S = 60.0
FILE_NAME = "reconcile.json"
PRIVATE = 0o600


class Reconciler:
    """Belongs to the event loop. Counts from ``begin`` on; ``run`` is a task of the site."""

    def __init__(
        self,
        engines: Sequence[Engine],
        tally: Tally,
        turns: LiveTurns,
        journal: Journal,
        database: Database,
        now_us: Callable[[], int],
    ) -> None:
        self._engines = engines
        self._tally = tally
        self._turns = turns
        self._journal = journal
        self._database = database
        self._now_us = now_us
        self._spans: defaultdict[str, Span] = defaultdict(Span)
        self._start: dict[str, Metered] = {}
        self._seen: dict[str, Metered] = {}
        self._closed_before = 0
        self._since: int | None = None

    async def run(
        self,
        folder: Path,
        first: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """For ever; ends by cancellation only. ``first`` is waited for: it uses the engines without turns."""
        await first()
        while True:
            await self._leave(folder)
            await sleep(EVERY_S)

    async def _leave(self, folder: Path) -> None:
        try:
            report = await self.reconcile()
            await asyncio.to_thread(put, folder / FILE_NAME, msgspec.json.encode(report), PRIVATE)
        except (StoreError, OSError) as problem:
            log.warning("the ledger could not be held against the engines: %s", problem)
        except Exception:  # a boundary: a report that cannot be made must not end the site
            log.exception("the ledger could not be held against the engines by a fault of the site")

    async def reconcile(self) -> Report:
        """As it is now. Raises StoreError."""
        told = []
        new = [engine.name for engine in self._engines if self._spans[engine.name].last is None]
        for engine in self._engines:
            if engine.health().state != "ready":
                continue
            try:
                counters = await engine.counters()
            except EngineError:
                continue
            if counters is not None:
                self._spans[engine.name].look(counters)
                told.append(engine.name)
        now, sums = self._now_us(), self._tally.sums(self._turns.running)
        # An engine that tells for the first time is held against what is metered from here on.
        self._start |= {name: sums.get(name, Metered()) for name in new if name in told}
        self._seen |= {name: sums.get(name, Metered()) for name in told}
        if self._since is None:
            self._since = now
            self._closed_before = _tokens(self._tally.sums())
        since = self._since
        accounts = []
        for name, span in self._spans.items():
            # One that does not answer now is held against what was metered when it last did.
            metered = self._seen.get(name) or sums.get(name) or Metered()
            accounts.append(account_of(name, metered.since(self._start.get(name, Metered())), span))
        return Report(since=since, at=now, engines=tuple(accounts), ledger=await self._booked(since))

    @property
    def _waiting(self) -> int:
        return self._journal.waiting + self._turns.count

    async def _booked(self, since: int) -> Booked:
        metered = _tokens(self._tally.sums()) - self._closed_before
        waiting = self._waiting

        def read(connection: Connection) -> int:
            return tokens_booked(connection, since)

        booked = await self._database.read(read)
        waiting = max(waiting, self._waiting)
        return Booked(metered=metered, booked=booked, difference=booked - metered, waiting=waiting)


def _tokens(sums: Mapping[str, Metered]) -> int:
    whole = sums_of(sums)
    return whole.prompt + whole.generated
