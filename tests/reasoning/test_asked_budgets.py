"""What a caller asks of the thought, made into tokens and switches."""

from __future__ import annotations

import pytest
from fake_replies import DIALECTS, card, next_pass, request

from thinkwell.models.card import ModelCard, Switches
from thinkwell.reasoning.budgets import Plan, plan
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.thinking import Effort, Thinking

SWITCHED = Switches(on={"enable_thinking": True}, off={"enable_thinking": False})
EFFORTS = Switches(effort="reasoning_effort", efforts=("low", "medium", "high"))


def planned(of: ModelCard, *, room: int | None = None, **changes: object) -> Plan:
    return plan(of, request(**changes), room)


@pytest.mark.parametrize(
    ("effort", "budget"),
    [("minimal", 125), ("low", 500), ("medium", 1000), ("high", 2000), ("xhigh", 4000)],
)
def test_an_effort_is_a_share_of_a_thought_of_this_model(effort: Effort, budget: int) -> None:
    made = planned(card(DIALECTS["tags"]), thinking=Thinking(effort=effort))
    assert (made.full, made.asked, made.exact) == (budget, budget, False)
    assert made.limit == 6000 + budget, "who names no limit gets an answer as long as ever"
    assert made.lifted == max(budget, 2000)


def test_no_effort_bounds_nothing_and_the_highest_only_by_the_limit() -> None:
    of = card(DIALECTS["tags"])
    assert (planned(of).full, planned(of).asked, planned(of).limit) == (2000, None, 8000)
    most = planned(of, thinking=Thinking(effort="max"), max_tokens=9000)
    assert (most.full, most.asked) == (9000, None)


def test_a_budget_in_tokens_is_meant_exactly() -> None:
    of = card(DIALECTS["tags"])
    for budget in (1, 77, 5000):
        made = planned(of, thinking=Thinking(budget=budget))
        assert (made.full, made.asked, made.exact, made.limit) == (budget, budget, True, 6000 + budget)
    both = planned(of, thinking=Thinking(budget=77, effort="max"))
    assert (both.asked, both.effort) == (77, "max")
    assert planned(of, thinking=Thinking(budget=5000), max_tokens=100).asked == 100


def test_of_a_small_limit_an_effort_leaves_something_for_the_answer() -> None:
    assert planned(card(DIALECTS["tags"]), thinking=Thinking(effort="high"), max_tokens=100).asked == 75


def test_the_default_limit_is_within_the_room_that_is_left() -> None:
    assert planned(card(DIALECTS["tags"]), room=700).limit == 700
    assert planned(card(DIALECTS["tags"]), room=700, max_tokens=900).limit == 900


@pytest.mark.parametrize("off", [Thinking(effort="none"), Thinking(budget=0)])
def test_no_thought_is_told_by_every_way_there_is(off: Thinking) -> None:
    wanted = next_pass(thinker_for(card(DIALECTS["tags"], switches=SWITCHED), request(thinking=off), None))
    assert (wanted.template, wanted.effort, wanted.thinking_budget) == ({"enable_thinking": False}, "none", 0)
    assert wanted.max_tokens == 6000


def test_a_thought_is_asked_for_where_the_model_has_to_be_told() -> None:
    wanted = next_pass(thinker_for(card(DIALECTS["tags"], switches=SWITCHED), request(), None))
    assert (wanted.template, wanted.effort, wanted.thinking_budget) == ({"enable_thinking": True}, None, None)


@pytest.mark.parametrize(
    ("effort", "known"),
    [
        ("none", "low"),
        ("minimal", "low"),
        ("low", "low"),
        ("medium", "medium"),
        ("xhigh", "high"),
        ("max", "high"),
    ],
)
def test_a_model_that_knows_efforts_is_told_the_nearest(effort: Effort, known: Effort) -> None:
    of = card(DIALECTS["harmony"], switches=EFFORTS)
    wanted = next_pass(thinker_for(of, request(thinking=Thinking(effort=effort)), None))
    assert (wanted.template, wanted.effort) == ({"reasoning_effort": known}, known)


def test_a_template_that_takes_tokens_is_told_them() -> None:
    of = card(DIALECTS["tags"], switches=Switches(off={"thinking_budget": 0}, budget="thinking_budget"))
    assert planned(of).template == {}
    assert planned(of, thinking=Thinking(budget=512)).template == {"thinking_budget": 512}
    assert planned(of, thinking=Thinking(effort="low")).template == {"thinking_budget": 500}
    assert planned(of, thinking=Thinking(budget=0)).template == {"thinking_budget": 0}


@pytest.mark.parametrize("name", ["plain", "prompted"])
def test_a_model_without_thought_of_its_own_is_told_nothing(name: str) -> None:
    for thinking in (Thinking(), Thinking(effort="high"), Thinking(effort="none")):
        wanted = next_pass(thinker_for(card(DIALECTS[name]), request(thinking=thinking), None))
        assert (wanted.template, wanted.effort, wanted.thinking_budget) == ({}, None, None)


def test_a_prompted_thought_leaves_half_of_the_limit_and_two_thirds_of_the_room() -> None:
    of = card(DIALECTS["prompted"])
    assert planned(of).full == 2000
    assert planned(of, thinking=Thinking(effort="low")).asked == 500
    assert planned(of, thinking=Thinking(budget=300)).asked == 300
    assert planned(of, max_tokens=100).full == 50
    assert planned(of, room=300).full == 100
