"""The conductor: one turn, start to end. The only place that calls the steps, and they never call each other.

1 admission   may this caller ask this now?            begin
2 ledger      open an entry, before any token          begin
3 scheduling  wait for its turn (Queued)               _speak: lease
4 engines     stream raw deltas                        _speak: stream
5 reasoning   name what is thought, what is said       _speak: feed
6 ledger      close the entry, whatever happened       _close
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.admission.limits import Limits, check_request
from thinkwell.engines.base import Engine
from thinkwell.errors import Interrupted, StoreError, ThinkwellError, UnknownModel
from thinkwell.ledger import book
from thinkwell.ledger.meter import Meter
from thinkwell.models.card import ModelCard
from thinkwell.reasoning.base import Spoken, Thinker
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.scheduling.base import Ticket
from thinkwell.store.database import Database
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.ending import Ending, write_ending
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.observer import Observer
from thinkwell.turns.prompt import Fitted, fit
from thinkwell.values.event import Failed, Finished, Queued, Started, Stopped, TurnEnd, WaitReason
from thinkwell.values.turn import TurnRequest

log = logging.getLogger(__name__)

FAULT = "The site made a mistake while answering. The operator can find it in the log."

AlsoStore = Callable[[Connection], None]


def nothing_else(tx: Connection) -> None:
    """The default of ``also_store``: a turn outside any conversation."""


class Pool(msgspec.Struct, frozen=True):
    """All replicas that serve one model card."""

    card: ModelCard
    engines: tuple[Engine, ...]
    dispatcher: Dispatcher


class Conductor:
    """``tasks`` is the site's task group: it ends after every turn has ended."""

    def __init__(
        self,
        pool: Pool,
        database: Database,
        journal: Journal,
        turns: LiveTurns,
        limits: Limits,
        observer: Observer,
    ) -> None:
        self._pool = pool
        self._database = database
        self._journal = journal
        self._turns = turns
        self._limits = limits
        self._observer = observer
        self._stopping = False

    @property
    def card(self) -> ModelCard:
        return self._pool.card

    async def begin(
        self, tasks: asyncio.TaskGroup, request: TurnRequest, also_store: AlsoStore = nothing_else
    ) -> LiveTurn:
        """Admit a turn and set it running. What ``also_store`` writes stands or falls with the turn's entry.

        Raises Refused (and then nothing was stored) or StoreError.
        """
        card = self._pool.card
        if request.model != card.name:
            raise UnknownModel(
                f"There is no model {request.model!r} here. This site has {card.name!r}.", param="model"
            )
        if self._stopping:
            raise Interrupted("The site is stopping. Try again in a moment.", retry_after_s=10)
        check_request(self._limits, request, len(self._turns.running))
        fitted = await fit(request, card, self._pool.engines[0])
        live = LiveTurn(request, Meter(request.id, request.model, time.monotonic))

        def open_turn(tx: Connection) -> None:
            also_store(tx)
            book.open_entry(tx, request, now_us())

        await self._database.write(open_turn)
        self._turns.add(live)
        live.task = tasks.create_task(self._run(live, fitted), name=request.id)
        return live

    async def stop_all(self) -> None:
        """End every running turn because the site ends; what was said is kept and marked interrupted."""
        self._stopping = True
        running = self._turns.running
        for live in running:
            live.cut()
        for live in running:
            await live.over()

    async def _run(self, live: LiveTurn, fitted: Fitted) -> None:
        error: ThinkwellError | None = None
        thinker: Thinker | None = None
        try:
            live.speaking = True
            if self._stopping or live.stopped_by is not None:
                raise asyncio.CancelledError  # it was cut before it began
            thinker = thinker_for(
                self.card, msgspec.structs.replace(live.request, messages=fitted.messages), fitted.room
            )
            await self._speak(live, thinker, fitted.left_out)
        except ThinkwellError as problem:
            error = problem
        except asyncio.CancelledError:
            if live.task is not None:
                live.task.uncancel()  # heard: what follows is to be awaited in peace
            if live.stopped_by is None:
                error = Interrupted("The site was stopped while it answered. What had been said is kept.")
        except Exception:  # the boundary of a turn: a fault of ours ends one turn, not the site
            log.exception("turn %s failed by a fault of the site", live.request.id)
            error = ThinkwellError(FAULT)
        finally:
            live.speaking = False
            await self._close(live, thinker, error)

    async def _speak(self, live: LiveTurn, thinker: Thinker, left_out: int) -> None:
        request, meter = live.request, live.meter

        def on_place(position: int, waiting: int, reason: WaitReason) -> None:
            live.log.add(Queued(position, waiting, reason))
            self._journal.note(live)

        meter.queued()
        ticket = Ticket(id=request.id, person=request.caller.person, tier=request.caller.tier)
        async with self._pool.dispatcher.lease(ticket, on_place) as engine:
            live.log.add(Started(request.model, engine.name, round(meter.started(), 3), left_out))
            self._journal.note(live)
            first = True
            while (wanted := thinker.next_pass()) is not None:
                async with aclosing(engine.stream(wanted)) as deltas:
                    async for delta in deltas:
                        if first and delta.prompt_tokens is not None:
                            meter.prompt(delta.prompt_tokens, delta.cached_tokens or 0)
                        self._say(live, thinker.feed(delta))
                first = False

    def _say(self, live: LiveTurn, events: list[Spoken]) -> None:
        if live.log.error is not None:
            raise live.log.error
        if not events:
            return
        first = live.meter.silent  # nobody should wait for a first word because others have just had theirs
        for event in events:
            live.meter.said(event)
            live.log.add(event)
        self._journal.note(live, soon=first)

    async def _close(self, live: LiveTurn, thinker: Thinker | None, error: ThinkwellError | None) -> None:
        """Close the entry, the message and the log in one transaction, then let readers see the ending."""
        if thinker is not None:
            for event in thinker.close():
                live.meter.said(event)
                live.log.add(event)
        try:
            await self._journal.leave(live)
            end = self._ending(live, thinker, error)
            ending = Ending(
                end=end,
                said=live.log.since(0),
                written=live.log.published,
                last_seq=live.log.last_seq,
                message_id=live.request.message_id,
                keep_text=live.request.keep_text,
            )
            await self._database.write(partial(write_ending, ending=ending, now_us=now_us()))
        except StoreError as problem:
            # The entry stays open: the next start closes it from what was written (recovery.py).
            log.error("turn %s could not be closed: %s", live.request.id, problem.message)
            end = self._ending(live, thinker, error or problem)
        except Exception:  # the last boundary: whoever reads this turn must see it end
            log.exception("turn %s could not be closed by a fault of the site", live.request.id)
            end = self._ending(live, thinker, error or ThinkwellError(FAULT))
        live.log.add(end)
        live.log.publish(live.log.last_seq)
        self._turns.ended(live)
        self._observer.ended(end.receipt, end.code if isinstance(end, Failed) else None)

    def _ending(self, live: LiveTurn, thinker: Thinker | None, error: ThinkwellError | None) -> TurnEnd:
        if error is not None:
            return Failed(error.code, error.message, live.meter.receipt("failed"))
        if live.stopped_by is not None:
            return Stopped(live.stopped_by, live.meter.receipt("stopped"))
        assert thinker is not None
        return Finished(thinker.finish, live.meter.receipt("finished"))


def now_us() -> int:
    """Microseconds since 1970, UTC: what the store keeps. Durations use the monotonic clock instead."""
    return time.time_ns() // 1000
