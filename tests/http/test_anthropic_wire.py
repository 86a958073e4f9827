"""Anthropic's messages made into ours: order of blocks, results of tools, and signatures of thoughts."""

from __future__ import annotations

import base64
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import BadRequest
from thinkwell.http.signatures import VERSION, Said, ThoughtSigner
from thinkwell.http.wire.anthropic import Asked, MessagesRequest, to_turn
from thinkwell.values.caller import Caller
from thinkwell.values.message import Image, Message
from thinkwell.values.thinking import Thinking
from thinkwell.values.tool import AnswerShape, Tool, ToolCall, ToolChoice

SIGNER = ThoughtSigner(b"s" * 32)
CALLER = Caller(kind="visitor", id="v", person="v")
PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1, 1, 8, 2, 0, 0, 0) + b"\0" * 4
).decode()
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": [1]}}


def asked(*messages: Any, **fields: Any) -> Asked:
    body = {"model": "m", "max_tokens": 100, "messages": list(messages)} | fields
    return to_turn(msgspec.convert(body, MessagesRequest), "msg_1", CALLER, SIGNER)


def made(*messages: Any, **fields: Any) -> tuple[Message, ...]:
    return asked(*messages, **fields).turn.messages


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content[0] if isinstance(content[0], str) else list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return user(*content) | {"role": "assistant"}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said} | more


def result(content: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": "t1", "content": content} | more


def said(*pieces: tuple[Any, str]) -> bytes:
    so_far = Said()
    for by, piece in pieces:
        so_far.add(by, piece)
    return so_far.digest()


def thinking(thought: str, *before: tuple[Any, str], model: str = "m") -> dict[str, Any]:
    """The block that this site would have sent."""
    return {"type": "thinking", "thinking": thought, "signature": SIGNER.sign(model, thought, said(*before))}


def test_text_is_text_however_it_is_written() -> None:
    cached = {"cache_control": {"type": "ephemeral"}}
    assert made(user("Hi")) == made(user(text("Hi"))) == made(user(text("Hi", **cached)))
    assert made(user("Hi")) == (Message("user", "Hi"),)
    assert made(user(text("One."), text(""), text("Two."))) == (Message("user", "One.\nTwo."),)
    assert asked(user("Hi")).said == asked(user(text("Hi", **cached))).said


def test_the_system_comes_first_and_its_blocks_stay_apart() -> None:
    system = [text("Be kind.", cache_control={"type": "ephemeral", "ttl": "1h"}), text("Be brief.")]
    assert made(user("Hi"), system=system)[0] == Message("system", "Be kind.\n\nBe brief.")
    assert made(user("Hi"), system="Be kind.")[0] == Message("system", "Be kind.")
    assert made(user("Hi"), system="") == (Message("user", "Hi"),)
    assert made(user("Hi"), {"role": "system", "content": "Now briefly."}, user("Go"))[1].role == "system"


def test_messages_of_one_role_are_one_turn() -> None:
    assert made(user("A"), user("B"), assistant("C"), assistant(text("D")), user("E")) == (
        Message("user", "A\nB"),
        Message("assistant", "C\nD"),
        Message("user", "E"),
    )


def test_pictures_stand_among_the_text_in_order() -> None:
    [message] = made(user(text("What"), PICTURE, text("is this?")))
    assert message == Message("user", "Whatis this?", parts=("What", Image("image/png", PNG), "is this?"))
    [joined] = made(user(PICTURE), user("?"))
    assert joined.parts == (Image("image/png", PNG), "?")


def test_results_of_tools_come_before_the_rest_of_their_message() -> None:
    messages = made(
        user("Look."),
        assistant(text("I look."), CALL),
        user(text("And?"), result([text("A cat"), PICTURE])),
        tools=[{"name": "look", "input_schema": {"type": "object"}}],
    )
    assert messages[1:] == (
        Message("assistant", "I look.", tool_calls=(ToolCall("t1", "look", '{"at":[1]}'),)),
        Message("tool", "A cat", tool_call_id="t1", parts=("A cat", Image("image/png", PNG))),
        Message("user", "And?"),
    )


def test_a_result_says_that_it_is_an_error() -> None:
    assert (
        made(user("Look."), assistant(CALL), user(result("gone", is_error=True)))[-1].content
        == "Error:\ngone"
    )
    assert made(user("Look."), assistant(CALL), user(result("here", is_error=False)))[-1].content == "here"
    assert made(user("Look."), assistant(CALL), user(result()))[-1].content == ""


def test_limits_tools_and_the_form_of_the_answer() -> None:
    turn = asked(
        user("Hi"),
        temperature=0.5,
        top_p=0.9,
        top_k=0,
        stop_sequences=["END"],
        tools=[
            {
                "name": "f",
                "description": "d",
                "input_schema": {"type": "object"},
                "type": "custom",
                "strict": True,
            }
        ],
        tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        thinking={"type": "enabled", "budget_tokens": 99, "display": "omitted"},
        metadata={"user_id": "u"},
        service_tier="auto",
        thinkwell={"full_thought": True, "max_wait_s": 3},
    ).turn
    assert (turn.max_tokens, turn.stop, turn.full_thought, turn.max_wait_s) == (100, ("END",), True, 3)
    assert (turn.sampling.temperature, turn.sampling.top_p, turn.sampling.top_k) == (0.5, 0.9, None)
    assert turn.tools == (Tool(name="f", description="d", parameters={"type": "object"}, strict=True),)
    assert turn.tool_choice == ToolChoice(mode="named", name="f", at_once=False)
    assert turn.shape == AnswerShape(schema={"type": "object"}, strict=True)
    assert turn.thinking == Thinking(effort="low", budget=99, show=False)
    assert turn.keep_text is False


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"type": "auto"}, ToolChoice()),
        ({"type": "any"}, ToolChoice(mode="required")),
        ({"type": "none"}, ToolChoice(mode="none")),
        ({"type": "auto", "disable_parallel_tool_use": False}, ToolChoice(at_once=True)),
    ],
)
def test_the_choice_among_tools(choice: Any, wanted: ToolChoice) -> None:
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    assert asked(user("Hi"), tools=tools, tool_choice=choice).turn.tool_choice == wanted


def test_the_older_place_of_the_answers_form_is_known() -> None:
    form = {"type": "json_schema", "schema": {"type": "object"}}
    assert asked(user("Hi"), output_format=form).turn.shape == AnswerShape(
        schema={"type": "object"}, strict=True
    )
    both = {"output_format": form | {"schema": {}}, "output_config": {"format": form}}
    with pytest.raises(BadRequest, match="disagree"):
        asked(user("Hi"), **both)


def test_a_thought_of_this_conversation_is_given_back_to_the_model() -> None:
    first = thinking("Hm.", ("user", "Q1"))
    looked = thinking("So.", ("user", "Q1"), ("tool", "42"), ("user", "Well?"))
    messages = made(
        user("Q1"),
        assistant(first, CALL),
        user(result("42"), text("Well?")),
        assistant(looked, text("Forty-two.")),
        user("Thanks"),
    )
    assert [m.reasoning for m in messages] == [None, "Hm.", None, None, "So.", None]


def test_a_client_may_drop_thoughts_and_mark_what_it_likes() -> None:
    last = thinking("Second.", ("user", "Q1"), ("user", "Q2"))
    marked = text("Q1", cache_control={"type": "ephemeral"})
    assert made(
        user(marked), assistant("A1"), user(text("Q2"), text("")), assistant(last, text("A2")), user("Q3")
    )


def test_a_thought_that_was_not_sent_comes_back_without_effect() -> None:
    [_, answer, _] = made(user("Q"), assistant(thinking("", ("user", "Q")), text("A")), user("Q2"))
    assert answer == Message("assistant", "A")


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "none": ({"signature": None}, "no signature"),
    "an empty one": ({"signature": ""}, "no signature"),
    "somebody else's": ({"signature": "EqQBCgIYAhIM" * 20}, "does not hold"),
    "no ASCII": ({"signature": "\u0436" * 10}, "does not hold"),
    "of another text": ({"thinking": "Hm, hm."}, "does not hold"),
    "of another version": (
        {"signature": SIGNER.sign("m", "Hm.", said(("user", "Q"))).replace(VERSION, "tw0")},
        "does not hold",
    ),
    "of another model": ({"signature": SIGNER.sign("n", "Hm.", said(("user", "Q")))}, "does not hold"),
    "of another conversation": ({"signature": SIGNER.sign("m", "Hm.", said(("user", "P")))}, "does not hold"),
    "of a tool's words": ({"signature": SIGNER.sign("m", "Hm.", said(("tool", "Q")))}, "does not hold"),
    "of another site": (
        {"signature": ThoughtSigner(b"t" * 32).sign("m", "Hm.", said(("user", "Q")))},
        "does not hold",
    ),
}


@pytest.mark.parametrize(("change", "why"), FORGED.values(), ids=FORGED.keys())
def test_a_signature_that_does_not_hold_is_refused_and_the_way_out_is_told(change: Any, why: str) -> None:
    with pytest.raises(BadRequest, match=why) as caught:
        made(user("Q"), assistant(text("A"), thinking("Hm.", ("user", "Q")) | change), user("Q2"))
    assert caught.value.param == "messages[1].content[1].signature"
    assert "leave it out" in caught.value.message


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    questions=st.lists(texts.filter(bool), min_size=1, max_size=4), thought=texts, flip=st.integers(0, 10**6)
)
def test_a_signature_holds_for_its_own_thought_and_breaks_with_any_letter(
    questions: list[str], thought: str, flip: int
) -> None:
    block = thinking(thought, *(("user", question) for question in questions))
    turns: list[Any] = []
    for question in questions:
        turns += [user(question), assistant("A")]
    turns[-1] = assistant(block, text("A"))
    assert made(*turns, user("And?"))[-2].reasoning == (thought or None)
    signature = block["signature"]
    place = flip % len(signature)
    other = "A" if signature[place] != "A" else "B"
    forged = block | {"signature": signature[:place] + other + signature[place + 1 :]}
    for changed in (forged, block | {"thinking": thought + " "}):
        with pytest.raises(BadRequest):
            made(*turns[:-1], assistant(changed, text("A")), user("And?"))
    with pytest.raises(BadRequest):
        made(user("Before."), assistant("A"), *turns, user("And?"))


REFUSED: dict[str, tuple[list[Any], dict[str, Any], str, str]] = {
    "a thought of others": (
        [user("Q"), assistant({"type": "redacted_thinking", "data": "x"}), user("Q")],
        {},
        "messages[1].content[0].data",
        "Leave the block out",
    ),
    "an address": (
        [user({"type": "image", "source": {"type": "url", "url": "http://10.0.0.1/"}})],
        {},
        "messages[0].content[0].source",
        "fetches nothing",
    ),
    "an address in a result": (
        [
            user("Q"),
            assistant(CALL),
            user(result([{"type": "image", "source": {"type": "url", "url": "http://10.0.0.1/"}}])),
        ],
        {},
        "messages[2].content[0].content[0].source",
        "fetches nothing",
    ),
    "no picture": (
        [user(PICTURE | {"source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}})],
        {},
        "messages[0].content[0].source.data",
        "no picture",
    ),
    "too many pictures": ([user(*[PICTURE] * 51)], {}, "messages[0].content[50]", "At most 50"),
    "nothing": ([user(text(""))], {}, "messages[0].content", "needs content"),
    "nothing at all": ([{"role": "user", "content": []}], {}, "messages[0].content", "needs content"),
    "a call without a result": (
        [user("Q"), assistant(CALL), user("So?")],
        {},
        "messages[2]",
        "no tool_result",
    ),
    "a call at the end": ([user("Q"), assistant(CALL)], {}, "messages", "no tool_result"),
    "a result of nothing": (
        [user(result("x"))],
        {},
        "messages[0].content[0].tool_use_id",
        "answers a tool_use",
    ),
    "two results of a call": (
        [user("Q"), assistant(CALL), user(result("x"), result("y"))],
        {},
        "messages[2].content[1].tool_use_id",
        "once",
    ),
    "two calls of an id": ([user("Q"), assistant(CALL, CALL)], {}, "messages[1].content[1].id", "same id"),
    "a deep input": (
        [user("Q"), assistant(CALL | {"input": {"a": msgspec.json.decode("[" * 40 + "]" * 40)}})],
        {},
        "messages[1].content[0].input",
        "nested deeper",
    ),
    "a call by the user": ([user(CALL)], {}, "messages[0].content[0].type", "tool_use block has no place"),
    "a picture by the model": (
        [assistant(PICTURE)],
        {},
        "messages[0].content[0].type",
        "image block has no place",
    ),
    "a thought by the user": (
        [user({"type": "thinking", "thinking": "x", "signature": "y"})],
        {},
        "messages[0].content[0].type",
        "thinking block",
    ),
    "a picture of the system": (
        [{"role": "system", "content": [PICTURE]}, user("Q")],
        {},
        "messages[0].content[0].type",
        "image block",
    ),
    "a budget over the whole": (
        [user("Q")],
        {"thinking": {"type": "enabled", "budget_tokens": 100}},
        "thinking.budget_tokens",
        "must be less than max_tokens",
    ),
    "two tools of a name": (
        [user("Q")],
        {"tools": [{"name": "f", "input_schema": {}}] * 2},
        "tools[1].name",
        "Two tools",
    ),
    "a schema that kills": (
        [user("Q")],
        {"tools": [{"name": "f", "input_schema": {"properties": {"a": {"$ref": "#"}}}}]},
        "tools[0].input_schema",
        "refers to itself",
    ),
    "a form that kills": (
        [user("Q")],
        {"output_config": {"format": {"type": "json_schema", "schema": {"pattern": "(a+)+"}}}},
        "output_config.format.schema",
        "repeats what already repeats",
    ),
    "a tool that is not there": (
        [user("Q")],
        {"tool_choice": {"type": "tool", "name": "f"}},
        "tool_choice.name",
        "no tool 'f'",
    ),
    "any of no tools": ([user("Q")], {"tool_choice": {"type": "any"}}, "tool_choice", "no tools to choose"),
}


@pytest.mark.parametrize(("messages", "fields", "param", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_shapes_cannot_say_is_refused_and_named(
    messages: list[Any], fields: dict[str, Any], param: str, why: str
) -> None:
    with pytest.raises(BadRequest, match=why) as caught:
        made(*messages, **fields)
    assert caught.value.param == param
