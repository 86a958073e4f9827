"""Which Thinker a turn gets: by the dialect of its card, by what it asks for, by the room that is left."""

from __future__ import annotations

import msgspec

from thinkwell.models.card import Dialect, ModelCard, PromptedDialect, TagsDialect
from thinkwell.reasoning.base import Thinker
from thinkwell.reasoning.budgets import plan
from thinkwell.reasoning.literals import Neutraliser
from thinkwell.reasoning.one_pass import OnePassThinker
from thinkwell.reasoning.prompted import LEAST_THOUGHT, PromptedThinker
from thinkwell.reasoning.replay import replay
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter
from thinkwell.reasoning.tags import TagsSplitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EnginePass, Sampling
from thinkwell.values.turn import TurnRequest


def thinker_for(card: ModelCard, request: TurnRequest, room: int | None) -> Thinker:
    """``room`` is a lower bound of the tokens left after the prompt, None where nobody knows."""
    neutral = Neutraliser(card)
    planned = plan(card, request, room)
    wanted = EnginePass(
        messages=replay(card, request.messages, neutral),
        sampling=_sampling(card, request.sampling),
        stop=request.stop,
        template=planned.template,
        effort=planned.effort,
        tools=request.tools,
        tool_choice=request.tool_choice,
        shape=request.shape,
    )
    task = Task(wanted=wanted, plan=planned, neutral=neutral, continues=card.continues)
    dialect = card.dialect
    if isinstance(dialect, PromptedDialect):
        if (planned.full or 0) >= LEAST_THOUGHT:
            return PromptedThinker(task, dialect, room)
        task = msgspec.structs.replace(task, plan=msgspec.structs.replace(planned, full=None))
    return OnePassThinker(task, _splitter(dialect))


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


def _splitter(dialect: Dialect) -> Splitter:
    if isinstance(dialect, TagsDialect):
        return TagsSplitter(dialect.open, dialect.close, dialect.opened)
    return FieldsSplitter()
