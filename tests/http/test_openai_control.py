"""Answer now and think on, at the OpenAI door: asked from a second connection while the first one reads."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.http.test_callers import BEHIND_THE_PROXY, device

from thinkwell.testing.scenario import end, gate, say, think
from thinkwell.testing.scenarios import Scenario
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card

BODY = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "Why?"}],
    "stream": True,
    "thinkwell": {"events": True},
}
LONG = Scenario(
    name="made",
    about="A long thought, held in its middle",
    steps=(
        *(think("hm ") for _ in range(8)),
        gate("thinking"),
        *(think("on ") for _ in range(8)),
        say("So."),
        end(),
    ),
)
REST = Scenario(name="made", about="What follows a thought that was cut", steps=(say("So."), end()))


class Reader:
    """Reads one stream from its first frame on."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self._reply = reply
        self.chunks: list[Any] = []

    async def next(self) -> Any:
        async for line in self._reply.content:
            if line.startswith(b"data: {"):
                self.chunks.append(json.loads(line[6:]))
                return self.chunks[-1]
        return None

    async def rest(self) -> None:
        while await self.next() is not None:
            pass

    def said(self, name: str) -> str:
        return "".join(
            choice["delta"].get(name) or "" for chunk in self.chunks for choice in chunk["choices"]
        )

    @property
    def news(self) -> list[Any]:
        return [chunk["thinkwell"] for chunk in self.chunks if not chunk["choices"]]

    @property
    def receipt(self) -> Any:
        return self.chunks[-1]["thinkwell"]["receipt"]


async def word(client: aiohttp.ClientSession, turn_id: str, how: str) -> tuple[int, Any]:
    """Answer now, in one of its two spellings, or think on."""
    if how == "control":
        told = client.post("/v1/chat/completions/control", json={"id": turn_id, "action": "reasoning_end"})
    else:
        told = client.post(f"/v1/chat/completions/{turn_id}/{how}")
    async with told as reply:
        return reply.status, await reply.json() if reply.status != 204 else None


@pytest.mark.parametrize("how", ["answer_now", "control"])
@pytest.mark.parametrize("natively", [True, False])
@pytest.mark.parametrize("continues", [True, False])
async def test_answer_now_ends_the_thought_and_the_answer_comes_in_the_same_stream(
    data: Path, engine: ScriptedEngine, how: str, natively: bool, continues: bool
) -> None:
    engine.ends_thoughts = natively
    engine.then(LONG, REST)
    engine.gates.hold("thinking")
    async with (
        running_site(data, engine, scripted_card(continues=continues)) as site,
        aiohttp.ClientSession(site.url) as client,
        client.post("/v1/chat/completions", json=BODY) as reply,
    ):
        reader = Reader(reply)
        await engine.gates.reached("thinking")
        while "hm" not in reader.said("reasoning_content"):
            await reader.next()
        status, told = await word(client, reader.chunks[0]["id"], how)
        assert (status, told) == ((200, {"success": True}) if how == "control" else (204, None))
        engine.gates.release("thinking")
        await reader.rest()
    assert reader.said("content") == "So."
    assert reader.said("reasoning").count("hm ") == 8
    assert reader.said("reasoning").count("on ") <= (0 if natively else 1)
    assert {"thought_ended": {"by": "person"}} in reader.news
    assert reader.receipt["thought_ended"] == "person"
    assert engine.thoughts_ended == natively
    assert len(engine.asked) == (1 if natively else 2)


async def test_answer_now_is_heard_by_a_turn_that_waits_in_line(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.slots = 1
    engine.then(LONG, REST)
    engine.gates.hold("thinking")
    async with (
        client.post("/v1/chat/completions", json=BODY) as first,
        client.post("/v1/chat/completions", json=BODY) as second,
    ):
        reader = Reader(second)
        waiting = await reader.next()
        assert (await word(client, waiting["id"], "answer_now"))[0] == 204
        engine.gates.release("thinking")
        await Reader(first).rest()
        await reader.rest()
    assert reader.receipt["thought_ended"] == "person"
    assert engine.asked[1].thinking_budget == 0


@pytest.mark.parametrize("how", ["answer_now", "control"])
async def test_answer_now_once_the_answer_has_begun_is_a_conflict(
    client: aiohttp.ClientSession, engine: ScriptedEngine, how: str
) -> None:
    engine.gates.hold("answering")
    engine.play("fields")
    async with client.post("/v1/chat/completions", json=BODY) as reply:
        reader = Reader(reply)
        await engine.gates.reached("answering")
        while "answer" not in reader.said("content"):
            await reader.next()
        status, body = await word(client, reader.chunks[0]["id"], how)
        engine.gates.release("answering")
        await reader.rest()
    assert (status, body["error"]["code"]) == (409, "conflict")
    assert body["error"]["message"].endswith(".")
    assert reader.receipt["thought_ended"] is None


async def test_think_on_is_heard_before_the_turn_has_begun_and_a_conflict_where_nothing_was_shortened(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.slots = 1
    engine.gates.hold("thinking")
    engine.play("fields")
    async with client.post("/v1/chat/completions", json=BODY) as first:
        reader = Reader(first)
        running = (await reader.next())["id"]
        status, body = await word(client, running, "think_on")
        assert (status, body["error"]["code"]) == (409, "conflict")
        async with client.post("/v1/chat/completions", json=BODY) as second:
            waits = Reader(second)
            assert (await word(client, (await waits.next())["id"], "think_on"))[0] == 204
            engine.gates.release("thinking")
            await reader.rest()
            await waits.rest()


async def test_think_on_lengthens_a_thought_that_was_shortened(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("thinking")
    engine.play(LONG)
    async with client.post("/v1/chat/completions", json=BODY) as reply:
        reader = Reader(reply)
        await engine.gates.reached("thinking")
        while "hm" not in reader.said("reasoning"):
            await reader.next()
        [live] = running.site.turns.running
        assert live.thinker is not None and live.thinker.shorten(12)
        assert (await word(client, reader.chunks[0]["id"], "think_on"))[0] == 204
        engine.gates.release("thinking")
        await reader.rest()
    [lengthened] = [news["lengthened"] for news in reader.news if "lengthened" in news]
    assert lengthened["budget"] > 12
    assert reader.said("reasoning") == "hm " * 8 + "on " * 8


@pytest.mark.parametrize("how", ["answer_now", "control", "think_on"])
async def test_a_turn_that_is_unknown_or_over_is_not_found(client: aiohttp.ClientSession, how: str) -> None:
    for turn_id in ("chatcmpl-0", "x" * 300, "..%2f..%2fcontrol"):
        status, body = await word(client, turn_id, how)
        assert (status, body["error"]["code"]) == (404, "not_found")
    async with client.post("/v1/chat/completions", json=BODY) as reply:
        reader = Reader(reply)
        await reader.rest()
    assert (await word(client, reader.chunks[0]["id"], how))[0] == 404


@pytest.mark.parametrize("how", ["answer_now", "control", "think_on"])
async def test_another_persons_turn_is_not_found_and_goes_on(
    data: Path, engine: ScriptedEngine, how: str
) -> None:
    engine.play(LONG)
    engine.gates.hold("thinking")
    async with (
        running_site(data, engine, assignments=BEHIND_THE_PROXY) as site,
        device(site, "olha") as hers,
        device(site, "petro") as his,
        hers.post("/v1/chat/completions", json=BODY) as reply,
    ):
        reader = Reader(reply)
        turn_id = (await reader.next())["id"]
        missing = await word(his, "chatcmpl-0", how)
        assert await word(his, turn_id, how) == missing
        assert missing[0] == 404
        engine.gates.release("thinking")
        await reader.rest()
    assert reader.receipt["thought_ended"] is None
    assert reader.said("reasoning") == "hm " * 8 + "on " * 8


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "x"},
        {"id": "x", "action": "stop"},
        {"id": 1, "action": "reasoning_end"},
        {"id": "x", "action": "reasoning_end", "slot": 0},
        [],
    ],
)
async def test_other_words_of_control_are_refused(client: aiohttp.ClientSession, body: Any) -> None:
    async with client.post("/v1/chat/completions/control", json=body) as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]["type"] == "invalid_request_error"


async def test_who_reads_whole_can_be_answered_now_too(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.ends_thoughts = True
    engine.play(LONG)
    engine.gates.hold("thinking")
    async with asyncio.TaskGroup() as both:
        asked = both.create_task(_whole(client))
        await engine.gates.reached("thinking")
        [live] = running.site.turns.running
        assert (await word(client, live.request.id, "answer_now"))[0] == 204
        engine.gates.release("thinking")
    message = asked.result()["choices"][0]["message"]
    assert (message["content"], message["reasoning"]) == ("So.", "hm " * 8)


async def _whole(client: aiohttp.ClientSession) -> Any:
    async with client.post("/v1/chat/completions", json={**BODY, "stream": False}) as reply:
        return await reply.json()
