"""PromptedThinker: a model without thinking of its own is made to think in a pass of its own, then answers.

A thought can always be ended early, for the answer's pass does not continue it but reads it. Tools, and a
shape that the answer must have, are for the answer's pass only.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.models.card import PromptedDialect
from thinkwell.reasoning.asking import ask_for_answer
from thinkwell.reasoning.begun import Begun
from thinkwell.reasoning.bound import Bound
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter, ThoughtSplitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import AnswerDelta, FinishReason, ReasoningDelta, Spoken, ToolCallDelta
from thinkwell.values.message import Message
from thinkwell.values.thinking import EndedBy

# The least tokens that are worth a thought of their own.
LEAST_THOUGHT = 8


class PromptedThinker:
    """One turn's, as base.py says."""

    paces_itself = True

    def __init__(self, task: Task, dialect: PromptedDialect) -> None:
        assert task.plan.full is not None
        self._task = task
        self._dialect = dialect
        self._limit = task.plan.limit
        self._bound = Bound(task.plan)
        self._told = 0  # tokens of thought that the running pass was asked for, with those before it
        self._stage: Literal["thought", "answer", "done"] = "thought"
        self._thought = Begun(task.neutral)
        self._answer = Begun(task.neutral)
        self._splitter: Splitter = ThoughtSplitter()
        self._due = True
        self._called = False
        self._overrun = False
        self._largest = 1
        self.full_budget: int = task.plan.full
        self.asked_budget = task.plan.asked
        self.ended_by: EndedBy | None = None
        self.generated = 0
        self.thought_tokens = 0
        self.finish: FinishReason = "stop"

    @property
    def thinking(self) -> bool:
        return self._stage == "thought"

    @property
    def may_pause(self) -> bool:
        return self._task.continues and self._stage != "done" and not self._called

    @property
    def _budget(self) -> int:
        return self._task.plan.lifted if self._bound.holds is None else self._bound.holds

    @property
    def wants_cut(self) -> bool:
        """By its budget only where that is not what the running pass was asked for: that the engine holds."""
        if not self.thinking:
            return False
        if self._bound.answer_wanted or self._overrun or self._budget > self._told > 0:
            return True
        return self._budget < self._told and self.thought_tokens + self._largest > self._allowed

    @property
    def _allowed(self) -> int:
        return self._budget + self._budget // 100

    def shorten(self, budget: int) -> bool:
        return self.thinking and self._bound.shorten(budget)

    def answer_now(self, *, natively: bool = False) -> bool:
        """Its thought is a pass of its own: no engine could end it in place of us."""
        if self.thinking:
            self._bound.want_answer(self.thought_tokens, natively=False)
        return self.thinking

    def think_on(self) -> int | None:
        if not self.thinking or self._bound.answer_wanted:
            return None
        return self._bound.lift(told_holds=False)

    def break_off(self) -> None:
        self._due = self._stage != "done"

    def next_pass(self) -> EnginePass | None:
        if not (self._due or self.wants_cut):
            return None
        self._due = self._overrun = False
        if self.thinking and (self._bound.answer_wanted or not self._worth_thinking_on()):
            self.ended_by = self._bound.cuts
            self._stage = "answer"
        if self.thinking:
            return self._thought_pass()
        left = self._limit - self.generated
        if self._stage == "done" or left < 1:
            self._stage, self.finish = "done", "length"
            return None
        if isinstance(self._splitter, ThoughtSplitter):
            self._splitter = FieldsSplitter()
        return self._answer.go_on(self._answer_pass(), left, thought_over=not self._splitter.thinking)

    def _worth_thinking_on(self) -> bool:
        least = 1 if self.thought_tokens else LEAST_THOUGHT
        return self._budget - self.thought_tokens >= least

    def _thought_pass(self) -> EnginePass:
        self._told = self._budget
        begun = Message("assistant", self._dialect.prefill + self._thought.thought)
        return msgspec.structs.replace(
            self._task.wanted,
            messages=(*self._task.wanted.messages, begun),
            max_tokens=self._budget - self.thought_tokens,
            stop=self._dialect.stop,
            continue_last=True,
            tools=(),
            tool_choice=None,
            shape=None,
        )

    def _answer_pass(self) -> EnginePass:
        wanted, dialect = self._task.wanted, self._dialect
        if not self._thought.thoughts:  # the model is told no more than what was shown
            return wanted
        thought = dialect.prefill + self._thought.thought
        ask, ask_short = dialect.ask, dialect.ask_short
        return ask_for_answer(wanted, thought, self._task.room, ask=ask, ask_short=ask_short)

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        if self._stage == "answer":
            return self._feed_answer(delta)
        self._largest = max(self._largest, delta.tokens)
        if self.thought_tokens + delta.tokens > self._allowed:
            self._overrun = True
            return []
        self.generated += delta.tokens
        self.thought_tokens += delta.tokens
        events: list[Spoken] = self._splitter.feed(delta)
        if text := delta.reasoning + delta.text:
            if not self._thought.thoughts and self._dialect.prefill:
                # What was given, not generated, is shown as the beginning of the thought: no tokens.
                events = [ReasoningDelta(self._dialect.prefill), *events]
            self._thought.thoughts.append(text)
        if delta.finish is not None:
            self._due, self._stage, self.finish = True, "answer", delta.finish
            if delta.finish == "length" and self._bound.holds is not None:
                self.ended_by = self._bound.cuts
        return events

    def _feed_answer(self, delta: EngineDelta) -> list[Spoken]:
        tokens = delta.tokens
        self.generated += tokens
        if delta.text and delta.finish is None and not (delta.reasoning or delta.tool_calls):
            self._answer.answers.append(delta.text)
            return [AnswerDelta(delta.text, tokens)]
        events = self._splitter.feed(delta)
        for event in events:
            if isinstance(event, ToolCallDelta):
                self._called = True
            elif isinstance(event, ReasoningDelta):
                self.thought_tokens += event.tokens
                self._answer.thoughts.append(event.text)
            else:
                self._answer.answers.append(event.text)
        if delta.finish is not None:
            self._stage = "done"
            self.finish = "tool_calls" if self._called and delta.finish == "stop" else delta.finish
        return events

    def close(self) -> list[Spoken]:
        return []
