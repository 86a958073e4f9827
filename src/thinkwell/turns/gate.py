"""The gate: may this be asked now, how much of it, and in which part of the line. Before anything is opened.

Sizes a turn for the quotas: as little work as will do, and the engine's own tokenizer only near a bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from thinkwell.admission.limits import Limits, check_request, check_room, check_scope
from thinkwell.admission.quotas import Admitted, Quotas
from thinkwell.admission.tiers import Need
from thinkwell.errors import WouldWait
from thinkwell.models.card import PromptedDialect
from thinkwell.reasoning.budgets import OF_THE_LIMIT, plan
from thinkwell.reasoning.replay import most_of
from thinkwell.turns.counting import count
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.pool import Pool
from thinkwell.turns.prompt import Fitted
from thinkwell.turns.ticket import BYTES_PER_TOKEN
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

# A tokenizer's count and the engine's own may differ by marks at the beginning and the end.
MARKS = 8
# What is told where nothing is known yet of how fast the line moves.
UNKNOWN_WAIT_S = 30.0


class Gate:
    def __init__(self, pool: Pool, turns: LiveTurns, limits: Limits, quotas: Quotas) -> None:
        self._pool = pool
        self._turns = turns
        self._limits = limits
        self.quotas = quotas

    async def admit(self, request: TurnRequest) -> None:
        """Whether it may be asked at all. Raises Refused or StoreError."""
        check_scope(request.caller, request.model)
        check_request(self._limits, request, self._turns.count, images=self._pool.card.images)
        await self.quotas.admit(request.caller)

    async def hold(self, request: TurnRequest, fitted: Fitted) -> tuple[TurnRequest, Admitted]:
        """The request, cut to what it may use, and its place. ``ended`` must follow. Raises Refused."""
        caller, quotas = request.caller, self.quotas
        need = self._need(request, fitted) if quotas.bounded(caller) else None
        if need is not None and quotas.cuts(caller, request.model, need):
            need = await self._counted(request, fitted, need)
        admitted = quotas.hold(caller, request.id, request.model, need)
        return _cut(request, admitted), admitted

    async def admit_texts(self, request: TurnRequest) -> Admitted:
        """The same, of texts of which vectors are made: all that is used is read. Raises as ``admit``."""
        check_scope(request.caller, request.model)
        check_room(self._limits, self._turns.count)
        await self.quotas.admit(request.caller)
        need = None
        if self.quotas.bounded(request.caller):
            need = Need(sum(map(most_of, request.messages)), 0, 0, _about(request.messages))
        return self.quotas.hold(request.caller, request.id, request.model, need)

    def ended(self, turn_id: str) -> None:
        self.quotas.ended(turn_id)

    def _need(self, request: TurnRequest, fitted: Fitted) -> Need:
        """By bounds that need no tokenizer."""
        pool = self._pool
        context = pool.engines[0].context or pool.card.context
        prompt = context
        if fitted.room is not None:
            prompt = context - fitted.room + _written_by_us(pool)
        limit = plan(pool.card, request, fitted.room).limit
        return Need(prompt, limit, min(limit, pool.card.answer_tokens), _about(fitted.messages))

    async def _counted(self, request: TurnRequest, fitted: Fitted, need: Need) -> Need:
        """With the prompt as the engine counts it, where it does."""
        asked = msgspec.structs.replace(request, messages=fitted.messages)
        tokens, counted = await count(asked, self._pool)
        return Need(tokens + MARKS, need.generated, need.likely, tokens) if counted else need


def refuse_longer(wait_s: float | None, most_s: float, admitted: Admitted) -> None:
    """``wait_s`` None: nothing is known of when it would start. Raises WouldWait."""
    if wait_s is None and admitted.resets_s is not None:
        raise WouldWait(
            "Your quota is used up, so this waits for a moment in which nobody else does, and nobody knows "
            f"when that is. You asked to wait {most_s:g} seconds at most. Your quota begins anew later.",
            retry_after_s=admitted.resets_s,
        )
    wait_s = UNKNOWN_WAIT_S if wait_s is None else wait_s
    if wait_s > most_s:
        raise WouldWait(
            f"The answer would start in about {math.ceil(wait_s)} seconds, and you asked to wait "
            f"{most_s:g} at most. Come back then, or wait longer.",
            retry_after_s=max(1.0, wait_s),
        )


def _cut(request: TurnRequest, admitted: Admitted) -> TurnRequest:
    """Where little is left, some of it is kept for the answer."""
    most, generated = admitted.most_thought, admitted.generated
    if generated is not None:
        thought = max(1, int(generated * OF_THE_LIMIT))
        most = thought if most is None else min(most, thought)
        request = msgspec.structs.replace(request, max_tokens=generated)
    return request if most is None else msgspec.structs.replace(request, most_thought=most)


def _about(messages: Sequence[Message]) -> int:
    """Tokens that they are thought to be. A bound that no text passes is several times that, and whoever
    asks two things at once would be thought to be out of quota."""
    said = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
    return said // BYTES_PER_TOKEN


def _written_by_us(pool: Pool) -> int:
    """The beginning of a thought that stands in the first prompt: a token is at least one byte."""
    dialect = pool.card.dialect
    return len(dialect.prefill.encode()) if isinstance(dialect, PromptedDialect) else 0
