"""OnePassThinker: thought and answer come in one reply. It is continued where it was cut, if it may be."""

from __future__ import annotations

import msgspec

from thinkwell.reasoning.base import Spoken
from thinkwell.reasoning.begun import Begun
from thinkwell.reasoning.splitter import Splitter
from thinkwell.reasoning.task import Task
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import FinishReason, ReasoningDelta

# No closing tag that we know is more tokens than this, written as plain text.
TAG_TOKENS = 8


class OnePassThinker:
    """``full_budget`` None says that this model does not think here."""

    def __init__(self, task: Task, splitter: Splitter, full_budget: int | None) -> None:
        self._wanted = task.wanted
        self._limit = task.limit
        self._continues = task.continues
        self._splitter = splitter
        self._begun = Begun(task.neutral)
        self.full_budget = full_budget
        self._budget: int | None = None  # None: not shortened
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
        return self._continues and not self._done

    @property
    def wants_cut(self) -> bool:
        """One hundredth over the budget is let pass, and what may become the closing tag: an engine that
        holds the budget itself spares us the cut.

        A thought of which nothing was said cannot be gone on from; one at the limit of all tokens ends.
        """
        if self._budget is None or not (self._continues and self.thinking and self._begun.anything):
            return False
        allowed = self._budget + self._budget // 100 + (TAG_TOKENS if self._splitter.holding else 0)
        return self.generated < self._limit and self.thought_tokens >= allowed

    def shorten(self, budget: int) -> bool:
        if not self.thinking or (self._asked and not self._continues):
            return False
        now = self.full_budget if self._budget is None else self._budget
        if now is None or budget >= now:
            return False
        self._budget = max(0, budget)
        return True

    def break_off(self) -> None:
        if self._done or not self._asked:
            return
        self._splitter.rewind()
        self._due = True

    def next_pass(self) -> EnginePass | None:
        if self.wants_cut:
            self._splitter.end_thought()
            self._cut = self._due = True
        if not self._due:  # it ended by itself
            return None
        self._due, self._asked = False, True
        left = self._limit - self.generated
        if left < 1:
            self._done, self.finish = True, "length"
            return None
        budget = self._budget if self.thinking else None
        wanted = msgspec.structs.replace(self._wanted, thinking_budget=budget)
        split = self._splitter
        return self._begun.go_on(wanted, left, thought_over=not split.thinking, lead=split.lead)

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        self.generated += delta.tokens
        events = self._splitter.feed(delta)
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
