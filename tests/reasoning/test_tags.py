"""Thought and answer between tags: any chunking gives the same, and every token comes out once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from splitting import CUTS, chunked, merged, of, split

from thinkwell.models.card import TagsDialect
from thinkwell.reasoning.quoting import LOOK_AHEAD
from thinkwell.reasoning.tags import LOOK_FOR_LONG_REST, LOOK_FOR_REST, TagsSplitter
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta, ToolCallDelta
from thinkwell.values.tool import ToolCallPiece

OPEN, CLOSE = "<think>", "</think>"
TAGS = TagsDialect(open=OPEN, close=CLOSE)
WRAPPED = TagsDialect(open=OPEN, close=CLOSE, wrap=("<response>", "</response>"))


def tags(opened: bool = False, *, cut: bool = False, dialect: TagsDialect = TAGS) -> TagsSplitter:
    return TagsSplitter(dialect, opened, cut=cut)


CASES = {
    "thought and answer": (False, "<think>a thought</think>\n\nan answer", "a thought", "an answer"),
    "the prompt opened the thought": (True, "a thought</think>an answer", "a thought", "an answer"),
    "no thought at all": (False, "just an answer", "", "just an answer"),
    "an empty thought": (False, "<think>\n\n</think>\n\nan answer", "", "an answer"),
    "never closed": (False, "<think>on and on", "on and on", ""),
    "the open tag doubled": (True, "<think>a thought</think>an answer", "a thought", "an answer"),
    "both doubled": (False, "<think><think>t</think></think>an answer", "t", "an answer"),
    "closed again after the answer's line end": (False, "<think>t</think>\n\n</think>\n\na", "t", "a"),
    "a second thought at the seam": (False, "<think>t</think>\n<think>u</think>a", "tu", "a"),
    "a stray close tag before anything": (False, "</think>\n\nan answer", "", "an answer"),
    "an answer about tags": (
        False,
        "<think>t</think>Write <think> and </think> like so: `</think>`",
        "t",
        "Write <think> and </think> like so: `</think>`",
    ),
    "an answer about tags without a thought": (False, "The tag <think> opens.", "", "The tag <think> opens."),
    "something like a tag in the thought": (False, "<think>if a </b then</think>x", "if a </b then", "x"),
    "something like a tag at the end": (False, "<think>a thought</thin", "a thought</thin", ""),
    "white space before": (False, "\n <think>t</think>x", "t", "x"),
    "nothing": (False, "", "", ""),
    "half an open tag is no tag": (False, "<thi", "", "<thi"),
}

# Quoted in a thought whose prompt opened it: what is thought, what is answer.
QUOTED = {
    "between backticks": ("the tag `</think>` ends it</think>a", "the tag `</think>` ends it", "a"),
    "between quotation marks": ('if "</think>" in text</think>a', 'if "</think>" in text', "a"),
    "marks of two kinds are none": ('a `</think>"so', "a `", '"so'),
    "in a span": ("`<think>x</think>` is how</think>a", "`<think>x</think>` is how", "a"),
    "alone in a span": ("`x</think> y` is how</think>a", "`x</think> y` is how", "a"),
    "a span that nobody closed": ("the ` key</think>\n\na `b`", "the ` key", "a `b`"),
    "a span ends with its line": ("`x\n<think> y</think>a `b`", "`x\n<think> y", "a `b`"),
    "a pair in a fence": (
        "so:\n```\n<think>\nx\n</think>\n\ny\n```\nthen</think>a",
        "so:\n```\n<think>\nx\n</think>\n\ny\n```\nthen",
        "a",
    ),
    "alone in a fence": (
        "so:\n```\nx\n</think>\ny\n```\nz</think>a",
        "so:\n```\nx\n</think>\ny\n```\nz",
        "a",
    ),
    "an unclosed fence": ("so:\n```\ncode\n</think>\n\nan answer", "so:\n```\ncode\n", "an answer"),
    "an unclosed fence and no empty line": ("```py\ncode</think>an answer", "```py\ncode", "an answer"),
    "an unclosed fence and a fence of the answer": (
        "so:\n```\ncode\n</think>\nHere:\n```python\nx\n```\n",
        "so:\n```\ncode\n",
        "Here:\n```python\nx\n```\n",
    ),
    "a long line after a tag in a fence": (
        "```\n</think>" + "a" * LOOK_AHEAD + "\n```\n",
        "```\n",
        "a" * LOOK_AHEAD + "\n```\n",
    ),
    "tildes": ("~~~\n<think></think>\n~~~\n</think>a", "~~~\n<think></think>\n~~~\n", "a"),
    "after a fence that was closed": ("```\nx\n```\ny</think>a", "```\nx\n```\ny", "a"),
    "an open tag in prose is no code": ("I write <think> now</think>a", "I write <think> now", "a"),
}


def ways(text: str) -> list[list[str]]:
    return [[text], list(text), [text[:3], text[3:]], [text[:-4], text[-4:]]]


@pytest.mark.parametrize(("opened", "text", "thought", "answer"), CASES.values(), ids=CASES.keys())
def test_thought_and_answer_are_told_apart(opened: bool, text: str, thought: str, answer: str) -> None:
    for chunks in ways(text):
        pieces, tokens = split(tags(opened), chunks)
        assert (of("thought", pieces), of("answer", pieces)) == (thought, answer)
        assert tokens == len(chunks)


@pytest.mark.parametrize(("text", "thought", "answer"), QUOTED.values(), ids=QUOTED.keys())
def test_a_tag_that_is_quoted_in_the_thought_is_text(text: str, thought: str, answer: str) -> None:
    for chunks in ways(text):
        pieces, _ = split(tags(opened=True), chunks)
        assert (of("thought", pieces), of("answer", pieces)) == (thought, answer)


def test_what_was_taken_for_a_quotation_but_ended_the_thought_loses_nobody_the_answer() -> None:
    text = "`<think> is never closed</think>\n\nThe answer is 4."
    for chunks in ways(text):
        pieces, _ = split(tags(opened=True), chunks, ended=True)
        assert pieces[-1] == ("answer", "The answer is 4.")
        stopped, _ = split(tags(opened=True), chunks)
        assert of("answer", stopped) == "", "the model did not end it: nobody knows"


PIECES = st.sampled_from(
    [
        OPEN,
        CLOSE,
        "<",
        "</",
        "think",
        ">",
        "\n",
        " ",
        "a",
        "é",
        "word ",
        "`",
        '"',
        "```",
        "\n```\n",
        "~~~",
        "\n\n",
        "<response>",
        "</response>",
    ]
)
TEXTS = st.lists(PIECES, max_size=24).map("".join)


@given(text=TEXTS, cuts=CUTS, opened=st.booleans(), cut=st.booleans(), wrapped=st.booleans())
def test_any_chunking_gives_the_same_and_no_token_is_lost(
    text: str, cuts: list[int], opened: bool, cut: bool, wrapped: bool
) -> None:
    chunks = chunked(text, cuts)
    dialect = WRAPPED if wrapped else TAGS
    for ended in (False, True):
        pieces, tokens = split(tags(opened, cut=cut, dialect=dialect), chunks, ended=ended)
        assert pieces == split(tags(opened, cut=cut, dialect=dialect), [text], ended=ended)[0]
        assert tokens == len(chunks)


@given(text=TEXTS, opened=st.booleans(), cut=st.booleans())
def test_no_tag_stands_at_the_seam_of_an_answer(text: str, opened: bool, cut: bool) -> None:
    pieces, _ = split(tags(opened, cut=cut), [text])
    answer = next((said for kind, said in pieces if kind == "answer"), "")
    assert not answer.startswith((OPEN, CLOSE))


@given(answer=st.text(max_size=40), thought=st.text(alphabet="abc <>/", max_size=40))
def test_an_answer_is_never_changed(answer: str, thought: str) -> None:
    said = answer.lstrip()
    if CLOSE in thought or thought.lstrip().startswith(OPEN) or OPEN.startswith(thought.strip()):
        return
    pieces, _ = split(tags(), [OPEN, thought, CLOSE, answer])
    assert of("answer", pieces) == said


def test_tags_that_wrap_the_answer_are_no_part_of_it() -> None:
    text = "<think>t</think>\n<response>\nIt says </response> here.\n</response>\n"
    for chunks in ways(text):
        pieces, tokens = split(tags(dialect=WRAPPED), chunks)
        assert pieces == [("thought", "t"), ("answer", "It says </response> here.\n")]
        assert tokens == len(chunks)
    unwrapped, _ = split(tags(dialect=WRAPPED), ["<think>t</think>About </response>"])
    assert of("answer", unwrapped) == "About </response>"


def test_tags_give_way_to_an_engine_that_parsed_them_itself() -> None:
    for opened in (True, False):
        splitter = tags(opened)
        assert splitter.feed(EngineDelta(reasoning="a", tokens=1)) == [ReasoningDelta("a", 1)]
        assert splitter.thinking
        assert splitter.feed(EngineDelta(text="b", tokens=1)) == [AnswerDelta("b", 1)]
        assert not splitter.thinking


def test_a_tag_that_an_engine_left_at_the_seam_does_not_reach_the_answer() -> None:
    """As llama.cpp does where the model closes a thought twice that was closed for it."""
    for text in ("</think>\n\nSo", "\n\n</think>\n\n</think>So"):
        for chunks in ways(text):
            splitter = tags()
            events = splitter.feed(EngineDelta(reasoning="a", tokens=1))
            for chunk in chunks:
                events += splitter.feed(EngineDelta(text=chunk, tokens=1))
            assert merged(events) == [("thought", "a"), ("answer", "So")]
            assert sum(event.tokens for event in events) == 1 + len(chunks)


REST = "so that\nis four.\n</think>\n\nFour."


@pytest.mark.parametrize("fields", [True, False])
def test_the_rest_of_a_thought_that_was_ended_by_force_is_dropped(fields: bool) -> None:
    """llama.cpp #28182: after the cut the rest of the thought and a literal tag came as content."""
    for chunks in ways(REST):
        splitter = tags() if fields else tags(cut=True)
        events = splitter.feed(EngineDelta(reasoning="Two and two,", tokens=1)) if fields else []
        splitter.expect_end()
        for chunk in chunks:
            events += splitter.feed(EngineDelta(text=chunk, tokens=1))
        events += splitter.close()
        assert of("answer", merged(events)) == "Four."
        assert sum(event.tokens for event in events) == len(chunks) + fields


@pytest.mark.parametrize(
    ("answer", "look"), [("Four. " * 80, LOOK_FOR_REST), ("four, said she. " * 80, LOOK_FOR_LONG_REST)]
)
def test_after_a_cut_an_answer_is_held_back_only_for_some_words(answer: str, look: int) -> None:
    splitter = tags(cut=True)
    held = 0
    for at, char in enumerate(answer):
        if splitter.feed(EngineDelta(text=char, tokens=1)):
            held = at
            break
    assert look <= held <= look + len(CLOSE) + 1
    assert not splitter.thinking


def test_a_tag_quoted_at_the_beginning_of_an_answer_after_a_cut_is_answer() -> None:
    text = "The tag `</think>` ends a thought."
    for chunks in ways(text):
        assert split(tags(cut=True), chunks)[0] == [("answer", text)]


def test_a_thought_that_is_about_to_be_ended_quotes_nothing() -> None:
    splitter = tags(opened=True)
    splitter.feed(EngineDelta(text="so:\n```\nx", tokens=1))
    splitter.expect_end()
    events = splitter.feed(EngineDelta(text="\n</think>\nIt is 4.\n```\n", tokens=2)) + splitter.close()
    assert of("answer", merged(events)) == "It is 4.\n```\n"


def test_a_call_that_the_engine_parsed_ends_the_thought() -> None:
    splitter = tags(opened=True)
    events = splitter.feed(EngineDelta(text="I call</thi", tokens=2))
    call = ToolCallPiece(index=0, id="a", name="f")
    events += splitter.feed(EngineDelta(tool_calls=(call,), tokens=1))
    assert events == [
        ReasoningDelta("I call", 2),
        ReasoningDelta("</thi", 0),
        ToolCallDelta(0, "", "a", "f", 1),
    ]
    assert not splitter.thinking


def test_the_tokens_of_tags_count_to_the_answer() -> None:
    splitter = tags()
    events = splitter.feed(EngineDelta(text="<think>", tokens=1))
    events += splitter.feed(EngineDelta(text="Well", tokens=1))
    events += splitter.feed(EngineDelta(text="</think>", tokens=1))
    events += splitter.feed(EngineDelta(text="\n\n", tokens=1))
    assert splitter.held_tokens == 3
    events += splitter.feed(EngineDelta(text="So", tokens=1))
    assert events == [ReasoningDelta("Well", 1), AnswerDelta("So", 4)]
