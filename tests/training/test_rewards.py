"""What a completion is worth, and why, in the field's usual signature."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.training.explain import explain
from thinkwell.training.rewards import (
    NAMES,
    Correctness,
    Equations,
    Form,
    Language,
    Length,
    Repetition,
    RewardSettings,
    Sample,
    columns_of,
    combined,
    reward_of,
)
from thinkwell.training.rows import Row

ROW = Row(prompt="What is 57 + 87 - 70?", answer="74", verifier="int", task="chain_sum")
RIGHT = "<think>\n57 + 87 = 144\n144 - 70 = 74\n</think>\n74"


def sample(completion: str, row: Row = ROW, tokens: int = 0) -> Sample:
    return Sample(row=row, completion=completion, tokens=tokens)


@pytest.mark.parametrize(
    ("completion", "value", "why"),
    [
        (RIGHT, 1, "int takes it"),
        (RIGHT[:-1], 0, "does not take it"),
        ("74", 1, "takes it"),
        ("<think>\n57 + 87 = 144\n144 - 70 = 74", 0, "not closed"),
        ("<think>\n74\n</think>\n", 0, "no answer"),
        ("", 0, "no answer"),
    ],
)
def test_an_answer_is_worth_what_its_verifier_says(completion: str, value: float, why: str) -> None:
    judged = Correctness().judge(sample(completion))
    assert judged.value == value and why in judged.why


@pytest.mark.parametrize(
    ("completion", "value", "why"),
    [
        (RIGHT, 1.0, "0 of 2 equations are wrong"),
        (RIGHT.replace("144\n", "134\n"), 0.5, "1 of 2 equations are wrong, among them '57 + 87 = 134'"),
        ("<think>\n57 + 87 = [7+7=14 5+8+1=13] 144\n</think>\n74", 2 / 3, "5+8+1=13"),
        ("<think>\nLet us see.\n</think>\n74", 0.0, "no equation"),
        ("74 = 74", 0.0, "no equation"),
    ],
)
def test_the_equations_of_a_thought_are_worth_the_share_that_holds(
    completion: str, value: float, why: str
) -> None:
    judged = Equations().judge(sample(completion))
    assert judged.value == pytest.approx(value) and why in judged.why


@given(st.text("0123456789+-*/=().[] \n%,:r", max_size=80))
def test_no_text_of_a_model_breaks_the_reward_of_equations(thought: str) -> None:
    assert 0 <= Equations().judge(sample(f"<think>\n{thought}\n</think>\n1")).value <= 1


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        ("74", "no thought"),
        ("Well. " + RIGHT, "not at the start"),
        ("<think>\n57", "not closed"),
        (RIGHT + "<think>\nmore\n</think>", "more than one"),
        ("<think>" + RIGHT, "more than one"),
        ("<think>\n</think>\n74", "thought is empty"),
        ("<think>\n74\n</think>\n ", "answer is empty"),
        ("74</think>", "not at the start"),
    ],
)
def test_only_one_closed_thought_at_the_start_and_an_answer_is_the_form(completion: str, why: str) -> None:
    judged = Form().judge(sample(completion))
    assert judged.value == 0 and why in judged.why
    assert Form().judge(sample(RIGHT)).value == 1


@pytest.mark.parametrize(
    ("tokens", "value"), [(0, 0), (75, 0), (80, -0.2), (99, -0.96), (100, -1), (101, -1)]
)
def test_overlong_is_punished_softly(tokens: int, value: float) -> None:
    assert Length(100, 25).judge(sample(RIGHT, tokens=tokens)).value == pytest.approx(value)


def test_a_thought_is_to_be_in_the_language_of_the_question() -> None:
    french = Row(prompt="Combien font 3 + 4 ?", answer="7", language="fr")
    english_thought = "<think>\nI have three and then we add the four to it, so that is seven.\n</think>\n7"
    french_thought = "<think>\nOn a trois, puis on ajoute quatre au total, donc il y a sept.\n</think>\n7"
    assert Language().judge(sample(english_thought, french)).value < 0.4
    assert Language().judge(sample(french_thought, french)).value > 0.9
    assert Language().judge(sample(RIGHT, french)).value == 1  # sums have no language
    chinese = Language().judge(sample("<think>\n三加四等于七 so 7\n</think>\n7", french))
    assert chinese.value == 0 and "Cjk" in chinese.why


def test_saying_the_same_again_is_punished() -> None:
    assert Repetition().judge(sample(RIGHT)).value == 0
    assert Repetition().judge(sample("I add three and four to it. " * 20)).value < -0.9


def test_weights_make_one_reward_and_every_part_is_told() -> None:
    rewards = combined(RewardSettings(weights={"correct": 1.0, "form": 0.1, "length": 0.5}), 100)
    samples = [sample(RIGHT, tokens=20), sample("74", tokens=200)]
    assert rewards.of(samples) == pytest.approx([1.1, 0.5])
    prompts, completions = [it.row.prompt for it in samples], [it.completion for it in samples]
    parts = rewards.parts(prompts, completions, **columns_of(samples))
    assert parts == {"correct": [1, 1], "form": [0.1, 0], "length": [0, -0.5]}
    assert {name: it.value for name, it in rewards.told(samples[1]).items()} == {
        "correct": 1, "form": 0, "length": -0.5,
    }  # fmt: skip


def test_texts_may_be_messages_and_other_columns_are_passed_over() -> None:
    prompts = [[{"role": "user", "content": ROW.prompt}]]
    completions = [[{"role": "assistant", "content": RIGHT}]]
    columns: dict[str, Any] = {
        "answer": ["74"],
        "verifier": ["int"],
        "completion_ids": [[1] * 99],
        "trainer_state": 1,
    }
    assert Correctness()(prompts, completions, **columns) == [1]
    assert Length(100, 50)(prompts, completions, **columns) == [pytest.approx(-0.98)]


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("own_rewards")
    monkeypatch.setitem(sys.modules, "own_rewards", module)
    return module


def test_a_function_of_ones_own_gets_the_columns(own: ModuleType) -> None:
    def shortness(prompts: list[str], completions: list[str], tokens: list[int], **_: object) -> list[float]:
        return [1 / count for count in tokens]

    own.shortness = shortness  # type: ignore[attr-defined]
    rewards = combined(RewardSettings(weights={"python:own_rewards.shortness": 2.0}), 100)
    assert rewards.of([sample(RIGHT, tokens=4), sample(RIGHT, tokens=8)]) == [0.5, 0.25]
    assert "your own" in rewards.told(sample(RIGHT, tokens=4))["python:own_rewards.shortness"].why


def test_a_function_of_ones_own_that_fails_is_named(own: ModuleType) -> None:
    own.fails = lambda prompts, completions, **_: [1 / 0]  # type: ignore[attr-defined]
    own.short = lambda prompts, completions, **_: []  # type: ignore[attr-defined]
    own.nothing = lambda prompts, completions, **_: [float("nan")]  # type: ignore[attr-defined]
    own.number = 3  # type: ignore[attr-defined]
    for name, said in (("fails", "failed"), ("short", "one finite number"), ("nothing", "one finite number")):
        rewards = combined(RewardSettings(weights={f"python:own_rewards.{name}": 1.0}), 100)
        with pytest.raises(SetupError, match=said) as refused:
            rewards.of([sample(RIGHT)])
        assert f"own_rewards.{name}" in refused.value.message
    for name, said in (("number", "no function"), ("missing", "cannot be loaded")):
        with pytest.raises(SetupError, match=said):
            reward_of(f"python:own_rewards.{name}", RewardSettings(), 100)


def test_a_reward_that_is_none_is_named() -> None:
    with pytest.raises(SetupError, match=r"no reward 'beauty'. Known: correct"):
        combined(RewardSettings(weights={"beauty": 1.0}), 100)
    with pytest.raises(SetupError, match="No reward has a weight"):
        combined(RewardSettings(weights={}), 100)


@given(st.text(alphabet="<think>/ \n0123456789=+", max_size=200) | st.text(max_size=100), st.integers(0, 300))
def test_every_text_has_a_finite_worth_within_bounds(completion: str, tokens: int) -> None:
    for name in NAMES:
        judged = reward_of(name, RewardSettings(), 100).judge(sample(completion, tokens=tokens))  # type: ignore[attr-defined]
        assert -1 <= judged.value <= 1 and judged.why


def test_scored_samples_are_explained_one_by_one() -> None:
    text = explain([sample(RIGHT), sample("<think>\n" + "so 3\n" * 400)], combined(RewardSettings(), 100))
    assert "— 1 of 2: chain_sum, level 0, en —" in text
    assert "+1.000  said '74', expected '74': int takes it" in text
    assert "+0.100  one closed thought, then an answer" in text
    assert "[…]" in text and "the thought is not closed" in text
    assert "2 samples: reward 0.550 on average, 0.000 to 1.100." in text


def test_samples_that_are_all_worth_the_same_are_warned_of() -> None:
    text = explain([sample("I know not."), sample("Who does?")], combined(RewardSettings(), 100))
    assert "nothing can be learnt" in text
