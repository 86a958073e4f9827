"""Which Thinker a turn gets: by the dialect of its card, by what it asks for, by the room that is left."""

from __future__ import annotations

import msgspec

from thinkwell.models.card import ModelCard, PromptedDialect
from thinkwell.reasoning.base import Thinker
from thinkwell.reasoning.budgets import plan
from thinkwell.reasoning.going_on import going_on
from thinkwell.reasoning.literals import Neutraliser
from thinkwell.reasoning.one_pass import OnePassThinker
from thinkwell.reasoning.prompted import LEAST_THOUGHT, PromptedThinker
from thinkwell.reasoning.replay import plain_tools, replay
from thinkwell.reasoning.splitters import Splitters
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EnginePass, Sampling
from thinkwell.values.turn import TurnRequest


def thinker_for(
    card: ModelCard, request: TurnRequest, room: int | None, neutral: Neutraliser | None = None
) -> Thinker:
    """``room`` is a lower bound of the tokens left after the prompt, None where nobody knows; ``neutral`` the
    card's own, where somebody has it."""
    neutral = neutral or Neutraliser(card)
    planned = plan(card, request, room)
    wanted = EnginePass(
        messages=replay(card, request.messages, neutral, goes_on=request.goes_on),
        sampling=_sampling(card, request.sampling),
        stop=request.stop,
        template=planned.template,
        effort=planned.effort,
        tools=plain_tools(request.tools, neutral),
        tool_choice=request.tool_choice,
        shape=request.shape,
    )
    task = Task(
        wanted=wanted,
        plan=planned,
        splitters=Splitters(card.dialect, f"call_{request.id}"),
        neutral=neutral,
        room=room,
        continues=card.continues,
        closing=card.closing,
    )
    if request.goes_on:
        return OnePassThinker(going_on(task))
    dialect = card.dialect
    if isinstance(dialect, PromptedDialect):
        if (planned.full or 0) >= LEAST_THOUGHT:
            return PromptedThinker(task, dialect)
        task = msgspec.structs.replace(task, plan=msgspec.structs.replace(planned, full=None))
    return OnePassThinker(task)


def _sampling(card: ModelCard, asked: Sampling) -> Sampling:
    return Sampling(
        temperature=card.temperature if asked.temperature is None else asked.temperature,
        top_p=card.top_p if asked.top_p is None else asked.top_p,
        seed=asked.seed,
        top_k=asked.top_k,
        min_p=asked.min_p,
        presence_penalty=asked.presence_penalty,
        frequency_penalty=asked.frequency_penalty,
    )
