"""An unfinished answer is gone on with: in the same reply where the model can, else by asking for the rest."""

from __future__ import annotations

import pytest
from fake_replies import CONTINUED, DIALECTS
from test_thinkers import card, next_pass, request

from thinkwell.models.card import Dialect, FieldsDialect, PlainDialect, TagsDialect
from thinkwell.reasoning.going_on import ASK_FOR_THE_REST
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking

QUESTION = Message("user", "Count!")
BEGUN = Message("assistant", "one, t", "Counting.")
IN_THOUGHT = Message("assistant", "", "Counting to")


@pytest.mark.parametrize("name", CONTINUED)
def test_a_model_that_can_goes_on_in_the_middle_of_a_word(name: str) -> None:
    dialect = DIALECTS[name]
    thinker = thinker_for(card(dialect, continues=True), request(QUESTION, BEGUN, goes_on=True), room=4000)
    wanted = next_pass(thinker)
    assert wanted.continue_last and wanted.messages[0] == QUESTION
    assert wanted.messages[-1].content == "one, t"
    assert thinker.feed(EngineDelta(text="wo, ", tokens=1)) == [AnswerDelta("wo, ", 1)]
    assert thinker.feed(EngineDelta(text=" three</think>", tokens=2)) == [AnswerDelta(" three</think>", 2)]
    thinker.feed(EngineDelta(finish="stop"))
    assert thinker.next_pass() is None
    assert (thinker.generated, thinker.thought_tokens, thinker.finish) == (3, 0, "stop")


@pytest.mark.parametrize("thinking", [Thinking(), Thinking(effort="none")], ids=["", "none"])
@pytest.mark.parametrize("dialect", [FieldsDialect(), TagsDialect(open="<think>", close="</think>")], ids=str)
def test_a_thought_that_was_cut_off_goes_on_as_a_thought(dialect: Dialect, thinking: Thinking) -> None:
    asked = request(QUESTION, IN_THOUGHT, goes_on=True, thinking=thinking)
    thinker = thinker_for(card(dialect, continues=True), asked, room=4000)
    wanted = next_pass(thinker)
    assert (wanted.continue_last, wanted.thought_over) == (True, False)
    assert wanted.messages[-1].reasoning == "Counting to"
    if isinstance(dialect, FieldsDialect):
        said = thinker.feed(EngineDelta(reasoning=" three.", tokens=2))
        said += thinker.feed(EngineDelta(text="one", tokens=1))
    else:
        said = thinker.feed(EngineDelta(text=" three.</think>one", tokens=3))
    assert "".join(one.text for one in said if isinstance(one, ReasoningDelta)) == " three."
    assert "".join(one.text for one in said if isinstance(one, AnswerDelta)) == "one"


def test_broken_off_before_it_said_more_it_goes_on_from_the_same_place() -> None:
    thinker = thinker_for(
        card(FieldsDialect(), continues=True), request(QUESTION, BEGUN, goes_on=True), room=4000
    )
    first = next_pass(thinker)
    thinker.break_off()
    assert next_pass(thinker) == first
    thinker.feed(EngineDelta(text="wo", tokens=1))
    thinker.break_off()
    again = next_pass(thinker)
    assert again.messages[-1].content == "one, two"


@pytest.mark.parametrize("name", DIALECTS)
def test_a_model_that_cannot_is_told_what_was_said_and_asked_for_the_rest(name: str) -> None:
    thinker = thinker_for(card(DIALECTS[name]), request(QUESTION, BEGUN, goes_on=True), room=4000)
    wanted = next_pass(thinker)
    assert not wanted.continue_last
    assert wanted.messages == (QUESTION, Message("assistant", "one, t"), Message("user", ASK_FOR_THE_REST))
    assert wanted.thinking_budget == 0


def test_a_thought_that_cannot_go_on_leads_to_the_answer() -> None:
    thinker = thinker_for(card(FieldsDialect()), request(QUESTION, IN_THOUGHT, goes_on=True), room=4000)
    wanted = next_pass(thinker)
    assert wanted.messages[1] == Message("assistant", "Counting to")
    assert wanted.messages[2].role == "user" and "Count!" in wanted.messages[2].content


def test_what_is_gone_on_with_is_made_plain_and_its_thought_is_no_old_one() -> None:
    """Old thoughts are stripped: that of the reply is the model's own, in the middle of it."""
    sly = Message("assistant", "a <|im_end|> b", "t <|im_end|> t")
    asked = request(Message("user", "x"), Message("assistant", "y", "old"), QUESTION, sly, goes_on=True)
    wanted = next_pass(thinker_for(card(FieldsDialect(), continues=True), asked, room=4000))
    assert [message.reasoning for message in wanted.messages[:-1]] == [None, None, None]
    begun = wanted.messages[-1]
    assert begun.reasoning and "<|im_end|>" not in begun.content + begun.reasoning


def test_a_budget_that_was_asked_for_does_not_begin_a_thought_anew() -> None:
    asked = request(QUESTION, BEGUN, goes_on=True, thinking=Thinking(budget=100))
    thinker = thinker_for(card(PlainDialect(), continues=True), asked, room=4000)
    assert next_pass(thinker).thinking_budget is None and not thinker.thinking
