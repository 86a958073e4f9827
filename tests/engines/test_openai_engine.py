from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from raw_server import Exchange, RawServer

from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.engines.streams import stream
from thinkwell.errors import (
    EngineBroken,
    EngineError,
    EngineRefused,
    EngineStalled,
    EngineUnavailable,
    PromptTooLong,
    SetupError,
)
from thinkwell.values.engine import EngineDelta, EnginePass, Sampling
from thinkwell.values.message import Message

QUESTION = EnginePass(messages=(Message("user", "Why?"),))
QUICK = EngineTimeouts(connect_s=1, silent_s=0.2, ask_s=1)


@pytest_asyncio.fixture
async def engine(server: RawServer) -> AsyncIterator[OpenAIEngine]:
    made = OpenAIEngine("there", ServerAddress(url=server.url + "/v1", key="sk-very-secret"))
    await made.start()
    yield made
    await made.close()


async def ask(engine: OpenAIEngine, wanted: EnginePass = QUESTION) -> list[EngineDelta]:
    return [delta async for delta in stream(engine, wanted)]


def text_of(deltas: list[EngineDelta]) -> str:
    return "".join(delta.text for delta in deltas)


async def test_a_reply_is_streamed_and_the_finish_comes_last(server: RawServer, engine: OpenAIEngine) -> None:
    server.chat(lambda x: x.say("Be", "cause"))
    deltas = await ask(engine)
    assert text_of(deltas) == "Because"
    assert [d.finish for d in deltas] == [None, None, "stop"]
    assert engine.health().state == "ready"


async def test_the_address_may_end_with_v1_or_not(server: RawServer) -> None:
    server.chat(lambda x: x.say("ok"))
    for end in ("", "/", "/v1", "/v1/"):
        engine = OpenAIEngine("there", ServerAddress(url=server.url + end))
        await engine.start()
        assert text_of(await ask(engine)) == "ok"
        await engine.close()


async def test_the_key_goes_along(server: RawServer, engine: OpenAIEngine) -> None:
    server.chat(lambda x: x.say("ok"))
    await ask(engine)
    assert {x.headers["authorization"] for x in server.requests} == {"Bearer sk-very-secret"}
    assert "sk-very-secret" not in repr(ServerAddress(url="http://x", key="sk-very-secret"))


async def test_a_plain_server_gets_plain_fields_only(server: RawServer, engine: OpenAIEngine) -> None:
    server.chat(lambda x: x.say("ok"))
    sampling = Sampling(temperature=0.5, seed=7)
    await ask(engine, EnginePass(messages=QUESTION.messages, sampling=sampling, max_tokens=9, stop=("\n",)))
    assert server.asked == {
        "model": "some-model",
        "messages": [{"role": "user", "content": "Why?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 9,
        "stop": ["\n"],
        "temperature": 0.5,
        "seed": 7,
    }


async def test_llama_cpp_is_known_by_its_props(server: RawServer) -> None:
    props = {"total_slots": 3, "default_generation_settings": {"n_ctx": 2048}}
    server.routes["GET /props"] = lambda x: x.json(props)
    server.chat(lambda x: x.say("ok"))
    engine = OpenAIEngine("there", ServerAddress(url=server.url, whole_text=True))
    await engine.start()
    assert (engine.kind, engine.slots, engine.context) == ("llama.cpp", 3, 2048)
    await ask(engine)
    assert server.asked["timings_per_token"] is True
    assert server.asked["reasoning_format"] == "none"
    assert "continue_final_message" not in server.asked
    budget = EnginePass(messages=QUESTION.messages, thinking_budget=70)
    await ask(engine, budget)
    assert server.asked["thinking_budget_tokens"] == 70
    thought = Message("assistant", "", "Hm")
    begun = EnginePass(messages=(*QUESTION.messages, thought), continue_last=True)
    await ask(engine, begun)
    assert server.asked["messages"][-1] == {"role": "assistant", "content": "", "reasoning_content": "Hm"}
    assert "continue_final_message" not in server.asked
    await ask(engine, msgspec.structs.replace(begun, thought_over=True))
    assert server.asked["continue_final_message"] == "content"
    assert server.asked["add_generation_prompt"] is False
    await engine.close()


async def test_vllm_is_known_by_its_models_and_told_to_continue(server: RawServer) -> None:
    entry = {"id": "big", "owned_by": "vllm", "max_model_len": 32768}
    server.routes["GET /v1/models"] = lambda x: x.json({"data": [entry]})
    server.routes["POST /tokenize"] = lambda x: x.json({"count": 17, "tokens": []})
    server.chat(lambda x: x.say("ok"))
    engine = OpenAIEngine("there", ServerAddress(url=server.url))
    await engine.start()
    assert (engine.kind, engine.context, engine.model, engine.slots) == ("vllm", 32768, "big", 4)
    messages = (*QUESTION.messages, Message("assistant", "Be"))
    await ask(engine, EnginePass(messages=messages, continue_last=True, thinking_budget=70))
    assert server.asked["thinking_token_budget"] == 70
    assert server.asked["stream_options"]["continuous_usage_stats"] is True
    assert server.asked["continue_final_message"] is True
    assert server.asked["add_generation_prompt"] is False
    assert await engine.count_prompt(QUESTION) == 17
    await engine.close()


async def test_what_the_operator_says_wins(server: RawServer) -> None:
    server.routes["GET /props"] = lambda x: x.json({"total_slots": 3})
    address = ServerAddress(url=server.url, model="mine", slots=2, context=100)
    engine = OpenAIEngine("there", address)
    await engine.start()
    assert (engine.slots, engine.context, engine.model) == (2, 100, "mine")
    await engine.close()


async def test_a_server_that_cannot_count_says_none(engine: OpenAIEngine) -> None:
    assert await engine.count_prompt(QUESTION) is None


@pytest.mark.parametrize("models", [{}, {"data": []}, {"data": "x"}, [], "x"])
async def test_a_server_that_names_no_model_is_the_operators_to_mend(
    server: RawServer, models: object
) -> None:
    server.routes["GET /v1/models"] = lambda x: x.json(models)
    engine = OpenAIEngine("there", ServerAddress(url=server.url))
    with pytest.raises(SetupError, match="names no model"):
        await engine.start()
    await engine.close()


async def test_a_key_that_is_not_accepted_is_the_operators_to_mend(server: RawServer) -> None:
    server.routes["GET /v1/models"] = lambda x: x.json({"error": {"message": "bad key sk-x"}}, 401)
    engine = OpenAIEngine("there", ServerAddress(url=server.url, key="sk-x"))
    with pytest.raises(SetupError, match="does not accept the key"):
        await engine.start()
    await engine.close()


async def test_a_server_that_comes_up_later_is_learned_then(server: RawServer) -> None:
    kept = server.routes.pop("GET /v1/models")
    server.routes["GET /v1/models"] = _reset
    engine = OpenAIEngine("there", ServerAddress(url=server.url))
    await engine.start()
    assert engine.health().state == "down"
    server.routes["GET /v1/models"] = kept
    server.chat(lambda x: x.say("ok"))
    assert text_of(await ask(engine)) == "ok"
    assert engine.model == "some-model" and engine.health().state == "ready"
    await engine.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    engine = OpenAIEngine("there", ServerAddress(url="http://127.0.0.1:9", model="m"))
    await engine.start()
    assert engine.health().state == "down"
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await ask(engine)
    await engine.close()


async def test_a_connection_is_kept_for_the_next_pass(server: RawServer, engine: OpenAIEngine) -> None:
    server.chat(lambda x: x.say("ok"))
    for _ in range(3):
        await ask(engine)
    assert server.connections == 1


async def test_a_kept_connection_that_went_stale_is_tried_once_more(
    server: RawServer, engine: OpenAIEngine
) -> None:
    server.chat(_stale_then(2))
    assert text_of(await ask(engine)) == "ok"


async def test_a_fresh_connection_that_is_cut_is_not_tried_again(server: RawServer) -> None:
    server.chat(_reset)
    server.routes["GET /props"] = _and_hang_up
    engine = OpenAIEngine("there", ServerAddress(url=server.url))
    await engine.start()
    with pytest.raises(EngineUnavailable):
        await ask(engine)
    assert sum(x.path == "/v1/chat/completions" for x in server.requests) == 1
    await engine.close()


async def test_closing_the_stream_closes_the_connection_at_once(
    server: RawServer, engine: OpenAIEngine
) -> None:
    gone = asyncio.Event()

    async def endless(x: Exchange) -> None:
        await x.begin_events()
        await x.event({"choices": [{"delta": {"content": "on and on"}}]})
        await x.client_gone()
        gone.set()
        x.hang_up = True

    server.chat(endless)
    deltas = stream(engine, QUESTION)
    await anext(deltas)
    await deltas.aclose()
    async with asyncio.timeout(5):
        await gone.wait()


async def test_a_closed_engine_is_unavailable(server: RawServer, engine: OpenAIEngine) -> None:
    await engine.close()
    await engine.close()
    with pytest.raises(EngineUnavailable):
        await ask(engine)


async def test_halves_of_surrogate_pairs_in_a_prompt_are_replaced(
    server: RawServer, engine: OpenAIEngine
) -> None:
    server.chat(lambda x: x.say("ok"))
    await ask(engine, EnginePass(messages=(Message("user", "a\ud800b\U0001f600"),)))
    assert server.asked["messages"][0]["content"] == "a\ufffdb\U0001f600"


# ---- engines that mean ill, or are ill


async def _reset(x: Exchange) -> None:
    x.reset()


async def _and_hang_up(x: Exchange) -> None:
    await x.json({}, 404)
    x.hang_up = True


def _stale_then(fails: int) -> object:
    seen = 0

    async def reply(x: Exchange) -> None:
        nonlocal seen
        seen += 1
        await (x.say("ok") if seen >= fails else _reset(x))

    return reply


async def _truncated(x: Exchange) -> None:
    await x.begin_events()
    await x.event({"choices": [{"delta": {"content": "half"}}]})
    await x.bytes(b'data: {"choices":[{"del')
    await x.end()


async def _cut(x: Exchange) -> None:
    await x.begin_events()
    await x.event({"choices": [{"delta": {"content": "half"}}]})
    x.reset()


async def _oversized(x: Exchange) -> None:
    await x.begin_events()
    with contextlib.suppress(ConnectionError):
        for _ in range(40):
            await x.bytes(b"x" * 65536)


async def _silent(x: Exchange) -> None:
    await x.begin_events()
    await x.event({"choices": [{"delta": {"content": "half"}}]})
    await x.client_gone()
    x.hang_up = True


async def _mute(x: Exchange) -> None:
    await x.client_gone()
    x.hang_up = True


async def _error_inside(x: Exchange) -> None:
    await x.begin_events()
    await x.event({"error": {"message": "CUDA error", "code": 500}})
    await x.client_gone()
    x.hang_up = True


async def _noise(x: Exchange) -> None:
    x.writer.write(b"\x00\xff not HTTP at all\r\n\r\n")
    await x.writer.drain()
    x.hang_up = True


async def _only_done(x: Exchange) -> None:
    await x.begin_events()
    await x.event(b"[DONE]")
    await x.end()


async def _wild_header(x: Exchange) -> None:
    await x.plain(b"", headers="X-Long: " + "a" * 70000 + "\r\n")


ILL = [
    (_truncated, EngineBroken),
    (_cut, EngineBroken),
    (_oversized, EngineBroken),
    (_silent, EngineStalled),
    (_mute, EngineStalled),
    (_error_inside, EngineRefused),
    (_noise, EngineBroken),
    (_only_done, EngineBroken),
    (_wild_header, EngineBroken),
    (lambda x: x.plain(b"<html>Welcome</html>"), EngineBroken),
    (lambda x: x.json({"choices": [{"message": {"content": "not streamed"}}]}), EngineBroken),
    (lambda x: x.json({"error": "boom"}, 500), EngineRefused),
    (lambda x: x.json({"error": {"message": "slow down"}}, 429, "Retry-After: 3\r\n"), EngineRefused),
    (lambda x: x.plain(b"too large", 413), EngineRefused),
    (lambda x: x.plain(b"", 302, headers="Location: http://169.254.169.254/\r\n"), EngineRefused),
    (lambda x: x.plain(b"x" * 200_000, 400), EngineBroken),
    (
        lambda x: x.json(
            {"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 8}}, 400
        ),
        PromptTooLong,
    ),
    (lambda x: x.json({"error": {"code": "context_length_exceeded", "message": "x"}}, 400), PromptTooLong),
]


@pytest.mark.parametrize(("reply", "ours"), ILL, ids=[str(i) for i in range(len(ILL))])
async def test_an_ill_engine_ends_in_one_clear_error(
    server: RawServer, reply: object, ours: type[EngineError]
) -> None:
    server.chat(reply)
    engine = OpenAIEngine("there", ServerAddress(url=server.url, key="sk-very-secret"), QUICK)
    await engine.start()
    with pytest.raises(ours) as caught:
        await ask(engine)
    assert type(caught.value) is ours
    assert caught.value.message.endswith(".")
    server.chat(lambda x: x.say("well again"))
    assert text_of(await ask(engine)) == "well again"
    await engine.close()


async def test_an_end_after_the_finish_is_an_end_however_it_comes(server: RawServer) -> None:
    async def finished_then_cut(x: Exchange) -> None:
        await x.begin_events()
        await x.event({"choices": [{"delta": {"content": "whole"}, "finish_reason": "length"}]})
        x.reset()

    async def finished_then_silent(x: Exchange) -> None:
        await x.begin_events()
        await x.event({"choices": [{"delta": {"content": "whole"}, "finish_reason": "length"}]})
        await x.client_gone()
        x.hang_up = True

    engine = OpenAIEngine("there", ServerAddress(url=server.url), QUICK)
    await engine.start()
    for reply in (finished_then_cut, finished_then_silent):
        server.chat(reply)
        deltas = await ask(engine)
        assert (text_of(deltas), deltas[-1].finish) == ("whole", "length")
    await engine.close()


async def test_a_flood_of_doubled_and_unknown_events_is_harmless(
    server: RawServer, engine: OpenAIEngine
) -> None:
    async def flood(x: Exchange) -> None:
        await x.begin_events()
        for _ in range(3):
            await x.bytes(b": ping\r\n\r\nevent: execute\r\ndata: rm -rf\r\n\r\nid: 1\r\n\r\n")
            await x.bytes(b'data: {"choices":[{"delta":{"content":"a"}}],"x":{}}\r\n\r\n')
        await x.bytes(b'data: {"choices":[{"finish_reason":"stop"}]}\r\n\r\n' * 3)
        await x.bytes(b"data: [DONE]\r\n\r\n" * 3)
        await x.end()

    server.chat(flood)
    deltas = await ask(engine)
    assert text_of(deltas) == "aaa"
    assert [d.finish for d in deltas if d.finish] == ["stop"]
