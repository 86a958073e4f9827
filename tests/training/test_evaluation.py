"""Scores and their intervals, and how a model is asked."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.training.tiny_models import tiny

from thinkwell.cli.main import group
from thinkwell.training.evaluation.asking import messages
from thinkwell.training.evaluation.scores import Answered, score, table, written
from thinkwell.training.evaluation.stage import Chosen
from thinkwell.training.evaluation.wilson import wilson
from thinkwell.training.rows import Row, completion_of, write_rows
from thinkwell.training.tasks.gym import GYM

ROW = Row(prompt="How much is 2 + 2?", answer="4", verifier="int", trace="2 + 2 = 4", task="sums")


def answered(text: str, row: Row = ROW, tokens: int = 10) -> Answered:
    return Answered(row, text, tokens, True)


@pytest.mark.parametrize(
    ("text", "strict", "lenient", "form"),
    [
        (completion_of(ROW), 1, 1, True),
        ("4", 1, 1, False),
        ("<think>\n2 + 2 = 5\n</think>\n5", 0, 0, True),
        ("<think>\n2 + 2 = 4", 0, 1, False),
        ("Two and two, well, let me see what that gives us in all: of course it is 4", 0, 1, False),
    ],
)
def test_an_answer_is_scored_as_it_stands_and_by_what_can_be_found_in_it(
    text: str, strict: float, lenient: float, form: bool
) -> None:
    found = score(answered(text))
    assert (found.lenient, found.form) == (lenient, form)
    assert found.strict == strict or lenient == 1  # a short sentence that ends in the value may count


def test_the_interval_of_published_examples() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)
    assert wilson(0, 0) == (0, 1)


@given(st.integers(1, 2000), st.floats(0, 1))
def test_an_interval_holds_the_share_and_stays_within_bounds(count: int, share: float) -> None:
    low, high = wilson(share * count, count)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_a_table_has_all_each_task_and_what_a_task_has_several_of() -> None:
    french = Row(prompt="Combien font 1 + 1 ?", answer="2", verifier="int", task="sums", language="fr")
    other = Row(prompt="Which?", answer="a", task="choices", level=2)
    second = Row(prompt="How much is 2 + 1?", answer="4", verifier="int", task="sums")
    lines = table([answered("4"), answered("3", second), answered("2", french), answered("b", other)])
    assert [line.name for line in lines] == ["all", "choices", "sums", "sums, en", "sums, fr"]
    everything, _, sums, english, _ = lines
    assert (everything.count, everything.strict) == (4, 0.5)
    assert (sums.count, sums.strict) == (3, pytest.approx(2 / 3))
    assert english.per_solved == 20
    text = written(lines)
    assert text.splitlines()[0].startswith("| set | n | right")
    assert "| all | 4 | 50.0 % |" in text


def test_several_answers_to_a_question_make_no_interval_narrower() -> None:
    """Ten answers to each of two questions tell of two questions."""
    other = Row(prompt="How much is 3 + 3?", answer="6", verifier="int", task="sums")
    ten = [answered("4" if turn < 5 else "5") for turn in range(10)]
    line = table([*ten, *(answered("7", other) for _ in range(10))])[0]
    assert (line.count, line.samples, line.strict, line.once) == (2, 10, 0.25, 0.5)
    assert (line.low, line.high) == wilson(0.5, 2)
    assert "| once in 10 |" in written([line])
    assert "once" not in written(table([answered("4")]))


def test_a_model_is_asked_plainly_or_told_to_think_or_shown_how() -> None:
    others = [Row(prompt=f"How much is {n} + 1?", answer="x", trace="y", task="sums") for n in range(9)]
    strange = [Row(prompt="Which?", answer="a", trace="b", task="choices")]
    assert [one["role"] for one in messages("plain", ROW, others, 1)] == ["user"]
    assert [one["role"] for one in messages("steps", ROW, others, 1)] == ["system", "user"]
    shown = messages("examples", ROW, [*others, *strange, ROW], 1)
    assert [one["role"] for one in shown] == ["user", "assistant"] * 3 + ["user"]
    asked = [one["content"] for one in shown if one["role"] == "user"]
    assert asked[-1] == ROW.prompt
    assert ROW.prompt not in asked[:-1]
    assert "Which?" not in asked
    assert shown == messages("examples", ROW, [*others, *strange, ROW], 1)


def test_the_gyms_questions_are_those_of_its_tasks_at_their_default_level(tmp_path: Path) -> None:
    asked = [("chain_sum", 3), ("chain_sum", 2), ("gcd", 2), ("gcd", 1), ("counting", 2)]
    rows = [
        msgspec.structs.replace(ROW, prompt=f"{task} {level}", task=task, level=level)
        for task, level in asked
    ]
    write_rows(tmp_path / "data" / "eval.jsonl", rows)
    chosen = Chosen(questions="gym").rows(tmp_path, 1)
    assert [(row.task, row.level) for row in chosen] == [("chain_sum", 3), ("gcd", 2)]
    assert [row.task for row in Chosen(questions="own").rows(tmp_path, 1)] == ["counting"]


def test_however_many_tasks_are_named_a_file_can_be_called_by_them() -> None:
    few, many = Chosen(only=("gcd:1", "lcm")), Chosen(only=tuple(GYM))
    assert few.label == "-gcd1-lcm"
    assert len(many.label) < 20
    assert many.label != Chosen(only=tuple(GYM)[1:]).label


@pytest.mark.live
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_served_model_is_evaluated_and_every_answer_is_kept(tmp_path: Path) -> None:
    model = tiny("llama", tmp_path)
    run = tmp_path / "tiny.toml"
    run.write_text(
        f'name = "tiny"\nbase = "{model.gguf}"\nprecision = "fp32"\nthreads = 1\n'
        '[data]\nparts = [{ kind = "task", names = ["counting"], count = 20 }]\nevaluation = 3\n'
        "[sft]\nsteps = 1\nbatch_tokens = 300\n"
    )
    for words in (("data",), ("sft",), ("eval", "--tokens", "8", "--most", "2")):
        done = CliRunner().invoke(
            group, ["train", words[0], str(run), "--data", str(tmp_path), *words[1:]], catch_exceptions=False
        )
        assert done.exit_code == 0, done.output
    assert "| all | 2 |" in done.output
    assert "2 answers in " in done.output
    kept = json.loads((tmp_path / "runs" / "tiny" / "eval-adapter-plain-0.json").read_text())
    assert len(kept["answers"]) == 2
    assert kept["table"][0]["name"] == "all"

    def evaluated(*words: str) -> str:
        said = CliRunner().invoke(
            group, ["train", "eval", str(run), "--data", str(tmp_path), "--tokens", "8", *words]
        )
        return said.output or str(said.exception)

    assert "| sums of 7 to 9 numbers | " in evaluated("--questions", "strange", "--most", "2")
    assert "| counting, level 0 | " not in evaluated("--only", "counting:1")
    assert "No question is of adding" in evaluated("--only", "adding")
    assert "No question is of gym" in evaluated("--questions", "gym"), "counting is a task of our own"
    assert "| adapter, fr | " in evaluated("--questions", "talk", "--most", "12")
