"""The conductor: one turn, start to end. The only place that calls the steps, and they never call each other.

1 admission   may this caller ask this now?            begin, gate.py
2 ledger      open an entry, before any token          begin
3 scheduling  wait for its turn (Queued)               _leases: its_turn
4 engines     stream raw deltas                        _passes: run
5 reasoning   name what is thought, what is said       speech.py: take
6 ledger      close the entry, whatever happened       _close
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.admission.limits import check_scope
from thinkwell.admission.quotas import Admitted
from thinkwell.engines.base import Engine
from thinkwell.errors import (
    EngineBroken,
    EngineStalled,
    EngineUnavailable,
    Interrupted,
    StoreError,
    ThinkwellError,
    UnknownModel,
)
from thinkwell.ledger import book
from thinkwell.ledger.meter import Meter
from thinkwell.models.card import ModelCard
from thinkwell.reasoning.base import Thinker
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.scheduling.base import Ticket
from thinkwell.turns.closing import FAULT, Closer
from thinkwell.turns.counting import count
from thinkwell.turns.forecast import Outcome
from thinkwell.turns.gate import Gate, refuse_longer
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.observer import Observer, tells_refusals
from thinkwell.turns.pool import Pool
from thinkwell.turns.prompt import Fitted, fit
from thinkwell.turns.speech import Speech
from thinkwell.turns.standing import Standing
from thinkwell.turns.thoughts import Thoughts
from thinkwell.turns.ticket import ticket_of
from thinkwell.values.event import Started, TurnEvent
from thinkwell.values.turn import TurnRequest

log = logging.getLogger(__name__)

# A turn that loses its replica this often fails with the reason: it may be what breaks them.
MOST_LOSSES = 2
# A thought that came so near its budget was ended by it.
NEARLY = 0.95

AlsoStore = Callable[[Connection], None]
Work = Callable[[], Awaitable[None]]


class Conductor:
    """``tasks`` is the site's task group: it ends after every turn has ended."""

    def __init__(
        self,
        pool: Pool,
        closer: Closer,
        turns: LiveTurns,
        gate: Gate,
        observer: Observer,
    ) -> None:
        self._pool = pool
        self.closer = closer
        self._database = closer.database
        self._journal = closer.journal
        self._turns = turns
        self._gate = gate
        self.observer = observer
        self._thoughts = Thoughts(pool, closer.journal)
        self._stopping = False

    @property
    def card(self) -> ModelCard:
        return self._pool.card

    @tells_refusals
    async def begin(
        self, tasks: asyncio.TaskGroup, request: TurnRequest, also_store: AlsoStore | None = None
    ) -> LiveTurn:
        """Admit a turn and set it running. What ``also_store`` writes stands or falls with the turn's entry.

        Of a turn whose text is not kept the journal alone opens the entry, and the database learns of it
        when it is closed.
        Raises Refused (and then nothing was stored) or StoreError.
        """
        asking = self._turns.asking(request.caller)
        self.check_open(request.model)
        await self._gate.admit(request)
        fitted = await fit(request, self._pool)
        request, admitted = await self._gate.hold(request, fitted)
        try:
            ticket = self._ticket(request, fitted, admitted)
            live = LiveTurn(asking.of(request), Meter(request.id, request.model, time.monotonic))
            live.admitted = admitted
            if request.keep_text:
                await self._database.write(lambda tx: open_entry(also_store, asking.of(live.request), tx))
            elif also_store is not None:
                await self._database.write(also_store)
            live.request = asking.of(live.request)
            self.carry_out(tasks, live, partial(self._speak, live, fitted, ticket))
        except BaseException:
            self._gate.ended(request.id)
            raise
        return live

    async def count(self, request: TurnRequest) -> tuple[int, bool]:
        """Tokens of the prompt that a turn would ask, and whether they were counted, not guessed.

        Raises UnknownModel, OutOfScope, or Interrupted while the site stops.
        """
        self.check_open(request.model)
        check_scope(request.caller, request.model)
        return await count(request, self._pool)

    def check_open(self, model: str) -> None:
        """Raises UnknownModel, or Interrupted while the site stops."""
        name = self.card.name
        if model != name and model not in self._pool.names:
            raise UnknownModel(f"There is no model {model!r} here. This site has {name!r}.", param="model")
        if self._stopping:
            raise Interrupted("The site is stopping. Try again in a moment.", retry_after_s=10)

    def carry_out(self, tasks: asyncio.TaskGroup, live: LiveTurn, work: Work) -> None:
        """Open an admitted turn, do its work in a task, and close it however that ends. Raises StoreFull, or
        NotSignedIn where its owner is erased in this moment."""
        self._turns.check_there(live.owner)
        self._journal.open(live)
        self._turns.add(live)
        self.observer.begun(live)
        live.task = tasks.create_task(self._run(live, work), name=live.request.id)

    def _ticket(self, request: TurnRequest, fitted: Fitted, admitted: Admitted) -> Ticket:
        """Raises WouldWait where the caller would rather come back than wait for so long."""
        pool = self._pool
        ticket = ticket_of(
            request,
            fitted,
            choices=len(pool.engines),
            shared_prefixes=pool.shared_prefixes,
            behind=admitted.behind,
        )
        if request.max_wait_s is not None:
            refuse_longer(pool.dispatcher.expected_wait(ticket), request.max_wait_s, admitted)
        return ticket

    async def settled(self) -> None:
        """Wait until the database knows of every turn that is over."""
        await self._journal.settled()

    async def stop_all(self) -> None:
        """End every running turn because the site ends; what was said is kept and marked interrupted."""
        self._stopping = True
        running = self._turns.running
        for live in running:
            live.cut()
        for live in running:
            await live.over()

    async def _run(self, live: LiveTurn, work: Work) -> None:
        error: ThinkwellError | None = None
        try:
            live.speaking = True
            if self._stopping or live.stopped_by is not None:
                raise asyncio.CancelledError  # it was cut before it began
            await work()
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
            await self._close(live, error)
            self._gate.ended(live.request.id)

    async def _speak(self, live: LiveTurn, fitted: Fitted, ticket: Ticket) -> None:
        """Wait, speak, and if it has to give way or loses its replica, wait and go on."""

        def tell(event: TurnEvent) -> None:
            try:
                self._thoughts.tell(live, event)
            except StoreError as problem:  # others are told in the same round; what comes next will fail
                log.error("turn %s: %s", live.request.id, problem.message)

        live.meter.queued()
        async with self._pool.dispatcher.standing(ticket, tell, live.admitted.resets_s) as standing:
            try:
                await self._leases(live, fitted, standing)
            finally:
                standing.outcome = outcome_of(live, complete=standing.complete)

    async def _leases(self, live: LiveTurn, fitted: Fitted, standing: Standing) -> None:
        """One lease after the other, until the turn is complete."""
        meter = live.meter
        losses = 0
        while not standing.complete:
            engine = await standing.its_turn()
            card = self._answering(live, standing.label)
            waited_s = round(meter.started(engine.name), 3)
            self.observer.leased(live, engine.name)
            self._thoughts.tell(live, Started(card.name, engine.name, waited_s, fitted.left_out))
            thinker = live.thinker or self._thinker(live, fitted, card)
            if card.continues or thinker.paces_itself or engine.limits_thought:
                self._thoughts.shorten(live, thinker, standing)
            try:
                standing.complete = await self._passes(live, thinker, engine, standing)
                if not standing.complete:
                    thinker.break_off()
                    meter.queued()
                    standing.pause()
            except (EngineUnavailable, EngineBroken, EngineStalled) as problem:
                losses += 1
                if losses > MOST_LOSSES or (thinker.generated and not thinker.may_pause):
                    raise
                thinker.break_off()
                meter.queued()
                standing.lost(away=not isinstance(problem, EngineBroken), anew=not thinker.generated)

    def _answering(self, live: LiveTurn, label: str) -> ModelCard:
        """The card of what answers in this lease. Where another had begun, nothing of it was said: the turn
        begins anew."""
        if live.label != label:
            assert live.thinker is None or not live.thinker.generated, "two adapters in one turn"
            live.label, live.thinker = label, None
        card = self._pool.card_of(label)
        live.meter.model = card.name
        return card

    def _thinker(self, live: LiveTurn, fitted: Fitted, card: ModelCard) -> Thinker:
        """Made when the turn starts, not before: who waits should take little memory."""
        asked = msgspec.structs.replace(live.request, messages=fitted.messages)
        live.thinker = thinker = thinker_for(card, asked, fitted.room, self._pool.neutral_of(card))
        live.meter.thinking_budget = thinker.asked_budget
        if live.answer_first and not thinker.answer_now():
            live.meter.thought_ended = None  # there would have been none anyway
        return thinker

    async def _passes(self, live: LiveTurn, thinker: Thinker, engine: Engine, standing: Standing) -> bool:
        """Run what the thinker plans. True when the turn is complete, False when it is to give way."""
        hold = partial(self._thoughts.shorten, live, thinker, standing)
        tell_end = partial(self._thoughts.name_who_ended, live, thinker)
        speech = Speech(live, thinker, standing, self._journal, hold, tell_end)
        while (wanted := thinker.next_pass()) is not None:
            self._thoughts.name_who_ended(live, thinker)
            live.running = engine.begin(wanted)
            self.observer.asked(live)
            try:
                await live.running.run(speech.take)
            finally:
                live.running = None
                self.observer.answered(live)
                speech.tell_line()
            if speech.gives_way:
                return False
        self._thoughts.name_who_ended(live, thinker)
        return True

    async def answer_now(self, live: LiveTurn) -> None:
        """As ``Thoughts.answer_now``."""
        await self._thoughts.answer_now(live)

    def think_on(self, live: LiveTurn) -> None:
        """As ``Thoughts.think_on``."""
        self._thoughts.think_on(live)

    async def _close(self, live: LiveTurn, error: ThinkwellError | None) -> None:
        """Close the entry, the message and the log, then let readers see the ending."""
        self.observer.closing(live)
        end = await self.closer.close(live, error)
        if live.before_end is not None:
            await live.before_end(end)
        live.log.add(end)
        live.log.publish(live.log.last_seq)
        self._turns.ended(live)
        self.observer.ended(live, end)


def open_entry(also_store: AlsoStore | None, request: TurnRequest, tx: Connection) -> None:
    if also_store is not None:
        also_store(tx)
    book.open_entry(tx, request, now_us())


def outcome_of(live: LiveTurn, *, complete: bool) -> Outcome | None:
    """However a turn ends, how long its thought was is worth knowing. None: it never started."""
    thinker, shortened = live.thinker, live.meter.shortened
    if thinker is None:
        return None
    thought = None if thinker.full_budget is None else thinker.thought_tokens
    cut = shortened is not None and thinker.thought_tokens >= NEARLY * shortened.budget
    return Outcome(thinker.generated, thought, cut or (thinker.thinking and not complete))


def now_us() -> int:
    """Microseconds since 1970, UTC: what the store keeps. Durations use the monotonic clock instead."""
    return time.time_ns() // 1000
