"""OnePassThinker: thought and answer come in one reply. It is continued where it was cut, if it may be."""

from __future__ import annotations

import msgspec

from thinkwell.reasoning.base import Spoken
from thinkwell.reasoning.begun import Begun
from thinkwell.reasoning.bound import Bound
from thinkwell.reasoning.splitter import Splitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import FinishReason, ReasoningDelta
from thinkwell.values.thinking import EndedBy

# No closing tag that we know is more tokens than this, written as plain text.
TAG_TOKENS = 8


class OnePassThinker:
    def __init__(self, task: Task, splitter: Splitter) -> None:
        self._wanted = task.wanted
        self._plan = task.plan
        self._limit = task.plan.limit
        self._continues = task.continues
        self._splitter = splitter
        self._begun = Begun(task.neutral)
        self._bound = Bound(task.plan)
        self.full_budget = task.plan.full
        self.asked_budget = task.plan.asked
        self.ended_by: EndedBy | None = None
        self._answer_wanted = False
        self._relax = False  # the engine holds an old bound: ask anew
        self._told: int | None = None
        self._called = False
        self._cut = False  # the thought was ended by us
        self._asked = False
        self._due = True
        self._done = False
        self.generated = 0
        self._thought_tokens = 0
        self.finish: FinishReason = "stop"

    @property
    def thought_tokens(self) -> int:
        return self._thought_tokens + (self._splitter.held_tokens if self.thinking else 0)

    @property
    def paces_itself(self) -> bool:
        return False

    @property
    def thinking(self) -> bool:
        return self.full_budget is not None and not self._done and not self._cut and self._splitter.thinking

    @property
    def may_pause(self) -> bool:
        return self._continues and not self._done and not self._called

    @property
    def wants_cut(self) -> bool:
        """What may become the closing tag is let pass: an engine that holds the budget itself spares us
        the cut. One at the limit of all tokens ends.
        """
        if not (self._continues and self.thinking) or self._called or self.generated >= self._limit:
            return False
        if self._answer_wanted or self._relax:
            return True
        if (allowed := self._bound.allowed) is None or not self._begun.anything:
            return False
        return self.thought_tokens >= allowed + (TAG_TOKENS if self._splitter.holding else 0)

    def shorten(self, budget: int) -> bool:
        if not self.thinking or (self._asked and not self._continues):
            return False
        return self._bound.shorten(budget)

    def answer_now(self, *, natively: bool = False) -> bool:
        if not self.thinking or (self._asked and not self._continues and not natively):
            return False
        self._answer_wanted = not natively
        if natively:
            self.ended_by = "person"
        return True

    def think_on(self) -> int | None:
        if not self.thinking:
            return None
        may = self._bound.lift(self._told if self._asked and not self._continues else None)
        self._relax = may is not None and self._asked and self._told is not None
        return may

    def break_off(self) -> None:
        if self._done or not self._asked:
            return
        self._splitter.rewind()
        self._due = True

    def next_pass(self) -> EnginePass | None:
        if self._relax:
            self.break_off()
        elif self.wants_cut:
            self.ended_by = "person" if self._answer_wanted else self._bound.says
            if self._begun.anything:
                self._splitter.end_thought()
            self._cut = self._due = True
        if not self._due:  # it ended by itself
            return None
        self._due, self._asked, self._relax = False, True, False
        left = self._limit - self.generated
        if left < 1:
            self._done, self.finish = True, "length"
            return None
        wanted = self._wanted
        self._told = self._bound.holds if self.thinking else None
        if self._cut and not self._begun.anything:
            plan, self._told = self._plan, 0
            wanted = msgspec.structs.replace(wanted, template=plan.quiet, effort=plan.no_effort)
        wanted = msgspec.structs.replace(wanted, thinking_budget=0 if self._plan.off else self._told)
        split = self._splitter
        return self._begun.go_on(wanted, left, thought_over=not split.thinking, lead=split.lead)

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        self.generated += delta.tokens
        events = self._splitter.feed(delta)
        self._called = self._called or bool(delta.tool_calls)
        if delta.finish is not None:
            self.finish = delta.finish
            self._done = True
            events += self._splitter.close()
        return self._heard(events)

    def close(self) -> list[Spoken]:
        return self._heard(self._splitter.close())

    def _heard(self, events: list[Spoken]) -> list[Spoken]:
        self._begun.hear(events)
        self._thought_tokens += sum(event.tokens for event in events if isinstance(event, ReasoningDelta))
        return events
