"""The simulated engine over HTTP: its protocol, its slots, its faults."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from thinkwell.testing.simulation.completion import Habits
from thinkwell.testing.simulation.server import Options, SimulatedServer

INSTANT = Options(profile="instant", slots=4)
PACED = Options(profile="arena", slots=2, speed=50)


class Client:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    def post(self, text: str, **fields: Any):
        body = {"messages": [{"role": "user", "content": text}], "stream": True} | fields
        return self.session.post(f"{self.url}/v1/chat/completions", json=body)

    async def events(self, text: str, **fields: Any) -> list[dict[str, Any]]:
        async with self.post(text, **fields) as reply:
            assert reply.status == 200, await reply.text()
            lines = (await reply.text()).split("\n\n")
        data = [line.removeprefix("data: ") for line in lines if line]
        assert data.pop() == "[DONE]"
        return [json.loads(event) for event in data]

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + path) as reply:
            return await reply.json()

    async def stats_when(self, **wanted: int) -> dict[str, int]:
        """The counts, once they are as wanted."""
        async with asyncio.timeout(5):
            while True:
                stats: dict[str, int] = await self.get("/simulated/stats")
                if wanted.items() <= stats.items():
                    return stats


@asynccontextmanager
async def serving(options: Options):
    async with (
        SimulatedServer(options) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        yield Client(server.url, session)


def said(events: list[dict[str, Any]], field: str) -> list[str]:
    deltas = [event["choices"][0]["delta"] for event in events if event["choices"]]
    return [delta[field] for delta in deltas if delta.get(field)]


@pytest.mark.parametrize("options", [INSTANT, PACED])
async def test_a_message_directs_how_much_is_thought_and_said(options: Options):
    async with serving(options) as client:
        events = await client.events("[[think=70 answer=90]]", stream_options={"include_usage": True})
    assert (len(said(events, "reasoning_content")), len(said(events, "content"))) == (70, 90)
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    assert events[-1]["usage"]["completion_tokens"] == 160
    assert events[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 70}


@pytest.mark.parametrize("options", [INSTANT, PACED])
async def test_running_totals_come_with_every_chunk_when_asked_for(options: Options):
    async with serving(options) as client:
        wanted = {"stream_options": {"continuous_usage_stats": True}, "timings_per_token": True}
        events = await client.events("[[think=3 answer=2]]", **wanted)
    assert [event["timings"]["predicted_n"] for event in events[1:]] == [1, 2, 3, 4, 5, 5]
    assert [event["usage"]["completion_tokens"] for event in events[1:]] == [1, 2, 3, 4, 5, 5]
    assert [event["usage"]["completion_tokens_details"]["reasoning_tokens"] for event in events[1:]] == [
        *(1, 2, 3, 3, 3, 3)
    ]


async def test_without_directives_lengths_are_drawn_the_same_for_the_same_question():
    async with serving(INSTANT) as client:
        first, again, other = [
            await client.events("What is a well?", seed=seed, timings_per_token=True) for seed in (1, 1, 2)
        ]
    assert len(first) == len(again)
    assert len(first) != len(other)


async def test_a_reply_in_one_piece_says_the_same():
    async with serving(INSTANT) as client, client.post("[[think=3 answer=2]]", stream=False) as reply:
        whole = await reply.json()
    assert whole["choices"][0]["message"] == {
        "role": "assistant",
        "content": "the sea ",
        "reasoning_content": "the sea and ",
    }
    assert whole["usage"]["total_tokens"] == whole["usage"]["prompt_tokens"] + 5


async def test_thought_between_tags_is_counted_with_its_tags():
    async with serving(INSTANT) as client:
        events = await client.events("[[think=4 answer=2 tags]]")
        assert said(events, "content") == ["<think>", "sea ", "and ", "</think>", "the ", "sea "]
        assert said(events, "reasoning_content") == []
        whole = await client.events("[[think=4 answer=2]]", reasoning_format="none")
        assert said(whole, "content") == said(events, "content")


async def test_limits_cut_the_thought_or_the_whole():
    async with serving(INSTANT) as client:
        cut = await client.events("[[think=4 answer=9]]", max_tokens=6)
        assert (len(said(cut, "reasoning_content")), len(said(cut, "content"))) == (4, 2)
        assert cut[-1]["choices"][0]["finish_reason"] == "length"
        brief = await client.events("[[think=400 answer=3]]", thinking_budget_tokens=5)
        assert (len(said(brief, "reasoning_content")), len(said(brief, "content"))) == (5, 3)


@pytest.mark.parametrize(
    ("asked", "thought"),
    [
        ({"thinking_token_budget": 5}, 5),
        ({"custom_params": {"thinking_budget": 5}}, 5),
        ({"chat_template_kwargs": {"enable_thinking": False}}, 0),
        ({"reasoning_effort": "none"}, 0),
        ({"reasoning_effort": "high", "chat_template_kwargs": {"enable_thinking": True}}, 40),
    ],
)
async def test_every_servers_way_to_bound_a_thought_is_understood(asked: dict[str, Any], thought: int):
    async with serving(INSTANT) as client:
        events = await client.events("[[think=40 answer=3]]", **asked)
    assert (len(said(events, "reasoning_content")), len(said(events, "content"))) == (thought, 3)


TOOL = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}


@pytest.mark.parametrize("fields", [{}, {"timings_per_token": True}])
async def test_a_message_directs_a_call_of_a_tool_that_is_offered(fields: dict[str, Any]):
    async with serving(INSTANT) as client:
        events = await client.events("[[think=3 answer=5 call=get_time]]", tools=[TOOL], **fields)
        async with client.post("[[think=3 answer=5 call=get_time]]", tools=[TOOL], stream=False) as reply:
            whole = (await reply.json())["choices"][0]
        async with client.post("[[call=get_time]]") as refused:
            assert refused.status == 400
        cut = await client.events("[[think=0 answer=9 call=get_time]]", tools=[TOOL], max_tokens=4)
    pieces = [piece for pieces in said(events, "tool_calls") for piece in pieces]
    assert pieces[0]["function"]["name"] == "get_time" and pieces[0]["id"]
    arguments = "".join(piece["function"]["arguments"] for piece in pieces)
    assert json.loads(arguments) == {"said": "sea and sky "}
    assert len(pieces) == 1 + 5, "the name, and a piece for every token"
    assert len(said(events, "reasoning_content")) == 3 and not said(events, "content")
    assert events[-1]["choices"][0]["finish_reason"] == whole["finish_reason"] == "tool_calls"
    assert whole["message"]["tool_calls"][0]["function"] == {"name": "get_time", "arguments": arguments}
    assert cut[-1]["choices"][0]["finish_reason"] == "length"


async def test_it_makes_embeddings_of_two_numbers():
    async with serving(INSTANT) as client:
        url = f"{client.url}/v1/embeddings"
        async with client.session.post(url, json={"input": ["four", "one two three"]}) as reply:
            made = await reply.json()
    assert [one["embedding"] for one in made["data"]] == [[1.0, 1.0], [4.0, 3.0]]
    assert made["usage"]["prompt_tokens"] == 5


async def test_a_thought_in_flight_is_ended_on_request_and_the_answer_follows():
    async with serving(Options(profile="arena", slots=1, speed=20)) as client:
        async with client.post("[[think=4000 answer=5]]", timings_per_token=True) as reply:
            opening = json.loads((await reply.content.readuntil(b"\n\n")).removeprefix(b"data: "))
            body = {"id": opening["id"], "action": "reasoning_end"}
            url = f"{client.url}/v1/chat/completions/control"
            async with client.session.post(url, json=body) as control:
                assert (control.status, await control.json()) == (200, {"success": True})
            events = [json.loads(e.removeprefix("data: ")) for e in (await reply.text()).split("\n\n")[:-2]]
        thought, answer = said(events, "reasoning_content"), said(events, "content")
        assert len(thought) < 400
        assert len(answer) == 5
        assert events[-1]["timings"]["predicted_n"] == len(thought) + 5


async def test_over_the_slots_it_refuses_and_counts():
    async with serving(msgspec.structs.replace(PACED, grace_s=0.0)) as client:
        async with client.post("[[stall]]"), client.post("[[stall]]"):
            await client.stats_when(stalled=2)
            async with client.post("one too many") as refused:
                assert refused.status == 503
        stats = await client.stats_when(running=0)
    assert (stats["max_running"], stats["refused"], stats["queued_ever"], stats["aborted"]) == (2, 1, 0, 2)


async def test_over_the_slots_it_queues_where_it_is_told_to():
    options = msgspec.structs.replace(PACED, over="queue", grace_s=0.0)
    async with serving(options) as client:
        await asyncio.gather(*(client.events("[[think=5 answer=5]]") for _ in range(6)))
        stats = await client.stats_when(finished=6)
    assert (stats["max_running"], stats["queued_ever"], stats["refused"]) == (2, 4, 0)


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_reader_that_leaves_frees_its_slot_at_once(streamed: bool):
    options = Options(profile="arena", slots=1, speed=1)
    async with serving(options) as client:
        task = asyncio.ensure_future(client.events("[[think=9000 answer=9000]]", stream=streamed))
        await client.stats_when(running=1)
        task.cancel()
        await client.stats_when(running=0, aborted=1)
        await client.events("[[think=1 answer=1]]", max_tokens=2)
        assert (await client.stats_when(finished=1))["refused"] == 0


async def test_an_abort_and_the_next_request_at_the_same_moment_need_one_slot():
    async with serving(Options(profile="arena", slots=1, speed=20)) as client:
        for _ in range(20):
            reply = await client.post("[[think=90 answer=90]]")
            await reply.content.readany()
            reply.close()
            await client.events("[[think=0 answer=1]]")
        stats = await client.stats_when(aborted=20)
    assert (stats["max_running"], stats["refused"], stats["finished"]) == (1, 0, 20)


@pytest.mark.parametrize("options", [INSTANT, PACED])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_directed_death_cuts_the_connection_after_its_tokens(options: Options, streamed: bool):
    async with serving(options) as client:
        with pytest.raises(aiohttp.ClientError):
            async with client.post("[[think=3 answer=9 die=5]]", stream=streamed) as reply:
                got = b""
                async for piece in reply.content.iter_any():
                    got += piece
        if streamed:
            assert got.count(b"reasoning_content") == 3
            assert got.count(b'"content":"') == 2
        assert (await client.stats_when(running=0, aborted=1))["tokens_made"] == 5


async def test_a_directed_stall_keeps_the_connection_and_the_slot():
    async with serving(INSTANT) as client:
        async with client.post("[[think=3 answer=9 stall=5]]") as reply:
            got = b""
            while got.count(b"data: ") < 6:
                got += await reply.content.readany()
            stats = await client.stats_when(stalled=1)
            assert (stats["running"], stats["tokens_made"]) == (1, 5)
        await client.stats_when(running=0, stalled=0, aborted=1)


@pytest.mark.parametrize(
    ("text", "fields", "status"),
    [
        ("[[status=429]]", {}, 429),
        ("[[fly]]", {}, 400),
        ("word " * 200_000, {}, 400),
        ("hello", {"messages": []}, 400),
        ("hello", {"max_tokens": "many"}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_status(text: str, fields: dict[str, Any], status: int):
    async with serving(INSTANT) as client, client.post(text, **fields) as reply:
        assert reply.status == status
        assert (await reply.json())["error"]["message"]


async def test_a_prompt_over_the_context_is_refused_as_llama_cpp_does():
    async with serving(PACED) as client, client.post("word" * 5000) as reply:
        error = (await reply.json())["error"]
    assert error["type"] == "exceed_context_size_error"
    assert error["n_prompt_tokens"] > error["n_ctx"] == 4096


async def test_the_prompt_is_counted_as_the_template_and_tokenizer_say():
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi [[answer=1]] 你"}]
    async with serving(INSTANT) as client:
        async with client.session.post(f"{client.url}/apply-template", json={"messages": messages}) as reply:
            prompt = (await reply.json())["prompt"]
        async with client.session.post(f"{client.url}/tokenize", json={"content": prompt}) as reply:
            count = len((await reply.json())["tokens"])
        events = await client.events("", messages=messages, stream_options={"include_usage": True})
    assert events[-1]["usage"]["prompt_tokens"] == count == -(-len(prompt.encode()) // 4)


async def test_a_conversation_that_goes_on_is_cached_but_for_its_end():
    first = [{"role": "user", "content": "a long story " * 30 + "[[think=0 answer=64]]"}]
    async with serving(INSTANT) as client:
        events = await client.events("", messages=first, stream_options={"include_usage": True})
        answer = "".join(said(events, "content"))
        assert events[-1]["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
        more = [*first, {"role": "assistant", "content": answer}, {"role": "user", "content": "[[answer=1]]"}]
        again = await client.events("", messages=more, stream_options={"include_usage": True})
    earlier = events[-1]["usage"]["total_tokens"]
    cached = again[-1]["usage"]["prompt_tokens_details"]["cached_tokens"]
    assert earlier - 16 < cached <= earlier


async def test_an_answer_that_was_begun_is_continued():
    messages = [
        {"role": "user", "content": "[[think=0 answer=5]]"},
        {"role": "assistant", "content": "the sea "},
    ]
    async with serving(INSTANT) as client:
        events = await client.events("", messages=messages)
    assert len(said(events, "content")) == 3


async def test_it_presents_itself_as_llama_cpp():
    async with serving(PACED) as client:
        props, models = await client.get("/props"), await client.get("/v1/models")
        assert await client.get("/health") == {"status": "ok"}
    assert (props["total_slots"], props["default_generation_settings"]["n_ctx"]) == (2, 4096)
    assert models["data"][0]["id"] == "simulated"


async def test_paced_tokens_take_the_profile_s_time():
    options = Options(profile="arena", slots=1, speed=10, habits=Habits(think=0))
    async with serving(options) as client:
        loop = asyncio.get_running_loop()
        began = loop.time()
        events = await client.events("[[answer=200]]")
        seconds = loop.time() - began
    # 199 steps of 25.7 ms at ten times the speed.
    assert seconds > 0.5
    assert events[-1]["timings"]["predicted_ms"] == pytest.approx(199 * 25.7, rel=0.05)


@pytest.mark.timeout(30)
def test_the_process_says_where_it_listens_and_ends_with_its_parent():
    command = [sys.executable, "-m", "thinkwell.testing.simulation.server"]
    options = ["--profile", "instant", "--port", "0", "--slots", "3", "--die-with-parent"]
    with subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdin
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(10) == 0
