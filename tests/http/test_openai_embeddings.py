"""Embeddings: admitted, counted and waited for as any other turn."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from thinkwell.engines.base import Embedded
from thinkwell.errors import EngineBroken, EngineRefused, EngineUnavailable, ThinkwellError
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.turns.embed import AT_ONCE


class Watched(ScriptedEngine):
    """Remembers what it was asked to embed; fails as told, and can be held."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[list[str]] = []
        self.fails: list[ThinkwellError] = []
        self.vector: list[float] | None = None
        self.embedding = 0
        self.cancelled = 0

    async def embed(self, texts: Sequence[str]) -> Embedded:
        self.pieces.append(list(texts))
        self.embedding += 1
        try:
            await self.gates.come_to("embed")
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.embedding -= 1
        if self.fails:
            raise self.fails.pop(0)
        made = await super().embed(texts)
        if self.vector is not None:
            return Embedded(vectors=[self.vector for _ in texts], tokens=made.tokens)
        return made


@pytest.fixture
def engine() -> Watched:
    return Watched()


async def post(client: aiohttp.ClientSession, given: Any, **fields: Any) -> tuple[int, Any]:
    body = {"model": "scripted", "input": given} | fields
    async with client.post("/v1/embeddings", json=body) as reply:
        return reply.status, await reply.json()


async def entries(running: RunningSite) -> list[tuple[Any, ...]]:
    await running.site.conductor.settled()
    query = text("SELECT ending, prompt_tokens, answer_tokens FROM entries")
    return [
        tuple(row)
        for row in await running.site.database.read(lambda connection: connection.execute(query).all())
    ]


async def test_a_text_becomes_a_vector_with_an_entry_and_a_receipt(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    status, body = await post(client, "one two", user="u")
    assert status == 200
    assert body["data"] == [{"index": 0, "embedding": [7.0, 2.0], "object": "embedding"}]
    usage = body["usage"]
    assert (body["object"], body["model"]) == ("list", "scripted")
    assert (usage["prompt_tokens"], usage["total_tokens"], usage["cost"]) == (2, 2, 0)
    assert usage["cost_details"]["currency"] == "EUR"
    receipt = body["thinkwell"]["receipt"]
    assert receipt["usage"] == {"prompt": 2, "cached": 0, "reasoning": 0, "answer": 0}
    assert receipt["turn_id"].startswith("embd_")
    assert await entries(running) == [("finished", 2, 0)]


async def test_a_long_list_comes_back_in_order_and_is_asked_for_in_pieces(
    client: aiohttp.ClientSession, engine: Watched
) -> None:
    texts = ["x" * (1 + n % 50) for n in range(2048)]
    status, body = await post(client, texts)
    assert status == 200
    assert [one["index"] for one in body["data"]] == list(range(2048))
    assert [one["embedding"][0] for one in body["data"]] == [float(len(one)) for one in texts]
    assert {len(piece) for piece in engine.pieces} == {AT_ONCE}
    assert [one for piece in engine.pieces for one in piece] == texts


async def test_base64_is_the_same_numbers(client: aiohttp.ClientSession, engine: Watched) -> None:
    engine.vector = [0.5, -1.25, 1e300]
    _, body = await post(client, ["a", "b"], encoding_format="base64")
    packed = base64.b64decode(body["data"][1]["embedding"])
    assert struct.unpack("<3f", packed) == (0.5, -1.25, float("inf"))


async def test_the_number_of_dimensions_must_be_the_models(client: aiohttp.ClientSession) -> None:
    assert (await post(client, "x", dimensions=2))[0] == 200
    status, body = await post(client, "x", dimensions=3)
    assert status == 400
    assert "have 2 numbers" in body["error"]["message"]


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", {"input": ""}, "input"),
    ("no texts", {"input": []}, "input"),
    ("an empty text", {"input": ["x", ""]}, "input[1]"),
    ("too many texts", {"input": ["x"] * 2049}, "input"),
    ("tokens", {"input": [1, 2, 3]}, "input"),
    ("lists of tokens", {"input": [[1, 2], [3]]}, "input"),
    ("tokens among texts", {"input": ["x", [3]]}, "input"),
    ("a number", {"input": 7}, "input"),
    ("a truth value", {"input": [True]}, "input[0]"),
    ("another encoding", {"encoding_format": "int8"}, "encoding_format"),
    ("no dimensions", {"dimensions": 0}, "dimensions"),
    ("a half dimension", {"dimensions": 1.5}, "dimensions"),
    ("a field of another server", {"truncate_prompt_tokens": -1}, "truncate_prompt_tokens"),
    ("a template", {"chat_template_kwargs": {}}, "chat_template_kwargs"),
    ("messages", {"messages": []}, "messages"),
]


@pytest.mark.parametrize(("change", "param"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_bad_input_is_refused_by_its_name(
    client: aiohttp.ClientSession, engine: Watched, change: Any, param: str
) -> None:
    status, body = await post(client, "x", **change)
    assert (status, body["error"]["param"]) == (400, param), body
    assert engine.pieces == []


async def test_an_unknown_model_and_a_text_over_the_context_are_refused(
    client: aiohttp.ClientSession, engine: Watched
) -> None:
    assert (await post(client, "x", model="gpt-9"))[0] == 404
    status, body = await post(client, ["x", "a " * 50_000])
    assert (status, body["error"]["code"]) == (400, "context_length_exceeded")
    assert engine.pieces == []


async def test_an_engine_without_embeddings_is_said_to_have_none(
    running: RunningSite, client: aiohttp.ClientSession, engine: Watched
) -> None:
    engine.embeds = False
    status, body = await post(client, "x")
    assert (status, body["error"]["code"]) == (400, "bad_request")
    assert "no embeddings" in body["error"]["message"]
    assert await entries(running) == [("failed", 0, 0)]


async def test_an_engine_that_will_not_have_the_sites_own_key_is_the_sites_fault(
    client: aiohttp.ClientSession, engine: Watched
) -> None:
    engine.fails = [EngineRefused("The engine did not accept the site's key.", param="key")]
    status, body = await post(client, "x")
    assert (status, body["error"]["code"]) == (502, "engine_refused")


async def test_an_engine_that_is_lost_is_asked_again_from_where_it_was(
    running: RunningSite, client: aiohttp.ClientSession, engine: Watched
) -> None:
    engine.fails = [EngineBroken("cut")]
    status, body = await post(client, ["abcd"] * (AT_ONCE + 1))
    assert status == 200
    assert len(body["data"]) == AT_ONCE + 1
    assert [len(piece) for piece in engine.pieces] == [AT_ONCE, AT_ONCE, 1]
    assert body["usage"]["prompt_tokens"] == AT_ONCE + 1
    engine.fails = [EngineUnavailable("gone"), EngineBroken("cut"), EngineUnavailable("gone")]
    status, body = await post(client, "x")
    assert (status, body["error"]["code"]) == (503, "engine_unavailable")
    assert [row[0] for row in await entries(running)] == ["finished", "failed"]


async def test_embeddings_wait_in_the_line_and_never_ask_for_more_than_there_is(
    client: aiohttp.ClientSession, engine: Watched
) -> None:
    engine.slots = 1
    engine.gates.hold("embed")
    async with asyncio.TaskGroup() as both:
        first = both.create_task(post(client, "one"))
        await engine.gates.reached("embed")
        second = both.create_task(post(client, "two"))
        body = {"model": "scripted", "messages": [{"role": "user", "content": "x"}]}
        third = both.create_task(_chat(client, body))
        await asyncio.sleep(0.05)
        assert (len(engine.pieces), engine.asked) == (1, [])
        engine.gates.release("embed")
    assert first.result()[0] == second.result()[0] == third.result() == 200
    assert second.result()[1]["thinkwell"]["receipt"]["waited_s"] > 0


async def _chat(client: aiohttp.ClientSession, body: Any) -> int:
    async with client.post("/v1/chat/completions", json=body) as reply:
        await reply.read()
        return reply.status


async def test_a_reader_that_leaves_stops_the_engine_and_what_was_read_is_counted(
    running: RunningSite, client: aiohttp.ClientSession, engine: Watched
) -> None:
    engine.gates.hold("embed")
    task = asyncio.ensure_future(post(client, ["abcd"] * (2 * AT_ONCE)))
    await engine.gates.reached("embed")
    task.cancel()
    while not engine.cancelled:
        await asyncio.sleep(0.01)
    while running.site.turns.running:
        await running.site.turns.running[0].over()
    assert await entries(running) == [("stopped", 0, 0)]


async def test_a_turn_without_words_has_no_thought_to_end(
    client: aiohttp.ClientSession, engine: Watched, running: RunningSite
) -> None:
    engine.gates.hold("embed")
    async with asyncio.TaskGroup() as both:
        asked = both.create_task(post(client, "x"))
        await engine.gates.reached("embed")
        [live] = running.site.turns.running
        async with client.post(f"/v1/chat/completions/{live.request.id}/answer_now") as reply:
            assert reply.status == 409
        engine.gates.release("embed")
    assert asked.result()[0] == 200


async def test_a_long_list_lets_others_go_first_between_two_pieces(
    client: aiohttp.ClientSession, engine: Watched, running: RunningSite
) -> None:
    engine.gates.hold("embed")
    async with asyncio.TaskGroup() as both:
        asked = both.create_task(post(client, ["x"] * (AT_ONCE + 1)))
        await engine.gates.reached("embed")
        [standing] = running.site.pool.dispatcher._standings.values()
        standing.asked_to_pause = True
        engine.gates.release("embed")
    status, body = asked.result()
    assert (status, len(body["data"])) == (200, AT_ONCE + 1)
    assert body["thinkwell"]["receipt"]["gave_way_s"] >= 0
    assert [len(piece) for piece in engine.pieces] == [AT_ONCE, 1]


async def test_a_site_that_stops_ends_what_runs_and_says_so(
    client: aiohttp.ClientSession, engine: Watched, running: RunningSite
) -> None:
    engine.gates.hold("embed")
    async with asyncio.TaskGroup() as both:
        asked = both.create_task(post(client, "x"))
        await engine.gates.reached("embed")
        await running.site.conductor.stop_all()
    assert (asked.result()[0], asked.result()[1]["error"]["code"]) == (503, "interrupted")
    status, body = await post(client, "x")
    assert (status, body["error"]["code"]) == (503, "interrupted")
