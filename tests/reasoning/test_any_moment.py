"""Whatever is done to a thought, at whatever moment, on whatever engine: the promises hold."""

from __future__ import annotations

import msgspec
import pytest
from fake_replies import DIALECTS, EVERYWHERE, OFF, FakeEngine, Heard, card, request
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.models.card import PromptedDialect
from thinkwell.reasoning.base import Thinker
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.event import ReasoningDelta
from thinkwell.values.thinking import Thinking

ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 14),
        st.one_of(
            st.tuples(st.just("shorten"), st.integers(0, 160)),
            st.tuples(st.sampled_from(["answer", "native", "think_on", "break_off"]), st.just(0)),
        ),
    ),
    max_size=6,
)


class Person:
    """Does what it has in mind after so many deltas, and knows what has to hold then."""

    def __init__(
        self, thinker: Thinker, actions: list[tuple[int, tuple[str, int]]], *, goes_on: bool
    ) -> None:
        self.thinker = thinker
        self.left = list(actions)
        self.goes_on = goes_on
        self.bound = thinker.asked_budget
        self.answered = self.lifted = False
        self.wait = self.left[0][0] if self.left else -1

    def closes(self) -> bool:
        """Whether the running pass is to be closed now."""
        self.wait -= 1
        if self.wait >= 0 or not self.left:
            return False
        _, (what, budget) = self.left.pop(0)
        self.wait = self.left[0][0] if self.left else -1
        thinker = self.thinker
        if what == "shorten":
            if thinker.shorten(budget):
                assert not self.lifted
                # What was thought by then cannot be unthought.
                self.bound = max(budget, thinker.thought_tokens)
        elif what in ("answer", "native"):
            self.answered = thinker.answer_now(natively=what == "native") or self.answered
        elif what == "think_on":
            was, may = thinker.thinking, thinker.think_on()
            self.lifted = self.lifted or was
            if may is not None:
                assert self.bound is not None and may > self.bound
                self.bound = may
        elif self.goes_on and thinker.may_pause:
            thinker.break_off()
            return True
        return False


@pytest.mark.parametrize(("name", "goes_on"), EVERYWHERE)
@given(
    actions=ACTIONS,
    per_delta=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    budget=st.one_of(st.none(), st.integers(1, 250)),
    effort=st.sampled_from([None, "low", "max"]),
    length=st.integers(1, 40),
    leaks=st.booleans(),
    limit=st.one_of(st.none(), st.integers(1, 400)),
)
def test_whatever_is_done_at_whatever_moment_the_promises_hold(
    name: str,
    goes_on: bool,
    actions: list[tuple[int, tuple[str, int]]],
    per_delta: list[int],
    sizes: list[int],
    budget: int | None,
    effort: str | None,
    length: int,
    leaks: bool,
    limit: int | None,
) -> None:
    dialect = DIALECTS[name]
    of = card(dialect, continues=goes_on, thought_tokens=100, switches=OFF)
    leaks = leaks and name != "harmony"
    if isinstance(dialect, PromptedDialect):
        of = msgspec.structs.replace(of, dialect=msgspec.structs.replace(dialect, budget=100))
    asked = request(thinking=Thinking(budget=budget, effort=effort), max_tokens=limit)
    thinker = thinker_for(of, asked, None)
    engine = FakeEngine(
        of, "and so on, " * length, "So it is.", sizes, whole=True, per_delta=per_delta, leaks=leaks
    )
    person, heard = Person(thinker, actions, goes_on=goes_on), Heard()
    passes = 0
    while (wanted := thinker.next_pass()) is not None:
        passes += 1
        assert passes < 20 and wanted.max_tokens and wanted.max_tokens > 0
        assert wanted.continue_last <= (goes_on or isinstance(of.dialect, PromptedDialect))
        for delta in engine.reply(wanted):
            heard.events += thinker.feed(delta)
            if thinker.wants_cut or (delta.finish is None and person.closes()):
                break
    assert not (thinker.thinking or thinker.wants_cut or thinker.may_pause or thinker.answer_now())
    generated = thinker.generated
    heard.events += thinker.close()
    assert thinker.next_pass() is None and thinker.close() == []
    assert heard.tokens == thinker.generated == generated
    thought = sum(event.tokens for event in heard.events if isinstance(event, ReasoningDelta))
    assert thought == thinker.thought_tokens
    if person.bound is not None and not person.lifted:
        assert thought <= person.bound + person.bound // 100
    elif person.lifted and budget is not None:
        assert thought <= budget + budget // 100
    if limit is not None:
        assert generated <= limit
    dropped = engine.made - generated
    assert 0 <= dropped <= 7 * passes, (
        "only what would have carried the thought over its bound is not counted"
    )
    if thinker.finish == "stop":
        assert heard.answer == engine.answer
    else:
        assert engine.answer.startswith(heard.answer) or leaks
    if thinker.ended_by == "person":
        assert person.answered
    elif thinker.ended_by == "load":
        assert any(what == "shorten" for _, (what, _) in actions)
    elif thinker.ended_by == "budget":
        assert thinker.asked_budget is not None
    assert not any(tag in heard.answer for tag in ("<think>", "</think>", "<|channel|>"))
