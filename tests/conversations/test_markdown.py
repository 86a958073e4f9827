"""A conversation as Markdown: every message once, what is shown first, and names that no title can abuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.conversations.markdown import (
    Branch,
    Node,
    branch_heading,
    branches,
    file_name,
    heading,
    plain,
    rendered,
)
from thinkwell.conversations.tree import StoredMessage
from thinkwell.values.event import Finished, Stopped
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage


def message(role: Any, content: str, **more: Any) -> StoredMessage:
    values: dict[str, Any] = {
        "id": "m",
        "parent_id": None,
        "role": role,
        "content": content,
        "reasoning": None,
        "status": "complete",
        "turn_id": None,
        "ending": None,
        "left_out": 0,
        "created_at": 0,
    }
    return StoredMessage(**values | more)


def test_the_path_to_the_head_comes_first_and_then_the_other_branches() -> None:
    nodes = [Node("q", None), Node("a1", "q"), Node("a2", "q"), Node("q2", "a1"), Node("a3", "q2")]
    assert branches(nodes, "a2") == [Branch(None, ["q", "a2"]), Branch("q", ["a1", "q2", "a3"])]
    assert branches(nodes, "a3") == [Branch(None, ["q", "a1", "q2", "a3"]), Branch("q", ["a2"])]
    assert branches([], None) == []


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Node], str | None]:
    """Also damaged ones: parents that are missing, circles."""
    ids = [str(number) for number in range(draw(st.integers(0, 12)))]
    parents = st.sampled_from([None, "missing", *ids])
    return [Node(one, draw(parents)) for one in ids], draw(st.sampled_from([None, "missing", *ids]))


@given(trees())
def test_every_message_is_told_once_however_damaged_the_tree_is(tree: tuple[list[Node], str | None]) -> None:
    nodes, head = tree
    found = branches(nodes, head)
    told = [one for branch in found for one in branch.ids]
    assert sorted(told) == sorted(node.id for node in nodes)
    parents = {node.id: node.parent_id for node in nodes}
    for branch in found:
        for before, after in zip(branch.ids, branch.ids[1:], strict=False):
            assert parents[after] == before
    if head in parents:
        assert found[0].ids[-1] == head


def test_a_very_long_conversation_is_no_deep_recursion() -> None:
    nodes = [Node(str(n), str(n - 1) if n else None) for n in range(20_000)]
    assert [len(branch.ids) for branch in branches(nodes, "19999")] == [20_000]
    assert [len(branch.ids) for branch in branches(nodes, None)] == [20_000]


def test_thought_and_answer_say_who_made_them() -> None:
    receipt = Receipt(
        turn_id="turn_1", model="small", usage=Usage(prompt=3, reasoning=2, answer=1), ending="finished"
    )
    told = rendered(
        [message("assistant", "Four.", reasoning="Two\nand two", ending=Finished("stop", receipt))], 2
    )
    assert told == (
        "\n## 2. Answer, made by AI, by small (1970-01-01 00:00 UTC)\n"
        "\n> **Thought**\n>\n> Two\n> and two\n"
        "\nFour.\n"
        "\n*Receipt turn_1: 3 tokens read, 2 of thought, 1 of answer.*\n"
    )
    assert "made by AI" in heading("x", "site")
    assert "*This answer was stopped.*" in rendered([message("assistant", "F", status="stopped")], 2)
    assert rendered([message("user", "2 + 2?\n")], 1) == "\n## 1. Question (1970-01-01 00:00 UTC)\n\n2 + 2?\n"
    begun = message("assistant", "Fo", status="stopped", ending=Stopped("person", receipt))
    rest = message("assistant", "ur.", ending=Finished("stop", receipt))
    whole = rendered([begun, rest], 2)
    assert "\nFour.\n" in whole and whole.count("*Receipt turn_1") == 2 and "stopped" not in whole
    assert "after message 3" in branch_heading(3) and "beginning" in branch_heading(None)


HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "/etc/passwd",
    "C:\\con",
    "nul",
    ".",
    "",
    "\x00",
    "a\nb",
    "\u202egnp.exe",
    "=HYPERLINK(1)",
    "-rf *",
    "~root",
    "<script>alert(1)</script>",
    "x" * 5000,
    "😀" * 300,
    "Ω" * 300,
    "\ud800",
]


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_makes_a_name_that_leads_elsewhere(title: str) -> None:
    name = file_name(7, title)
    assert name.startswith("00007-") and name.endswith(".md")
    middle = name.removeprefix("00007-").removesuffix(".md")
    assert middle and all(char.isalnum() or char == "-" for char in middle)
    assert len(name.encode()) < 80


@given(st.text())
def test_a_name_is_always_safe_and_a_title_always_plain(title: str) -> None:
    name = file_name(1, title)
    assert name.isprintable() and not set(name) & set('/\\:*?"<>| ') and len(name.encode("utf-8")) < 80
    told = plain(title)
    assert told.isprintable() and "\n" not in told
    assert told.replace("\\\\", "").replace("\\<", "").find("<") == -1


def test_a_title_keeps_its_words_in_every_script() -> None:
    assert file_name(3, "Why is the sky blue?") == "00003-Why-is-the-sky-blue.md"
    assert file_name(3, "Чому небо синє?") == "00003-Чому-небо-синє.md"
    assert file_name(3, "天空为什么是蓝色的") == "00003-天空为什么是蓝色的.md"
    assert plain("# *Hi* <b>") == "\\# \\*Hi\\* \\<b\\>"
