"""A turn that was broken off goes on as if it had not been; a thought that is cut leads to the answer."""

from __future__ import annotations

import msgspec
import pytest
from fake_replies import CONTINUED, DIALECTS, THINKING, FakeEngine, Heard, begin, card
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.models.card import Dialect, FieldsDialect, PlainDialect, PromptedDialect, TagsDialect
from thinkwell.reasoning.literals import WORD_JOINER
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking

TAGS, OPENED, PROMPTED = DIALECTS["tags"], DIALECTS["opened"], DIALECTS["prompted"]


def shown(dialect: Dialect, thought: str) -> str:
    if isinstance(dialect, PromptedDialect):
        return dialect.prefill + thought
    return "" if isinstance(dialect, PlainDialect) else thought


# No piece is a whole close tag, and none can end one: a thought ends where the engine ends it.
THOUGHTS = st.lists(st.sampled_from(["a", "é", "word ", "<", "</", "thi", "\n", " "]), max_size=25).map(
    lambda pieces: "t" + "".join(pieces)
)
ANSWERS = st.lists(
    st.sampled_from(["b", "<think>", "</think>", "<|im_end|>", "\n", " ", "<", "wort "]), max_size=25
).map(lambda pieces: "x" + "".join(pieces))
# After a thought that was cut, a bare close tag would be taken for the end of what is left of it.
ANSWERS_WITHOUT_END = ANSWERS.map(lambda answer: answer.replace("</think>", "`</think>`"))
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=6)
CUTS = st.lists(st.integers(0, 30), max_size=12)


@pytest.mark.parametrize("name", CONTINUED)
@given(thought=THOUGHTS, answer=ANSWERS, sizes=SIZES, cuts=CUTS)
def test_wherever_it_is_broken_off_the_same_is_said_and_every_token_counted_once(
    name: str, thought: str, answer: str, sizes: list[int], cuts: list[int]
) -> None:
    of = card(DIALECTS[name])
    engine, thinker, heard = FakeEngine(of, thought, answer, sizes), begin(of), Heard()
    heard.drive(thinker, engine, cuts)
    assert heard.thought == shown(of.dialect, thought)
    assert heard.answer == answer
    assert heard.tokens == thinker.generated == engine.made
    assert thinker.finish == "stop"
    assert thinker.next_pass() is None
    assert not (thinker.thinking or thinker.may_pause or thinker.wants_cut or thinker.shorten(0))


@pytest.mark.parametrize("name", [name for name in THINKING if name in CONTINUED])
@given(
    thought=THOUGHTS, answer=ANSWERS_WITHOUT_END, cuts=CUTS, budget=st.integers(0, 140), before=st.booleans()
)
def test_a_shortened_thought_is_a_beginning_of_the_whole_one_and_the_answer_is_whole(
    name: str, thought: str, answer: str, cuts: list[int], budget: int, before: bool
) -> None:
    """The fake engine knows no budget: the thinker alone enforces it."""
    of = card(DIALECTS[name])
    thought *= 6
    engine, thinker, heard = FakeEngine(of, thought, answer, [1], whole=True), begin(of), Heard()
    if before:
        assert thinker.shorten(budget)
    else:
        wanted = thinker.next_pass()
        assert wanted is not None
        heard.events += thinker.feed(next(engine.reply(wanted)))
        assert thinker.shorten(budget)
        thinker.break_off()
    heard.drive(thinker, engine, cuts)
    assert shown(of.dialect, thought).startswith(heard.thought)
    assert heard.answer == answer
    assert heard.tokens == thinker.generated
    assert thinker.generated <= engine.made <= thinker.generated + 1, (
        "what would carry it over is not counted"
    )
    assert thinker.thought_tokens <= max(budget + budget // 100, not before)


@pytest.mark.parametrize("name", CONTINUED)
@given(sizes=SIZES, cuts=CUTS, limit=st.integers(1, 60))
def test_the_limit_of_tokens_holds_over_all_passes(
    name: str, sizes: list[int], cuts: list[int], limit: int
) -> None:
    of = card(DIALECTS[name])
    engine, thinker, heard = FakeEngine(of, "thought " * 20, "answer " * 20, sizes), begin(of), Heard()
    thinker = begin(of, max_tokens=limit)
    heard.drive(thinker, engine, cuts)
    assert heard.tokens == thinker.generated == engine.made <= limit
    assert all(0 < (asked.max_tokens or 0) <= limit for asked in engine.asked)
    assert (thinker.finish == "stop") == (heard.answer == engine.answer)


def test_what_goes_back_is_what_was_said_and_no_tag() -> None:
    thinker = begin(card(TAGS))
    thinker.next_pass()
    thinker.feed(EngineDelta(text="<think>\nI see <|im_end|", tokens=3))
    thinker.feed(EngineDelta(text="> so </th", tokens=2))
    thinker.break_off()
    wanted = thinker.next_pass()
    assert wanted is not None
    begun = f"I see <{WORD_JOINER}|im_end|> so "
    assert wanted.messages[-1] == Message("assistant", "", begun)
    assert (wanted.continue_last, wanted.thought_over, wanted.max_tokens) == (True, False, 7995)
    assert thinker.feed(EngineDelta(text="then\n</think>\n\nYes", tokens=4)) == [
        ReasoningDelta("then\n", 4),
        AnswerDelta("Yes", 0),
    ]
    assert thinker.may_pause and not thinker.thinking
    thinker.break_off()
    wanted = thinker.next_pass()
    assert wanted is not None
    assert wanted.messages[-1] == Message("assistant", "Yes", begun + "then")
    assert wanted.thought_over


def test_before_anything_was_said_the_pass_is_repeated() -> None:
    thinker = begin(card(TAGS))
    first = thinker.next_pass()
    thinker.break_off()
    assert thinker.next_pass() == first
    thinker.feed(EngineDelta(text="<think>\n", tokens=2))
    thinker.break_off()
    again = thinker.next_pass()
    assert again is not None and first is not None
    assert again == msgspec.structs.replace(first, max_tokens=7998)
    assert thinker.feed(EngineDelta(text="<think>\nWell", tokens=3)) == [ReasoningDelta("Well", 3)]
    assert thinker.feed(EngineDelta(text="</think>So", tokens=2)) == [AnswerDelta("So", 4)]


def test_after_an_empty_thought_the_whole_reply_is_repeated() -> None:
    thinker = begin(card(TAGS))
    thinker.next_pass()
    thinker.feed(EngineDelta(text="<think>\n\n</think>\n\n", tokens=4))
    thinker.break_off()
    assert thinker.thinking
    wanted = thinker.next_pass()
    assert wanted is not None and not wanted.continue_last
    events = thinker.feed(EngineDelta(text="<think>\n\n</think>\n\nYes", tokens=5))
    assert [event.text for event in events if isinstance(event, AnswerDelta)] == ["Yes"]
    assert thinker.generated == 9


def test_a_thought_is_cut_by_having_the_engine_close_it() -> None:
    thinker = begin(card(TAGS))
    assert thinker.shorten(100) and not thinker.shorten(100)
    first = thinker.next_pass()
    assert first is not None and first.thinking_budget == 100
    thinker.feed(EngineDelta(text="<think>\nOn", tokens=24))
    thinker.feed(EngineDelta(text=" and", tokens=23))
    assert thinker.shorten(75) and not thinker.wants_cut
    thinker.feed(EngineDelta(text=" on</thi", tokens=4))
    assert not thinker.wants_cut, "it may be about to end by itself"
    thinker.feed(EngineDelta(text="s", tokens=1))
    assert thinker.wants_cut and thinker.thought_tokens == 52, "another delta as large would be too much"
    wanted = thinker.next_pass()
    assert wanted is not None
    assert wanted.messages[-1] == Message("assistant", "", "On and on</this")
    assert (wanted.thought_over, wanted.thinking_budget) == (True, None)
    assert not (thinker.thinking or thinker.wants_cut or thinker.shorten(10))
    assert thinker.feed(EngineDelta(text="\n</think>\n\nSo", tokens=2)) == [AnswerDelta("So", 2)]


@pytest.mark.parametrize(
    ("dialect", "begins", "goes_back"),
    [
        (TAGS, "<think>\n", ""),
        (TAGS, "<think>\n\n", "\n"),
        (OPENED, "\n", "\n"),
        (OPENED, "<think>\n\n", "\n"),
    ],
)
def test_white_space_before_the_thought_goes_back_but_for_the_templates_own(
    dialect: TagsDialect, begins: str, goes_back: str
) -> None:
    """Else the engine's prefix cache would end there. The last: llama.cpp gives back the prompt's own."""
    for chunks in ([begins + "Well"], [*begins, "Well"]):
        thinker = begin(card(dialect))
        thinker.next_pass()
        events = [event for text in chunks for event in thinker.feed(EngineDelta(text=text, tokens=1))]
        assert [event.text for event in events] == ["Well"]
        thinker.break_off()
        wanted = thinker.next_pass()
        assert wanted is not None and wanted.messages[-1].reasoning == goes_back + "Well"


def test_an_engine_that_holds_the_budget_itself_is_not_cut() -> None:
    thinker = begin(card(TAGS))
    thinker.shorten(200)
    thinker.next_pass()
    thinker.feed(EngineDelta(text="<think>long", tokens=200))
    assert not thinker.wants_cut
    thinker.feed(EngineDelta(text="</think>", tokens=1))
    assert not thinker.wants_cut and not thinker.thinking
    assert thinker.thought_tokens == 200


def test_what_an_engine_thinks_after_the_cut_is_not_said_and_counts_to_the_answer() -> None:
    thinker = begin(card(FieldsDialect()))
    thinker.next_pass()
    thinker.feed(EngineDelta(reasoning="on ", tokens=20))
    assert thinker.shorten(30) and thinker.wants_cut
    assert thinker.next_pass() is not None
    assert thinker.feed(EngineDelta(reasoning="and on", tokens=20)) == []
    assert not thinker.wants_cut and thinker.thought_tokens == 20
    assert thinker.feed(EngineDelta(text="So.", tokens=2)) == []
    assert thinker.feed(EngineDelta(finish="stop")) == [AnswerDelta("So.", 22)]
    assert thinker.next_pass() is None
    assert thinker.generated == 42


def test_a_model_that_does_not_think_has_nothing_to_shorten() -> None:
    for continues in (True, False):
        thinker = begin(card(PlainDialect(), continues=continues))
        assert (thinker.full_budget, thinker.shorten(0), thinker.thinking) == (None, False, False)
        assert thinker.may_pause is continues
    unthinking = begin(card(PROMPTED), thinking=Thinking(effort="none"))
    assert (unthinking.full_budget, unthinking.shorten(0)) == (None, False)


def test_a_prompted_thought_is_shortened_at_any_time_without_continuing() -> None:
    thinker = begin(card(PROMPTED, continues=False))
    assert thinker.full_budget == 2000 and thinker.shorten(100)
    wanted = thinker.next_pass()
    assert wanted is not None and wanted.max_tokens == 100 and wanted.thinking_budget is None
    thinker.feed(EngineDelta(text="it is", tokens=40))
    assert not thinker.wants_cut and not thinker.may_pause
    assert thinker.shorten(30) and thinker.wants_cut
    wanted = thinker.next_pass()
    assert wanted is not None
    assert wanted.messages[-2:] == (Message("assistant", "Let me see: it is"), Message("user", "So: Why?"))
    assert not thinker.thinking


def test_a_prompted_thought_that_would_be_too_short_to_be_worth_it_is_left_out() -> None:
    thinker = begin(card(PROMPTED))
    assert thinker.shorten(5)
    wanted = thinker.next_pass()
    assert wanted is not None
    assert wanted.messages == (Message("user", "Why?"),)
    assert thinker.feed(EngineDelta(text="So", tokens=1)) == [AnswerDelta("So", 1)]


def test_a_prompted_thought_that_reaches_its_budget_is_ended_by_the_engine() -> None:
    """Closing the pass a moment before the engine does would be an abort for nothing."""
    thinker = begin(card(PROMPTED))
    thinker.shorten(40)
    thinker.next_pass()
    thinker.feed(EngineDelta(text="it is", tokens=40))
    assert not thinker.wants_cut


def test_a_thought_that_the_engine_set_apart_after_all_goes_on_there() -> None:
    thinker = begin(card(TAGS))
    thinker.next_pass()
    assert thinker.feed(EngineDelta(reasoning="I", tokens=1)) == [ReasoningDelta("I", 1)]
    assert thinker.thinking
    thinker.break_off()
    wanted = thinker.next_pass()
    assert wanted is not None and wanted.messages[-1] == Message("assistant", "", "I")
    assert thinker.feed(EngineDelta(reasoning=" see", tokens=1)) == [ReasoningDelta(" see", 1)]
    assert thinker.feed(EngineDelta(text="Yes", tokens=1)) == [AnswerDelta("Yes", 1)]
    assert not thinker.thinking
