"""Thoughts: what the load and the person say to a thought while it runs: shorter, longer, over.

Asks the thinker what can be done, and tells the turn's readers what was. Which pass runs is the
conductor's.
"""

from __future__ import annotations

from thinkwell.errors import Conflict
from thinkwell.models.card import PlainDialect
from thinkwell.reasoning.base import Thinker
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.pool import Pool
from thinkwell.turns.standing import Standing
from thinkwell.values.event import Lengthened, Shortened, ThoughtEnded, TurnEvent


class Thoughts:
    def __init__(self, pool: Pool, journal: Journal) -> None:
        self._pool = pool
        self._journal = journal

    def tell(self, live: LiveTurn, event: TurnEvent) -> None:
        """Raises StoreFull."""
        live.log.add(event)
        self._journal.said(live)

    def name_who_ended(self, live: LiveTurn, thinker: Thinker) -> None:
        """Whoever ended the thought in the model's place is named once."""
        by = thinker.ended_by
        if by is not None and live.meter.thought_ended is None:
            live.meter.thought_ended = by
            self.tell(live, ThoughtEnded(by))

    async def answer_now(self, live: LiveTurn) -> None:
        """A person wants the answer: the thought ends within a step. Raises Conflict where there is none.

        In one that waits, before its thought or in the middle of it, the thought is over at once.
        """
        thinker, running = live.thinker, live.running
        if live.log.ended or (thinker is not None and not thinker.thinking):
            raise Conflict("There is no thought to end: the answer has begun.")
        card = self._pool.card if live.label is None else self._pool.card_of(live.label)
        if isinstance(card.dialect, PlainDialect) or live.request.thinking.off:
            raise Conflict("There is no thought to end: none was asked for.")
        live.answer_first = True
        if running is None:
            if thinker is not None:
                thinker.answer_now()
            if live.meter.thought_ended is None:
                live.meter.thought_ended = "person"
                self.tell(live, ThoughtEnded("person"))
            return
        assert thinker is not None
        natively = thinker.thought_tokens > 0 and await running.end_thought()
        if thinker.thinking:
            thinker.answer_now(natively=natively)

    def think_on(self, live: LiveTurn) -> None:
        """A person lets a shortened thought go on, as far as it would unshortened. Raises Conflict where
        that changes nothing."""
        thinker = live.thinker
        if thinker is None and not live.log.ended:
            live.full_thought = True
            return
        budget = thinker.think_on() if thinker is not None and thinker.thinking else None
        if budget is None:
            raise Conflict("There is no thought that could go on for longer.")
        live.full_thought = True
        live.meter.shortened = None
        self.tell(live, Lengthened(budget))

    def shorten(self, live: LiveTurn, thinker: Thinker, standing: Standing) -> None:
        """Hold the thought against the load; whoever has it cut is told, and why."""
        full = thinker.full_budget
        if full is None or live.full_thought or not thinker.thinking:
            return
        cut_before = live.meter.shortened
        has = cut_before.budget if cut_before else full
        said = thinker.thought_tokens
        budget = standing.cut(has, said) if said else standing.thought_budget(has)
        if budget is not None and thinker.shorten(budget):
            event = Shortened(budget, full, self._pool.dispatcher.waiting)
            live.meter.shorten(event.budget, event.full, event.waiting)
            self.tell(live, event)
