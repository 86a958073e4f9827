"""Twenty tasks of reasoning-gym: a thought is true in every step and ends in an answer that scores."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest

from thinkwell.training.rows import Row
from thinkwell.training.tasks import TASKS
from thinkwell.training.tasks.gym import GYM, score
from thinkwell.training.tasks.traces.claims import claims, value_of, wrong_claims
from thinkwell.training.verifiers import verify

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

# Thoughts of these tasks look at letters, words, order or halves, and write no equation.
WITHOUT_SUMS = {"letter_counting", "spell_backward", "word_sequence_reversal"}
WITHOUT_SUMS |= {"number_sorting", "number_filtering", "count_bits"}
# These are slow to make (sympy).
FEWER = {"countdown": 60, "simple_equations": 150}


def rows(name: str, count: int) -> list[Row]:
    task, random = GYM[name], Random(7)
    return [task.make(random, at % task.levels, "en") for at in range(count)]


@pytest.mark.parametrize("name", GYM)
def test_every_step_of_a_thought_is_true_and_its_answer_scores(name: str) -> None:
    checked = 0
    for row in rows(name, FEWER.get(name, 300)):
        assert row.trace and row.answer and row.prompt == row.prompt.strip()
        assert wrong_claims(row.trace) == [], row
        assert verify(row.verifier, row.answer, row.answer, row.entry) == 1.0
        checked += len(claims(row.trace))
    assert (checked > 100) == (name not in WITHOUT_SUMS)


@pytest.mark.parametrize("name", GYM)
def test_another_answer_scores_less(name: str) -> None:
    mine, *others = rows(name, 20)
    for other in others:
        if other.answer != mine.answer:
            assert score(mine.entry, other.answer) < 1


@pytest.mark.parametrize("name", GYM)
def test_the_same_seed_makes_the_same_row_at_every_level(name: str) -> None:
    task = GYM[name]
    for level in range(task.levels):
        one, two = (task.make(Random(f"a {level}"), level, "en") for _ in range(2))
        assert one == two and one.level == level and one.task == name and one.source == "gym"
        assert one != task.make(Random("b"), level, "en")
    assert TASKS[name] is task and task.languages == ("en",)
    assert task.make(Random(1), task.levels - 1, "en").entry["config"] == {}


def test_a_level_or_a_language_that_a_task_has_not_is_refused() -> None:
    for level, language in ((99, "en"), (-1, "en"), (0, "fr")):
        with pytest.raises(ValueError, match="no level"):
            GYM["gcd"].make(Random(1), level, language)


@pytest.mark.parametrize("name", GYM)
def test_no_text_makes_a_score_fail(name: str) -> None:
    [row] = rows(name, 1)
    for said in ("", "no", "9" * 900, "9" * 5_000, "-", "1:2:3", "1e999999", "nan", "inf", "[1, 'a']", "0/0"):
        assert 0 <= score(row.entry, said) < 1 or said == row.answer.casefold()


def test_an_answer_is_never_evaluated_as_more_than_a_sum() -> None:
    [row] = rows("countdown", 1)
    for said in ("__import__('os').getcwd()", "9**9**9", "exit()", "(lambda: 1)()"):
        assert score(row.entry, said) == 0


def test_what_is_left_of_an_expression_has_its_value() -> None:
    seen = 0
    for row in rows("basic_arithmetic", 200):
        for line in (row.trace or "").splitlines():
            if line.startswith("= ") and "/" not in line:
                assert value_of(line[2:].replace("-(", "-1 * (")) == value_of(row.answer)
                seen += 1
    assert seen > 50


def test_the_tasks_are_known_without_reasoning_gym() -> None:
    told = "import sys, thinkwell.training.tasks; sys.exit('reasoning_gym' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


@pytest.mark.parametrize("level", range(GYM["countdown"].levels))
def test_a_search_ends_with_the_steps_to_its_target(level: int) -> None:
    random = Random(3)
    for _ in range(10):
        row = GYM["countdown"].make(random, level, "en")
        opening, *lines = (row.trace or "").splitlines()
        target = opening.split(" ")[2]
        assert lines[-1].endswith(f" = {target}") and value_of(row.answer) == int(target)
