"""Reconciliation: equal, explained by what can be named and bounded, or unexplained; never silently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.ledger.reconcile import (
    MADE_MEANWHILE,
    Account,
    Booked,
    Metered,
    Report,
    Span,
    account_of,
    sums_of,
)
from thinkwell.values.engine import EngineCounters


def span(prompt: int, generated: int, *, restarts: int = 0, whole: bool = False) -> Span:
    return Span(
        prompt=prompt,
        generated=generated,
        restarts=restarts,
        whole=whole,
        last=EngineCounters(prompt=prompt, generated=generated),
    )


def verdicts(account: Account) -> tuple[str, str]:
    return account.generated.verdict, account.prompt.verdict


QUIET = Metered(prompt=10, cached=4, generated=100, leases=3, passes=3)


@pytest.mark.parametrize(
    ("metered", "counted", "wanted"),
    [
        (QUIET, span(6, 100), ("equal", "equal")),
        (QUIET, span(10, 100, whole=True), ("equal", "equal")),
        (QUIET, span(6, 101), ("unexplained", "equal")),
        (QUIET, span(7, 99), ("unexplained", "unexplained")),
        (QUIET, Span(), ("untold", "untold")),
        (QUIET.plus(Metered(cut=1)), span(9, 100 + MADE_MEANWHILE), ("explained", "explained")),
        (QUIET.plus(Metered(cut=1)), span(6, 101 + MADE_MEANWHILE), ("unexplained", "equal")),
        (QUIET.plus(Metered(cut=1)), span(6, 99), ("unexplained", "equal")),
        (QUIET.plus(Metered(cut=1, late=7)), span(6, 93), ("explained", "equal")),
        (QUIET.plus(Metered(cut=1, late=7)), span(6, 92), ("unexplained", "equal")),
        (QUIET.plus(Metered(cut=1, late=7)), span(6, 101 + MADE_MEANWHILE), ("unexplained", "equal")),
        (QUIET.plus(Metered(before=7)), span(9, 107 + MADE_MEANWHILE), ("explained", "explained")),
        (QUIET.plus(Metered(before=7)), span(6, 108 + MADE_MEANWHILE), ("unexplained", "equal")),
        (QUIET.plus(Metered(before=7)), span(6, 99), ("unexplained", "equal")),
        (QUIET.plus(Metered(running=1, unfinished=9)), span(6, 91), ("explained", "equal")),
        (QUIET, span(6, 40, restarts=1), ("explained", "equal")),
        (QUIET, span(6, 200, restarts=1), ("unexplained", "equal")),
        (QUIET.plus(Metered(passes=2)), span(30, 100), ("equal", "explained")),
    ],
)
def test_a_difference_is_explained_by_what_was_cut_or_runs_or_was_restarted_and_by_nothing_else(
    metered: Metered, counted: Span, wanted: tuple[str, str]
) -> None:
    account = account_of("gpu", metered, counted)
    assert verdicts(account) == wanted
    report = Report(since=0, at=1, engines=(account,))
    assert report.clean == ("unexplained" not in wanted)


def test_a_restarted_engine_counts_anew_and_what_it_had_counted_before_is_kept() -> None:
    seen = Span()
    for prompt, generated in ((5, 50), (7, 60), (1, 10), (2, 30)):
        seen.look(EngineCounters(prompt=prompt, generated=generated))
    assert (seen.prompt, seen.generated, seen.restarts) == (4, 40, 1)


@given(st.lists(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1), min_size=1))
def test_a_span_never_counts_more_than_the_engine_and_all_of_it_where_it_lives_on(
    lives: list[list[tuple[int, int]]],
) -> None:
    seen = Span()
    made = 0
    for number, life in enumerate(lives):
        prompt = generated = 0
        for more_prompt, more in life:
            prompt, generated = prompt + more_prompt, generated + more
            before = seen.generated
            seen.look(EngineCounters(prompt=prompt, generated=generated))
            assert seen.generated >= before
        first = life[0][1] if number == 0 else 0  # the first look is where the span begins
        made += generated - first
    assert seen.generated <= made
    if len(lives) == 1:
        assert seen.generated == made


@pytest.mark.parametrize(("difference", "waiting", "clean"), [(0, 0, True), (3, 0, False), (-3, 1, True)])
def test_what_is_metered_must_be_booked_but_for_turns_on_their_way(
    difference: int, waiting: int, clean: bool
) -> None:
    booked = Booked(metered=10, booked=10 + difference, difference=difference, waiting=waiting)
    assert Report(since=0, at=1, engines=(), ledger=booked).clean == clean


def test_sums_and_differences_of_what_was_metered() -> None:
    one, two = (Metered(*(ten + of for of in range(1, 11))) for ten in (0, 10))
    assert sums_of({"a": one, "b": two}) == Metered(*(10 + 2 * of for of in range(1, 11)))
    since = two.since(one)
    assert (since.prompt, since.cached, since.generated, since.leases, since.cut) == (10,) * 5
    assert (since.running, since.passes, since.unfinished) == (22, 10, 26), (
        "those that run at either end count"
    )
    assert (since.late, since.unheard, since.before) == (19, 20, 9 + 10)
