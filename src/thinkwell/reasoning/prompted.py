"""PromptedThinker: a model without thinking of its own is made to think in a pass of its own, then answers.

A thought can always be ended early, for the answer's pass does not continue it but reads it.
"""

from __future__ import annotations

import msgspec

from thinkwell.models.card import PromptedDialect
from thinkwell.reasoning.base import Spoken
from thinkwell.reasoning.begun import Begun
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter, ThoughtSplitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import FinishReason, ReasoningDelta
from thinkwell.values.message import Message

# The least tokens that are worth a thought of their own.
LEAST_THOUGHT = 8
UNKNOWN_ROOM = 4096


class PromptedThinker:
    """``budget`` bounds the tokens of the thought; ``room`` as for ``thinker_for``."""

    def __init__(self, task: Task, dialect: PromptedDialect, budget: int, room: int | None) -> None:
        self._dialect = dialect
        self._wanted = task.wanted
        self._limit = task.limit
        self._continues = task.continues
        self.full_budget = self._budget = budget
        self._asked_budget = 0
        self._room = UNKNOWN_ROOM if room is None else room
        self._stage = "thought"
        self._thought = Begun(task.neutral)
        self._answer = Begun(task.neutral)
        self._splitter: Splitter = ThoughtSplitter()
        self._due = True
        self.generated = 0
        self._thought_tokens = 0
        self.finish: FinishReason = "stop"

    @property
    def thought_tokens(self) -> int:
        return self._thought_tokens

    @property
    def paces_itself(self) -> bool:
        return True

    @property
    def thinking(self) -> bool:
        return self._stage == "thought"

    @property
    def may_pause(self) -> bool:
        return self._continues and self._stage != "done"

    @property
    def wants_cut(self) -> bool:
        """Only where the budget is under what the running pass was asked for: that the engine holds."""
        return self.thinking and self._thought_tokens >= self._budget and self._budget < self._asked_budget

    def shorten(self, budget: int) -> bool:
        if not self.thinking or budget >= self._budget:
            return False
        self._budget = max(0, budget)
        return True

    def break_off(self) -> None:
        self._due = self._stage != "done"

    def next_pass(self) -> EnginePass | None:
        if not (self._due or self.wants_cut):
            return None
        self._due = False
        if self.thinking and not self._worth_thinking_on():
            self._stage = "answer"
        if self.thinking:
            return self._thought_pass()
        left = self._limit - self.generated
        if self._stage == "done" or left < 1:
            self._stage, self.finish = "done", "length"
            return None
        if not isinstance(self._splitter, FieldsSplitter):
            self._splitter = FieldsSplitter()
        return self._answer.go_on(self._answer_pass(), left, thought_over=not self._splitter.thinking)

    def _worth_thinking_on(self) -> bool:
        least = 1 if self._thought_tokens else LEAST_THOUGHT
        return self._budget - self._thought_tokens >= least

    def _thought_pass(self) -> EnginePass:
        self._asked_budget = self._budget
        begun = Message("assistant", self._dialect.prefill + self._thought.thought)
        return msgspec.structs.replace(
            self._wanted,
            messages=(*self._wanted.messages, begun),
            max_tokens=self._budget - self._thought_tokens,
            stop=self._dialect.stop,
            continue_last=True,
        )

    def _answer_pass(self) -> EnginePass:
        wanted = self._wanted
        if not self._thought.anything:  # the model is told no more than what was shown
            return wanted
        question = next((m.content for m in reversed(wanted.messages) if m.role == "user"), "")
        # A token is at least a byte: a question of fewer bytes than an eighth of the room fits twice.
        again = self._dialect.ask.replace("{question}", question)
        ask = again if len(again.encode()) <= self._room // 8 else self._dialect.ask_short
        said = (self._dialect.prefill + self._thought.thought).rstrip()
        messages = (*wanted.messages, Message("assistant", said), Message("user", ask))
        return msgspec.structs.replace(wanted, messages=messages)

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        self.generated += delta.tokens
        events = self._splitter.feed(delta)
        if self.thinking:
            self._thought_tokens += delta.tokens
            first = not self._thought.anything
            self._thought.hear(events)
            if first and self._thought.anything and self._dialect.prefill:
                # What was given, not generated, is shown as the beginning of the thought: no tokens.
                events = [ReasoningDelta(self._dialect.prefill), *events]
        else:
            self._answer.hear(events)
        if delta.finish is not None:
            self._due = self.thinking
            self._stage = "answer" if self.thinking else "done"
            self.finish = delta.finish
        return events

    def close(self) -> list[Spoken]:
        return []
