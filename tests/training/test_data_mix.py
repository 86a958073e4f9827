"""General talk stays within its share whatever the rows are, and nothing is lost or added by the order."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from thinkwell.training.data.mix import chosen_chat, mixed, share_of
from thinkwell.training.data.sizes import Sized
from thinkwell.training.data.statistics import lengths
from thinkwell.training.rows import Row


def sized(source: Literal["chat", "made"]) -> st.SearchStrategy[list[Sized]]:
    row = st.builds(
        lambda level, task, whole: Sized(
            Row(prompt=f"{task}{level}", answer="a", source=source, level=level, task=task), whole, 0, 1
        ),
        st.integers(0, 5),
        st.sampled_from("ab"),
        st.integers(1, 300),
    )
    return st.lists(row, min_size=1, max_size=30)


@given(
    sized("chat"), sized("made"), st.floats(0.05, 0.8), st.sampled_from(("tokens", "rows")), st.integers(1, 4)
)
def test_talk_never_has_more_than_its_share_and_lacks_less_than_a_row_of_it(
    chat: list[Sized], others: list[Sized], share: float, by: Literal["tokens", "rows"], repeats: int
) -> None:
    chosen = chosen_chat(chat, others, share=share, by=by, repeats=repeats)
    assert share_of(chosen, others, by) <= share + 1e-9
    assert max(Counter(map(id, chosen)).values(), default=0) <= repeats
    if len(chosen) < len(chat) * repeats:  # there was more: the smallest that was left out would not fit
        longest = max(chat, key=lambda it: it.whole)
        assert share_of([*chosen, longest], others, by) > share - 1e-9


@given(sized("chat"), sized("made"), st.sampled_from(("mixed", "easy_first")), st.integers(0, 3))
def test_the_order_of_a_seed_is_one_and_holds_every_row(
    chat: list[Sized], others: list[Sized], order: Literal["mixed", "easy_first"], seed: int
) -> None:
    rows = mixed(chat, others, order, seed)
    assert rows == mixed(chat, others, order, seed)
    assert Counter(map(id, rows)) == Counter(map(id, [*chat, *others]))
    if order == "easy_first":
        for task in "ab":
            levels = [it.row.level for it in rows if it.row.task == task and it.row.source == "made"]
            assert levels == sorted(levels)


@given(st.lists(st.integers(0, 500), min_size=1))
def test_lengths_are_those_of_rows_that_are_there(sizes: list[int]) -> None:
    found = lengths(sizes)
    assert {found.p50, found.p95, found.longest} <= set(sizes)
    assert found.p50 <= found.p95 <= found.longest == max(sizes)
    assert sum(size <= found.p50 for size in sizes) * 2 >= len(sizes)
