"""Tools are for passes that may answer, and a call that has begun is neither cut nor paused."""

from __future__ import annotations

import pytest
from fake_replies import DIALECTS, begin, card, next_pass

from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import ToolCallDelta
from thinkwell.values.tool import AnswerShape, Tool, ToolCallPiece, ToolChoice

TOOL = Tool(name="look_up")
CALL = ToolCallPiece(index=0, id="c1", name="look_up")


@pytest.mark.parametrize("name", ["fields", "tags", "opened", "plain"])
def test_from_the_first_piece_of_a_call_on_nothing_is_cut_or_paused(name: str) -> None:
    thinker = begin(card(DIALECTS[name]), tools=(TOOL,))
    assert next_pass(thinker).tools == (TOOL,)
    assert thinker.may_pause
    thinker.feed(EngineDelta(reasoning="I look", tokens=3))
    events = thinker.feed(EngineDelta(tool_calls=(CALL,), tokens=2))
    assert events == [ToolCallDelta(0, "", "c1", "look_up", 2)]
    assert not (thinker.may_pause or thinker.thinking or thinker.wants_cut)
    assert not (thinker.shorten(0) or thinker.answer_now()) and thinker.think_on() is None
    more = ToolCallPiece(index=0, arguments='{"a":')
    assert thinker.feed(EngineDelta(tool_calls=(more,), tokens=1)) == [ToolCallDelta(0, '{"a":', tokens=1)]
    thinker.feed(EngineDelta(finish="stop"))
    assert thinker.finish == "tool_calls", "some servers say stop"
    assert (thinker.thought_tokens, thinker.generated) == (3, 6)
    assert thinker.next_pass() is None


def test_a_call_in_channels_ends_the_turn_as_a_call() -> None:
    thinker = begin(card(DIALECTS["harmony"]), tools=(TOOL,))
    next_pass(thinker)
    text = "<|channel|>commentary to=functions.look_up<|message|>{}<|call|>"
    events = thinker.feed(EngineDelta(text=text, tokens=9)) + thinker.feed(EngineDelta(finish="stop"))
    assert events[0] == ToolCallDelta(0, "", "call_t_0", "look_up", 9)
    assert thinker.finish == "tool_calls" and not thinker.may_pause


def test_a_prompted_thought_has_no_tools_and_its_answer_has() -> None:
    shape, choice = AnswerShape(), ToolChoice(mode="required")
    thinker = begin(card(DIALECTS["prompted"]), tools=(TOOL,), tool_choice=choice, shape=shape)
    thought = next_pass(thinker)
    assert (thought.tools, thought.tool_choice, thought.shape) == ((), None, None)
    thinker.feed(EngineDelta(text="I look it up.", tokens=4, finish="stop"))
    answer = next_pass(thinker)
    assert (answer.tools, answer.tool_choice, answer.shape) == ((TOOL,), choice, shape)
    assert thinker.feed(EngineDelta(tool_calls=(CALL,), tokens=2)) == [
        ToolCallDelta(0, "", "c1", "look_up", 2)
    ]
    assert not thinker.may_pause
    thinker.feed(EngineDelta(finish="tool_calls"))
    assert thinker.finish == "tool_calls"


def test_after_a_cut_the_tools_are_there_for_the_answer() -> None:
    thinker = begin(card(DIALECTS["tags"], continues=False), tools=(TOOL,))
    next_pass(thinker)
    thinker.feed(EngineDelta(text="<think>I look", tokens=3))
    thinker.answer_now()
    assert next_pass(thinker).tools == (TOOL,)
