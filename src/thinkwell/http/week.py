"""The site's last week by hour, as the public page shows it: read once an hour, for everybody who asks.

Only hours that are over are told: of a running one, two looks would tell what was asked between them.
"""

from __future__ import annotations

import asyncio

from thinkwell.errors import StoreError
from thinkwell.http.wire.status import HourRow, Made, hour_rows
from thinkwell.ledger import hours
from thinkwell.ledger.hours import HOUR_US, SETTLED_US
from thinkwell.store.database import Database

HOURS = 7 * 24


class Week:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = asyncio.Lock()
        self._read: tuple[list[HourRow], Made] | None = None
        self._until = 0

    async def read(self, now_us: int) -> tuple[list[HourRow], Made]:
        """By hour, and in all. Raises StoreError where nothing was ever read."""
        end = hours.hour_of(now_us - SETTLED_US)
        async with self._reading:
            if self._read is None or end > self._until:
                try:
                    self._read = await self._anew(end, now_us)
                    self._until = end
                except StoreError:
                    if self._read is None:
                        raise
            return self._read

    async def _anew(self, end: int, now_us: int) -> tuple[list[HourRow], Made]:
        await hours.add_up(self._database, now_us)
        begin = end - HOURS * HOUR_US
        return await self._database.read(
            lambda connection: hour_rows(hours.read(connection, begin, end), begin, end)
        )
