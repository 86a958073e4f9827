"""Trees of messages, as values."""

from __future__ import annotations

import msgspec
import pytest

from thinkwell.conversations.tree import StoredMessage, as_prompt, may_go_on, path_to, title_of
from thinkwell.errors import NotFound
from thinkwell.values.event import Finished, TurnEnd
from thinkwell.values.message import Message
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

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


def test_an_answer_and_what_went_on_with_it_are_one() -> None:
    path = [
        message("q1", None),
        msgspec.structs.replace(message("a1", "q1", "assistant", "one, t"), reasoning="Count"),
        msgspec.structs.replace(message("a2", "a1", "assistant", "wo"), reasoning="ing."),
        message("q2", "a2"),
        message("a3", "q2", "assistant", ""),
    ]
    whole = (Message("user", "q1"), Message("assistant", "one, two", "Counting."))
    assert as_prompt(path[:3]) == as_prompt(path) == whole
    last = msgspec.structs.replace(path[-1], reasoning="Hm")
    assert as_prompt([*path[:4], last], goes_on=True)[2:] == (
        Message("user", "q2"),
        Message("assistant", "", "Hm"),
    )


def test_only_what_did_not_come_to_its_own_end_can_be_gone_on_with() -> None:
    def ended(status: str, end: TurnEnd | None = None, content: str = "x") -> StoredMessage:
        answer = message("a", "q", "assistant", content)
        return msgspec.structs.replace(answer, status=status, ending=end)

    receipt = Receipt(turn_id="t", model="m", usage=Usage(), ending="finished")
    assert all(may_go_on(ended(status)) for status in ("stopped", "failed", "interrupted"))
    assert may_go_on(ended("complete", Finished("length", receipt)))
    assert not may_go_on(ended("complete", Finished("stop", receipt)))
    assert not may_go_on(ended("streaming"))
    assert not may_go_on(ended("stopped", content=""))
    assert not may_go_on(message("q", None))


def test_a_title_is_the_beginning_of_the_question() -> None:
    assert title_of("  Why is\n the sky  blue? ") == "Why is the sky blue?"
    long = title_of("word " * 40)
    assert len(long) <= 61 and long.endswith("word…")
    assert len(title_of("x" * 500)) == 61
