"""Splitters: any chunking of the same text gives the same thought and the same answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.reasoning.base import Spoken
from thinkwell.reasoning.splitter import FieldsSplitter, Splitter, ThoughtSplitter
from thinkwell.reasoning.tags import TagsSplitter
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta

OPEN, CLOSE = "<think>", "</think>"


def run(splitter: Splitter, chunks: list[str]) -> tuple[str, str, int]:
    """Thought, answer, and tokens counted, one token a chunk."""
    events: list[Spoken] = []
    for chunk in chunks:
        events += splitter.feed(EngineDelta(text=chunk, tokens=1))
    events += splitter.close()
    assert splitter.close() == []
    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    answer = "".join(event.text for event in events if isinstance(event, AnswerDelta))
    return thought, answer, sum(event.tokens for event in events)


def tags(opened: bool = False) -> TagsSplitter:
    return TagsSplitter(OPEN, CLOSE, opened)


CASES = {
    "thought and answer": (False, "<think>a thought</think>\n\nan answer", "a thought", "an answer"),
    "the prompt opened the thought": (True, "a thought</think>an answer", "a thought", "an answer"),
    "no thought at all": (False, "just an answer", "", "just an answer"),
    "an empty thought": (False, "<think>\n\n</think>\n\nan answer", "", "an answer"),
    "never closed": (False, "<think>on and on", "on and on", ""),
    "the open tag doubled": (True, "<think>a thought</think>an answer", "a thought", "an answer"),
    "both doubled": (False, "<think><think>t</think></think>an answer", "t", "an answer"),
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


@pytest.mark.parametrize(("opened", "text", "thought", "answer"), CASES.values(), ids=CASES.keys())
def test_thought_and_answer_are_told_apart(opened: bool, text: str, thought: str, answer: str) -> None:
    for chunks in ([text], list(text), [text[:3], text[3:]]):
        assert run(tags(opened), chunks)[:2] == (thought, answer)


PIECES = st.sampled_from([OPEN, CLOSE, "<", "</", "think", ">", "\n", " ", "a", "é", "word ", "`"])


@given(
    text=st.lists(PIECES, max_size=20).map("".join),
    cuts=st.lists(st.integers(0, 200), max_size=12),
    opened=st.booleans(),
)
def test_any_chunking_gives_the_same_and_no_token_is_lost(text: str, cuts: list[int], opened: bool) -> None:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    chunks = [text[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
    thought, answer, tokens = run(tags(opened), chunks)
    assert (thought, answer) == run(tags(opened), [text])[:2]
    assert tokens == len(chunks)


@given(answer=st.text(max_size=40), thought=st.text(alphabet="abc <>/", max_size=40))
def test_an_answer_is_never_changed(answer: str, thought: str) -> None:
    said = answer.lstrip()
    if said.startswith(CLOSE) or CLOSE in thought:
        return
    assert run(tags(), [OPEN, thought, CLOSE, answer])[1] == said


def test_a_field_of_its_own_is_thought_whatever_it_says() -> None:
    splitter = FieldsSplitter()
    assert splitter.feed(EngineDelta(reasoning="</think>", tokens=1)) == [ReasoningDelta("</think>", 1)]
    assert splitter.feed(EngineDelta(text="<think>", tokens=1)) == [AnswerDelta("<think>", 1)]
    both = splitter.feed(EngineDelta(reasoning="a", text="b", tokens=2))
    assert both == [ReasoningDelta("a", 2), AnswerDelta("b", 0)]


def test_tags_give_way_to_an_engine_that_parsed_them_itself() -> None:
    for opened in (True, False):
        splitter = tags(opened)
        assert splitter.feed(EngineDelta(reasoning="a", tokens=1)) == [ReasoningDelta("a", 1)]
        assert splitter.feed(EngineDelta(text="b", tokens=1)) == [AnswerDelta("b", 1)]


def test_a_pass_of_thought_is_all_thought() -> None:
    assert ThoughtSplitter().feed(EngineDelta(text="a", tokens=1)) == [ReasoningDelta("a", 1)]
