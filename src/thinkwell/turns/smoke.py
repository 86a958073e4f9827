"""Smoke prompts: what an engine that nobody else asks yet must answer before it is given turns.

They go to the engine directly, past the line and the ledger, as a turn would ask them and greedily, so that
the same adapter always answers the same. Knows no adapters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.models.card import ModelCard
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EngineDelta, Sampling
from thinkwell.values.event import AnswerDelta, ReasoningDelta, Spoken
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

WITHIN_S = 60.0  # for each prompt


class Smoke(msgspec.Struct, frozen=True, kw_only=True):
    """``contains`` are texts that the answer must hold, each of them; its thought does not count.
    ``thinks``: there must be a thought."""

    prompt: str
    contains: tuple[str, ...] = ()
    thinks: bool = False
    max_tokens: int = 512


class Smoked(msgspec.Struct, frozen=True, kw_only=True):
    """``missing`` are the texts that were to be there and were not. ``first_token_s`` is from the question
    on, None where there was no token."""

    prompt: str
    thought: str
    answer: str
    missing: tuple[str, ...]
    first_token_s: float | None
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.missing


async def smoke(engine: Engine, card: ModelCard, wanted: Smoke) -> Smoked:
    """Raises EngineError as a pass does, and TimeoutError."""
    asked = TurnRequest(
        id="smoke",
        caller=Caller(kind="visitor", id="smoke", person="smoke"),
        model=card.name,
        messages=(Message("user", wanted.prompt),),
        sampling=Sampling(temperature=0.0),
        max_tokens=wanted.max_tokens,
    )
    thinker = thinker_for(card, asked, None)
    clock = asyncio.get_running_loop().time
    began, first = clock(), None
    said: list[Spoken] = []

    def take(deltas: Sequence[EngineDelta]) -> bool:
        nonlocal first
        if first is None and any(delta.tokens for delta in deltas):
            first = clock() - began
        for delta in deltas:
            said.extend(thinker.feed(delta))
            if thinker.wants_cut:
                return False
        return True

    async with asyncio.timeout(WITHIN_S):
        while (one := thinker.next_pass()) is not None:
            await engine.begin(one).run(take)
    said += thinker.close()
    thought = "".join(event.text for event in said if isinstance(event, ReasoningDelta))
    answer = "".join(event.text for event in said if isinstance(event, AnswerDelta))
    missing = [text for text in wanted.contains if text not in answer]
    if wanted.thinks and not thought.strip():
        missing.append("a thought")
    return Smoked(
        prompt=wanted.prompt,
        thought=thought,
        answer=answer,
        missing=tuple(missing),
        first_token_s=first,
        seconds=clock() - began,
    )
