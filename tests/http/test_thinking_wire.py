"""Every spelling of "how much to think", alone, in agreement and in contradiction."""

from __future__ import annotations

from itertools import permutations
from typing import Any, get_args

import msgspec
import pytest

from thinkwell.errors import BadRequest
from thinkwell.http.wire.thinking import ThinkingFields, thinking_of
from thinkwell.values.thinking import Effort, Thinking


def asked(*fields: dict[str, Any]) -> Thinking:
    """What these fields mean together; of those of one name the inner ones are joined."""
    body: dict[str, Any] = {}
    for field in fields:
        for name, value in field.items():
            body[name] = body.get(name, {}) | value if isinstance(value, dict) else value
    return thinking_of(msgspec.convert(body, ThinkingFields))


def template(**arguments: Any) -> dict[str, Any]:
    return {"chat_template_kwargs": arguments}


EFFORTS: list[Effort] = list(get_args(Effort))


def spelled_efforts(effort: str) -> list[dict[str, Any]]:
    return [
        {"reasoning_effort": effort},
        {"reasoning": {"effort": effort}},
        {"output_config": {"effort": effort}},
        template(reasoning_effort=effort),
    ]


def spelled_budgets(tokens: int) -> list[dict[str, Any]]:
    return [
        {"reasoning": {"max_tokens": tokens}},
        {"thinking": {"budget_tokens": tokens}},
        {"thinking": {"type": "enabled" if tokens else "disabled", "budget_tokens": tokens}},
        {"thinking_token_budget": tokens},
        {"thinking_budget_tokens": tokens},
        {"thinking_budget": tokens},
        template(thinking_budget=tokens),
    ]


OFF: list[dict[str, Any]] = [
    {"reasoning": {"enabled": False}},
    {"thinking": {"type": "disabled"}},
    {"enable_thinking": False},
    template(enable_thinking=False),
    template(thinking=False),
]
ON: list[dict[str, Any]] = [
    {"reasoning": {"enabled": True}},
    {"thinking": {"type": "enabled"}},
    {"enable_thinking": True},
    template(enable_thinking=True),
    template(thinking=True),
]
HIDDEN: list[dict[str, Any]] = [
    {"include_reasoning": False},
    {"reasoning": {"exclude": True}},
    {"thinking": {"type": "adaptive", "display": "omitted"}},
]
SHOWN: list[dict[str, Any]] = [
    {"include_reasoning": True},
    {"reasoning": {"exclude": False}},
    {"thinking": {"type": "adaptive", "display": "full"}},
    {"thinking": {"type": "auto", "display": "summarized"}},
]
NOTHING: list[dict[str, Any]] = [
    {},
    {"reasoning": {}},
    {"reasoning": {"summary": "auto"}},
    {"reasoning": {"generate_summary": "detailed"}},
    {"thinking": {"type": "adaptive"}},
    {"thinking": {"type": "auto"}},
    {"output_config": {}},
    template(),
    dict.fromkeys(ThinkingFields.__struct_fields__),
]


@pytest.mark.parametrize("effort", EFFORTS)
def test_every_spelling_of_an_effort_means_the_effort(effort: Effort) -> None:
    for spelled in spelled_efforts(effort):
        found = asked(spelled)
        assert (found.effort, found.off, found.show) == (effort, effort == "none", True), spelled


@pytest.mark.parametrize("tokens", [0, 1, 1024, 1_000_000])
def test_every_spelling_of_a_budget_means_the_budget(tokens: int) -> None:
    for spelled in spelled_budgets(tokens):
        assert asked(spelled) == Thinking(budget=tokens), spelled


def test_a_budget_of_minus_one_is_no_bound() -> None:
    for spelled in spelled_budgets(-1)[:2] + spelled_budgets(-1)[3:]:
        assert asked(spelled) == Thinking(), spelled


def test_every_switch_that_is_off_asks_for_no_thought() -> None:
    for spelled in OFF:
        assert asked(spelled) == Thinking(budget=0), spelled


def test_every_switch_that_is_on_leaves_it_to_the_site() -> None:
    for spelled in (*ON, *NOTHING):
        assert asked(spelled) == Thinking(), spelled


def test_every_wish_not_to_see_the_thought_hides_it_and_nothing_else() -> None:
    for spelled in HIDDEN:
        assert asked(spelled) == Thinking(show=False), spelled
    for spelled in SHOWN:
        assert asked(spelled) == Thinking(), spelled


AGREE: list[tuple[str, list[dict[str, Any]]]] = [
    ("efforts", spelled_efforts("high") + ON),
    ("budgets", spelled_budgets(256) + ON),
    ("an effort and a budget", spelled_efforts("low") + spelled_budgets(256)),
    ("off", OFF + spelled_budgets(0) + spelled_efforts("none")),
    ("hidden", [HIDDEN[0], HIDDEN[1], HIDDEN[2], *spelled_efforts("max")]),
    ("no bound", spelled_budgets(-1)[3:] + ON),
]


@pytest.mark.parametrize("spelled", [row[1] for row in AGREE], ids=[row[0] for row in AGREE])
def test_spellings_that_agree_may_come_together(spelled: list[dict[str, Any]]) -> None:
    for one, other in permutations(spelled, 2):
        asked(one, other)


CONTRADICTIONS: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("two efforts", spelled_efforts("low"), spelled_efforts("high")),
    ("two budgets", spelled_budgets(100), spelled_budgets(200)),
    ("a budget and no bound", spelled_budgets(100), spelled_budgets(-1)[3:]),
    ("on and off", ON, OFF),
    ("off and an effort", OFF, spelled_efforts("minimal")),
    ("off and a budget", OFF, spelled_budgets(7)),
    ("on and no effort", ON, spelled_efforts("none")),
    ("on and no budget", ON, spelled_budgets(0)),
    ("no effort and a budget", spelled_efforts("none"), spelled_budgets(7)),
    ("no budget and an effort", spelled_budgets(0), spelled_efforts("high")),
    ("shown and hidden", SHOWN, HIDDEN),
]


@pytest.mark.parametrize(
    ("these", "those"), [row[1:] for row in CONTRADICTIONS], ids=[row[0] for row in CONTRADICTIONS]
)
def test_spellings_that_contradict_each_other_are_refused_by_name(
    these: list[dict[str, Any]], those: list[dict[str, Any]]
) -> None:
    tried = 0
    for one in these:
        for other in those:
            if _same_place(one, other):
                continue  # one field cannot be sent twice
            for pair in ((one, other), (other, one)):
                with pytest.raises(BadRequest, match="disagree; send one") as caught:
                    asked(*pair)
                assert caught.value.param
                tried += 1
    assert tried


def _same_place(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return any(
        name in other and (not isinstance(value, dict) or set(value) & set(other[name]))
        for name, value in one.items()
    )


MALFORMED: list[dict[str, Any]] = [
    {"reasoning_effort": "ultra"},
    {"reasoning_effort": 3},
    {"reasoning": {"effort": ""}},
    {"reasoning": "high"},
    {"reasoning": {"max_tokens": -2}},
    {"reasoning": {"priority": 1}},
    {"thinking": {"type": "on"}},
    {"thinking": {"budget_tokens": 2**63}},
    {"thinking": {"budget_tokens": True}},
    {"thinking": True},
    {"thinking_token_budget": 1.5},
    {"thinking_budget_tokens": "many"},
    {"thinking_budget": -7},
    {"enable_thinking": "yes"},
    {"include_reasoning": 1},
    {"output_config": {"format": "x"}},
    template(tokenize=True),
    template(tools=[]),
    template(documents=[]),
    template(add_generation_prompt=False),
    template(enable_thinking=None, x=1),
]


@pytest.mark.parametrize("fields", MALFORMED, ids=repr)
def test_what_is_no_spelling_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        asked(fields)
