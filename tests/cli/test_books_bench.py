"""``bench books``: with readers that leave and kill -9, nothing is lost, doubled or off by a token."""

from __future__ import annotations

from pathlib import Path

import pytest
from blockbuster import BlockBuster

from thinkwell.cli.bench.books import BooksPlan, measure
from thinkwell.cli.bench.books_rows import ROWS, Asked, Entry, compare
from thinkwell.cli.bench.report import as_table

COMPLETE = Asked(
    number=1,
    turn="t",
    complete=True,
    left=False,
    cut=False,
    kept=False,
    think=2,
    answer=3,
    read_thought=2,
    read_answer=3,
    made=5,
)


@pytest.mark.timeout(240)
async def test_a_small_run_with_kills_finds_nothing_wrong(
    tmp_path: Path, no_blocking_calls: BlockBuster
) -> None:
    no_blocking_calls.deactivate()  # this is the bench's process, not the site's
    report = await measure(BooksPlan(turns=400, kills=2, seed=3), tmp_path)
    assert report.figures.keys() == ROWS.keys()
    values = {name: one.value for name, one in report.figures.items()}
    assert values["books_turns"] == 400
    assert (values["books_kills"] or 0) >= 2
    assert (values["books_left_share"] or 0) > 5
    assert all(one.met is not False for one in report.figures.values()), as_table(report)


@pytest.mark.parametrize(
    ("asked", "entry", "wrong"),
    [
        (COMPLETE, None, {"books_missing": 1}),
        (COMPLETE, Entry(24, 0, 2, 3, "finished", 24 * 3 + 4 + 15), {}),
        (COMPLETE, Entry(24, 0, 2, 3, "finished", 24 * 3 + 4 + 16), {"books_error_micros": 1}),
        (COMPLETE, Entry(24, 0, 2, 4, "finished", 24 * 3 + 4 + 20), {"books_error_tokens": 3}),
        (COMPLETE, Entry(24, 0, 2, 3, "failed", 1), {"books_error_micros": 1}),
        (COMPLETE, Entry(24, 0, 2, 3, None, 0), {"books_missing": 1, "books_error_micros": 91}),
    ],
)
def test_what_differs_is_counted(asked: Asked, entry: Entry | None, wrong: dict[str, int]) -> None:
    found = compare([asked], {} if entry is None else {"t": entry})
    assert {name: value for name, value in found.items() if value} == wrong


@pytest.mark.parametrize(("metered", "wrong"), [(2, 1), (3, 0), (4, 0), (5, 0), (6, 1)])
def test_what_was_left_lies_between_what_was_read_and_what_was_made(metered: int, wrong: int) -> None:
    from msgspec.structs import replace

    left = replace(COMPLETE, complete=False, left=True, read_answer=1)
    entry = Entry(24, 0, 2, metered - 2, "stopped", 72 + 4 + 5 * (metered - 2))
    found = compare([left], {"t": entry})
    assert found["books_error_between"] == wrong
    assert found["books_error_micros"] == found["books_error_tokens"] == 0
