"""The Thinkers: one for models that think by themselves, one for models that are made to think first."""

from __future__ import annotations

from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    ModelCard,
    PlainDialect,
    PromptedDialect,
    TagsDialect,
)
from thinkwell.reasoning.base import Spoken, Thinker
from thinkwell.reasoning.literals import Neutraliser
from thinkwell.reasoning.replay import replay
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter, TagsSplitter, ThoughtSplitter
from thinkwell.values.engine import EngineDelta, EnginePass, Sampling
from thinkwell.values.event import FinishReason, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

# The least tokens that are worth a thought of their own.
LEAST_THOUGHT = 8


def thinker_for(card: ModelCard, request: TurnRequest, room: int | None) -> Thinker:
    """``room`` is a lower bound of the tokens left after the prompt, None where nobody knows."""
    prompt = replay(card, request.messages, Neutraliser(card))
    sampling = _sampling(card, request.sampling)
    limit = request.max_tokens or _default_limit(card)
    wanted = EnginePass(messages=prompt, sampling=sampling, max_tokens=limit, stop=request.stop)
    dialect = card.dialect
    if isinstance(dialect, PromptedDialect) and request.thinking:
        budget = _thought_budget(dialect, limit, room)
        if budget >= LEAST_THOUGHT:
            return PromptedThinker(dialect, wanted, budget, room)
    return OnePassThinker(wanted, _splitter(dialect))


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


class OnePassThinker:
    """Thought and answer come in one reply; the splitter tells them apart."""

    def __init__(self, wanted: EnginePass, splitter: Splitter) -> None:
        self._wanted: EnginePass | None = wanted
        self._splitter = splitter
        self._finish: FinishReason = "stop"

    @property
    def finish(self) -> FinishReason:
        return self._finish

    def next_pass(self) -> EnginePass | None:
        wanted, self._wanted = self._wanted, None
        return wanted

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        events = self._splitter.feed(delta)
        if delta.finish is not None:
            self._finish = delta.finish
            events += self._splitter.close()
        return events

    def close(self) -> list[Spoken]:
        return self._splitter.close()


class PromptedThinker:
    """First a pass that is all thought, then a pass that answers with the thought in view."""

    def __init__(self, dialect: PromptedDialect, wanted: EnginePass, budget: int, room: int | None) -> None:
        self._dialect = dialect
        self._budget = budget
        self._wanted = wanted
        self._left = wanted.max_tokens or 0
        self._room = room
        self._stage = "thought"
        self._thought = ""
        self._splitter: Splitter = ThoughtSplitter()
        self._finish: FinishReason = "stop"

    @property
    def finish(self) -> FinishReason:
        return self._finish

    def next_pass(self) -> EnginePass | None:
        if self._stage == "thought":
            return self._thought_pass()
        return self._answer_pass() if self._stage == "answer" else None

    def _thought_pass(self) -> EnginePass:
        wanted = self._wanted
        return EnginePass(
            messages=(*wanted.messages, Message("assistant", self._dialect.prefill)),
            sampling=wanted.sampling,
            max_tokens=self._budget,
            stop=self._dialect.stop,
            continue_last=True,
        )

    def _answer_pass(self) -> EnginePass:
        self._stage = "done"
        self._splitter = FieldsSplitter()
        wanted = self._wanted
        question = next((m.content for m in reversed(wanted.messages) if m.role == "user"), "")
        # A token is at least a byte: a question of fewer bytes than an eighth of the room fits twice.
        room = 4096 if self._room is None else self._room
        again = self._dialect.ask.replace("{question}", question)
        ask = again if len(again.encode()) <= room // 8 else self._dialect.ask_short
        said = (self._dialect.prefill + self._thought).rstrip()
        return EnginePass(
            messages=(*wanted.messages, Message("assistant", said), Message("user", ask)),
            sampling=wanted.sampling,
            max_tokens=self._left,
            stop=wanted.stop,
        )

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        self._left -= delta.tokens
        events = self._splitter.feed(delta)
        if self._stage == "thought":
            text = delta.reasoning + delta.text
            if text and not self._thought and self._dialect.prefill:
                # What was given, not generated, is shown as the beginning of the thought: no tokens.
                events = [ReasoningDelta(self._dialect.prefill), *events]
            self._thought += text
        if delta.finish is not None:
            if self._stage == "thought":
                self._stage = "answer"
            self._finish = delta.finish
        return events

    def close(self) -> list[Spoken]:
        return []
