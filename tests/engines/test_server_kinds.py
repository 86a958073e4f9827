"""What is learned of each kind of server, and what its engine can do then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from raw_server import Exchange, RawServer

from thinkwell.engines.base import Abilities
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.engines.streams import stream
from thinkwell.errors import BadRequest, EngineRefused
from thinkwell.testing.scenario import Scenario, end, gate, say, think
from thinkwell.testing.upstream import Kind, ScriptedUpstream
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.message import Image, Message
from thinkwell.values.tool import Tool

WHY = (Message("user", "Why?"),)
QUESTION = EnginePass(messages=WHY)
THINKING = Scenario(
    name="made",
    about="Five thoughts, then an answer",
    steps=(*(think(f"{n} ") for n in range(5)), gate("answer"), say("42"), end()),
)


@asynccontextmanager
async def started(url: str, **address: Any) -> AsyncIterator[OpenAIEngine]:
    engine = OpenAIEngine("there", ServerAddress(url=url, **address), EngineTimeouts(silent_s=5))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


async def ask(engine: OpenAIEngine, wanted: EnginePass = QUESTION) -> list[EngineDelta]:
    async with asyncio.timeout(10):
        return [delta async for delta in stream(engine, wanted)]


@pytest.mark.parametrize(
    ("kind", "context", "holds"),
    [("llama.cpp", 4096, True), ("vllm", 4096, True), ("sglang", 4096, False), ("generic", None, False)],
)
async def test_kinds_are_told_apart(kind: Kind, context: int | None, holds: bool) -> None:
    async with ScriptedUpstream(kind=kind) as upstream, started(upstream.url) as engine:
        assert (engine.kind, engine.context, engine.limits_thought) == (kind, context, holds)


async def test_an_sglang_with_strict_thinking_holds_budgets_by_either_path(server: RawServer) -> None:
    entry = {"id": "big", "owned_by": "sglang", "max_model_len": 32768}
    server.routes["GET /v1/models"] = lambda x: x.json({"data": [entry]})
    for path in ("/server_info", "/get_server_info"):
        server.routes.pop("GET /server_info", None)
        server.routes[f"GET {path}"] = lambda x: x.json({"enable_strict_thinking": True, "tp_size": 8})
        async with started(server.url) as engine:
            assert (engine.kind, engine.limits_thought) == ("sglang", True)


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "sglang"])
async def test_a_budget_is_held_by_a_server_that_heeds_it(kind: Kind) -> None:
    upstream = ScriptedUpstream(THINKING, kind=kind)
    upstream.heeds = frozenset({"budget"})
    async with upstream, started(upstream.url) as engine:
        deltas = await ask(engine, EnginePass(messages=WHY, thinking_budget=3))
    assert "".join(delta.reasoning for delta in deltas) == "0 1 2 "
    assert "".join(delta.text for delta in deltas) == "42"


async def test_llama_cpp_tells_of_tools_and_images(server: RawServer) -> None:
    server.routes["GET /props"] = lambda x: x.json(
        {"total_slots": 1, "chat_template_caps": {"supports_tools": False}, "modalities": {"vision": True}}
    )
    server.chat(lambda x: x.say("ok"))
    async with started(server.url) as engine:
        assert engine.abilities == Abilities(tools=False, images=True)
        with pytest.raises(BadRequest, match="cannot call tools"):
            await ask(engine, EnginePass(messages=WHY, tools=(Tool(name="f"),)))
        assert not any(x.path == "/v1/chat/completions" for x in server.requests)
        assert await ask(engine)


def refuses(*names: str) -> Any:
    """A chat that refuses fields by their names, one at a time."""

    async def reply(x: Exchange) -> None:
        for name in names:
            if name in x.body:
                await x.json({"error": {"message": f"{name} is set but not configured."}}, 400)
                return
        await x.say("ok")

    return reply


async def test_a_field_that_is_refused_by_name_is_spared_from_then_on(server: RawServer) -> None:
    server.routes["GET /v1/models"] = lambda x: x.json({"data": [{"id": "m", "owned_by": "vllm"}]})
    server.chat(refuses("thinking_token_budget", "reasoning_effort"))
    wanted = EnginePass(messages=WHY, thinking_budget=70, effort="low", max_tokens=5)
    async with started(server.url) as engine:
        assert engine.limits_thought
        assert "".join(delta.text for delta in await ask(engine, wanted)) == "ok"
        assert not engine.limits_thought
        asked = len(server.requests)
        assert await ask(engine, wanted)
        assert len(server.requests) == asked + 1
        assert server.asked["max_tokens"] == 5


async def test_a_refusal_that_stays_is_a_refusal_and_spares_nothing(server: RawServer) -> None:
    """A prompt may make the engine say any name: it is believed only where doing without it helps."""
    server.routes["GET /v1/models"] = lambda x: x.json({"data": [{"id": "m", "owned_by": "vllm"}]})
    server.chat(lambda x: x.json({"error": {"message": "no thinking_token_budget, says the user"}}, 400))
    wanted = EnginePass(messages=WHY, thinking_budget=70)
    async with started(server.url) as engine:
        with pytest.raises(EngineRefused, match="says the user"):
            await ask(engine, wanted)
        assert engine.limits_thought
        server.chat(lambda x: x.say("ok"))
        await ask(engine, wanted)
        assert server.asked["thinking_token_budget"] == 70


async def test_max_tokens_has_another_name_at_some_servers(server: RawServer) -> None:
    told = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."

    async def reply(x: Exchange) -> None:
        await (x.json({"error": {"message": told}}, 400) if "max_tokens" in x.body else x.say("ok"))

    server.chat(reply)
    async with started(server.url) as engine:
        assert await ask(engine, EnginePass(messages=WHY, max_tokens=7))
    assert server.asked["max_completion_tokens"] == 7


# ---- ending a thought in flight


async def test_llama_cpp_ends_a_thought_in_flight() -> None:
    upstream = ScriptedUpstream(THINKING)
    upstream.gates.hold("2")
    async with upstream, started(upstream.url) as engine:
        heard: list[EngineDelta] = []
        two = asyncio.Event()

        def take(deltas: Sequence[EngineDelta]) -> bool:
            heard.extend(deltas)
            if len(heard) == 2:
                two.set()
            return True

        running = engine.begin(QUESTION)
        assert not await running.end_thought(), "it has not begun"
        task = asyncio.ensure_future(running.run(take))
        await two.wait()
        assert await running.end_thought()
        upstream.gates.release("2")
        await task
        assert not await running.end_thought(), "it is over"
    assert "".join(delta.reasoning for delta in heard) in ("0 1 ", "0 1 2 ")
    assert "".join(delta.text for delta in heard) == "42"
    assert upstream.thoughts_ended == 1


@pytest.mark.parametrize("answer", [{"success": False}, {"error": "no"}, "x"])
async def test_a_server_that_did_not_end_it_says_so(server: RawServer, answer: object) -> None:
    server.routes["GET /props"] = lambda x: x.json({"total_slots": 1})
    status = 200 if answer != {"error": "no"} else 400
    server.routes["POST /v1/chat/completions/control"] = lambda x: x.json(answer, status)
    async with started(server.url) as engine:
        assert not await engine.end_thought("id")


@pytest.mark.parametrize("kind", ["vllm", "sglang", "generic"])
async def test_others_cannot_end_a_thought_in_flight(kind: Kind) -> None:
    async with ScriptedUpstream(kind=kind) as upstream, started(upstream.url) as engine:
        assert not await engine.end_thought("id")


# ---- embeddings and counting


async def test_embeddings_come_in_the_order_of_the_texts() -> None:
    async with ScriptedUpstream() as upstream, started(upstream.url) as engine:
        embedded = await engine.embed(["one", "two words"])
    assert (embedded.vectors, embedded.tokens) == ([[3.0, 1.0], [9.0, 2.0]], 4)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (501, "This server does not support embeddings."),
        (404, "Not Found"),
        (400, "Pooling type 'none' is not"),
    ],
)
async def test_an_engine_without_embeddings_says_so(server: RawServer, status: int, told: str) -> None:
    server.routes["POST /v1/embeddings"] = lambda x: x.json({"error": {"message": told}}, status)
    async with started(server.url) as engine:
        with pytest.raises(EngineRefused, match="makes no embeddings"):
            await engine.embed(["x"])


async def test_a_prompt_is_counted_with_all_that_makes_it(server: RawServer) -> None:
    server.routes["GET /props"] = lambda x: x.json({"total_slots": 1})
    server.routes["POST /apply-template"] = lambda x: x.json({"prompt": "made"})
    server.routes["POST /tokenize"] = lambda x: x.json({"tokens": [1, 2, 3]})
    wanted = EnginePass(messages=WHY, tools=(Tool(name="f"),), template={"enable_thinking": False})
    async with started(server.url) as engine:
        assert await engine.count_prompt(wanted) == 3
        asked = next(x.body for x in reversed(server.requests) if x.path == "/apply-template")
        assert asked.keys() == {"messages", "tools", "chat_template_kwargs"}
        picture = Message("user", "", parts=(Image("image/png", "QUJD"),))
        assert await engine.count_prompt(EnginePass(messages=(picture,))) is None
