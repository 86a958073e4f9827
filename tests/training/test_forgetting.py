"""What a model forgot is told by how it answers everyday prompts, and questions unlike those it was taught."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.training.evaluation.scores import Answered
from thinkwell.training.evaluation.talk import in_common, talk, talk_table
from thinkwell.training.rows import Row
from thinkwell.training.tasks.gym import GYM
from thinkwell.training.tasks.strange import STRANGE, strange_rows
from thinkwell.training.verifiers import verify

ROW = Row(prompt="Tell me about tea.", answer="Tea is a drink.", source="chat")


def said(*texts: str, whole: bool = True) -> list[Answered]:
    return [Answered(ROW, text, 10, whole) for text in texts]


def test_talk_that_went_astray_is_counted_by_how() -> None:
    base = said("Tea is a drink.", "Tea is a drink.", "Tea is a drink.", "Tea is a drink.", "It is a drink.")
    mine = said("Tea is a drink. ", "<think>\n1\n</think>\nTea", "", "茶は飲み物です 茶は飲み物", "no " * 200)
    line = talk("adapter", mine, base)
    assert (line.count, line.same, line.thought, line.empty, line.circles) == (5, 0.2, 0.2, 0.2, 0.2)
    assert line.script == 0.2
    assert line.words == pytest.approx((1 + 2 / (4 + 4) + 0 + 0 + 0) / 5, abs=0.05)
    assert talk("base", base, base).same == talk("base", base, base).words == 1
    assert talk("cut", said("a", whole=False), said("b")).cut == 1
    assert "| adapter | 5 | 20.0 % |" in talk_table([line])


@given(st.text(), st.text())
def test_words_in_common_are_a_share_and_the_same_either_way(one: str, other: str) -> None:
    assert 0 <= in_common(one, other) == in_common(other, one) <= 1
    assert in_common(one, one) == 1


def test_strange_questions_are_the_same_each_time_and_their_own_answers_are_right() -> None:
    rows = strange_rows(3, 1)
    assert rows == strange_rows(3, 1)
    assert rows != strange_rows(3, 2)
    assert [row.task for row in rows[::3]] == list(STRANGE)
    assert [verify(row.verifier, row.answer, row.answer, row.entry) for row in rows] == [1.0] * len(rows)
    assert all(row.trace is None for row in rows)


def test_what_is_strange_is_taught_nowhere() -> None:
    """Of a dataset that is taught, only configurations beyond its default."""
    for dataset, config in STRANGE.values():
        assert dataset not in GYM or config
        assert dataset not in GYM or all(config != easier for easier in GYM[dataset].easier)
