"""The scenario file is whole, and says what its names promise."""

import msgspec
import pytest

from thinkwell.testing.scenarios import Scenario, Step, load_scenarios, saying, scenario


def test_the_promised_scenarios_exist_and_end():
    names = set(load_scenarios())
    assert names >= {
        "think_then_answer",
        "fields",
        "plain",
        "long_thought",
        "never_closes_thought",
        "empty_answer",
        "dies_midway",
        "stalls",
        "refuses",
        "cut_stream",
        "markdown_attack",
        "special_tokens",
        "unicode",
        "slow",
        "length_limit",
    }
    for found in load_scenarios().values():
        last = found.steps[-1]
        assert (last.finish is None) != (last.fault is None), found.name
        assert all(step.finish is None and step.fault is None for step in found.steps[:-1]), found.name
        assert found.about, found.name


def test_the_long_thought_is_long_and_no_two_steps_of_it_are_alike():
    thought = scenario("long_thought")
    assert thought.tokens == 2001
    assert thought.reasoning.startswith("step 1 step 2 ")


def test_the_unicode_scenario_splits_joined_characters_over_deltas():
    texts = [step.text for step in scenario("unicode").steps if step.text]
    assert "\u200d" in texts
    assert "👩\u200d🚀" in scenario("unicode").text


def test_the_last_delta_alone_carries_the_finish():
    made = saying("one", "two", reasoning=("hm",))
    deltas = [made.delta(step, first=i == 0) for i, step in enumerate(made.steps)]
    assert [delta.finish for delta in deltas if delta] == [None, None, None, "stop"]
    assert sum(delta.tokens for delta in deltas if delta) == made.tokens == 3


@pytest.mark.parametrize("wrong", [{}, {"text": "a", "gate": "b"}, {"txet": "a"}])
def test_a_step_that_says_nothing_or_two_things_is_refused(wrong: dict[str, str]):
    with pytest.raises((ValueError, msgspec.ValidationError)):
        msgspec.convert(wrong, Step)


def test_a_scenario_without_an_ending_is_refused():
    with pytest.raises(ValueError, match="ends in"):
        Scenario(name="x", about="x", steps=(Step(text="and then"),))
