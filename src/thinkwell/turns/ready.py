"""Ready: an observer that has people told that their answer is there, where it took a while and nobody of
theirs reads it any more. Knows turns and their readers; people/pushing.py knows how one is told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy.engine import Connection

from thinkwell.errors import StoreError
from thinkwell.people import subscriptions
from thinkwell.people.pushing import Pushing
from thinkwell.store.database import Database
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Stopped, TurnEnd

log = logging.getLogger(__name__)

# Owners who are to be told; above that somebody is not, rather than that the site keeps ever more of them.
MOST_WAITING = 1_000
AT_ONCE = 8


class Ready(Unmoved):
    """Belongs to the event loop. ``run`` sends; ``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        database: Database,
        pushing: Pushing,
        after_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._pushing = pushing
        self._after_s = after_s
        self._clock = clock
        self._begun: dict[str, float] = {}
        self._unread: set[str] = set()
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)

    def begun(self, live: LiveTurn) -> None:
        # Of the page, and stored: there is somewhere to come back to.
        if live.request.message_id is not None:
            self._begun[live.request.id] = self._clock()

    def closing(self, live: LiveTurn) -> None:
        """Before readers see the end: whoever reads now is there."""
        if live.request.id in self._begun and not live.log.is_read:
            self._unread.add(live.request.id)

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        begun = self._begun.pop(live.request.id, None)
        unread = live.request.id in self._unread
        self._unread.discard(live.request.id)
        if begun is None or not unread or isinstance(end, Stopped) or self._clock() - begun < self._after_s:
            return
        try:
            self._waiting.put_nowait(live.owner)
        except asyncio.QueueFull:
            log.warning("too many are to be told at once that their answer is ready: one is not")

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._send())

    async def _send(self) -> None:
        while True:
            owner = await self._waiting.get()
            try:
                await self._tell(owner)
            except StoreError as problem:
                log.warning("somebody was not told that their answer is ready: %s", problem.message)

    async def _tell(self, owner: str) -> None:
        for endpoint in await self._database.read(lambda connection: subscriptions.of(connection, owner)):
            if await self._pushing.tell(endpoint) == "gone":
                await self._database.write(partial(_forget, endpoint))


def _forget(endpoint: str, tx: Connection) -> None:
    subscriptions.forget(tx, endpoint)
