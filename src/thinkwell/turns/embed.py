"""Vectors of texts: a turn like any other, in the same line, with an entry and a receipt; without words.

A long list is asked for in pieces: so it holds neither the engine nor this process for long, and others may
go first in between.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import islice

import msgspec

from thinkwell.admission.limits import certainly_too_long, too_long
from thinkwell.engines.base import Embedded, Engine
from thinkwell.errors import BadRequest, EngineBroken, EngineRefused, EngineStalled, EngineUnavailable
from thinkwell.ledger.meter import Meter
from thinkwell.scheduling.base import PROMPT_WEIGHT, Ticket
from thinkwell.scheduling.canary import NO_CANARY
from thinkwell.store.database import Database
from thinkwell.turns.gate import Gate
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import tells_refusals
from thinkwell.turns.pool import Pool
from thinkwell.turns.prompt import Fitted
from thinkwell.turns.run import MOST_LOSSES, AlsoStore, Conductor, open_entry
from thinkwell.turns.standing import Standing
from thinkwell.turns.ticket import ticket_of
from thinkwell.values.event import AnswerDelta, Started, TurnEvent
from thinkwell.values.turn import TurnRequest

# Texts that an engine is given at once.
AT_ONCE = 16

# Takes vectors as they come, in the order of the texts. What it raises ends the turn. What it returns is kept
# in their place, of a turn whose text is kept.
TakeVectors = Callable[[list[list[float]]], str]


class Embedder:
    def __init__(
        self, conductor: Conductor, pool: Pool, gate: Gate, journal: Journal, database: Database
    ) -> None:
        self._conductor = conductor
        self.observer = conductor.observer
        self._database = database
        self._pool = pool
        self._gate = gate
        self._journal = journal

    @tells_refusals
    async def begin(
        self,
        tasks: asyncio.TaskGroup,
        request: TurnRequest,
        take: TakeVectors,
        also_store: AlsoStore | None = None,
    ) -> LiveTurn:
        """Admit a turn whose messages are the texts, and set it running. Raises Refused or StoreError.

        ``also_store`` as in ``Conductor.begin``. It ends in Finished when ``take`` has had a vector for every
        text.
        """
        self._conductor.check_open(request.model)
        context = self._pool.engines[0].context or self._pool.card.context
        for message in request.messages:
            size = len(message.content.encode("utf-8", "replace"))
            if certainly_too_long(size, context):
                raise too_long(f"{size} bytes", context)
        admitted = await self._gate.admit_texts(request)
        try:
            fitted = Fitted(request.messages, None)
            ticket = ticket_of(request, fitted, choices=1, shared_prefixes=False, behind=admitted.behind)
            # Vectors are compared with earlier ones.
            ticket = msgspec.structs.replace(ticket, place=NO_CANARY)
            live = LiveTurn(request, Meter(request.id, request.model, time.monotonic))
            live.admitted = admitted
            if request.keep_text:
                await self._database.write(partial(open_entry, also_store, request))
            self._conductor.carry_out(tasks, live, partial(self._work, live, ticket, take))
        except BaseException:
            self._gate.ended(request.id)
            raise
        return live

    async def _work(self, live: LiveTurn, ticket: Ticket, take: TakeVectors) -> None:
        """One lease after the other, until every text has its vector."""

        def tell(event: TurnEvent) -> None:
            live.log.add(event)
            self._journal.said(live)

        meter = live.meter
        left = deque(message.content for message in live.request.messages)
        losses = 0
        meter.queued()
        async with self._pool.dispatcher.standing(ticket, tell, live.admitted.resets_s) as standing:
            while left:
                engine = await standing.its_turn()
                meter.model = self._pool.card_of(standing.label).name
                tell(Started(meter.model, engine.name, round(meter.started(engine.name), 3)))
                self.observer.leased(live, engine.name)
                self.observer.asked(live)
                try:
                    await self._lease(live, standing, engine, left, take)
                except (EngineUnavailable, EngineBroken, EngineStalled) as problem:
                    losses += 1
                    if losses > MOST_LOSSES:
                        raise
                    meter.queued()
                    anew = len(left) == len(live.request.messages)
                    standing.lost(away=not isinstance(problem, EngineBroken), anew=anew)
                else:
                    if left:
                        meter.queued()
                        standing.pause()
                finally:
                    self.observer.answered(live)
            # ``standing.complete`` stays False: this says nothing of how long answers are.

    async def _lease(
        self, live: LiveTurn, standing: Standing, engine: Engine, left: deque[str], take: TakeVectors
    ) -> None:
        """Until nothing is left, or others are to go first."""
        tokens = live.meter.usage.prompt
        while left:
            texts = list(islice(left, AT_ONCE))
            embedded = await self._embed(engine, texts)
            tokens += embedded.tokens
            live.meter.prompt(tokens, 0)
            self._journal.said(live)
            standing.progressed(0, PROMPT_WEIGHT * tokens)
            told = take(embedded.vectors)
            if live.request.keep_text:
                live.log.add(AnswerDelta(told))
            for _ in texts:
                left.popleft()
            if standing.asked_to_pause:
                return

    async def _embed(self, engine: Engine, texts: list[str]) -> Embedded:
        try:
            return await engine.embed(texts)
        except EngineRefused as problem:
            if problem.param is not None or problem.retry_after_s is not None:
                raise  # the site's own key or limit there
            raise BadRequest(
                f"The model {self._pool.card.name!r} makes no embeddings of this: {problem.message}",
                param="model",
            ) from None
