"""Splitters that decide at once: what the engine set apart, and passes that are all of one kind."""

from __future__ import annotations

from thinkwell.reasoning.splitter import FieldsSplitter, ThoughtSplitter
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta, ToolCallDelta
from thinkwell.values.tool import ToolCallPiece


def test_a_field_of_its_own_is_thought_whatever_it_says() -> None:
    splitter = FieldsSplitter()
    assert splitter.feed(EngineDelta(reasoning="</think>", tokens=1)) == [ReasoningDelta("</think>", 1)]
    assert splitter.feed(EngineDelta(text="<think>", tokens=1)) == [AnswerDelta("<think>", 1)]
    both = splitter.feed(EngineDelta(reasoning="a", text="b", tokens=2))
    assert both == [ReasoningDelta("a", 2), AnswerDelta("b", 0)]


def test_pieces_of_calls_come_out_as_they_came_and_the_first_stands_for_the_tokens() -> None:
    splitter = FieldsSplitter()
    pieces = (
        ToolCallPiece(index=0, id="a", name="f", arguments="{"),
        ToolCallPiece(index=1, id="b", name="g"),
    )
    assert splitter.thinking
    assert splitter.feed(EngineDelta(tool_calls=pieces, tokens=3)) == [
        ToolCallDelta(0, "{", "a", "f", 3),
        ToolCallDelta(1, "", "b", "g", 0),
    ]
    assert not splitter.thinking


def test_tokens_without_text_are_counted() -> None:
    assert FieldsSplitter().feed(EngineDelta(tokens=2)) == [AnswerDelta("", 2)]
    assert FieldsSplitter().feed(EngineDelta()) == []


def test_a_pass_of_thought_is_all_thought() -> None:
    assert ThoughtSplitter().feed(EngineDelta(text="a", tokens=1)) == [ReasoningDelta("a", 1)]
