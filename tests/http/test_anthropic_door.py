"""The Anthropic door, asked by hand: statuses, refusals, headers, the line. The SDK's part is in tests/clients."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.test_anthropic_wire import PICTURE

from thinkwell.errors import EngineRefused, LineFull, WouldWait
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card
from thinkwell.values.event import Queued

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]
ASKED: dict[str, Any] = {"model": "scripted", "max_tokens": 100, "messages": QUESTION}
TOOLS = [{"name": "look", "description": "Looks", "input_schema": {"type": "object", "properties": {}}}]


async def post(
    client: aiohttp.ClientSession, body: Any, path: str = "/v1/messages", **options: Any
) -> tuple[int, Any, Any]:
    async with client.post(path, **({"json": body} | options)) as reply:
        return reply.status, await reply.json(), reply.headers


@asynccontextmanager
async def a_site(data: Path, engine: ScriptedEngine, **card: Any) -> AsyncIterator[aiohttp.ClientSession]:
    async with running_site(data, engine, card=scripted_card(**card)) as site, visitor(site.url) as client:
        yield client


async def test_a_whole_answer_has_its_thought_its_usage_and_the_receipt(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    status, body, headers = await post(client, ASKED)
    assert status == 200
    assert [block["type"] for block in body["content"]] == ["thinking", "text"]
    assert body["content"][0]["thinking"] == "Two and two make four."
    assert (body["type"], body["role"], body["stop_reason"], body["stop_sequence"]) == (
        "message",
        "assistant",
        "end_turn",
        None,
    )
    usage = body["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (8, 4, 4)
    assert body["thinkwell"]["receipt"]["turn_id"] == body["id"]
    assert headers["request-id"] == body["id"].replace("msg", "req")
    assert [asked.max_tokens for asked in engine.asked] == [100]


async def test_the_headers_tell_the_places_that_are_left(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    _, _, headers = await post(client, ASKED)
    places = running.site.settings.turns.max_live
    assert headers["anthropic-ratelimit-requests-limit"] == str(places)
    assert headers["anthropic-ratelimit-requests-remaining"] == str(places - 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", headers["anthropic-ratelimit-requests-reset"])


async def test_a_thought_sent_back_is_taken_and_from_elsewhere_refused(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    _, first, _ = await post(client, ASKED)
    answer = {"role": "assistant", "content": first["content"]}
    more = {"role": "user", "content": "And 3 + 3?"}
    status, second, _ = await post(client, ASKED | {"messages": [*QUESTION, answer, more]})
    assert status == 200
    third = [*QUESTION, answer, more, {"role": "assistant", "content": second["content"]}, more]
    assert (await post(client, ASKED | {"messages": third}))[0] == 200
    asked = len(engine.asked)
    for before in ([{"role": "user", "content": "Who are you?"}], [*QUESTION, answer, more]):
        status, body, _ = await post(client, ASKED | {"messages": [*before, answer, more]})
        assert (status, body["error"]["type"]) == (400, "invalid_request_error")
        assert re.match(
            r"messages\[\d\]\.content\[0\]\.signature: The signature does not hold", body["error"]["message"]
        )
    assert len(engine.asked) == asked


async def test_a_signature_holds_after_a_restart_and_not_at_another_site(
    data: Path, tmp_path: Path, engine: ScriptedEngine
) -> None:
    async with a_site(data, engine) as client:
        _, first, _ = await post(client, ASKED)
    again = ASKED | {"messages": [*QUESTION, {"role": "assistant", "content": first["content"]}, *QUESTION]}
    async with a_site(data, ScriptedEngine()) as client:
        assert (await post(client, again))[0] == 200
    async with a_site(tmp_path / "other", ScriptedEngine()) as client:
        assert (await post(client, again))[0] == 400


@pytest.mark.parametrize("stream", [False, True])
async def test_an_engine_that_refuses_is_a_true_status_also_for_a_stream(
    client: aiohttp.ClientSession, engine: ScriptedEngine, stream: bool
) -> None:
    engine.play("refuses")
    status, body, headers = await post(client, ASKED | {"stream": stream})
    assert (status, body["type"], body["error"]["type"]) == (502, "error", "api_error")
    assert body["thinkwell"]["code"] == "engine_refused"
    assert body["request_id"] == headers.get("request-id", body["request_id"])


async def test_a_stream_that_dies_midway_says_so_and_keeps_what_was_said(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play("dies_midway")
    async with client.post("/v1/messages", json=ASKED | {"stream": True}) as reply:
        assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        text = await reply.text()
    last = json.loads(text.strip().rpartition("data: ")[2])
    assert (last["type"], last["error"]["type"]) == ("error", "overloaded_error")
    assert "text_delta" in text and "message_stop" not in text


@pytest.mark.parametrize(
    ("problem", "retry_after"), [(WouldWait("90 s.", retry_after_s=89.2), "90"), (LineFull("Full."), "30")]
)
@pytest.mark.parametrize("stream", [False, True])
async def test_not_now_is_529_and_says_when(
    client: aiohttp.ClientSession,
    running: RunningSite,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    retry_after: str,
    stream: bool,
) -> None:
    async def refuse(*_: Any) -> Any:
        raise problem

    monkeypatch.setattr(running.site.conductor, "begin", refuse)
    status, body, headers = await post(client, ASKED | {"stream": stream})
    assert (status, body["error"]["type"]) == (529, "overloaded_error")
    assert headers["retry-after"] == retry_after


async def test_who_waits_is_told_in_comments_before_the_message_begins(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    first = asyncio.ensure_future(post(client, ASKED))
    await engine.gates.reached("0")
    async with client.post("/v1/messages", json=ASKED | {"stream": True}) as reply:
        line = await reply.content.readline()
        assert re.fullmatch(rb": waiting place=1 of=1 reason=busy .*deadline=\S+Z\n", line), line
        engine.gates.release("0")
        text = await reply.text()
    names = re.findall("^event: (.*)$", text, re.MULTILINE)
    assert names[:2] == ["message_start", "ping"] and names[-1] == "message_stop"
    assert (await first)[0] == 200


async def test_who_asked_for_it_is_told_of_the_line_in_events(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    body = ASKED | {"stream": True, "thinkwell": {"events": True}}
    asked = asyncio.ensure_future(client.post("/v1/messages", json=body))
    await engine.gates.reached("0")
    [live] = running.site.turns.running
    live.log.add(Queued(3, 12, "busy", 14.0, 40.0))
    live.log.publish(live.log.last_seq)
    engine.gates.release("0")
    text = await (await asked).text()
    assert '"queued":{"position":3' in text
    assert text.index("event: thinkwell") < text.index("event: message_start")


@pytest.mark.parametrize("stream", [True, False])
async def test_a_reader_that_leaves_stops_the_engine(
    client: aiohttp.ClientSession, engine: ScriptedEngine, stream: bool
) -> None:
    engine.gates.hold("3")
    engine.play(saying(*"abcdefgh"))
    task = asyncio.ensure_future(client.post("/v1/messages", json=ASKED | {"stream": stream}))
    await engine.gates.reached("3")
    if stream:
        (await task).close()
    else:
        task.cancel()
    await engine.until(lambda: engine.aborted == 1)


async def test_tools_reach_the_engine_and_their_results_too(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    call = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
    messages = [
        *QUESTION,
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "Four."}]},
    ]
    body = ASKED | {"messages": messages, "tools": TOOLS, "tool_choice": {"type": "auto"}}
    assert (await post(client, body))[0] == 200
    [asked] = engine.asked
    assert [tool.name for tool in asked.tools] == ["look"]
    assert asked.messages[1].tool_calls[0].id == "t1"
    assert (asked.messages[2].role, asked.messages[2].content, asked.messages[2].tool_call_id) == (
        "tool",
        "Four.",
        "t1",
    )


async def test_pictures_are_for_models_that_read_them(
    data: Path, tmp_path: Path, engine: ScriptedEngine
) -> None:
    body = ASKED | {
        "messages": [{"role": "user", "content": [PICTURE, {"type": "text", "text": "What is it?"}]}]
    }
    async with a_site(data, engine, images=False) as client:
        status, reply, _ = await post(client, body)
        assert (status, reply["error"]["type"]) == (400, "invalid_request_error")
        assert "reads no pictures" in reply["error"]["message"]
    assert engine.asked == []
    sees = ScriptedEngine()
    async with a_site(tmp_path / "other", sees, images=True) as client:
        assert (await post(client, body))[0] == 200
    [asked] = sees.asked
    assert [type(part).__name__ for part in asked.messages[0].parts] == ["Image", "str"]


async def test_tokens_are_counted_by_the_engine_and_else_guessed(
    client: aiohttp.ClientSession, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"model": "scripted", "messages": QUESTION, "system": "Be kind.", "tools": TOOLS}
    path = "/v1/messages/count_tokens"
    status, reply, headers = await post(client, body, path)
    assert (status, reply) == (200, {"input_tokens": 2 + 4 + 4 + 4 + 4, "thinkwell": {"exact": True}})
    assert headers["request-id"].startswith("req_")

    async def none(_: Any) -> None:
        return None

    async def away(_: Any) -> int:
        raise EngineRefused("no")

    for cannot in (none, away):
        monkeypatch.setattr(engine, "count_prompt", cannot)
        status, reply, _ = await post(client, body, path)
        assert (status, reply["thinkwell"]) == (200, {"exact": False})
        assert 20 < reply["input_tokens"] < 120
    huge = {"model": "scripted", "messages": [{"role": "user", "content": "a " * 400_000}]}
    assert (await post(client, huge, path))[1]["thinkwell"] == {"exact": False}
    status, reply, _ = await post(client, body | {"model": "gpt-9"}, path)
    assert (status, reply["error"]["type"]) == (404, "not_found_error")
    assert engine.asked == []


@pytest.mark.parametrize("headers", [{"anthropic-version": "2023-06-01"}, {"x-api-key": "none"}])
async def test_models_have_anthropics_shape_for_anthropics_clients(
    client: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with client.get("/v1/models", headers=headers) as reply:
        page = await reply.json()
    assert (page["first_id"], page["last_id"], page["has_more"]) == ("scripted", "scripted", False)
    [model] = page["data"]
    assert (model["type"], model["id"], model["display_name"]) == ("model", "scripted", "Scripted")
    async with client.get("/v1/models/scripted", headers=headers) as reply:
        assert await reply.json() == model
    async with client.get("/v1/models/claude", headers=headers) as reply:
        assert (reply.status, (await reply.json())["error"]["type"]) == (404, "not_found_error")
    async with client.get("/v1/models") as reply:
        assert (await reply.json())["object"] == "list"


BAD: list[tuple[str, Any, str, str]] = [
    ("no limit", {"max_tokens": None}, "bad_request", "max_tokens"),
    ("an unknown field", {"n_discard": -1}, "unknown_field", "n_discard"),
    ("a container", {"container": "c"}, "unknown_field", "container"),
    ("servers of tools", {"mcp_servers": []}, "unknown_field", "mcp_servers"),
    (
        "a template",
        {"chat_template_kwargs": {"tokenize": True}},
        "unknown_field",
        "chat_template_kwargs.tokenize",
    ),
    ("less than no tokens", {"max_tokens": -1}, "bad_request", "max_tokens"),
    ("huge tokens", {"max_tokens": 2**63}, "bad_request", "max_tokens"),
    ("more than the site makes", {"max_tokens": 999_999}, "bad_request", "max_tokens"),
    ("a truth value for a number", {"max_tokens": True}, "bad_request", "max_tokens"),
    ("a temperature out of range", {"temperature": 9}, "bad_request", "temperature"),
    ("a hundred thousand stops", {"stop_sequences": ["x"] * 100_000}, "bad_request", "stop_sequences"),
    ("no messages", {"messages": []}, "bad_request", "messages"),
    ("an unknown role", {"messages": [{"role": "tool", "content": "x"}]}, "bad_request", "messages[0].role"),
    (
        "a prefilled answer",
        {"messages": [*QUESTION, {"role": "assistant", "content": "F"}]},
        "bad_request",
        "messages",
    ),
    (
        "a document",
        {"messages": [{"role": "user", "content": [{"type": "document", "source": {}}]}]},
        "bad_request",
        "messages[0].content[0].type",
    ),
    (
        "a tool of the server",
        {"tools": [{"type": "web_search_20250305", "name": "w"}]},
        "bad_request",
        "tools[0].type",
    ),
    ("a tool without a schema", {"tools": [{"name": "w"}]}, "bad_request", "tools[0]"),
    (
        "a tool's strange name",
        {"tools": [{"name": "a b", "input_schema": {}}]},
        "bad_request",
        "tools[0].name",
    ),
    ("a choice that is none", {"tool_choice": {"type": "maybe"}}, "bad_request", "tool_choice.type"),
    (
        "a budget that is none",
        {"thinking": {"type": "enabled", "budget_tokens": -2}},
        "bad_request",
        "thinking.budget_tokens",
    ),
    (
        "two spellings that differ",
        {"thinking": {"type": "disabled"}, "reasoning_effort": "high"},
        "bad_request",
        "reasoning_effort",
    ),
    ("an unknown wish", {"thinkwell": {"priority": 1}}, "unknown_field", "thinkwell.priority"),
    ("an owner", {"owner": "visitor:x"}, "unknown_field", "owner"),
]


@pytest.mark.parametrize(("change", "code", "param"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_bad_input_is_refused_with_a_reason(
    client: aiohttp.ClientSession, engine: ScriptedEngine, change: Any, code: str, param: str
) -> None:
    body = {name: value for name, value in (ASKED | change).items() if value is not None}
    status, reply, headers = await post(client, body)
    assert status == 400
    assert reply["error"]["type"] == "invalid_request_error"
    assert reply["thinkwell"]["code"] == code
    assert param in (reply["thinkwell"]["param"] or reply["error"]["message"])
    assert param in reply["error"]["message"]
    assert headers["request-id"] == reply["request_id"]
    assert engine.asked == []


MALFORMED = {
    "no JSON": b"{",
    "not a number": b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"temperature":NaN}',
    "a lone surrogate": b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"\\ud800"}]}',
    "invalid UTF-8": b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"\xff"}]}',
    "a deep nest": b'{"model":"m","max_tokens":9,"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a deep input": b'{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t",'
    b'"name":"f","input":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}]}]}",
    "a deep schema": b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"f",'
    b'"input_schema":{"a":' + b"[" * 800 + b"]" * 800 + b"}}]}",
    "fifty thousand messages": b'{"model":"m","max_tokens":9,"messages":['
    + b",".join([b'{"role":"user","content":"x"}'] * 50_000)
    + b"]}",
    "an array": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused_with_a_reason(
    client: aiohttp.ClientSession, engine: ScriptedEngine, raw: bytes
) -> None:
    headers = {"content-type": "application/json"}
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        status, body, _ = await post(client, None, path, data=io.BytesIO(raw), headers=headers, json=None)
        assert (status, body["type"], body["error"]["type"]) == (400, "error", "invalid_request_error")
        assert body["error"]["message"]
    assert engine.asked == []


async def test_sizes_ways_and_places_that_are_not_there(client: aiohttp.ClientSession) -> None:
    status, body, _ = await post(client, None, data=io.BytesIO(b" " * 30_000_000), json=None)
    assert (status, body["error"]["type"]) == (413, "request_too_large")
    long = ASKED | {"messages": [{"role": "user", "content": "a " * 20_000}]}
    status, body, _ = await post(client, long)
    assert (status, body["error"]["type"]) == (400, "invalid_request_error")
    assert body["error"]["message"].startswith("prompt is too long: ")
    status, body, _ = await post(client, ASKED, "/v1/messages/batches")
    assert (status, body["error"]["type"]) == (404, "not_found_error")
    async with client.get("/v1/messages") as reply:
        assert reply.status == 405 and "POST" in reply.headers["allow"]
        assert (await reply.json())["type"] == "error"


async def test_a_thought_is_ended_by_the_id_of_its_message(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.ends_thoughts = True
    engine.play(saying("Four.", reasoning=("Two ", "and ", "two.")))
    engine.gates.hold("1")
    asked = asyncio.ensure_future(client.post("/v1/messages", json=ASKED | {"stream": True}))
    await engine.gates.reached("1")
    [live] = running.site.turns.running
    async with client.post(f"/v1/messages/{live.request.id}/answer_now") as reply:
        assert reply.status == 204
    async with client.post("/v1/messages/msg_none/answer_now") as reply:
        assert (reply.status, (await reply.json())["error"]["type"]) == (404, "not_found_error")
    async with client.post(f"/v1/messages/{live.request.id}/think_on") as reply:
        assert (reply.status, (await reply.json())["error"]["type"]) == (409, "invalid_request_error")
    engine.gates.release("1")
    text = await (await asked).text()
    assert ": thought_ended by=person" in text
    assert '"thinking":"Two "' in text and '"thinking":"two."' not in text and '"text":"Four."' in text


async def test_a_full_line_is_529_and_the_headers_had_said_so(data: Path, engine: ScriptedEngine) -> None:
    engine.gates.hold("0")
    assignments = ("turns.max_live=1",)
    async with running_site(data, engine, assignments=assignments) as site, visitor(site.url) as client:
        asked = asyncio.ensure_future(post(client, ASKED))
        await engine.gates.reached("0")
        status, body, headers = await post(client, ASKED)
        assert (status, body["thinkwell"]["code"], headers["retry-after"]) == (529, "line_full", "60")
        engine.gates.release("0")
        status, _, headers = await asked
        assert (status, headers["anthropic-ratelimit-requests-remaining"]) == (200, "0")


async def test_betas_are_ignored(client: aiohttp.ClientSession) -> None:
    headers = {
        "anthropic-beta": "context-1m-2025-08-07,unknown-2030-01-01",
        "anthropic-version": "2099-01-01",
    }
    assert (await post(client, ASKED, "/v1/messages?beta=true", headers=headers))[0] == 200
