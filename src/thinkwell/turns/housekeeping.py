"""Housekeeping: event logs and stored responses go when their time is over. Rules of retention join here."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sqlalchemy.engine import Connection

from thinkwell.conversations import responses
from thinkwell.errors import StoreError
from thinkwell.ledger import hours
from thinkwell.store.database import Database
from thinkwell.turns import idempotent, stored_log
from thinkwell.turns.run import now_us

log = logging.getLogger(__name__)

EVERY_S = 3600.0
HOUR_US = 3_600_000_000


async def keep_house(database: Database, keep_log_hours: int, keep_response_hours: int) -> None:
    """Runs for ever; ends by cancellation only. A store that fails is tried again the next hour."""
    while True:
        try:
            now = now_us()
            await hours.add_up(database, now)
            await database.write(partial(idempotent.forget_before, before_us=now - idempotent.DAY_US))
            await database.write(partial(stored_log.forget_before, before_us=now - keep_log_hours * HOUR_US))
            await database.write(partial(_forget_responses, now - keep_response_hours * HOUR_US))
        except StoreError as error:
            log.warning("what is old stays for now: %s", error.message)
        await asyncio.sleep(EVERY_S)


def _forget_responses(before_us: int, tx: Connection) -> None:
    responses.forget_before(tx, before_us)
    responses.forget_over(tx)
