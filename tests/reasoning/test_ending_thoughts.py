"""A thought can be ended, shortened and let go on at any moment, on every engine; no token is lost by it."""

from __future__ import annotations

import msgspec
import pytest
from fake_replies import DIALECTS, EVERYWHERE, OFF, FakeEngine, Heard, begin, card, next_pass

from thinkwell.models.card import Dialect, FieldsDialect
from thinkwell.reasoning.asking import ASK
from thinkwell.reasoning.base import Thinker
from thinkwell.reasoning.bound import GRACE
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking

TAGS = DIALECTS["tags"]


def thinking(of: Dialect = TAGS, text: str = "<think>on and", **changes: object) -> Thinker:
    """In its thought, of three tokens so far."""
    thinker = begin(card(of, **changes))
    next_pass(thinker)
    thinker.feed(EngineDelta(text=text, tokens=3))
    return thinker


# -- answer now ------------------------------------------------------------------------------------


def test_whoever_asks_for_the_answer_gets_it_from_the_thought_so_far() -> None:
    thinker = thinking(closing="\n\nI have to answer now.\n", continues=True)
    assert thinker.ended_by is None and thinker.answer_now() and thinker.wants_cut
    wanted = next_pass(thinker)
    assert wanted.messages[-1] == Message("assistant", "", "on and\n\nI have to answer now.")
    assert (wanted.thought_over, wanted.continue_last, thinker.ended_by) == (True, True, "person")
    assert not (thinker.thinking or thinker.wants_cut or thinker.answer_now() or thinker.shorten(1))
    # What was written for the model is shown, and counts for nothing.
    events = thinker.feed(EngineDelta(text="So.", tokens=2, finish="stop"))
    assert events == [ReasoningDelta("\n\nI have to answer now.\n", 0), AnswerDelta("So.", 2 + 0)]
    assert thinker.thought_tokens + 2 == thinker.generated == 5


def test_an_engine_that_goes_on_with_nothing_is_told_the_thought_and_asked() -> None:
    thinker = thinking(continues=False, switches=OFF)
    assert not thinker.may_pause
    assert thinker.answer_now() and thinker.wants_cut
    wanted = next_pass(thinker)
    assert wanted.messages == (
        Message("user", "Why?"),
        Message("assistant", "on and"),
        Message("user", ASK.replace("{question}", "Why?")),
    )
    assert (wanted.template, wanted.effort, wanted.thinking_budget) == ({"enable_thinking": False}, "none", 0)
    assert (wanted.continue_last, wanted.max_tokens) == (False, 7997)
    assert thinker.feed(EngineDelta(text="<think>\n\n</think>\n\nSo.", tokens=4)) == []
    assert thinker.feed(EngineDelta(finish="stop")) == [AnswerDelta("So.", 4)]
    assert thinker.next_pass() is None


def test_before_anything_was_thought_the_answer_is_asked_for_without_thinking() -> None:
    for continues in (True, False):
        thinker = begin(card(TAGS, continues=continues, switches=OFF))
        assert thinker.answer_now() and thinker.wants_cut
        wanted = next_pass(thinker)
        assert (wanted.template, wanted.thinking_budget) == ({"enable_thinking": False}, 0)
        assert wanted.messages == (Message("user", "Why?"),)
        assert thinker.ended_by == "person" and not thinker.wants_cut
        started = begin(card(TAGS, continues=continues, switches=OFF))
        next_pass(started)
        started.feed(EngineDelta(text="<think>\n", tokens=2))
        assert started.answer_now() and started.wants_cut
        again = next_pass(started)
        assert again == msgspec.structs.replace(wanted, max_tokens=7998)
        assert started.feed(EngineDelta(text="So." * 80, tokens=3)) == [AnswerDelta("So." * 80, 5)]


def test_an_engine_that_ends_the_thought_itself_is_not_cut() -> None:
    thinker = thinking(continues=False)
    assert thinker.answer_now(natively=True) and not thinker.wants_cut and thinker.thinking
    assert thinker.feed(EngineDelta(text=" so</think>", tokens=2)) == [ReasoningDelta(" so", 2)]
    assert thinker.ended_by == "person" and not thinker.thinking
    thinker.feed(EngineDelta(text="\n\nSo.", tokens=2))
    assert thinker.feed(EngineDelta(finish="stop")) == [AnswerDelta("So.", 2)]


def test_an_engine_that_was_told_to_end_the_thought_and_does_not_is_cut_after_all() -> None:
    thinker = thinking(continues=True)
    thinker.answer_now(natively=True)
    fed = 0
    while not thinker.wants_cut:
        thinker.feed(EngineDelta(text=" on", tokens=1))
        fed += 1
    assert fed <= GRACE
    assert next_pass(thinker).thought_over and thinker.ended_by == "person"


def test_where_the_answer_has_begun_there_is_no_thought_to_end() -> None:
    thinker = thinking(text="<think>on</think>So")
    assert not thinker.thinking and thinker.ended_by is None
    assert not (
        thinker.answer_now() or thinker.answer_now(natively=True) or thinker.think_on() or thinker.shorten(1)
    )
    assert not begin(card(DIALECTS["plain"])).answer_now()
    assert not begin(card(TAGS), thinking=Thinking(effort="none")).answer_now()


def test_a_prompted_thought_is_cut_even_where_the_engine_was_told() -> None:
    thinker = thinking(DIALECTS["prompted"], "it is", continues=False)
    assert thinker.answer_now(natively=True) and thinker.wants_cut
    assert next_pass(thinker).messages[-2] == Message("assistant", "Let me see: it is")
    assert thinker.ended_by == "person"


# -- budgets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("continues", [True, False])
def test_a_budget_is_held_whatever_the_engine_makes_of_it(continues: bool) -> None:
    thinker = begin(card(TAGS, continues=continues), thinking=Thinking(budget=10))
    assert thinker.asked_budget == 10 and next_pass(thinker).thinking_budget == 10
    events = thinker.feed(EngineDelta(text="<think>a b c", tokens=4))
    events += thinker.feed(EngineDelta(text=" d e f g", tokens=4))
    assert not thinker.wants_cut, "an engine that knows the budget may hold it"
    assert thinker.feed(EngineDelta(text=" h i j k", tokens=4)) == [], "it would be over"
    assert thinker.wants_cut and thinker.generated == 8
    assert next_pass(thinker).max_tokens == 6002
    assert thinker.ended_by == "budget" and thinker.thought_tokens == 8


def test_a_budget_that_the_engine_does_not_know_is_cut_ahead_of_the_largest_delta_so_far() -> None:
    thinker = thinking(text="<think>a b c")
    assert thinker.shorten(8) and not thinker.wants_cut
    thinker.feed(EngineDelta(text=" d e f", tokens=3))
    assert thinker.wants_cut and thinker.thought_tokens == 6
    next_pass(thinker)
    assert thinker.ended_by == "load"


def test_a_thought_that_ends_within_the_delta_that_would_be_over_keeps_its_text() -> None:
    thinker = begin(card(TAGS), thinking=Thinking(budget=5))
    next_pass(thinker)
    thinker.feed(EngineDelta(text="<think>a b c", tokens=4))
    events = thinker.feed(EngineDelta(text=" d e</think>\n\nSo it is. " + "x" * 200, tokens=6))
    assert events == [ReasoningDelta(" d e", 1), AnswerDelta("So it is. " + "x" * 200, 5)]
    assert not thinker.wants_cut and thinker.thought_tokens == 5


def test_a_budget_that_the_engine_held_is_named_as_what_ended_the_thought() -> None:
    for budget, said, by in ((100, 100, "budget"), (100, 99, "budget"), (100, 60, None)):
        thinker = begin(card(FieldsDialect()), thinking=Thinking(budget=budget))
        next_pass(thinker)
        for _ in range(said):
            thinker.feed(EngineDelta(reasoning=" on", tokens=1))
        thinker.feed(EngineDelta(text="So " * 60, tokens=60))
        assert thinker.ended_by == by and not thinker.thinking
    shortened = begin(card(FieldsDialect()))
    shortened.shorten(50)
    next_pass(shortened)
    shortened.feed(EngineDelta(reasoning=" on" * 50, tokens=50))
    shortened.feed(EngineDelta(text="So " * 60, tokens=60))
    assert shortened.ended_by == "load"


def test_a_thought_that_the_load_leaves_nothing_is_not_begun() -> None:
    thinker = begin(card(TAGS, switches=OFF))
    assert thinker.shorten(0)
    assert next_pass(thinker).template == {"enable_thinking": False}
    assert thinker.ended_by == "load"


# -- think on --------------------------------------------------------------------------------------


def test_whoever_lets_it_think_on_undoes_what_load_and_effort_bounded() -> None:
    thinker = begin(card(TAGS), thinking=Thinking(effort="low"))
    assert thinker.shorten(100) and thinker.full_budget == 500
    assert thinker.think_on() == 2000
    assert next_pass(thinker).thinking_budget is None
    assert not thinker.shorten(10), "a person asked for it"
    assert thinker.think_on() is None


def test_a_budget_in_tokens_is_what_it_may_take_at_most() -> None:
    thinker = begin(card(TAGS), thinking=Thinking(budget=300))
    assert thinker.think_on() is None and not thinker.shorten(200)
    other = begin(card(TAGS), thinking=Thinking(budget=300))
    other.shorten(100)
    assert other.think_on() == 300
    assert next_pass(other).thinking_budget == 300


def test_an_engine_that_knows_the_old_bound_is_asked_anew_in_the_same_thought() -> None:
    thinker = begin(card(TAGS, continues=True))
    thinker.shorten(100)
    assert next_pass(thinker).thinking_budget == 100
    thinker.feed(EngineDelta(text="<think>on and", tokens=3))
    assert thinker.think_on() == 2000 and thinker.wants_cut
    wanted = next_pass(thinker)
    assert wanted.messages[-1] == Message("assistant", "", "on and")
    assert (wanted.thought_over, wanted.thinking_budget, wanted.continue_last) == (False, None, True)
    assert thinker.thinking and not thinker.wants_cut and thinker.ended_by is None


def test_what_a_running_engine_was_told_cannot_be_undone_where_it_goes_on_with_nothing() -> None:
    thinker = begin(card(TAGS, continues=False))
    thinker.shorten(100)
    next_pass(thinker)
    thinker.feed(EngineDelta(text="<think>on and", tokens=3))
    assert thinker.think_on() is None and not thinker.wants_cut
    later = begin(card(TAGS, continues=False))
    next_pass(later)
    later.feed(EngineDelta(text="<think>on and", tokens=3))
    assert later.shorten(100) and later.think_on() == 2000 and not later.wants_cut


def test_a_prompted_thought_that_may_go_on_is_asked_for_more() -> None:
    thinker = begin(card(DIALECTS["prompted"]))
    thinker.shorten(40)
    assert next_pass(thinker).max_tokens == 40
    thinker.feed(EngineDelta(text="it is", tokens=10))
    assert thinker.think_on() == 2000 and thinker.wants_cut
    wanted = next_pass(thinker)
    assert wanted.max_tokens == 1990 and wanted.messages[-1].content == "Let me see: it is"


# -- what comes after a cut ------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "goes_on"), EVERYWHERE)
def test_nothing_of_the_cut_leaks_into_the_answer(name: str, goes_on: bool) -> None:
    """As of llama.cpp #28182: the rest of the thought and a literal close tag come as content."""
    if name in ("prompted", "harmony"):
        return
    of = card(DIALECTS[name], continues=goes_on, switches=OFF)
    thought = "two and two are four, and that is sure. "
    engine = FakeEngine(of, thought, "It is four.", [3], whole=True, leaks=True)
    for natively in (False, True):
        thinker, heard = begin(of), Heard()
        wanted = next_pass(thinker)
        for delta in engine.reply(wanted):
            heard.events += thinker.feed(delta)
            if thinker.thought_tokens == 3:
                break
        thinker.answer_now(natively=natively)
        if natively:
            for piece in (" and that", " is sure.\n", "</think>", "\n\nIt is", " four."):
                heard.events += thinker.feed(EngineDelta(text=piece, tokens=1))
            heard.events += thinker.feed(EngineDelta(finish="stop"))
        else:
            heard.drive(thinker, engine, [])
        assert heard.answer.strip() == "It is four."
        assert heard.tokens == thinker.generated and thinker.ended_by == "person"


def test_a_model_that_will_not_stop_thinking_is_not_asked_a_third_time() -> None:
    thinker = thinking(DIALECTS["opened"], "on and", continues=False)
    thinker.answer_now()
    next_pass(thinker)
    assert thinker.feed(EngineDelta(text="hm, let me see", tokens=30)) == []
    assert not thinker.wants_cut
    thinker.feed(EngineDelta(text="</think>\n\nSo.", tokens=4))
    assert thinker.feed(EngineDelta(finish="stop")) == [AnswerDelta("So.", 34)]
    assert (thinker.thought_tokens, thinker.generated) == (3, 37)


def test_a_model_that_answers_where_its_template_opens_a_thought_is_heard() -> None:
    thinker = thinking(DIALECTS["opened"], "on and", continues=False)
    thinker.answer_now()
    next_pass(thinker)
    thinker.feed(EngineDelta(text="It is four.", tokens=4))
    assert thinker.feed(EngineDelta(finish="stop")) == [AnswerDelta("It is four.", 4)]


# -- no thought wanted -----------------------------------------------------------------------------


@pytest.mark.parametrize("off", [Thinking(effort="none"), Thinking(budget=0)])
@pytest.mark.parametrize(
    ("of", "deltas"),
    [
        (TAGS, [EngineDelta(text="<think>on", tokens=2), EngineDelta(text="</think>\n\nSo.", tokens=2)]),
        (DIALECTS["opened"], [EngineDelta(text="on", tokens=2), EngineDelta(text="</think>So.", tokens=2)]),
        (FieldsDialect(), [EngineDelta(reasoning="on", tokens=2), EngineDelta(text="So.", tokens=2)]),
    ],
    ids=["tags", "opened", "fields"],
)
def test_a_model_that_cannot_be_told_not_to_think_is_not_heard_thinking(
    of: Dialect, deltas: list[EngineDelta], off: Thinking
) -> None:
    thinker = begin(card(of), thinking=off)
    assert next_pass(thinker).thinking_budget == 0
    assert not thinker.thinking and not thinker.answer_now()
    events = [event for delta in deltas for event in thinker.feed(delta)]
    events += thinker.feed(EngineDelta(finish="stop"))
    assert not any(isinstance(event, ReasoningDelta) for event in events)
    assert "".join(event.text for event in events if isinstance(event, AnswerDelta)) == "So."
    assert sum(event.tokens for event in events) == thinker.generated == 4
    assert (thinker.thought_tokens, thinker.ended_by) == (0, None)


def test_what_is_all_that_it_said_is_its_answer_where_no_thought_was_wanted() -> None:
    thinker = begin(card(TAGS), thinking=Thinking(effort="none"))
    next_pass(thinker)
    assert thinker.feed(EngineDelta(text="<think>It is blue.", tokens=5)) == []
    assert thinker.feed(EngineDelta(finish="stop")) == [AnswerDelta("It is blue.", 5)]
