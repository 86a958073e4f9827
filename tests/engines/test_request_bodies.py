"""What each kind of server is asked, to the field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from thinkwell.engines.request import body_of, prompt_of, spared_by
from thinkwell.engines.server import ServerFacts, ServerKind
from thinkwell.values.engine import EnginePass, Sampling
from thinkwell.values.message import Image, Message
from thinkwell.values.tool import AnswerShape, Tool, ToolCall, ToolChoice

KINDS: tuple[ServerKind, ...] = ("llama.cpp", "vllm", "sglang", "generic")
KNOWN_KINDS = KINDS[:3]
WHY = (Message("user", "Why?"),)
WEATHER = Tool(name="weather", description="Now", parameters={"type": "object"}, strict=True)
TIME = Tool(name="time")
# What a kind is always asked, beside model, messages and stream.
ALWAYS: dict[str, dict[str, Any]] = {
    "llama.cpp": {
        "stream_options": {"include_usage": True},
        "timings_per_token": True,
        "cache_prompt": True,
        "reasoning_control": True,
    },
    "vllm": {"stream_options": {"include_usage": True, "continuous_usage_stats": True}},
    "sglang": {
        "stream_options": {"include_usage": True, "continuous_usage_stats": True},
        "separate_reasoning": True,
    },
    "generic": {"stream_options": {"include_usage": True}},
}


def facts(kind: ServerKind, **more: Any) -> ServerFacts:
    return ServerFacts(kind=kind, model="m", **{"holds_budget": kind != "generic", **more})


def body(kind: ServerKind, *, whole_text: bool = False, **wanted: Any) -> dict[str, Any]:
    return body_of(EnginePass(**{"messages": WHY, **wanted}), facts(kind), whole_text=whole_text)


def extras(kind: ServerKind, **wanted: Any) -> dict[str, Any]:
    """What of a body is there for what was wanted."""
    made = body(kind, **wanted)
    plain = {"model", "messages", "stream"}
    return {k: v for k, v in made.items() if k not in plain and ALWAYS[kind].get(k, ...) != v}


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_question(kind: ServerKind) -> None:
    asked = [{"role": "user", "content": "Why?"}]
    assert body(kind) == {"model": "m", "messages": asked, "stream": True, **ALWAYS[kind]}


@pytest.mark.parametrize("kind", KINDS)
def test_sampling_as_far_as_the_kind_knows_it(kind: ServerKind) -> None:
    known = {"temperature": 0.5, "top_p": 0.9, "seed": 7, "presence_penalty": 1.0, "frequency_penalty": 0.5}
    rare = {"top_k": 20, "min_p": 0.1}
    got = extras(kind, sampling=Sampling(**known, **rare), max_tokens=9, stop=("\n",))
    assert got == {**known, "max_tokens": 9, "stop": ["\n"], **({} if kind == "generic" else rare)}


@pytest.mark.parametrize("kind", KINDS)
def test_messages_of_every_shape(kind: ServerKind) -> None:
    messages = (
        Message("system", "Be brief."),
        Message("user", "look here", parts=("look ", Image("image/png", "QUJD"), "here")),
        Message("assistant", "", "hm", tool_calls=(ToolCall("c1", "weather", '{"city": "Kyiv"}'),)),
        Message("tool", "sunny", tool_call_id="c1"),
    )
    thought = (
        {"reasoning_content": "hm", "reasoning": "hm"} if kind == "vllm" else {"reasoning_content": "hm"}
    )
    function = {"name": "weather", "arguments": '{"city": "Kyiv"}'}
    assert body(kind, messages=messages)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look "},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
                {"type": "text", "text": "here"},
            ],
        },
        {
            "role": "assistant",
            "content": "",
            **thought,
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        },
        {"role": "tool", "content": "sunny", "tool_call_id": "c1"},
    ]


def test_parts_without_an_image_are_plain_text() -> None:
    asked = body("generic", messages=(Message("user", "ab", parts=("a", "b")),))
    assert asked["messages"] == [{"role": "user", "content": "ab"}]


@pytest.mark.parametrize("text", ["not json", "", '"x"', "[1]", '{"a":', "[" * 9000, "\ud800"])
def test_arguments_that_are_no_object_are_put_into_one(text: str) -> None:
    messages = (Message("assistant", "", tool_calls=(ToolCall("c", "f", text),)),)
    arguments = body("llama.cpp", messages=messages)["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert msgspec.json.decode(arguments) == {"arguments": text.replace("\ud800", "\ufffd")}


@pytest.mark.parametrize("kind", KINDS)
def test_tools_and_choices(kind: ServerKind) -> None:
    tools = [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "Now",
                "parameters": {"type": "object"},
                "strict": True,
            },
        },
        {"type": "function", "function": {"name": "time"}},
    ]
    offered = (WEATHER, TIME)
    assert extras(kind, tools=offered) == {"tools": tools}
    for mode in ("auto", "none", "required"):
        got = extras(kind, tools=offered, tool_choice=ToolChoice(mode=mode, at_once=False))
        assert got == {"tools": tools, "tool_choice": mode, "parallel_tool_calls": False}
    named = extras(kind, tools=offered, tool_choice=ToolChoice(mode="named", name="time"))
    if kind == "llama.cpp":  # it takes a name for "auto"
        assert named == {"tools": tools[1:], "tool_choice": "required"}
    else:
        chosen = {"type": "function", "function": {"name": "time"}}
        assert named == {"tools": tools, "tool_choice": chosen}
    assert extras(kind, tool_choice=ToolChoice(mode="required")) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_shape_of_an_answer(kind: ServerKind) -> None:
    assert extras(kind, shape=AnswerShape()) == {"response_format": {"type": "json_object"}}
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert extras(kind, shape=AnswerShape(name="number", schema=schema, strict=True)) == {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "number", "schema": schema, "strict": True},
        }
    }


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_of_the_template_go_where_there_is_a_template(kind: ServerKind) -> None:
    off: dict[str, bool | int | str] = {"enable_thinking": False}
    wanted = {} if kind == "generic" else {"chat_template_kwargs": off}
    assert extras(kind, template=off) == wanted
    assert prompt_of(EnginePass(messages=WHY, template=off), facts(kind)) == {
        "messages": [{"role": "user", "content": "Why?"}],
        **wanted,
    }


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_efforts_as_the_kind_knows_them(effort: Any) -> None:
    three = {"minimal": "low", "xhigh": "high", "max": "high"}.get(effort, effort)
    for kind in ("vllm", "sglang"):
        assert extras(kind, effort=effort) == ({} if effort == "none" else {"reasoning_effort": three})
    for kind in ("llama.cpp", "generic"):
        assert extras(kind, effort=effort) == {"reasoning_effort": effort}


@pytest.mark.parametrize("budget", [1, 700])
def test_a_budget_of_thought_in_every_servers_words(budget: int) -> None:
    assert extras("llama.cpp", thinking_budget=budget) == {"thinking_budget_tokens": budget}
    assert extras("vllm", thinking_budget=budget) == {"thinking_token_budget": budget}
    assert extras("sglang", thinking_budget=budget) == {"custom_params": {"thinking_budget": budget}}
    assert extras("generic", thinking_budget=budget) == {}


@pytest.mark.parametrize("kind", ["vllm", "sglang"])
def test_a_budget_that_would_be_refused_or_ignored_is_not_sent(kind: ServerKind) -> None:
    asked = EnginePass(messages=WHY, thinking_budget=70)
    got = body_of(asked, facts(kind, holds_budget=False), whole_text=False)
    assert not {"thinking_token_budget", "custom_params"} & got.keys()


def test_llama_cpp_ends_a_thought_at_once_with_the_least_budget_that_it_can_hold() -> None:
    asked = EnginePass(messages=WHY, thinking_budget=0)
    for least in (0, 1):
        got = body_of(asked, facts("llama.cpp", least_budget=least), whole_text=False)
        assert got["thinking_budget_tokens"] == least


def test_llama_cpp_is_told_no_budget_that_a_begun_thought_may_be_over() -> None:
    """It would swallow the beginning of the end tag. A token is at least a byte."""
    begun = (*WHY, Message("assistant", "", "x" * 92))
    for budget, told in ((0, False), (30, False), (100, False), (101, True)):
        asked = extras("llama.cpp", messages=begun, continue_last=True, thinking_budget=budget)
        assert ("thinking_budget_tokens" in asked) == told
    over = extras("llama.cpp", messages=begun, continue_last=True, thought_over=True, thinking_budget=5)
    assert over["thinking_budget_tokens"] == 5


@pytest.mark.parametrize("kind", KINDS)
def test_going_on_with_what_was_begun(kind: ServerKind) -> None:
    begun = {"messages": (*WHY, Message("assistant", "", "hm")), "continue_last": True}
    going_on: dict[str, dict[str, Any]] = {
        "llama.cpp": {},
        "vllm": {"continue_final_message": True, "add_generation_prompt": False},
        "sglang": {"continue_final_message": True},
        "generic": {},
    }
    assert extras(kind, **begun) == going_on[kind]
    if kind == "llama.cpp":
        assert extras(kind, **begun, thought_over=True) == {
            "continue_final_message": "content",
            "add_generation_prompt": False,
        }


def test_the_thought_is_left_in_the_text_where_that_can_be_told() -> None:
    assert body("llama.cpp", whole_text=True)["reasoning_format"] == "none"
    assert body("sglang", whole_text=True)["separate_reasoning"] is False
    assert body("vllm", whole_text=True) == body("vllm")
    # llama.cpp refuses a shape then, where the template puts a thought into the prompt.
    assert "reasoning_format" not in body("llama.cpp", whole_text=True, shape=AnswerShape())


def test_what_a_server_refused_is_left_out() -> None:
    asked = EnginePass(messages=WHY, thinking_budget=5, effort="low", max_tokens=9)
    sent = body_of(asked, facts("vllm"), whole_text=False)
    refusal = "The engine answered with status 400: thinking_token_budget is set but …"
    assert spared_by(refusal, sent) == "thinking_token_budget"
    assert spared_by("no such thing", sent) is None
    assert spared_by("max_tokens is too large", sent) is None
    assert spared_by("use 'max_completion_tokens' in place of max_tokens", sent) == "max_tokens"
    spared = facts("vllm", spared=frozenset({"thinking_token_budget", "max_tokens"}))
    left = body_of(asked, spared, whole_text=False)
    assert left["max_completion_tokens"] == 9
    assert sent.keys() - left.keys() == {"thinking_token_budget", "max_tokens"}
