"""The lengths of thoughts are learnt as if none were cut, from thoughts that are."""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.scheduling.thoughts import FIRST_GUESS, ThoughtLengths

EVENLY_TO_2000 = list(range(1, 2001))


def learnt(thoughts: list[int], budget: int | None = None) -> ThoughtLengths:
    lengths = ThoughtLengths()
    for thought in thoughts:
        cut = budget is not None and thought > budget
        lengths.seen(budget if cut and budget is not None else thought, cut=cut)
    return lengths


def shuffled(seed: int = 1) -> list[int]:
    return random.Random(seed).sample(EVENLY_TO_2000, 2000)


def test_before_anything_is_seen_a_guess_stands() -> None:
    assert ThoughtLengths().mean == pytest.approx(FIRST_GUESS, rel=0.1)


def test_uncut_thoughts_are_learnt_as_they_are() -> None:
    lengths = learnt(shuffled())
    assert lengths.mean == pytest.approx(1000, rel=0.05)
    assert lengths.kept(500) == pytest.approx(fmean(min(500, n) for n in EVENLY_TO_2000), rel=0.05)
    assert lengths.left(1000) == pytest.approx(500, rel=0.15)


def test_what_was_learnt_of_long_thoughts_stays_while_all_are_cut() -> None:
    """Ten thousand thoughts under a budget of 300: their own mean is 278."""
    lengths = learnt(shuffled())
    for seed in range(5):
        for thought in shuffled(seed):
            lengths.seen(min(thought, 300), cut=thought > 300)
    assert lengths.mean == pytest.approx(1000, rel=0.1)


def test_thoughts_that_become_shorter_are_noticed_under_a_budget_too() -> None:
    """Three of five come to no more than 300 where one in seven did; what lies beyond cannot be known."""
    lengths = learnt(shuffled())
    before = lengths.mean
    for seed in range(3):
        for thought in shuffled(seed):
            lengths.seen(min(thought // 4, 300), cut=thought // 4 > 300)
    assert lengths.kept(300) == pytest.approx(fmean(min(n // 4, 300) for n in EVENLY_TO_2000), rel=0.1)
    assert lengths.mean < 0.65 * before


def test_a_long_uncut_thought_at_last_makes_the_tail_longer() -> None:
    lengths = learnt([400] * 1000)
    before = lengths.mean
    for _ in range(200):
        lengths.seen(20_000, cut=False)
    assert lengths.mean > 2 * before


@given(st.lists(st.tuples(st.integers(0, 200_000), st.booleans()), max_size=60), st.floats(0.01, 0.999))
def test_the_budget_for_a_share_keeps_that_share(seen: list[tuple[int, bool]], share: float) -> None:
    lengths = ThoughtLengths()
    for tokens, cut in seen:
        lengths.seen(tokens, cut=cut)
    budget = lengths.budget_for(share)
    assert lengths.kept(budget) == pytest.approx(share * lengths.mean, rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 200_000), st.booleans()), max_size=60), st.integers(0, 300_000))
def test_a_larger_budget_keeps_no_less_and_what_is_left_is_never_negative(
    seen: list[tuple[int, bool]], budget: int
) -> None:
    lengths = ThoughtLengths()
    for tokens, cut in seen:
        lengths.seen(tokens, cut=cut)
    assert 0 <= lengths.kept(budget) <= lengths.kept(budget + 1) <= lengths.mean * (1 + 1e-9)
    assert lengths.left(budget) >= 0
    assert lengths.budget_for(1.0) == float("inf")
