"""Housekeeping: event logs go when their time is over. The first rule of retention; others join it."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from thinkwell.errors import StoreError
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.run import now_us

log = logging.getLogger(__name__)

EVERY_S = 3600.0


async def keep_house(database: Database, keep_log_hours: int) -> None:
    """Runs for ever; ends by cancellation only. A store that fails is tried again the next hour."""
    while True:
        try:
            before = now_us() - keep_log_hours * 3_600_000_000
            await database.write(partial(stored_log.forget_before, before_us=before))
        except StoreError as error:
            log.warning("old event logs stay for now: %s", error.message)
        await asyncio.sleep(EVERY_S)
