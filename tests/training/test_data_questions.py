"""Two questions are the same for their words or for their sum, and what changes a sum makes them another."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.training.data.heldout import Kept, is_held_out
from thinkwell.training.data.questions import near_key, sum_of, value_of
from thinkwell.training.rows import Row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 3 + 4?", "what is 3+4"),
        ("Well, what is 12?", "well what is 12 ?"),
        ("A follow-up question", "a follow up question."),
        ("Qu’est-ce que c’est ?", "qu'est-ce que c'est?"),
        ("“Hello”", "hello!"),
    ],
)
def test_spacing_case_and_punctuation_make_no_other_question(one: str, other: str) -> None:
    assert near_key(one) == near_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 - 4", "3 + 4"),
        ("3 - 4", "3 4"),
        ("3.5 + 1", "35 + 1"),
        ("12:30", "1230"),
        ("(3 - 4) * 2", "3 - 4 * 2"),
        ("a / b", "a - b"),
        ("20 % of 5", "20 of 5"),
        ("-3", "3"),
    ],
)
def test_a_sign_that_counts_makes_another_question(one: str, other: str) -> None:
    assert near_key(one) != near_key(other)


@pytest.mark.parametrize(
    ("prompt", "answer", "asked"),
    [
        ("What is 3 + 4?", "7", "3+4"),
        ("Combien font 3 plus 4 ?", "7", "3+4"),
        ("State 57 + 87 - 70, please.", "74", "57+87-70"),
        ("(12 × 3) =", "36", "12*3"),
        ("What is 2 * (3 + 4)?", "14", "2*(3+4)"),
        ("12 x 3", "36", "12*3"),
        ("7 divided by 2", "3.5", "7/2"),
        ("10 / 3 to two decimals", "3.33", "10/3"),
        ("What is -5 - -8?", "3", "-5--8"),
        ("Pick from 1-10: 3, 7 or 12?", "12", None),
        ("How many days from 2024-03-01 to 2024-03-03?", "2", None),
        ("Who was it?", "Ada", None),
        ("1 / 0", "0", None),
    ],
)
def test_the_sum_that_is_asked_for_is_found_in_any_wording(
    prompt: str, answer: str, asked: str | None
) -> None:
    assert sum_of(Row(prompt=prompt, answer=answer)) == asked


def sums() -> st.SearchStrategy[str]:
    numbers = st.integers(0, 99).map(str)
    return st.recursive(
        numbers,
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda it: f"({it[0]}{it[1]}{it[2]})"
        ),
        max_leaves=6,
    )


@given(sums())
def test_a_sum_has_the_value_that_python_gives_it(text: str) -> None:
    assert value_of(text) == Fraction(eval(text))


@given(st.text(alphabet="0123456789+-*/%(). x", max_size=60))
def test_no_text_breaks_the_reading_of_sums(text: str) -> None:
    value_of(text)
    sum_of(Row(prompt=text, answer="3"))


def test_a_sum_in_another_wording_or_language_leaks() -> None:
    kept = Kept([Row(prompt="What is 31 + 45?", answer="76"), Row(prompt="Who was Ada?", answer="x")])
    assert "sum" in (kept.why_not(Row(prompt="Combien font 31 plus 45 ?", answer="76")) or "")
    assert "question" in (kept.why_not(Row(prompt="who was Ada", answer="y")) or "")
    assert kept.why_not(Row(prompt="What is 31 + 46?", answer="77")) is None


@given(st.integers(0, 500), st.integers(0, 500))
def test_one_sum_is_on_one_side_in_every_language(one: int, other: int) -> None:
    share, answer = 200, str(one + other)
    rows = [
        Row(prompt=f"What is {one} + {other}?", answer=answer),
        Row(prompt=f"Combien font {one} + {other} ?", answer=answer),
    ]
    held = [is_held_out(row, share) for row in rows]
    alone = [int(row.digest, 16) % 1000 < share for row in rows]
    assert held[0] == held[1] or any(alone)


def test_about_as_many_are_held_out_as_asked() -> None:
    rows = [Row(prompt=f"Question number {number}, who?", answer="a") for number in range(4000)]
    assert 50 < sum(is_held_out(row, 20) for row in rows) < 115
