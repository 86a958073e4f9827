"""Closes a turn, whatever became of it: receipt, entry, ledger, message and log; then readers see the end.

Where the database cannot be told, the turn ends as one that failed, and the reaper tells it later.
"""

from __future__ import annotations

import logging
from functools import partial

from thinkwell.errors import StoreError, ThinkwellError
from thinkwell.store.database import Database
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.ending import closing_of, ending_of, write_ending
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.reaper import Reaper
from thinkwell.values.event import Failed, Finished, Stopped, TurnEnd
from thinkwell.values.receipt import Ending as Ends
from thinkwell.values.receipt import Receipt

log = logging.getLogger(__name__)

FAULT = "The site made a mistake while answering. The operator can find it in the log."


class Closer:
    """Belongs to the event loop. ``database`` and ``journal`` are for who opens what it closes."""

    def __init__(self, database: Database, journal: Journal, books: Bookkeeping, reaper: Reaper) -> None:
        self.database = database
        self.journal = journal
        self._books = books
        self.reaper = reaper

    async def close(self, live: LiveTurn, error: ThinkwellError | None) -> TurnEnd:
        """The ending, which no reader has seen yet. Raises nothing."""
        say_the_rest(live)
        try:
            end = self._ending(live, error)
            closing = closing_of(end, self._books.now_us())
            if live.request.keep_text:
                await self.database.write(
                    partial(
                        write_ending,
                        ending=ending_of(live, end),
                        now_us=closing.at,
                        accounts=self._books.accounts,
                    )
                )
            self.journal.close(live, closing, stored=live.request.keep_text)
        except StoreError as problem:
            log.error("turn %s could not be closed: %s", live.request.id, problem.message)
            end = self._owe(live, error or problem)
        except Exception:  # the last boundary: whoever reads this turn must see it end
            log.exception("turn %s could not be closed by a fault of the site", live.request.id)
            end = self._owe(live, error or ThinkwellError(FAULT))
        return end

    def _owe(self, live: LiveTurn, error: ThinkwellError) -> TurnEnd:
        end = self._ending(live, error)
        assert isinstance(end, Failed)
        closing = closing_of(end, self._books.now_us())
        try:
            self.journal.owe(live, closing, end.message)
        except StoreError as problem:
            log.error("the journal was not told of the end of turn %s: %s", live.request.id, problem.message)
        self.reaper.owe(live, end, closing.at)
        return end

    def _ending(self, live: LiveTurn, error: ThinkwellError | None) -> TurnEnd:
        if error is not None:
            receipt = self._receipt(live, "failed", error.code)
            return Failed(error.code, error.message, receipt, error.retry_after_s)
        if live.stopped_by is not None:
            return Stopped(live.stopped_by, self._receipt(live, "stopped"))
        reason = live.thinker.finish if live.thinker is not None else "stop"
        return Finished(reason, self._receipt(live, "finished"))

    def _receipt(self, live: LiveTurn, ends: Ends, code: str | None = None) -> Receipt:
        receipt = live.meter.receipt(ends)
        try:
            return self._books.complete(live, receipt, code)
        except Exception:  # a boundary: tokens are to be booked, whatever else cannot be said of them
            log.exception("the receipt of turn %s lacks what the site could not tell", live.request.id)
            return receipt


def say_the_rest(live: LiveTurn) -> None:
    """What its thinker held back until it knew that nothing more comes."""
    if live.thinker is not None:
        now = live.meter.now()
        for event in live.thinker.close():
            live.meter.said(event, now)
            live.log.add(event)
