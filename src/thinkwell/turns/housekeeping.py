"""Housekeeping: every hour the hours that are over are added up, what is too old goes (retention.py), and the
journal lets go of turns that are over: on a quiet site its file would hold for weeks what somebody deleted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from thinkwell.conversations.search import Search
from thinkwell.errors import StoreError
from thinkwell.ledger import hours
from thinkwell.settings import Settings
from thinkwell.store.database import Database
from thinkwell.turns import retention
from thinkwell.turns.journal import Journal
from thinkwell.turns.retention import Keep
from thinkwell.turns.run import now_us

log = logging.getLogger(__name__)

EVERY_S = 3600.0
# A transaction of so many steps takes about as long as the end of a long answer. Where there is still more
# after the most of them (of an index of gigabytes), the next hour goes on.
CLEAN_STEPS = 4
MOST_CLEANINGS = 5_000


def keeping(settings: Settings) -> Keep:
    return Keep(
        visitor_days=settings.people.visitor_days,
        member_days=settings.people.member_days,
        log_hours=settings.turns.keep_log_hours,
        response_hours=settings.turns.keep_response_hours,
    )


async def keep_house(
    database: Database,
    keep: Keep,
    journal: Journal,
    search: Search,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Runs for ever; ends by cancellation only. A store that fails is tried again the next hour."""
    while True:
        try:
            await tidy(database, keep, now_us())
            if await cleaned(database, search):
                await database.checkpoint()
        except StoreError as error:
            log.warning("what is old stays for now: %s", error.message)
        except Exception:  # a boundary: a fault of ours must not end the site
            log.exception("what is old stays for now, by a fault of the site")
        await sleep(EVERY_S)
        try:
            await journal.forget_ended()
        except StoreError as error:
            log.warning("the journal keeps what is over for now: %s", error.message)


async def cleaned(database: Database, search: Search) -> bool:
    """The words of what was deleted leave the index's files, in small transactions; whether there was
    anything to do. Raises StoreError."""
    for _ in range(MOST_CLEANINGS):
        now = await database.write(partial(search.clean, steps=CLEAN_STEPS))
        if now != "not_yet":
            return now == "clean"
    return True


async def tidy(database: Database, keep: Keep, now: int) -> int:
    """Once; how many things went. Raises StoreError."""
    await hours.add_up(database, now)
    gone = 0
    for rule in await database.read(partial(retention.with_work, keep, now)):
        gone += await retention.carry_out(database, rule, now)
    gone += await database.write(partial(retention.forget_networks, now))
    if gone:
        log.info("%d things that were too old are deleted", gone)
        await database.checkpoint()
    return gone
