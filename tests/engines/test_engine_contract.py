"""What every Engine promises, asked of each implementation, the real tiny model included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from raw_server import RawServer
from small_model import SmallModel

from thinkwell.engines.base import Engine
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import ServerAddress
from thinkwell.engines.streams import stream
from thinkwell.errors import EngineUnavailable, PromptTooLong
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.message import Message

WHY = (Message("user", "Why is the sky blue? Tell me a long story about it."),)
KINDS = ["llama.cpp", "vllm", "sglang", "generic", pytest.param("embedded", marks=pytest.mark.live)]


async def begin_embedded(model_file: Path, folder: Path) -> EmbeddedEngine:
    model = EmbeddedModel(path=model_file, alias="smollm2", slots=1, context=1024, log=folder / "engine.log")
    engine = EmbeddedEngine(model)
    await engine.start()
    await engine.ready()
    return engine


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=KINDS)
async def engine(
    request: pytest.FixtureRequest, model_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Engine]:
    if request.param == "embedded":
        embedded = await begin_embedded(model_file, tmp_path_factory.mktemp("engine"))
        yield embedded
        await embedded.close()
        return
    server = RawServer()
    await server.open()
    SmallModel(server, request.param)
    made = OpenAIEngine("small", ServerAddress(url=server.url, slots=1))
    await made.start()
    yield made
    await made.close()
    await server.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ask(engine: Engine, wanted: EnginePass) -> list[EngineDelta]:
    async with asyncio.timeout(60):
        return [delta async for delta in stream(engine, wanted)]


async def test_a_started_engine_is_ready(engine: Engine) -> None:
    assert engine.health().state == "ready"
    assert engine.health().reason is None
    assert engine.slots == 1
    assert engine.url is not None and engine.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("limit", [1, 2, 7, 20])
async def test_tokens_are_counted_exactly(engine: Engine, limit: int) -> None:
    deltas = await ask(engine, EnginePass(messages=WHY, max_tokens=limit))
    assert sum(delta.tokens for delta in deltas) == limit
    assert all(delta.tokens >= 0 for delta in deltas)


async def test_the_last_delta_and_no_other_has_the_finish(engine: Engine) -> None:
    deltas = await ask(engine, EnginePass(messages=WHY, max_tokens=9))
    assert [delta.finish for delta in deltas[:-1]] == [None] * (len(deltas) - 1)
    assert deltas[-1].finish == "length"


async def test_the_prompt_is_counted(engine: Engine) -> None:
    last = (await ask(engine, EnginePass(messages=WHY, max_tokens=3)))[-1]
    assert last.prompt_tokens is not None and last.prompt_tokens > 0
    assert (last.cached_tokens or 0) <= last.prompt_tokens


async def test_a_prompt_can_be_counted_before_or_not_at_all(engine: Engine) -> None:
    last = (await ask(engine, EnginePass(messages=WHY, max_tokens=1)))[-1]
    assert await engine.count_prompt(EnginePass(messages=WHY)) in (None, last.prompt_tokens)


async def test_a_prompt_is_shown_or_not_and_abilities_are_known_or_not(engine: Engine) -> None:
    shown = await engine.prompt(EnginePass(messages=WHY))
    assert shown is None or (shown and isinstance(shown, str))
    assert engine.abilities.tools in (None, True, False)


async def test_what_a_check_found_is_kept(engine: Engine) -> None:
    found = engine.limits_thought
    for holds in (not found, found):
        engine.found(limits_thought=holds)
        assert engine.limits_thought == holds
    assert (await ask(engine, EnginePass(messages=WHY, thinking_budget=5, max_tokens=2)))[-1].finish


async def test_closing_a_stream_frees_its_slot(engine: Engine) -> None:
    for _ in range(3):
        deltas = stream(engine, EnginePass(messages=WHY, max_tokens=900))
        await anext(deltas)
        await deltas.aclose()
        assert await ask(engine, EnginePass(messages=WHY, max_tokens=2))


async def test_what_was_begun_does_not_come_back(engine: Engine) -> None:
    begun = "Let me think. The question is about"
    messages = (*WHY, Message("assistant", begun))
    deltas = await ask(engine, EnginePass(messages=messages, max_tokens=8, continue_last=True))
    text = "".join(delta.text for delta in deltas)
    assert text and begun not in text


async def test_a_prompt_over_the_context_is_refused_with_numbers(engine: Engine) -> None:
    with pytest.raises(PromptTooLong, match=r"\d+ tokens and the model holds \d+"):
        await ask(engine, EnginePass(messages=(Message("user", "word " * 5000),), max_tokens=3))


@pytest.mark.parametrize("text", ["\ud800", "\x00", "", "\u2028", "\U0010ffff", "a" * 500, " " * 500])
async def test_odd_text_is_plain_text(engine: Engine, text: str) -> None:
    deltas = await ask(engine, EnginePass(messages=(Message("user", text),), max_tokens=2))
    assert deltas[-1].finish is not None


async def test_more_passes_than_slots_are_all_answered(engine: Engine) -> None:
    passes = [ask(engine, EnginePass(messages=WHY, max_tokens=3)) for _ in range(3)]
    assert [deltas[-1].finish for deltas in await asyncio.gather(*passes)] == ["length"] * 3


async def test_an_engine_that_was_never_started_or_was_closed_is_unavailable(model_file: Path) -> None:
    engine = EmbeddedEngine(EmbeddedModel(path=model_file, alias="smollm2"))
    with pytest.raises(EngineUnavailable):
        await ask(engine, EnginePass(messages=WHY))
    await engine.close()
    with pytest.raises(EngineUnavailable):
        await ask(engine, EnginePass(messages=WHY))
