"""What no engine may see, at the OpenAI door: field by field, each refused with its name and a reason."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from thinkwell.http.wire.openai_error import IN_ITS_PLACE
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site

# One site for all: nothing here gets as far as to change it.
pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "Sunny"}


@pytest.fixture(scope="module")
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(
    engine: ScriptedEngine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        running_site(tmp_path_factory.mktemp("bad") / "data", engine) as site,
        aiohttp.ClientSession(site.url) as session,
    ):
        yield session


async def post(client: aiohttp.ClientSession, body: Any) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    async with client.post("/v1/chat/completions", data=io.BytesIO(raw), headers=headers) as reply:
        return reply.status, await reply.json()


def said(content: Any, role: str = "user", **more: Any) -> dict[str, Any]:
    return {"messages": [*QUESTION, {"role": role, "content": content} | more]}


def asked_with(schema: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}


def tool_with(**changes: Any) -> dict[str, Any]:
    return {"tools": [TOOL | {"function": TOOL["function"] | changes}]}  # type: ignore[operator]


# Fields of other servers, some of which end a process there, and what is no field at all.
UNKNOWN: dict[str, list[Any]] = {
    "n_discard": [-1, 2**31],
    "cache_salt": ["x"],
    "prompt_embeds": ["AAAA", ["AAAA"]],
    "guided_json": [{}, {"type": "object"}],
    "guided_regex": ["(a+)+$"],
    "guided_choice": [["a"]],
    "guided_grammar": ["root ::= root"],
    "guided_decoding_backend": ["x"],
    "structured_outputs": [{"regex": "(a+)+$"}],
    "chat_template": ["{{ 7 * 7 }}", None],
    "extra_body": [{"n_discard": 1}, {}],
    "grammar": ["root ::= root"],
    "json_schema": [{}],
    "regex": ["(a+)+$"],
    "ebnf": ["x"],
    "logits_processors": [["os.system"]],
    "best_of": [1],
    "use_beam_search": [True],
    "ignore_eos": [True],
    "min_tokens": [2**31],
    "stop_token_ids": [[1]],
    "allowed_token_ids": [[]],
    "bad_words": [["a"]],
    "repetition_penalty": [0],
    "repeat_penalty": [0],
    "dry_multiplier": [1],
    "mirostat": [2],
    "samplers": [["top_k"]],
    "n_predict": [-1],
    "n_keep": [-1],
    "id_slot": [0],
    "slot_id": [0],
    "cache_prompt": [False],
    "lora": [[{"id": 0, "scale": 1e9}]],
    "lora_path": ["/etc/passwd"],
    "mm_processor_kwargs": [{}],
    "documents": [[]],
    "truncate_prompt_tokens": [-1],
    "prompt_logprobs": [10**6],
    "echo": [True],
    "add_generation_prompt": [False],
    "continue_final_message": [True],
    "priority": [-(2**31)],
    "request_id": ["x"],
    "kv_transfer_params": [{}],
    "vllm_xargs": [{}],
    "custom_params": [{}],
    "session_params": [{}],
    "return_hidden_states": [True],
    "reasoning_format": ["none"],
    "functions": [[], [{"name": "f"}]],
    "function_call": ["auto", None],
    "prediction": [{"type": "content", "content": "x"}],
    "audio": [{"voice": "x", "format": "wav"}],
    "web_search_options": [{}],
    "moderation": [{}],
    "owner": ["visitor:x"],
    "tier": ["operator"],
    " ": [1],
}

# The values that a number must not be, whatever it is for. (One in quotes is read as the number that it is.)
NO_NUMBER: list[Any] = [True, "many", "nan", "inf", [], {}, 2**63, -(2**63), 1e300, -1e300]

VALUES: dict[str, list[Any]] = {
    "model": ["", None, 1, "x" * 300],
    "messages": [[], None, "hi", {}, [[]], QUESTION * 2001],
    "stream": [2, "yes", []],
    "stream_options": [[], {"include_usage": 2}, {"continuous_usage_stats": True}],
    "max_tokens": [*NO_NUMBER, 0, -1, 1.5],
    "max_completion_tokens": [*NO_NUMBER, 0, -1],
    "temperature": [*NO_NUMBER, -0.1, 2.1],
    "top_p": [*NO_NUMBER, 0, -1, 1.01],
    "top_k": [*NO_NUMBER, -2, 1.5, 10**7],
    "min_p": [*NO_NUMBER, -0.1, 1.1],
    "presence_penalty": [*NO_NUMBER, 2.1, -2.1],
    "frequency_penalty": [*NO_NUMBER, 2.1, -2.1],
    "seed": [*NO_NUMBER, 2**32, 1.5],
    "n": [*NO_NUMBER, 0, 2, -1],
    "logprobs": [True, 1],
    "top_logprobs": [*NO_NUMBER, 1, 20],
    "logit_bias": [{"1": -100}, {str(n): 1 for n in range(100_000)}, [], 1],
    "stop": [["x"] * 100_000, ["x"] * 17, [""], "x" * 201, ["x" * 201], [1], 1, {}],
    "modalities": [["audio"], ["text", "text"], "text"],
    "service_tier": ["flex", "priority", 1],
    "verbosity": ["silent", 1],
    "store": [True],
    "user": ["x" * 513, 1],
    "metadata": [{"a": 1}, {str(n): "x" for n in range(17)}, {"a": "x" * 513}],
    "tools": [{}, "x", [{}], [{"type": "web_search"}], [{"type": "custom"}], [TOOL] * 129],
    "tool_choice": [
        "x",
        "required",
        {"type": "function"},
        {"type": "function", "function": {"name": "look"}},
        1,
    ],
    "parallel_tool_calls": [2, "x"],
    "response_format": [
        "json",
        {},
        {"type": "x"},
        {"type": "json_schema"},
        {"type": "grammar", "grammar": "x"},
    ],
    "reasoning_effort": ["ultra", 1],
    "reasoning": [{"effort": "x"}, {"max_tokens": -2}, True],
    "thinking": [{"type": "x"}, {"budget_tokens": 2**40}],
    "thinking_token_budget": [*NO_NUMBER, -2],
    "thinking_budget_tokens": [*NO_NUMBER, -2],
    "thinking_budget": [*NO_NUMBER, -2],
    "enable_thinking": [2, "yes"],
    "chat_template_kwargs": [[], {"enable_thinking": 2}],
    "thinkwell": [True, {"max_wait_s": -1}, {"max_wait_s": "soon"}, {"events": "some"}],
}


@pytest.mark.parametrize("name", [*UNKNOWN, *VALUES])
async def test_a_field_that_is_not_taken_is_refused_by_its_name(
    client: aiohttp.ClientSession, engine: ScriptedEngine, name: str
) -> None:
    for value in UNKNOWN.get(name, VALUES.get(name, [])):
        for stream in (False, True):
            body = {"model": "scripted", "messages": QUESTION, "stream": stream}
            status, reply = await post(client, body | {name: value})
            error = reply["error"]
            assert (status, error["type"]) == (400, "invalid_request_error"), (value, reply)
            assert error["code"] == ("unknown_field" if name in UNKNOWN else error["code"]), value
            assert error["code"] in ("bad_request", "unknown_field")
            assert (error["param"] or "").split(".")[0].split("[")[0] == name, (value, reply)
            if name in IN_ITS_PLACE and name in UNKNOWN:
                assert error["message"].endswith(IN_ITS_PLACE[name])
    assert engine.asked == []


def nested(depth: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


RECURSIVE = {
    "$defs": {"n": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}},
    "$ref": "#/$defs/n",
}
BAD_SCHEMAS: dict[str, Any] = {
    "a pattern that explodes": {"type": "string", "pattern": "(a+)+$"},
    "a pattern that is none": {"type": "string", "pattern": "("},
    "a reference to itself": RECURSIVE,
    "a reference elsewhere": {"$ref": "https://example.org/x.json"},
    "ten thousand properties": {"type": "object", "properties": {f"p{n}": {} for n in range(10_000)}},
    "a deep nest": nested(40),
    "a huge repeat": {"type": "string", "pattern": "a{1,1000000}"},
    "a huge array": {"type": "array", "minItems": 10**9},
}

MESSAGES: list[tuple[str, Any, str]] = [
    ("no question", {"messages": [{"role": "system", "content": "x"}]}, "messages"),
    ("an answer after the question", said("F", "assistant"), "messages"),
    ("an unknown role", said("x", "root"), "messages[1].role"),
    ("the role of old functions", said("x", "function", name="f"), "messages[1].role"),
    ("a message of nothing", {"messages": [{"role": "user"}]}, "messages[0].content"),
    ("an unknown field", said("x", weight=2), "messages[1].weight"),
    ("a prefix", said("x", prefix=True), "messages[1].prefix"),
    ("an old function's call", said(None, "assistant", function_call={"name": "f"}), "messages[1].function_call"),
    ("audio that was said", said(None, "assistant", audio={"id": "x"}), "messages[1].audio"),
    ("audio", said([{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]), "messages[1].content[0].type"),
    ("a file", said([{"type": "file", "file": {"file_id": "x"}}]), "messages[1].content[0].type"),
    ("a video", said([{"type": "video_url", "video_url": {"url": "x"}}]), "messages[1].content[0].type"),
    ("a part of no kind", said([{"text": "x"}]), "messages[1].content[0]"),
    ("a thousand and one parts", said([{"type": "text", "text": "x"}] * 1001), "messages[1].content"),
    ("calls of a user", said("x", tool_calls=[CALL]), "messages[1].tool_calls"),
    ("a call of another kind", said(None, "assistant", tool_calls=[CALL | {"type": "custom"}]), "messages[1].tool_calls[0].type"),
    ("a call without an id", said(None, "assistant", tool_calls=[CALL | {"id": ""}]), "messages[1].tool_calls[0].id"),
    ("a call of a strange name", said(None, "assistant", tool_calls=[CALL | {"function": {"name": "a b", "arguments": ""}}]), "messages[1].tool_calls[0].function.name"),
    ("two calls of one id", {"messages": [*QUESTION, CALLED | {"tool_calls": [CALL, CALL]}, RESULT]}, "messages[1].tool_calls"),
    ("a result of nothing", {"messages": [*QUESTION, RESULT]}, "messages[1].tool_call_id"),
    ("a result of another call", {"messages": [*QUESTION, CALLED, RESULT | {"tool_call_id": "c2"}]}, "messages[2].tool_call_id"),
    ("a result twice", {"messages": [*QUESTION, CALLED, RESULT, RESULT]}, "messages[3].tool_call_id"),
    ("a result without a call's id", {"messages": [*QUESTION, CALLED, {"role": "tool", "content": "x"}]}, "messages[2].tool_call_id"),
    ("an id where no result is", said("x", tool_call_id="c1"), "messages[1].tool_call_id"),
    ("a call without a result", {"messages": [*QUESTION, CALLED, *QUESTION]}, "messages"),
    ("a call at the end", {"messages": [*QUESTION, CALLED]}, "messages"),
    ("two limits that disagree", {"max_tokens": 1, "max_completion_tokens": 2}, "max_tokens"),
    ("two efforts that disagree", {"reasoning_effort": "low", "reasoning": {"effort": "high"}}, "reasoning.effort"),
    ("an argument of the template", {"chat_template_kwargs": {"tokenize": True}}, "chat_template_kwargs.tokenize"),
    ("documents for the template", {"chat_template_kwargs": {"documents": []}}, "chat_template_kwargs.documents"),
    ("an unknown wish", {"thinkwell": {"priority": 1}}, "thinkwell.priority"),
    ("a choice among no tools", {"tool_choice": "required"}, "tool_choice"),
    ("the choice of an absent tool", {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice.function.name"),
    ("a choice among some", {"tools": [TOOL], "tool_choice": {"type": "allowed_tools", "allowed_tools": {}}}, "tool_choice.type"),
    ("two tools of one name", {"tools": [TOOL, TOOL]}, "tools[1].function.name"),
    ("a tool of a strange name", tool_with(name="a b"), "tools[0].function.name"),
    ("a tool of a long name", tool_with(name="x" * 65), "tools[0].function.name"),
    ("a long description", tool_with(description="x" * 20_000), "tools[0].function.description"),
    ("parameters that are no schema", tool_with(parameters="x"), "tools[0].function.parameters"),
    ("a schema of no name", {"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema"),
    ("a schema in llama.cpp's place", {"response_format": {"type": "json_object", "schema": {}}}, "response_format.schema"),
    *((f"{why} in the format", asked_with(bad), "response_format.json_schema.schema") for why, bad in BAD_SCHEMAS.items()),
    *((f"{why} in a tool", tool_with(parameters=bad), "tools[0].function.parameters") for why, bad in BAD_SCHEMAS.items()),
]  # fmt: skip


@pytest.mark.parametrize(("change", "param"), [row[1:] for row in MESSAGES], ids=[row[0] for row in MESSAGES])
async def test_a_request_that_makes_no_sense_is_refused_with_the_place(
    client: aiohttp.ClientSession, engine: ScriptedEngine, change: Any, param: str
) -> None:
    status, body = await post(client, {"model": "scripted", "messages": QUESTION} | change)
    error = body["error"]
    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", param), error
    assert error["message"].endswith(".")
    assert engine.asked == []


MALFORMED = {
    "no JSON": b"{",
    "not a number": b'{"model":"scripted","messages":[{"role":"user","content":"x"}],"temperature":NaN}',
    "infinity": b'{"model":"scripted","messages":[{"role":"user","content":"x"}],"top_p":-Infinity}',
    "an infinite number": b'{"model":"scripted","messages":[{"role":"user","content":"x"}],"temperature":1e999}',
    "an infinite number in a schema": b'{"model":"scripted","messages":[{"role":"user","content":"x"}],'
    b'"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"maximum":1e999}}}}',
    "a lone surrogate": b'{"model":"scripted","messages":[{"role":"user","content":"\\ud800"}]}',
    "invalid UTF-8": b'{"model":"scripted","messages":[{"role":"user","content":"\xff"}]}',
    "a deep nest": b'{"model":"scripted","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a deep nest in an unknown field": b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a deep nest in a schema": b'{"model":"scripted","messages":[{"role":"user","content":"x"}],'
    b'"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":'
    + b'{"not":' * 100_000
    + b"{}"
    + b"}" * 100_000
    + b"}}}",
    "fifty thousand messages": b'{"model":"scripted","messages":['
    + b",".join([b'{"role":"user","content":"x"}'] * 50_000)
    + b"]}",
    "an array": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused_with_a_reason(
    client: aiohttp.ClientSession, engine: ScriptedEngine, raw: bytes
) -> None:
    status, body = await post(client, raw)
    assert status == 400
    assert body["error"]["type"] == "invalid_request_error"
    assert body["error"]["message"]
    assert engine.asked == []


async def test_of_a_field_that_comes_twice_both_are_checked(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    body = json.dumps({"model": "scripted", "messages": QUESTION})[:-1]
    for twice in (',"n":2,"n":1}', ',"n":1,"n":2}'):
        status, reply = await post(client, (body + twice).encode())
        assert (status, reply["error"]["param"]) == (400, "n")
    assert engine.asked == []


async def test_the_sentences_beside_a_name_are_for_names_that_are_not_taken() -> None:
    assert set(IN_ITS_PLACE) <= set(UNKNOWN)
