"""The journal: writes every turn's events down, then lets readers see them. One commit serves all turns.

While a commit is under way new events gather for the next, so that the batch grows with the load and
an idle site writes each token at once. A reader never saw what a dead process did not write.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from thinkwell.errors import StoreError
from thinkwell.store.database import Database
from thinkwell.store.tables import turn_log
from thinkwell.turns import stored_log
from thinkwell.turns.live import LiveTurn

log = logging.getLogger(__name__)


class Journal:
    """``pace_s`` is the shortest time between two commits: a bound on the work per second."""

    def __init__(self, database: Database, now_us: Callable[[], int], pace_s: float = 0.025) -> None:
        self._database = database
        self._now_us = now_us
        self._pace_s = pace_s
        self._dirty: dict[str, LiveTurn] = {}
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._committing = asyncio.Lock()

    def note(self, live: LiveTurn, soon: bool = False) -> None:
        """``live`` has events that are not written yet. ``soon`` does not wait for the pace."""
        self._dirty[live.request.id] = live
        self._work.set()
        if soon:
            self._hurry.set()

    async def leave(self, live: LiveTurn) -> None:
        """From now on the journal leaves ``live`` alone: what is not published yet its caller will write.

        Raises StoreError where earlier events could not be written.
        """
        self._dirty.pop(live.request.id, None)
        async with self._committing:
            pass
        if live.log.error is not None:
            raise live.log.error

    async def run(self) -> None:
        """Write for ever; ends by cancellation only."""
        while True:
            await self._work.wait()
            self._work.clear()
            async with self._committing:
                turns, self._dirty = list(self._dirty.values()), {}
                await self._commit(turns)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace_s):
                    await self._hurry.wait()
            self._hurry.clear()

    async def _commit(self, turns: list[LiveTurn]) -> None:
        now_us = self._now_us()
        rows = [
            stored_log.Row(
                turn_id=live.request.id,
                last_seq=live.log.last_seq,
                events=live.log.since(live.log.published) if live.request.keep_text else None,
                usage=live.meter.usage,
            )
            for live in turns
            if live.log.last_seq > live.log.published
        ]
        if not rows:
            return
        try:
            await self._database.append(turn_log, [stored_log.as_columns(row, now_us) for row in rows])
        except StoreError as error:
            self._give_up(turns, error)
        except Exception:  # a fault of ours must not end the writing for everybody
            log.exception("the journal failed by a fault of the site")
            self._give_up(turns, StoreError("The site made a mistake while storing an answer."))
        else:
            last = {row.turn_id: row.last_seq for row in rows}
            for live in turns:
                live.log.publish(last.get(live.request.id, 0))

    def _give_up(self, turns: list[LiveTurn], error: StoreError) -> None:
        """These turns end with this error; what is already said is still shown."""
        for live in turns:
            live.log.error = error
            live.log.publish(live.log.last_seq)
