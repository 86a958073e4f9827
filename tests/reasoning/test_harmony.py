"""gpt-oss in the text: channels are told apart, calls come out as calls, and no literal comes out at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from splitting import CUTS, chunked, of, split

from thinkwell.reasoning.harmony import LITERALS, HarmonySplitter
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta

THINK = "<|channel|>analysis<|message|>Two and two.<|end|>"
FINAL = "<|start|>assistant<|channel|>final<|message|>Four.<|return|>"
CALL = (
    "<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>"
    '{"city":"Rome"}<|call|>'
)

CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "thought and answer": (THINK + FINAL, [("thought", "Two and two."), ("answer", "Four.")]),
    "the end stripped by the engine": (
        THINK + FINAL.removesuffix("<|return|>"),
        [("thought", "Two and two."), ("answer", "Four.")],
    ),
    "the header of the prompt given back": (
        "<|start|>assistant" + THINK + FINAL,
        [("thought", "Two and two."), ("answer", "Four.")],
    ),
    "the role given back": ("assistant" + THINK, [("thought", "Two and two.")]),
    "two thoughts": (
        THINK + "<|start|>assistant" + THINK,
        [("thought", "Two and two.\n\nTwo and two.")],
    ),
    "a call": (
        THINK + CALL,
        [("thought", "Two and two."), ("0 is get_weather c_0", ""), ("call 0", '{"city":"Rome"}')],
    ),
    "the recipient in the role": (
        '<|start|>assistant to=functions.f<|channel|>commentary<|message|>{"a":1}<|call|>',
        [("0 is f c_0", ""), ("call 0", '{"a":1}')],
    ),
    "two calls": (
        CALL.removeprefix("<|start|>assistant") + CALL,
        [
            ("0 is get_weather c_0", ""),
            ("call 0", '{"city":"Rome"}'),
            ("1 is get_weather c_1", ""),
            ("call 1", '{"city":"Rome"}'),
        ],
    ),
    "a preamble is for people": (
        "<|channel|>commentary<|message|>I look it up.<|end|>" + FINAL,
        [("answer", "I look it up.\n\nFour.")],
    ),
    "a tool of the model's own": (
        "<|channel|>analysis to=python code<|message|>print(1)<|call|>",
        [("thought", "print(1)")],
    ),
    "JSON as the answer": (
        "<|channel|>final <|constrain|>json<|message|>{}<|return|>",
        [("answer", "{}")],
    ),
    "parsed by the engine": ("Four.", [("answer", "Four.")]),
    "a word that looks like the role": ("assistants help", [("answer", "assistants help")]),
    "half a literal at the end": ("<|channel|>final<|message|>Four.<|ret", [("answer", "Four.")]),
    "a channel that was never closed": (
        "<|channel|>analysis<|message|>a<|channel|>final<|message|>b",
        [("thought", "a"), ("answer", "b")],
    ),
    "something like a literal": ("<|channel|>final<|message|>a <| b <|x|>", [("answer", "a <| b <|x|>")]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "pieces"), CASES.values(), ids=CASES.keys())
def test_channels_are_told_apart(text: str, pieces: list[tuple[str, str]]) -> None:
    for chunks in ([text], list(text), [text[:7], text[7:]], [text[:-3], text[-3:]]):
        said, tokens = split(HarmonySplitter("c"), chunks)
        assert said == pieces
        assert tokens == len(chunks)


PIECES = st.sampled_from(
    [
        *LITERALS,
        "analysis",
        "final",
        "commentary",
        " to=functions.f ",
        " to=python",
        "assistant",
        "json",
        "<",
        "<|",
        "|>",
        "a",
        " ",
        "\n",
        "word ",
    ]
)


@given(text=st.lists(PIECES, max_size=24).map("".join), cuts=CUTS)
def test_any_chunking_gives_the_same_no_token_is_lost_and_no_literal_comes_out(
    text: str, cuts: list[int]
) -> None:
    chunks = chunked(text, cuts)
    pieces, tokens = split(HarmonySplitter("c"), chunks)
    assert pieces == split(HarmonySplitter("c"), [text])[0]
    assert tokens == len(chunks)
    said = [of(kind, pieces) for kind in {kind for kind, _ in pieces}]
    assert not any(literal in text for text in said for literal in LITERALS)


def test_it_thinks_until_an_answer_or_a_call_begins() -> None:
    for after in (FINAL, CALL):
        splitter = HarmonySplitter("c")
        splitter.feed(EngineDelta(text=THINK, tokens=1))
        assert splitter.thinking
        splitter.feed(EngineDelta(text=after, tokens=1))
        assert not splitter.thinking


def test_a_thought_in_a_field_of_its_own_is_understood() -> None:
    splitter = HarmonySplitter("c")
    assert splitter.feed(EngineDelta(reasoning="Two", tokens=1)) == [ReasoningDelta("Two", 1)]
    assert splitter.feed(EngineDelta(text="Four", tokens=1)) == [AnswerDelta("Four", 1)]
