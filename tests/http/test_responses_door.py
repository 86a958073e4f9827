"""The Responses door, asked by hand: what is refused, what is stored and whose it is, and how it ends."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from thinkwell.conversations import responses as shelf
from thinkwell.errors import StoreFull
from thinkwell.http.doors import responses_kept
from thinkwell.http.wire.responses_seal import Seals
from thinkwell.testing.scenario import call
from thinkwell.testing.scenarios import calling, saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card
from thinkwell.values.message import Image, Message

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TOOL = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}
NOT_YOURS = "There is no such response, or it is not yours."


async def ask(client: aiohttp.ClientSession, body: Any = (), **options: Any) -> tuple[int, Any]:
    """``body`` over the least that is asked."""
    asked = {"model": "scripted", "input": "What is 2 + 2?"} | dict(body)
    async with client.post("/v1/responses", **({"json": asked} | options)) as reply:
        return reply.status, await reply.json()


async def of(client: aiohttp.ClientSession, method: str, path: str, **options: Any) -> tuple[int, Any]:
    async with client.request(method, f"/v1/responses/{path}", **options) as reply:
        return reply.status, await reply.json() if reply.status != 204 else None


async def events_of(reply: aiohttp.ClientResponse) -> list[Any]:
    lines = (await reply.text()).splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def stored(running: RunningSite) -> int:
    query = text("SELECT count(*) FROM responses")
    return int(await running.site.database.read(lambda connection: connection.scalar(query)) or 0)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


# -- what is refused ------------------------------------------------------------------------------

LONG = "x" * 600
BAD: list[tuple[str, Any, str, str | None]] = [
    ("an unknown field", {"n_discard": 1}, "unknown_field", "n_discard"),
    ("a field of Chat Completions", {"messages": []}, "unknown_field", "messages"),
    ("in the background", {"background": True}, "bad_request", "background"),
    ("a conversation", {"conversation": {"id": "conv_1"}}, "bad_request", "conversation"),
    ("a stored prompt", {"prompt": {"id": "pmpt_1"}}, "bad_request", "prompt"),
    ("no input", {"input": None}, "bad_request", "input"),
    ("an input of nothing", {"input": []}, "bad_request", "input"),
    ("an input that is a number", {"input": 7}, "bad_request", "input"),
    ("an item that is none", {"input": ["x"]}, "bad_request", "input[0]"),
    ("too many items", {"input": [{"role": "user", "content": "x"}] * 2_001}, "bad_request", "input"),
    ("a reference", {"input": [{"type": "item_reference", "id": "m"}]}, "bad_request", "input[0].type"),
    ("a search of OpenAI's", {"input": [{"type": "web_search_call"}]}, "bad_request", "input[0].type"),
    ("a type that is no word", {"input": [{"type": {}}]}, "bad_request", "input[0].type"),
    ("an unknown role", {"input": [{"role": "root", "content": "x"}]}, "bad_request", "input[0].role"),
    ("a message of nothing", {"input": [{"role": "user"}]}, "bad_request", "input[0]"),
    (
        "an unknown field of an item",
        {"input": [{"role": "user", "content": "x", "owner": "you"}]},
        "unknown_field",
        "input[0].owner",
    ),
    (
        "an unknown field of a part",
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "x", "size": 1}]}]},
        "unknown_field",
        "input[0].content[0].size",
    ),
    (
        "a file",
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
        "bad_request",
        "input[0].content[0].type",
    ),
    (
        "a picture elsewhere",
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "http://10.0.0.1/x"}]}]},
        "bad_request",
        "input[0].content[0].image_url",
    ),
    (
        "a picture in a file store",
        {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]},
        "bad_request",
        "input[0].content[0].file_id",
    ),
    (
        "a picture of the assistant's",
        {"input": [{"role": "assistant", "content": [{"type": "input_image", "image_url": PIXEL}]}]},
        "bad_request",
        "input[0].content[0]",
    ),
    (
        "an output without a call",
        {"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]},
        "bad_request",
        "input[0].call_id",
    ),
    (
        "a call without an output",
        {
            "input": [
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {"role": "user", "content": "x"},
            ]
        },
        "bad_request",
        "input",
    ),
    (
        "two calls of one id",
        {"input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}] * 2},
        "bad_request",
        "input[1].call_id",
    ),
    ("no question", {"input": [{"role": "system", "content": "x"}]}, "bad_request", "input"),
    ("more tokens than the site gives", {"max_output_tokens": 900_000}, "bad_request", "max_output_tokens"),
    ("a longer question than fits", {"input": "word " * 20_000}, "context_length_exceeded", "input"),
    (
        "a forged seal",
        {"input": [{"type": "reasoning", "encrypted_content": "WzEsMl0.forged"}]},
        "bad_request",
        "input[0].encrypted_content",
    ),
    (
        "a seal that is no text of ours",
        {"input": [{"type": "reasoning", "encrypted_content": "\u00e9" * 9}]},
        "bad_request",
        "input[0].encrypted_content",
    ),
    ("a tool of OpenAI's", {"tools": [{"type": "web_search"}]}, "bad_request", "tools[0].type"),
    ("a tool that is none", {"tools": [7]}, "bad_request", "tools[0]"),
    (
        "a tool in the other shape",
        {"tools": [{"type": "function", "function": {}}]},
        "unknown_field",
        "tools[0].function",
    ),
    ("a tool with a strange name", {"tools": [TOOL | {"name": "a b"}]}, "bad_request", "tools[0].name"),
    ("two tools of one name", {"tools": [TOOL, TOOL]}, "bad_request", "tools[1].name"),
    ("too many tools", {"tools": [TOOL] * 129}, "bad_request", "tools"),
    (
        "a tool that refers to itself",
        {"tools": [TOOL | {"parameters": {"$ref": "#"}}]},
        "bad_request",
        "tools[0].parameters",
    ),
    ("a choice of nothing", {"tool_choice": "required"}, "bad_request", "tool_choice"),
    (
        "a choice that is not there",
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "time"}},
        "bad_request",
        "tool_choice",
    ),
    (
        "an unknown way to choose",
        {"tools": [TOOL], "tool_choice": {"type": "mcp"}},
        "bad_request",
        "tool_choice.type",
    ),
    (
        "a schema with a bad pattern",
        {
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": "x",
                    "schema": {"type": "string", "pattern": "(a+)+$"},
                }
            }
        },
        "bad_request",
        "text.format.schema",
    ),
    ("an unknown format", {"text": {"format": {"type": "grammar"}}}, "bad_request", "text.format.type"),
    ("a verbosity of its own", {"text": {"verbosity": "endless"}}, "bad_request", "text.verbosity"),
    ("no tokens", {"max_output_tokens": 0}, "bad_request", "max_output_tokens"),
    ("a huge number of tokens", {"max_output_tokens": 2**63}, "bad_request", "max_output_tokens"),
    ("a truth value for a number", {"max_output_tokens": True}, "bad_request", "max_output_tokens"),
    ("a temperature out of range", {"temperature": 9}, "bad_request", "temperature"),
    ("logprobs", {"top_logprobs": 5}, "bad_request", "top_logprobs"),
    ("something else to include", {"include": ["web_search_call.results"]}, "bad_request", "include[0]"),
    ("metadata without end", {"metadata": {str(n): "" for n in range(17)}}, "bad_request", "metadata"),
    ("long metadata", {"metadata": {"a": LONG}}, "bad_request", "metadata[...]"),
    ("a long user", {"user": LONG}, "bad_request", "user"),
    ("another truncation", {"truncation": "middle"}, "bad_request", "truncation"),
    (
        "two efforts",
        {"reasoning": {"effort": "low"}, "reasoning_effort": "high"},
        "bad_request",
        "reasoning.effort",
    ),
    ("an unknown wish", {"thinkwell": {"priority": 1}}, "unknown_field", "thinkwell.priority"),
    ("a long id", {"previous_response_id": LONG}, "bad_request", "previous_response_id"),
]


@pytest.mark.parametrize(("change", "code", "param"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_bad_input_is_refused_with_a_reason(
    client: aiohttp.ClientSession,
    engine: ScriptedEngine,
    running: RunningSite,
    change: Any,
    code: str,
    param: str,
) -> None:
    status, body = await ask(client, change)
    assert status == 400
    assert body["error"]["type"] == "invalid_request_error"
    assert (body["error"]["code"], body["error"]["param"]) == (code, param)
    assert engine.asked == []
    assert await stored(running) == 0


MALFORMED = {
    "no JSON": b"{",
    "not a number": b'{"model":"scripted","input":"x","temperature":NaN}',
    "a lone surrogate": b'{"model":"scripted","input":"\\ud800"}',
    "a lone surrogate in an item": b'{"model":"scripted","input":[{"role":"user","content":"\\ud800"}]}',
    "invalid UTF-8": b'{"model":"scripted","input":"\xff"}',
    "a deep nest": b'{"model":"scripted","input":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a deep item": b'{"model":"scripted","input":[{"role":'
    + b'{"a":' * 50_000
    + b"1"
    + b"}" * 50_000
    + b"}]}",
    "an array": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused_with_a_reason(
    client: aiohttp.ClientSession, engine: ScriptedEngine, raw: bytes
) -> None:
    headers = {"content-type": "application/json"}
    status, body = await ask(client, data=io.BytesIO(raw), headers=headers, json=None)
    assert status == 400
    assert body["error"]["message"]
    assert engine.asked == []


async def test_what_changes_nothing_is_accepted(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    status, body = await ask(
        client,
        {
            "background": False,
            "conversation": None,
            "metadata": {"a": "b"},
            "user": "u",
            "safety_identifier": "s",
            "prompt_cache_key": "k",
            "service_tier": "auto",
            "top_logprobs": 0,
            "max_tool_calls": 3,
            "stream_options": {"include_obfuscation": False},
            "text": {"verbosity": "low"},
            "reasoning": {"effort": "low", "summary": "auto"},
            "parallel_tool_calls": True,
            "truncation": "auto",
        },
    )
    assert status == 200
    assert body["metadata"] == {"a": "b"}
    assert body["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert body["reasoning"] == {"effort": "low", "summary": None}
    assert (body["truncation"], body["max_tool_calls"], body["user"]) == ("auto", 3, "u")


# -- what is made of it ---------------------------------------------------------------------------


async def test_items_become_the_messages_of_one_conversation(
    client: aiohttp.ClientSession, running: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    begin = running.site.conductor.begin

    async def listen(tasks: Any, request: Any, *more: Any) -> Any:
        heard.append(request)
        return await begin(tasks, request, *more)

    monkeypatch.setattr(running.site.conductor, "begin", listen)
    result = {
        "type": "function_call_output",
        "call_id": "c",
        "output": [{"type": "input_text", "text": "dry"}],
    }
    items = [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Wea"}, {"type": "input_text", "text": "ther?"}],
        },
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [],
            "content": [{"type": "reasoning_text", "text": "Look."}],
        },
        {
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {
            "type": "function_call",
            "call_id": "c",
            "name": "weather",
            "arguments": "{}",
            "status": "completed",
        },
        result,
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "no effect"}]},
        {"role": "assistant", "content": "Dry."},
        {"role": "user", "content": "Sure?"},
    ]
    status, _ = await ask(client, {"input": items, "instructions": "Be polite."})
    assert status == 200
    assert [(m.role, m.content, m.reasoning, len(m.tool_calls)) for m in heard[0].messages] == [
        ("system", "Be polite.", None, 0),
        ("system", "Be brief.", None, 0),
        ("user", "Weather?", None, 0),
        ("assistant", "I look.", "Look.", 1),
        ("tool", "dry", None, 0),
        ("assistant", "Dry.", None, 0),
        ("user", "Sure?", None, 0),
    ]


async def test_a_picture_goes_to_the_model_among_the_text(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    picture = {"type": "input_image", "image_url": PIXEL, "detail": "auto"}
    content = [{"type": "input_text", "text": "What is "}, picture, {"type": "input_text", "text": "this?"}]
    status, body = await ask(client, {"input": [{"role": "user", "content": content}]})
    assert status == 200
    [asked] = engine.asked[0].messages
    assert asked.content == "What is this?"
    assert asked.parts == ("What is ", Image("image/png", PIXEL.partition(",")[2]), "this?")
    _, items = await of(client, "GET", f"{body['id']}/input_items")
    assert items["data"][0]["content"] == content


async def test_a_model_that_reads_no_pictures_is_sent_none(data: Path, engine: ScriptedEngine) -> None:
    content = [{"type": "input_image", "image_url": PIXEL}]
    card = scripted_card(images=False)
    async with running_site(data, engine, card) as running, aiohttp.ClientSession(running.url) as client:
        status, body = await ask(client, {"input": [{"role": "user", "content": content}]})
    assert (status, body["error"]["param"]) == (400, "input")
    assert engine.asked == []


async def test_only_the_allowed_tools_are_offered(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    tools = [TOOL, TOOL | {"name": "time"}]
    choice = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "time"}]}
    status, body = await ask(client, {"tools": tools, "tool_choice": choice})
    assert status == 200
    assert [tool.name for tool in engine.asked[0].tools] == ["time"]
    assert engine.asked[0].tool_choice is not None and engine.asked[0].tool_choice.mode == "required"
    assert body["tool_choice"] == choice
    assert [tool["name"] for tool in body["tools"]] == ["weather", "time"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_thought_that_is_not_wanted_is_not_sent_and_still_led_to_the_answer(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite, stream: bool
) -> None:
    engine.play(saying("Four.", reasoning=("Secret.",)))
    body = {"model": "scripted", "input": "x", "reasoning": {"exclude": True}, "stream": stream}
    async with client.post("/v1/responses", json=body) as reply:
        told = await reply.text()
    assert "Secret." not in told
    response_id = told.partition("resp_")[2][:24]
    _, found = await of(client, "GET", f"resp_{response_id}")
    assert [item["type"] for item in found["output"]] == ["message"]
    assert found["usage"]["output_tokens_details"]["reasoning_tokens"] == 1
    past = await running.site.responses.past(f"resp_{response_id}", _owner(running))
    assert [item.type for item in past] == ["message", "reasoning", "message"]


def _owner(running: RunningSite) -> str:
    return running.site.visitors.of_network("127.0.0.1").id


async def test_a_true_status_comes_before_the_first_word_also_for_a_stream(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.play("refuses")
    for stream in (False, True):
        status, body = await ask(client, {"stream": stream})
        assert (status, body["error"]["code"]) == (502, "engine_refused")
    assert await stored(running) == 0


@pytest.mark.parametrize(
    ("header", "wishes", "longest"),
    [(None, {}, None), ("wait=5", {"max_wait_s": 2.5}, 2.5), ("wait=2", {}, 2.0)],
)
async def test_the_longest_wait_is_the_smaller_of_header_and_body(
    client: aiohttp.ClientSession,
    engine: ScriptedEngine,
    running: RunningSite,
    header: Any,
    wishes: Any,
    longest: Any,
) -> None:
    engine.gates.hold("0")
    headers = {"prefer": header} if header else {}
    asked = asyncio.ensure_future(ask(client, {"thinkwell": wishes}, headers=headers))
    await engine.gates.reached("0")
    assert running.site.turns.running[0].request.max_wait_s == longest
    engine.gates.release("0")
    assert (await asked)[0] == 200


async def test_the_headers_say_what_may_still_be_asked(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/responses", json={"model": "scripted", "input": "x"}) as reply:
        body = await reply.json()
        assert reply.headers["x-ratelimit-limit-requests"] == "20000"
        assert reply.headers["x-request-id"] == body["id"]


# -- who leaves, stops and hurries ----------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False])
async def test_a_reader_that_leaves_stops_the_engine_and_leaves_nothing_stored(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite, stream: bool
) -> None:
    engine.gates.hold("3")
    engine.play(saying(*"abcdefgh"))
    body = {"model": "scripted", "input": "x", "stream": stream}
    task = asyncio.ensure_future(client.post("/v1/responses", json=body))
    await engine.gates.reached("3")
    if stream:
        (await task).close()
    else:
        task.cancel()
    await engine.until(lambda: engine.aborted == 1)
    for live in running.site.turns.running:
        await live.over()
    assert await stored(running) == 0


async def test_one_that_waits_in_line_is_cancelled_before_it_began(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    first = asyncio.ensure_future(ask(client))
    await engine.gates.reached("0")
    second = asyncio.ensure_future(ask(client, {"input": "Later?"}))
    await until(lambda: len(running.site.turns.running) == 2)
    waiting = running.site.turns.running[-1]
    await waiting.log.after(0)
    _, looked_at = await of(client, "GET", waiting.request.id)
    assert looked_at["status"] == "queued"
    _, items = await of(client, "GET", f"{waiting.request.id}/input_items")
    assert items["data"][0]["content"] == [{"type": "input_text", "text": "Later?"}]
    _, cancelled = await of(client, "POST", f"{waiting.request.id}/cancel")
    assert (cancelled["status"], cancelled["output"]) == ("cancelled", [])
    assert await second == (200, cancelled)
    engine.gates.release("0")
    assert (await first)[0] == 200


async def test_one_that_runs_is_deleted_with_all_that_it_said(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.gates.hold("3")
    engine.play(saying(*"abcdefgh"))
    asked = asyncio.ensure_future(ask(client))
    await engine.gates.reached("3")
    [live] = running.site.turns.running
    assert await of(client, "DELETE", live.request.id) == (
        200,
        {"id": live.request.id, "object": "response", "deleted": True},
    )
    _, body = await asked
    assert (body["status"], body["store"]) == ("cancelled", False)
    assert await stored(running) == 0
    assert (await of(client, "GET", live.request.id))[0] == 404


async def test_a_thought_is_ended_from_beside_and_the_answer_follows(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.play("long_thought")
    engine.gates.hold("thinking")
    engine.ends_thoughts = True
    asked = asyncio.ensure_future(ask(client))
    await engine.gates.reached("thinking")
    [live] = running.site.turns.running
    status, body = await of(client, "POST", f"{live.request.id}/think_on")
    assert (status, body["error"]["code"]) == (409, "conflict")
    assert await of(client, "POST", f"{live.request.id}/answer_now") == (204, None)
    engine.gates.release("thinking")
    _, body = await asked
    assert body["output"][-1]["content"][0]["text"] == "Done."
    assert body["thinkwell"]["receipt"]["thought_ended"] == "person"
    for verb in ("answer_now", "think_on", "cancel"):
        status, refusal = await of(client, "POST", f"{body['id']}/{verb}")
        assert (status, refusal["error"]["message"]) == (409, "This response is over.")
        status, refusal = await of(client, "POST", f"resp_never/{verb}")
        assert (status, refusal["error"]["message"]) == (404, NOT_YOURS)


# -- what is stored, whose it is, and for how long ------------------------------------------------


@pytest.fixture
async def behind_a_proxy(data: Path, engine: ScriptedEngine) -> AsyncIterator[RunningSite]:
    """A site that believes what the proxy says of addresses."""
    async with running_site(data, engine, assignments=("people.proxy_addresses=127.0.0.1",)) as site:
        yield site


async def test_other_peoples_responses_are_not_found_by_any_verb(
    behind_a_proxy: RunningSite, engine: ScriptedEngine
) -> None:
    async with aiohttp.ClientSession(behind_a_proxy.url) as client:
        ann, bob = {"x-forwarded-for": "203.0.113.7"}, {"x-forwarded-for": "198.51.100.9"}
        _, hers = await ask(client, headers=ann)
        engine.gates.hold("0")
        asked = asyncio.ensure_future(ask(client, headers=ann))
        await engine.gates.reached("0")
        [live] = behind_a_proxy.site.turns.running
        for response_id in (hers["id"], live.request.id, "resp_never"):
            for method, path in (
                ("GET", response_id),
                ("GET", f"{response_id}/input_items"),
                ("POST", f"{response_id}/cancel"),
                ("POST", f"{response_id}/answer_now"),
                ("POST", f"{response_id}/think_on"),
                ("DELETE", response_id),
            ):
                status, body = await of(client, method, path, headers=bob)
                assert (status, body["error"]["message"]) == (404, NOT_YOURS)
            status, body = await ask(client, {"previous_response_id": response_id}, headers=bob)
            assert (status, body["error"]["param"]) == (404, "previous_response_id")
        engine.gates.release("0")
        assert (await asked)[1]["status"] == "completed"
        status, found = await of(client, "GET", hers["id"], headers=ann)
        assert (status, found) == (200, hers)


async def test_the_reasons_why_a_past_is_not_found_cannot_be_told_apart(
    client: aiohttp.ClientSession, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, deleted = await ask(client)
    await of(client, "DELETE", deleted["id"])
    _, unstored = await ask(client, {"store": False})
    _, old = await ask(client)
    refusals = [
        await ask(client, {"previous_response_id": name})
        for name in (deleted["id"], unstored["id"], "resp_never")
    ]
    now_us = responses_kept.now_us()
    monkeypatch.setattr(responses_kept, "now_us", lambda: now_us + 721 * 3_600_000_000)
    refusals.append(await ask(client, {"previous_response_id": old["id"]}))
    assert [status for status, _ in refusals] == [404] * 4
    assert len({body["error"]["message"] for _, body in refusals}) == 1
    assert (await of(client, "GET", old["id"]))[0] == 404


async def test_housekeeping_takes_what_was_not_used_for_long(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine) as running, aiohttp.ClientSession(running.url) as client:
        _, old = await ask(client)
        _, new = await ask(client)
        forget = text("UPDATE responses SET used_at = 1 WHERE id = :id").bindparams(id=old["id"])
        await running.site.database.write(lambda tx: tx.execute(forget).close())
    async with running_site(data, engine) as running, aiohttp.ClientSession(running.url) as client:
        while await stored(running) == 2:
            await asyncio.sleep(0)
        assert (await of(client, "GET", new["id"]))[0] == 200
        assert (await of(client, "GET", old["id"]))[0] == 404


async def test_with_store_false_nothing_is_written(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite, data: Path
) -> None:
    engine.play(saying("Unspoken answer.", reasoning=("Unspoken thought.",)))
    status, body = await ask(client, {"input": "Unspoken question.", "store": False})
    assert (status, body["store"]) == (200, False)
    assert (await of(client, "GET", body["id"]))[0] == 404
    assert await stored(running) == 0
    await running.site.conductor.settled()
    assert not await asyncio.to_thread(_is_in_a_file, data, b"Unspoken")


def _is_in_a_file(folder: Path, said: bytes) -> bool:
    return any(said in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_what_is_deleted_is_in_no_file_any_more(data: Path, engine: ScriptedEngine) -> None:
    engine.play(saying("Unspoken answer.", reasoning=("Unspoken thought.",)))
    async with running_site(data, engine) as running, aiohttp.ClientSession(running.url) as client:
        _, kept = await ask(client, {"input": "Unspoken question."})
    assert await asyncio.to_thread(_is_in_a_file, data, b"Unspoken")
    async with running_site(data, engine) as running, aiohttp.ClientSession(running.url) as client:
        await of(client, "DELETE", kept["id"])
    assert not await asyncio.to_thread(_is_in_a_file, data, b"Unspoken")


async def test_a_site_may_store_nothing_at_all(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine, assignments=("turns.keep_response_hours=0",)) as running:
        async with aiohttp.ClientSession(running.url) as client:
            status, body = await ask(client, {"store": True})
        assert (status, body["store"]) == (200, False)
        assert await stored(running) == 0


async def test_an_answer_that_cannot_be_stored_is_told_nevertheless(
    client: aiohttp.ClientSession, running: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = await ask(client)

    def full(*_: Any) -> None:
        raise StoreFull("There is no room left on the disk.")

    monkeypatch.setattr(shelf, "keep", full)
    monkeypatch.setattr(shelf, "as_columns", full)
    for past in ({}, {"previous_response_id": first["id"]}):
        status, body = await ask(client, past)
        assert (status, body["status"], body["store"]) == (200, "completed", False)
    async with client.post(
        "/v1/responses", json={"model": "scripted", "input": "x", "stream": True}
    ) as reply:
        events = await events_of(reply)
    assert events[-1]["response"]["store"] is False
    assert running.site.responses.running(body["id"], _owner(running)) is None


async def test_a_fault_while_storing_ends_the_turn_all_the_same(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(shelf, "as_columns", fault)
    status, body = await ask(client)
    assert (status, body["status"], body["store"]) == (200, "completed", False)
    assert "could not be stored" in caplog.text


async def test_instructions_are_not_carried_over_and_thoughts_are(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.play(saying("Four.", reasoning=("Two and two.",)))
    _, first = await ask(client, {"instructions": "Be brief."})
    past = await running.site.responses.past(first["id"], _owner(running))
    assert [item.type for item in past] == ["message", "reasoning", "message"]
    _, second = await ask(client, {"input": "Sure?", "previous_response_id": first["id"]})
    assert second["instructions"] is None
    assert [message.role for message in engine.asked[-1].messages] == ["user", "assistant", "user"]
    assert engine.asked[-1].messages[0] == Message("user", "What is 2 + 2?")


async def test_a_branch_goes_on_from_any_response_of_a_conversation(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Yes."))
    _, root = await ask(client, {"input": "a"})
    for name in ("b", "c"):
        await ask(client, {"input": name, "previous_response_id": root["id"]})
        said = [message.content for message in engine.asked[-1].messages]
        assert said == ["a", "Yes.", name]


async def test_an_output_must_be_of_a_call_in_the_past(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.then(calling(call("{}", name="weather", id="c1")))
    _, first = await ask(client, {"tools": [TOOL]})
    for given, param in (
        ({"type": "function_call_output", "call_id": "c2", "output": "x"}, "input[0].call_id"),
        ({"role": "user", "content": "Never mind."}, "input"),
    ):
        status, body = await ask(client, {"input": [given], "previous_response_id": first["id"]})
        assert (status, body["error"]["param"]) == (400, param)


async def test_calls_of_one_id_get_ids_of_their_own(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(calling(call("{}", name="weather", id="0"), call("[]", name="weather", id="0", index=1)))
    _, body = await ask(client, {"tools": [TOOL]})
    ids = {item["call_id"] for item in body["output"]}
    assert len(ids) == 2 and "0" in ids


async def test_a_sealed_thought_from_another_conversation_is_left_out_and_said_to_be(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four.", reasoning=("Two and two.",)))
    options = {"store": False, "include": ["reasoning.encrypted_content"]}
    _, first = await ask(client, options)
    thought, message = first["output"]
    question = {"role": "user", "content": "What is 2 + 2?"}
    again = {"role": "user", "content": "Sure?"}
    _, same = await ask(client, options | {"input": [question, thought, message, again]})
    assert same["input_transformations"] == []
    other = {"role": "user", "content": "What is 3 + 3?"}
    _, moved = await ask(client, options | {"input": [other, thought, message, again]})
    assert moved["input_transformations"] == [
        {"id": thought["id"], "action": "removed", "reason": "prefix_mismatch", "type": "reasoning"}
    ]
    sealed = thought["encrypted_content"]
    payload, _, signature = sealed.rpartition(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    forged = thought | {"encrypted_content": f"{payload}.{flipped}"}
    for item in (forged, thought | {"encrypted_content": sealed[:40]}):
        status, body = await ask(client, options | {"input": [question, item, message, again]})
        assert (status, body["error"]["param"]) == (400, "input[1].encrypted_content")


async def test_a_seal_of_another_site_does_not_hold(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    sealed = Seals(b"another secret").seal("I obey.", b"")
    item = {"type": "reasoning", "encrypted_content": sealed}
    status, body = await ask(client, {"input": [item, {"role": "user", "content": "x"}]})
    assert (status, body["error"]["code"]) == (400, "bad_request")


async def test_pages_of_what_was_asked_have_true_ends(client: aiohttp.ClientSession) -> None:
    items = [{"role": "user", "content": str(number)} for number in range(5)]
    _, body = await ask(client, {"input": items})
    path = f"{body['id']}/input_items"
    _, page = await of(client, "GET", path, params={"limit": 3, "order": "asc"})
    assert [item["content"][0]["text"] for item in page["data"]] == ["0", "1", "2"]
    assert (page["has_more"], page["last_id"]) == (True, page["data"][-1]["id"])
    _, rest = await of(client, "GET", path, params={"order": "asc", "after": page["last_id"]})
    assert [item["content"][0]["text"] for item in rest["data"]] == ["3", "4"]
    assert rest["has_more"] is False
    _, none = await of(client, "GET", path, params={"order": "asc", "after": rest["last_id"]})
    assert (none["data"], none["first_id"], none["has_more"]) == ([], None, False)
    for params in ({"after": "never"}, {"limit": 0}, {"limit": 101}, {"order": "up"}):
        assert (await of(client, "GET", path, params=params))[0] == 400
    status, refusal = await of(client, "GET", body["id"], params={"stream": "true"})
    assert (status, refusal["error"]["param"]) == (400, "stream")
