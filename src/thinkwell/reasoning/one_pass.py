"""OnePassThinker: thought and answer come in one reply.

The engine is told how much may be thought; the net under it is here: a thought that comes to its bound is
cut, and what would carry it over is neither said nor counted. A cut thought leads to the answer in one of
two ways: where a reply can be gone on with, from the closed thought; anywhere else in a pass of its own
that is told the thought (asking.py), with thinking switched off. What a model thinks after the cut is not
said; its tokens count to the answer. Likewise what one thinks that was not to think and cannot be told so.
"""

from __future__ import annotations

from math import inf
from typing import Literal

import msgspec

from thinkwell.reasoning.asking import ask_for_answer
from thinkwell.reasoning.begun import Begun
from thinkwell.reasoning.bound import UNBOUNDED, Bound
from thinkwell.reasoning.splitter import NO_MARKS, Quick, Splitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import AnswerDelta, FinishReason, ReasoningDelta, Spoken, ToolCallDelta
from thinkwell.values.thinking import EndedBy

# What the running pass, or the next one, writes: a thought and what follows it; the answer after a thought
# that was cut, going on in the same reply or asked for anew; or an answer for which no thought was wanted.
Kind = Literal["whole", "rest", "asked", "quiet"]


class OnePassThinker:
    """One turn's, as base.py says. Most deltas need no look: ``feed`` is quick with those."""

    paces_itself = False

    def __init__(self, task: Task) -> None:
        self._task = task
        self._plan = task.plan
        self._bound = Bound(task.plan)
        self._begun = Begun(task.neutral)
        self._splitter = self._beginning(task)
        # Who goes on with a thought that was begun wants the rest of it.
        unheeded = task.plan.off and not task.plan.switched and task.begun is None
        self._kind: Kind = "quiet" if unheeded else "whole"
        self._asked = False
        self._due = True
        self._done = False
        self._called = False
        self._over = unheeded  # the thought was cut, or none was wanted
        self._overrun = False  # a delta would have carried it over its bound
        self._anew = False  # the engine holds an old bound: it is to be asked again
        self._lead = ""
        self._of_this_delta = 0
        self._largest = 1  # tokens of the largest delta of the thought
        self._pending: list[Spoken] = []  # given text, to be shown with what comes next
        self._owed = 0  # tokens that count to the answer
        self._muted: list[str] = []
        self.full_budget = task.plan.full
        self.asked_budget = task.plan.asked
        self.ended_by: EndedBy | None = None
        self.generated = 0
        self.thought_tokens = 0
        self.finish: FinishReason = "stop"
        self.thinking = self.wants_cut = self.may_pause = False
        self._settle()

    def _beginning(self, task: Task) -> Splitter:
        begun = task.begun
        if begun is None:
            return task.splitters.begin(quiet=task.plan.off and task.plan.switched)
        if begun.reasoning:
            self._begun.thoughts.append(begun.reasoning)
        if begun.content:
            self._begun.answers.append(begun.content)
        return task.splitters.within(answer=bool(begun.content))

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        if delta.finish is None and not delta.tool_calls:
            quick, text, tokens = self._quick, delta.text, delta.tokens
            if quick == "answer":
                if text and not delta.reasoning and self._marks.isdisjoint(text):
                    self.generated += tokens
                    self._begun.answers.append(text)
                    return [AnswerDelta(text, tokens)]
            elif quick and self.thought_tokens + tokens < self._look_at and tokens <= self._largest:
                if quick == "field":
                    text, other = delta.reasoning, text
                else:
                    other = delta.reasoning
                if text and not other and self._marks.isdisjoint(text):
                    self.generated += tokens
                    self.thought_tokens += tokens
                    self._begun.thoughts.append(text)
                    if self._passed is not None:
                        self._passed.append(text)
                    return [ReasoningDelta(text, tokens)]
        return self._feed(delta)

    def _feed(self, delta: EngineDelta) -> list[Spoken]:
        self.generated += delta.tokens
        self._of_this_delta = delta.tokens
        if self.thinking:
            self._largest = max(self._largest, delta.tokens)
            if self.thought_tokens + self._largest >= self._bound.engine_ends_at:
                self._splitter.expect_end()
        events = self._say(self._splitter.feed(delta))
        if delta.finish is not None and not self._overrun:
            events += self._finish(delta.finish)
        self._settle()
        return events

    def _finish(self, finish: FinishReason) -> list[Spoken]:
        events = self._say(self._splitter.close(ended=finish == "stop"))
        if self._overrun:
            return events
        self._done = True
        self.finish = "tool_calls" if self._called and finish == "stop" else finish
        if finish == "stop" and self._muted and not (self._begun.answers or self._called):
            # It meant as its answer what it said as a thought.
            events += self._say([AnswerDelta("".join(self._muted).strip())])
        return events + self._pay()

    def _pay(self) -> list[Spoken]:
        return self._say([AnswerDelta("")]) if self._owed else []

    def _say(self, events: list[Spoken]) -> list[Spoken]:
        """What of the events is said: thoughts up to their bound."""
        said, self._pending = self._pending, []
        for event in events:
            if not isinstance(event, ReasoningDelta):
                said.append(self._answer(event))
            elif self._over or self._overrun:
                self._leave_out(event)
            else:
                self._think(event, said)
        return said

    def _answer(self, event: AnswerDelta | ToolCallDelta) -> AnswerDelta | ToolCallDelta:
        if isinstance(event, ToolCallDelta):
            self._called = True
        elif event.text:
            self._begun.answers.append(event.text)
        owed, self._owed = self._owed, 0
        return msgspec.structs.replace(event, tokens=event.tokens + owed) if owed else event

    def _think(self, event: ReasoningDelta, said: list[Spoken]) -> None:
        fits = self._bound.allowed - self.thought_tokens if self.full_budget is not None else inf
        if event.tokens > fits:
            if self._splitter.thinking and self._can_cut:
                self._overrun = True
                self._leave_out(event)
                return
            # It is over by itself, within one delta with what would carry it over its bound.
            self._owed += event.tokens - int(fits)
            event = ReasoningDelta(event.text, int(fits))
        self.thought_tokens += event.tokens
        if event.text:
            self._begun.thoughts.append(event.text)
        said.append(event)

    def _leave_out(self, event: ReasoningDelta) -> None:
        if self._over:
            self._owed += event.tokens
            self._muted.append(event.text)
            return
        dropped = min(event.tokens, self._of_this_delta)  # what was held back before had been counted
        self._of_this_delta -= dropped
        self.generated -= dropped
        self._owed += event.tokens - dropped

    @property
    def _can_cut(self) -> bool:
        return not (self._done or self._over or self._called) and self.generated < self._plan.limit

    def _settle(self) -> None:
        """After everything but a quick delta."""
        bound, splitter = self._bound, self._splitter
        was = self.thinking
        wanted = self.full_budget is not None and not (self._over or self._called)
        self.thinking = wanted and not self._done and splitter.thinking
        if was and not (self._over or splitter.thinking):
            self.ended_by = bound.ended(self.thought_tokens)
        self.may_pause = self._task.continues and not (self._done or self._called)
        # An engine that knows the bound ends the thought itself, if it can; another we are ahead of.
        ahead = 0 if bound.told is not None and bound.told == bound.holds else self._largest
        at_bound = self.thought_tokens + ahead > bound.allowed
        self.wants_cut = (
            self.thinking
            and self._can_cut
            and (bound.answer_wanted or self._anew or self._overrun or (self._asked and at_bound))
        )
        self._quick: Quick = splitter.quick
        if self._owed if self._quick == "answer" else self._over:
            self._quick = ""
        self._marks = splitter.marks if self._quick else NO_MARKS
        self._passed = splitter.passed
        self._look_at = UNBOUNDED
        if self.thinking:
            self._look_at = min(bound.allowed, bound.engine_ends_at) - self._largest

    def close(self) -> list[Spoken]:
        """What was held back, and tokens not yet counted."""
        self._done = True
        events = self._say(self._splitter.close()) + self._pay()
        self._settle()
        return events

    def shorten(self, budget: int) -> bool:
        shorter = self.thinking and self._bound.shorten(budget)
        self._settle()
        return shorter

    def answer_now(self, *, natively: bool = False) -> bool:
        if not self.thinking:
            return False
        self._bound.want_answer(self.thought_tokens, natively=natively and self._asked)
        if natively:
            self._splitter.expect_end()
        self._settle()
        return True

    def think_on(self) -> int | None:
        if not self.thinking or self._bound.cuts == "person" or self._overrun:
            return None
        running = self._asked and not self._due
        may = self._bound.lift(told_holds=running and not self._task.continues)
        self._anew = may is not None and running and self._bound.told is not None and self._task.continues
        self._settle()
        return may

    def break_off(self) -> None:
        if self._done or not self._asked:
            return
        self._splitter.rewind()
        self._due = True
        self._settle()

    def next_pass(self) -> EnginePass | None:
        if self.wants_cut and not self._anew:
            self._cut()
        elif self._anew:
            self.break_off()
        elif self._due and self.thinking and self._bound.allowed <= self.thought_tokens and self._can_cut:
            self._cut()
        if not self._due:  # it ended by itself
            return None
        self._due, self._anew, self._asked = False, False, True
        left = self._plan.limit - self.generated
        if left < 1:
            self._done, self.finish = True, "length"
        wanted = None if self._done else self._pass(left)
        self._settle()
        return wanted

    def _cut(self) -> None:
        """End the thought here. Of one of which nothing was said nothing can be gone on from."""
        task, plan = self._task, self._plan
        self.ended_by = self._bound.cuts
        self._over = self._due = True
        self._overrun = False
        self._owed += self._splitter.held_tokens
        self._kind = "quiet"
        self._lead = self._splitter.lead
        if self._begun.thoughts:
            self._kind = "rest" if task.continues else "asked"
            if task.closing:
                self._begun.thoughts.append(task.closing)
                self._pending.append(ReasoningDelta(task.closing))
        self._splitter = task.splitters.after_cut(goes_on=self._kind == "rest", quiet=plan.switched)

    def _pass(self, left: int) -> EnginePass:
        plan, wanted = self._plan, self._task.wanted
        if self._kind in ("quiet", "asked"):
            wanted = msgspec.structs.replace(
                wanted, template=plan.quiet, effort=plan.no_effort, thinking_budget=0, max_tokens=left
            )
        elif plan.off:
            wanted = msgspec.structs.replace(wanted, thinking_budget=0)
        elif self.full_budget is not None and self._kind == "whole" and self._splitter.thinking:
            wanted = msgspec.structs.replace(wanted, thinking_budget=self._bound.tell())
        if self._kind == "asked":
            return ask_for_answer(wanted, self._begun.thought, self._task.room)
        over = self._over or not self._splitter.thinking
        lead = self._lead if self._over else self._splitter.lead
        return self._begun.go_on(wanted, left, thought_over=over, lead=lead)
