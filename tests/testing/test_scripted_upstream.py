"""The scripted upstream says over HTTP what the scripted engine says in process."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from thinkwell.testing.scenarios import load_scenarios, scenario
from thinkwell.testing.upstream import ScriptedUpstream


def ask(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "stream": True} | fields


def events_in(body: str) -> list[dict[str, Any]]:
    data = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    assert data.pop() == "[DONE]"
    return [json.loads(event) for event in data]


async def post(upstream: ScriptedUpstream, body: dict[str, Any]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{upstream.url}/v1/chat/completions", json=body) as reply,
    ):
        return reply.status, await reply.text()


@pytest.mark.parametrize("name", [s.name for s in load_scenarios().values() if s.finish and s.name != "slow"])
async def test_a_scenario_is_streamed_whole(name: str):
    async with ScriptedUpstream(name) as upstream:
        status, body = await post(
            upstream, ask(timings_per_token=True, stream_options={"include_usage": True})
        )
    events = events_in(body)
    choices = [event["choices"][0] for event in events if event["choices"]]
    wanted = scenario(name)
    assert status == 200
    assert "".join(choice["delta"].get("content", "") for choice in choices) == wanted.text
    assert "".join(choice["delta"].get("reasoning_content", "") for choice in choices) == wanted.reasoning
    assert choices[-1]["finish_reason"] == wanted.finish
    assert events[-1]["usage"]["completion_tokens"] == wanted.tokens
    assert events[-2]["timings"]["predicted_n"] == wanted.tokens


async def test_a_user_message_chooses_its_own_scenario():
    async with ScriptedUpstream("plain") as upstream:
        status, body = await post(upstream, ask("please [[play=refuses]]", stream=False))
        assert (status, "refuses" in body) == (500, True)
        status, body = await post(upstream, ask(stream=False))
    assert json.loads(body)["choices"][0]["message"]["content"] == "Hello, world."


@pytest.mark.parametrize("name", ["dies_midway", "dies_at_once"])
async def test_a_death_cuts_the_connection(name: str):
    async with ScriptedUpstream(name) as upstream:
        with pytest.raises(aiohttp.ClientError):
            await post(upstream, ask())


async def test_a_cut_stream_ends_without_an_ending():
    async with ScriptedUpstream("cut_stream") as upstream:
        status, body = await post(upstream, ask())
    assert (status, "[DONE]" in body, '"stop"' in body) == (200, False, False)


async def test_a_reader_that_leaves_is_counted_and_frees_the_slot():
    async with ScriptedUpstream("stalls", slots=1) as upstream, aiohttp.ClientSession() as session:
        async with session.post(f"{upstream.url}/v1/chat/completions", json=ask()) as reply:
            await reply.content.readany()
            await upstream.gates.reached("stalled")
            status, _ = await post(upstream, ask())
            assert status == 503
        await upstream.gates.until(lambda: upstream.open == 0)
        upstream.play("plain")
        assert (await post(upstream, ask()))[0] == 200
    assert (upstream.aborted, upstream.refused_over_slots, upstream.max_open) == (1, 1, 1)


async def test_a_held_gate_holds_the_stream():
    async with ScriptedUpstream("plain") as upstream:
        upstream.gates.hold("answering")
        task = asyncio.ensure_future(post(upstream, ask()))
        await upstream.gates.reached("answering")
        assert not task.done()
        upstream.gates.release("answering")
        assert (await task)[0] == 200


async def test_each_kind_of_server_presents_itself_as_such():
    for kind, has_props, owner in (
        ("llama.cpp", True, "scripted"),
        ("vllm", False, "vllm"),
        ("sglang", False, "sglang"),
        ("generic", False, "scripted"),
    ):
        async with ScriptedUpstream(kind=kind, slots=3) as upstream, aiohttp.ClientSession() as session:
            async with session.get(f"{upstream.url}/props") as reply:
                assert (reply.status == 200) == has_props
            async with session.get(f"{upstream.url}/v1/models") as reply:
                assert (await reply.json())["data"][0]["owned_by"] == owner


async def test_tool_calls_are_streamed_in_pieces_and_sent_whole():
    async with ScriptedUpstream("calls_tools") as upstream:
        _, streamed = await post(upstream, ask())
        _, whole = await post(upstream, ask(stream=False))
    pieces = [
        piece
        for event in events_in(streamed)
        for choice in event["choices"]
        for piece in choice["delta"].get("tool_calls", [])
    ]
    calls = json.loads(whole)["choices"][0]["message"]["tool_calls"]
    assert [piece["id"] for piece in pieces if piece.get("id")] == [call["id"] for call in calls]
    for index, call in enumerate(calls):
        said = "".join(piece["function"]["arguments"] for piece in pieces if piece["index"] == index)
        assert said == call["function"]["arguments"]


@pytest.mark.parametrize(
    "asked",
    [
        {"thinking_budget_tokens": 2},
        {"thinking_token_budget": 2},
        {"custom_params": {"thinking_budget": 2}},
        {"chat_template_kwargs": {"enable_thinking": False}},
        {"reasoning_effort": "none"},
    ],
)
async def test_what_it_heeds_shortens_the_thought(asked: dict[str, Any]):
    async with ScriptedUpstream("long_thought") as upstream:
        thoughts = []
        for heeds in (frozenset(), frozenset({"budget", "switch"})):
            upstream.heeds = heeds
            _, body = await post(upstream, ask(stream=False, **asked))
            thoughts.append(json.loads(body)["choices"][0]["message"].get("reasoning_content", ""))
    assert len(thoughts[1]) < len(thoughts[0])
    assert (thoughts[1] == "") == ("chat_template_kwargs" in asked or "reasoning_effort" in asked)


async def test_a_thought_in_flight_is_ended_where_llama_cpp_is_played():
    async with ScriptedUpstream("long_thought") as upstream, aiohttp.ClientSession() as session:
        upstream.gates.hold("3")
        task = asyncio.ensure_future(post(upstream, ask()))
        await upstream.gates.reached("3")
        url = f"{upstream.url}/v1/chat/completions/control"
        for id, ended in (("chatcmpl-scripted-9", False), ("chatcmpl-scripted-1", True)):
            async with session.post(url, json={"id": id, "action": "reasoning_end"}) as reply:
                assert (await reply.json()) == {"success": ended}
        upstream.gates.release("3")
        _, body = await task
    assert upstream.thoughts_ended == 1
    assert '"content"' in body


async def test_it_makes_embeddings_or_says_that_it_has_none():
    async with ScriptedUpstream() as upstream, aiohttp.ClientSession() as session:
        url = f"{upstream.url}/v1/embeddings"
        async with session.post(url, json={"input": ["a b", "c"]}) as reply:
            assert [one["embedding"] for one in (await reply.json())["data"]] == [[3.0, 2.0], [1.0, 1.0]]
        upstream.embeds = False
        async with session.post(url, json={"input": "x"}) as reply:
            assert reply.status == 501
