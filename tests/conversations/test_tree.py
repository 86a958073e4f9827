"""Trees of messages, as values."""

from __future__ import annotations

import msgspec
import pytest

from thinkwell.conversations.tree import StoredMessage, as_prompt, path_to, title_of
from thinkwell.errors import NotFound
from thinkwell.values.message import Message

PLAIN = StoredMessage(
    id="", parent_id=None, role="user", content="", reasoning=None, status="complete", turn_id=None, ending=None, left_out=0, created_at=0,
)  # fmt: skip


def message(name: str, parent: str | None, role: str = "user", content: str | None = None) -> StoredMessage:
    said = name if content is None else content
    return msgspec.structs.replace(PLAIN, id=name, parent_id=parent, role=role, content=said)


def test_a_path_goes_from_the_root_to_the_leaf_and_leaves_other_branches_out() -> None:
    tree = [message("a", None), message("b", "a"), message("c", "a"), message("d", "c")]
    assert [found.id for found in path_to(tree, "d")] == ["a", "c", "d"]
    assert path_to(tree, None) == []
    with pytest.raises(NotFound):
        path_to(tree, "x")


def test_a_question_whose_answer_said_nothing_is_not_asked_again() -> None:
    path = [
        message("q1", None),
        message("a1", "q1", "assistant"),
        message("q2", "a1"),
        message("a2", "q2", "assistant", ""),
        message("q3", "a2"),
    ]
    assert as_prompt(path) == (Message("user", "q1"), Message("assistant", "a1"), Message("user", "q3"))


def test_a_title_is_the_beginning_of_the_question() -> None:
    assert title_of("  Why is\n the sky  blue? ") == "Why is the sky blue?"
    long = title_of("word " * 40)
    assert len(long) <= 61 and long.endswith("word…")
    assert len(title_of("x" * 500)) == 61
