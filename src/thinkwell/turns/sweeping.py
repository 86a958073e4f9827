"""Really deletes the conversations that people deleted, when the time to bring them back is over.

Looks into the database and nowhere else: what a site that died had still to do, the next one does. What
somebody deletes themself is written down nowhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.errors import StoreError
from thinkwell.store.database import Database
from thinkwell.turns.retention import FEW, forget_conversations
from thinkwell.turns.run import now_us

log = logging.getLogger(__name__)

EVERY_S = 15.0


async def keep_sweeping(
    database: Database, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Runs for ever; ends by cancellation only. A store that fails is tried again."""
    while True:
        try:
            await sweep(database, now_us())
        except StoreError as error:
            log.warning("what people deleted is hidden, and stays for now: %s", error.message)
        except Exception:  # a boundary: a fault of ours must not end the site
            log.exception("what people deleted is hidden, and stays for now, by a fault of the site")
        await sleep(EVERY_S)


async def sweep(database: Database, now: int) -> int:
    """Once; how many conversations are gone. Raises StoreError."""
    before, gone = now - shelf.UNDO_US, 0
    while ids := await database.read(partial(_due, before)):
        gone += await database.write(partial(_forget, before, ids))
    if gone:
        await database.checkpoint()
    return gone


def _due(before: int, connection: Connection) -> list[str]:
    return list(connection.scalars(shelf.deleted_before(before).limit(FEW)))


def _forget(before: int, ids: list[str], tx: Connection) -> int:
    """Those that nobody brought back meanwhile."""
    wanted = set(ids) & set(tx.scalars(shelf.deleted_before(before)))
    forget_conversations(tx, sorted(wanted))
    return len(wanted)
