"""Which Thinker a turn gets: by the dialect of its card, by what it asks for, by the room that is left."""

from __future__ import annotations

from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    ModelCard,
    PlainDialect,
    PromptedDialect,
    TagsDialect,
)
from thinkwell.reasoning.base import Thinker
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
    prompt = replay(card, request.messages, neutral)
    limit = request.max_tokens or _default_limit(card)
    wanted = EnginePass(messages=prompt, sampling=_sampling(card, request.sampling), stop=request.stop)
    task = Task(wanted=wanted, limit=limit, neutral=neutral, continues=card.continues)
    dialect = card.dialect
    if isinstance(dialect, PromptedDialect) and request.thinking:
        budget = _thought_budget(dialect, limit, room)
        if budget >= LEAST_THOUGHT:
            return PromptedThinker(task, dialect, budget, room)
    thinks = isinstance(dialect, TagsDialect | FieldsDialect)
    return OnePassThinker(task, _splitter(dialect), min(card.thought_tokens, limit) if thinks else None)


def _thought_budget(dialect: PromptedDialect, limit: int, room: int | None) -> int:
    """At most half of what may be generated is thought: whoever asks for few tokens gets an answer too.

    Of the context left a third: the answer's pass holds the thought as well, and the question again.
    """
    budget = min(dialect.budget, limit // 2)
    return budget if room is None else min(budget, room // 3)


def _default_limit(card: ModelCard) -> int:
    budget = card.dialect.budget if isinstance(card.dialect, PromptedDialect) else 0
    return card.answer_tokens + budget


def _sampling(card: ModelCard, asked: Sampling) -> Sampling:
    return Sampling(
        temperature=card.temperature if asked.temperature is None else asked.temperature,
        top_p=card.top_p if asked.top_p is None else asked.top_p,
        seed=asked.seed,
        presence_penalty=asked.presence_penalty,
        frequency_penalty=asked.frequency_penalty,
    )


def _splitter(dialect: Dialect) -> Splitter:
    if isinstance(dialect, TagsDialect):
        return TagsSplitter(dialect.open, dialect.close, dialect.opened)
    assert isinstance(dialect, FieldsDialect | PlainDialect | PromptedDialect)
    return FieldsSplitter()
