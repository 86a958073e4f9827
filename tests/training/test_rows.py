"""A row keeps what was written, says where a file is wrong, and knows what a model is to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.training.rows import Row, completion_of, read_rows, write_rows

text = st.text(min_size=1).filter(lambda it: bool(it.strip()))
rows = st.lists(
    st.builds(Row, prompt=text, answer=text, trace=st.none() | st.text(), level=st.integers(0, 9)), max_size=5
)


@given(rows)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, some: list[Row]) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    assert write_rows(path, some) == len(some)
    assert list(read_rows(path)) == some


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"prompt": "a"}', "answer"),
        ('{"prompt": "a", "answer": "b", "solution": "c"}', "solution"),
        ('{"prompt": " ", "answer": "b"}', "empty"),
        ("{", "line 2"),
        ('{"prompt": 3, "answer": "b"}', "prompt"),
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"prompt": "a", "answer": "b"}\n' + line + "\n")
    with pytest.raises(SetupError, match="line 2") as refused:
        list(read_rows(path))
    assert said in refused.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"mine\.jsonl"):
        list(read_rows(tmp_path / "mine.jsonl"))


def test_a_model_writes_its_thought_and_then_the_answer_or_the_answer_alone() -> None:
    row = Row(prompt="2 + 2?", answer="4", trace="2 + 2 = 4")
    assert completion_of(row) == "<think>\n2 + 2 = 4\n</think>\n4"
    assert completion_of(Row(prompt="Hi", answer="Hello!", trace="")) == "Hello!"
    with pytest.raises(ValueError, match="trace"):
        completion_of(Row(prompt="2 + 2?", answer="4"))


def test_two_rows_that_ask_the_same_have_one_digest() -> None:
    one, two = Row(prompt="What is 2 + 2?", answer="4"), Row(prompt="what  is 2 + 2?\n", answer="four")
    assert one.digest == two.digest != Row(prompt="What is 2 + 3?", answer="5").digest
