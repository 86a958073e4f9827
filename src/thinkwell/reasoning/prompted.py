"""PromptedThinker: a model without thinking of its own is made to think in a pass of its own, then answers.

A thought can always be ended early, for the answer's pass does not continue it but reads it.
"""

from __future__ import annotations

import msgspec

from thinkwell.models.card import PromptedDialect
from thinkwell.reasoning.base import Spoken
from thinkwell.reasoning.begun import Begun
from thinkwell.reasoning.bound import Bound
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter, ThoughtSplitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import FinishReason, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.thinking import EndedBy

# The least tokens that are worth a thought of their own.
LEAST_THOUGHT = 8
UNKNOWN_ROOM = 4096


class PromptedThinker:
    """``room`` as for ``thinker_for``."""

    def __init__(self, task: Task, dialect: PromptedDialect, room: int | None) -> None:
        self._dialect = dialect
        self._wanted = task.wanted
        self._limit = task.plan.limit
        self._continues = task.continues
        assert task.plan.full is not None
        self.full_budget = task.plan.full
        self.asked_budget = task.plan.asked
        self.ended_by: EndedBy | None = None
        self._bound = Bound(task.plan)
        self._told = 0
        self._answer_wanted = False
        self._called = False
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
        return self._continues and self._stage != "done" and not self._called

    @property
    def _budget(self) -> int:
        return self.full_budget if self._bound.holds is None else self._bound.holds

    @property
    def wants_cut(self) -> bool:
        """Only where the budget is not what the running pass was asked for: that one the engine holds."""
        if not self.thinking:
            return False
        if self._answer_wanted or self._budget > self._told > 0:
            return True
        return self._thought_tokens >= self._budget and self._budget < self._told

    def shorten(self, budget: int) -> bool:
        return self.thinking and self._bound.shorten(budget)

    def answer_now(self, *, natively: bool = False) -> bool:
        """Its thought is a pass of its own: no engine could end it in place of us."""
        self._answer_wanted = self.thinking
        return self._answer_wanted

    def think_on(self) -> int | None:
        return self._bound.lift() if self.thinking else None

    def break_off(self) -> None:
        self._due = self._stage != "done"

    def next_pass(self) -> EnginePass | None:
        if not (self._due or self.wants_cut):
            return None
        self._due = False
        if self.thinking and (self._answer_wanted or not self._worth_thinking_on()):
            self.ended_by = "person" if self._answer_wanted else self._bound.says
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
        self._told = self._budget
        begun = Message("assistant", self._dialect.prefill + self._thought.thought)
        return msgspec.structs.replace(
            self._wanted,
            messages=(*self._wanted.messages, begun),
            max_tokens=self._budget - self._thought_tokens,
            stop=self._dialect.stop,
            continue_last=True,
            tools=(),
            tool_choice=None,
            shape=None,
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
            self._called = self._called or bool(delta.tool_calls)
        if delta.finish is not None:
            self._due = self.thinking
            self._stage = "answer" if self.thinking else "done"
            self.finish = delta.finish
        return events

    def close(self) -> list[Spoken]:
        return []
