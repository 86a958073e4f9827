"""OpenAI's own Python SDK against the site: both ways of calling, whole and streamed, tools and shapes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import openai
import pydantic
import pytest
from openai.lib.streaming.chat import ContentDoneEvent, FunctionToolCallArgumentsDoneEvent
from openai.types import CompletionUsage
from tests.http.test_openai_tools import encoded, png

from thinkwell.errors import LineFull, WouldWait
from thinkwell.testing.scenario import call, end, gate, say, think
from thinkwell.testing.scenarios import Scenario, calling, saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card
from thinkwell.values.event import Queued, Shortened, TurnEvent

QUESTION: Any = [{"role": "user", "content": "What is 2 + 2?"}]
Answer = TypeVar("Answer")


class City(pydantic.BaseModel):
    name: str
    people: int


class GetWeather(pydantic.BaseModel):
    """The weather of a city."""

    city: str


CITY = saying('{"name": "Львів",', ' "people": 717000}', reasoning=("A city. ",))
CALLS = calling(
    call('{"city": "Ly', 'iv"}', name="GetWeather", id="call_1"),
    call('{"city": "Kyiv"}', name="GetWeather", id="call_2", index=1),
    reasoning=("I look.",),
)


@pytest.fixture
async def sdk(running: RunningSite) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
        yield client


async def in_a_thread(running: RunningSite, ask: Callable[[openai.OpenAI], Answer]) -> Answer:
    """With the synchronous client, while the site goes on in this one."""

    def asks() -> Answer:
        with openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
            return ask(client)

    return await asyncio.to_thread(asks)


# -- whole and streamed --------------------------------------------------------------------------


async def test_the_sdk_gets_an_answer_with_its_thought_apart(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and ", "two.")))
    answer = await sdk.chat.completions.create(model="scripted", messages=QUESTION)
    message = answer.choices[0].message
    assert message.content == "Four."
    assert message.reasoning_content == message.reasoning == "Two and two."  # type: ignore[attr-defined]
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 4
    assert answer.usage.completion_tokens_details is not None
    assert answer.usage.completion_tokens_details.reasoning_tokens == 2
    assert answer.usage.prompt_tokens_details is not None
    assert answer._request_id == answer.id


async def test_the_sdk_streams_the_same_text_that_it_gets_whole(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying("Fo", "ur", ".", reasoning=("Two ", "and two.")))
    stream = await sdk.chat.completions.create(
        model="scripted", messages=QUESTION, stream=True, stream_options={"include_usage": True}
    )
    answer = thought = ""
    finish = usage = None
    async for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            answer += choice.delta.content or ""
            thought += getattr(choice.delta, "reasoning_content", None) or ""
            finish = choice.finish_reason or finish
    assert (answer, thought, finish) == ("Four.", "Two and two.", "stop")
    assert usage is not None and usage.completion_tokens == 5
    assert usage.prompt_cache_miss_tokens == usage.prompt_tokens  # type: ignore[attr-defined]


async def test_usage_has_the_cost_and_is_still_the_sdks_own_type(data: Path, engine: ScriptedEngine) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and ", "two.")))
    prices = ("prices.default.reasoning=3", "prices.default.answer=4.5", "tariff.currency=CHF")
    async with (
        running_site(data, engine, assignments=prices) as site,
        openai.AsyncOpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0) as sdk,
    ):
        answer = await sdk.chat.completions.create(model="scripted", messages=QUESTION)
        stream = await sdk.chat.completions.create(
            model="scripted", messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
        streamed = [chunk async for chunk in stream]
        receipt = await sdk.get(f"/receipts/{answer.id}", cast_to=dict[str, Any])
        vectors = await sdk.embeddings.create(model="scripted", input="x", encoding_format="float")
    for usage in (answer.usage, streamed[-1].usage):
        assert usage is not None
        CompletionUsage.model_validate_json(usage.model_dump_json())
        assert usage.cost == 15e-6  # type: ignore[attr-defined]
        assert usage.cost_details == {  # type: ignore[attr-defined]
            "currency": "CHF",
            "price": 15e-6,
            "free": 0,
            "waived": 0,
            "due": 15e-6,
            "discount": 0,
        }
    assert answer.model_extra is not None
    assert receipt == answer.model_extra["thinkwell"]["receipt"]
    assert receipt["charge"]["due"] == 15
    assert vectors.usage.cost == 0  # type: ignore[attr-defined]


async def test_the_synchronous_sdk_gets_the_same(running: RunningSite, engine: ScriptedEngine) -> None:
    engine.play(saying("Four", ".", reasoning=("Two.",)))

    def ask(client: openai.OpenAI) -> tuple[str | None, str]:
        whole = client.chat.completions.create(model="scripted", messages=QUESTION)
        stream = client.chat.completions.create(model="scripted", messages=QUESTION, stream=True)
        pieces = [choice.delta.content or "" for chunk in stream for choice in chunk.choices]
        return whole.choices[0].message.content, "".join(pieces)

    assert await in_a_thread(running, ask) == ("Four.", "Four.")


async def test_effort_and_what_bodies_may_carry_beside_it(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    answer = await sdk.chat.completions.create(
        model="scripted",
        messages=QUESTION,
        reasoning_effort="high",
        n=1,
        service_tier="auto",
        verbosity="medium",
        modalities=["text"],
        logit_bias={},
        extra_body={"thinking": {"type": "enabled", "budget_tokens": 99}, "top_k": 20},
    )
    assert answer.choices[0].message.content
    [asked] = engine.asked
    assert (asked.thinking_budget, asked.sampling.top_k) == (99, 20)
    assert answer.model_extra is not None
    assert answer.model_extra["thinkwell"]["receipt"]["thinking_budget"] == 99


async def test_models_are_listed_and_found(sdk: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in sdk.models.list()] == ["scripted"]
    assert (await sdk.models.retrieve("scripted")).id == "scripted"
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("someone/else")


# -- tools and shapes ----------------------------------------------------------------------------


async def test_tools_are_called_and_their_results_lead_to_the_answer(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.then(CALLS, saying("Sunny."))
    tools = [openai.pydantic_function_tool(GetWeather)]
    messages: list[Any] = [*QUESTION]
    first = await sdk.chat.completions.create(model="scripted", messages=messages, tools=tools)
    [choice] = first.choices
    assert choice.finish_reason == "tool_calls" and choice.message.tool_calls is not None
    messages.append(choice.message)
    for called in choice.message.tool_calls:
        assert called.type == "function"
        GetWeather.model_validate_json(called.function.arguments)
        messages.append({"role": "tool", "tool_call_id": called.id, "content": "Sun"})
    second = await sdk.chat.completions.create(model="scripted", messages=messages, tools=tools)
    assert second.choices[0].message.content == "Sunny."
    assert [tool.name for tool in engine.asked[0].tools] == ["GetWeather"]
    assert engine.asked[0].tools[0].strict is True
    assert [message.role for message in engine.asked[1].messages] == ["user", "assistant", "tool", "tool"]


async def test_the_sdks_own_stream_puts_tool_calls_together(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(CALLS)
    tools = [openai.pydantic_function_tool(GetWeather)]
    done = []
    async with sdk.chat.completions.stream(model="scripted", messages=QUESTION, tools=tools) as stream:
        async for event in stream:
            if isinstance(event, FunctionToolCallArgumentsDoneEvent):
                done.append((event.name, event.index, event.parsed_arguments))
        final = await stream.get_final_completion()
    assert done == [("GetWeather", 0, GetWeather(city="Lyiv")), ("GetWeather", 1, GetWeather(city="Kyiv"))]
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert [one.function.parsed_arguments for one in calls] == [
        GetWeather(city="Lyiv"),
        GetWeather(city="Kyiv"),
    ]
    engine.play(saying("Sunny."))
    results: Any = [{"role": "tool", "tool_call_id": one.id, "content": "Sun"} for one in calls]
    sent: Any = [*QUESTION, final.choices[0].message, *results]
    second = await sdk.chat.completions.create(model="scripted", messages=sent, tools=tools)
    assert second.choices[0].message.content == "Sunny."


async def test_an_answer_is_parsed_into_a_model_of_pydantics(
    running: RunningSite, sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(CITY)
    answer = await sdk.chat.completions.parse(model="scripted", messages=QUESTION, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Львів", people=717000)
    shape = engine.asked[0].shape
    assert shape is not None and shape.schema is not None
    assert (shape.name, shape.strict, set(shape.schema["properties"])) == ("City", True, {"name", "people"})

    def ask(client: openai.OpenAI) -> City | None:
        return client.chat.completions.parse(
            model="scripted", messages=QUESTION, response_format=City
        ).choices[0].message.parsed  # fmt: skip

    assert await in_a_thread(running, ask) == City(name="Львів", people=717000)


async def test_the_sdks_own_stream_parses_the_answer_as_it_comes(
    running: RunningSite, sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(CITY)
    async with sdk.chat.completions.stream(
        model="scripted", messages=QUESTION, response_format=City, stream_options={"include_usage": True}
    ) as stream:
        done = [event.parsed async for event in stream if isinstance(event, ContentDoneEvent)]
        final = await stream.get_final_completion()
    assert done == [City(name="Львів", people=717000)]
    assert final.usage is not None and final.usage.completion_tokens == 3

    def ask(client: openai.OpenAI) -> City | None:
        with client.chat.completions.stream(
            model="scripted", messages=QUESTION, response_format=City
        ) as stream:
            return stream.get_final_completion().choices[0].message.parsed

    assert await in_a_thread(running, ask) == City(name="Львів", people=717000)


async def test_a_picture_is_taken_or_refused_with_the_reason(data: Path, engine: ScriptedEngine) -> None:
    def asking(url: str) -> Any:
        return [
            {
                "role": "user",
                "content": [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": url}}],
            }
        ]

    embedded = f"data:image/png;base64,{encoded(png(8, 8))}"
    for images, url, why in (
        (True, embedded, None),
        (True, "https://example.org/x.png", "fetches nothing"),
        (False, embedded, "reads no pictures"),
    ):
        async with (
            running_site(data, engine, scripted_card(images=images)) as site,
            openai.AsyncOpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0) as sdk,
        ):
            if why is None:
                await sdk.chat.completions.create(model="scripted", messages=asking(url))
                engine.asked.clear()
                engine.revive()
                continue
            with pytest.raises(openai.BadRequestError, match=why):
                await sdk.chat.completions.create(model="scripted", messages=asking(url))
        engine.revive()
        assert engine.asked == []


# -- embeddings ----------------------------------------------------------------------------------


async def test_embeddings_come_as_numbers(running: RunningSite, sdk: openai.AsyncOpenAI) -> None:
    """The SDK asks for base64 by itself, and unpacks it."""
    made = await sdk.embeddings.create(model="scripted", input=["one two", "three"])
    assert [list(one.embedding) for one in made.data] == [[7.0, 2.0], [5.0, 1.0]]
    assert made.usage.prompt_tokens == 4

    def ask(client: openai.OpenAI) -> list[float]:
        plain = client.embeddings.create(model="scripted", input="abcd", encoding_format="float")
        return plain.data[0].embedding

    assert await in_a_thread(running, ask) == [4.0, 1.0]


async def test_an_engine_without_embeddings_is_a_typed_refusal(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.embeds = False
    with pytest.raises(openai.BadRequestError, match="no embeddings"):
        await sdk.embeddings.create(model="scripted", input="x")


# -- answer now ----------------------------------------------------------------------------------


@pytest.mark.parametrize("natively", [True, False])
async def test_a_second_client_ends_the_thought_of_a_running_stream(
    running: RunningSite, sdk: openai.AsyncOpenAI, engine: ScriptedEngine, natively: bool
) -> None:
    engine.ends_thoughts = natively
    thought = (think("Hm. "), gate("thinking"), *(think("On and on. ") for _ in range(20)))
    long = Scenario(name="made", about="Held in its thought", steps=(*thought, say("Four."), end()))
    engine.then(long, saying("Four."))
    engine.gates.hold("thinking")
    stream = await sdk.chat.completions.create(model="scripted", messages=QUESTION, stream=True)
    answer = thinking = ""
    async for chunk in stream:
        for choice in chunk.choices:
            answer += choice.delta.content or ""
            heard = getattr(choice.delta, "reasoning_content", None) or ""
            thinking += heard
            if heard == "Hm. ":
                async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none") as other:
                    await other.post(f"/chat/completions/{chunk.id}/answer_now", cast_to=openai.NoneType)
                engine.gates.release("thinking")
        last = chunk
    assert answer == "Four."
    assert thinking.count("On and on.") <= 1
    assert (last.model_extra or {})["thinkwell"]["receipt"]["thought_ended"] == "person"


# -- errors --------------------------------------------------------------------------------------


ERRORS: list[tuple[str, dict[str, Any], type[openai.APIStatusError], str | None]] = [
    ("an unknown model", {"model": "gpt-9"}, openai.NotFoundError, "model_not_found"),
    ("a field that is not taken", {"extra_body": {"n_discard": 1}}, openai.BadRequestError, "unknown_field"),
    ("a wrong value", {"temperature": 9.0}, openai.BadRequestError, "bad_request"),
    ("old functions", {"functions": [{"name": "f"}]}, openai.BadRequestError, "unknown_field"),
    ("a key of ours that is none", {"extra_headers": {"authorization": "Bearer tw_x"}}, openai.AuthenticationError, "invalid_key"),
    ("too long a prompt", {"messages": [{"role": "user", "content": "a " * 50_000}]}, openai.BadRequestError, "context_length_exceeded"),
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "kind", "code"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
async def test_refusals_are_the_sdks_own_errors(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine, fields: Any, kind: Any, code: str, stream: bool
) -> None:
    with pytest.raises(kind) as caught:
        await sdk.chat.completions.create(
            **({"model": "scripted", "messages": QUESTION, "stream": stream} | fields)
        )
    assert caught.value.code == code
    assert engine.asked == []


@pytest.mark.parametrize("stream", [False, True])
async def test_an_engine_that_refuses_is_a_true_status_also_for_a_stream(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine, stream: bool
) -> None:
    engine.play("refuses")
    with pytest.raises(openai.InternalServerError) as caught:
        await sdk.chat.completions.create(model="scripted", messages=QUESTION, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (502, "engine_refused")
    assert (caught.value.request_id or "").startswith("chatcmpl-")


async def test_a_stream_that_dies_midway_raises_after_what_was_said(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play("dies_midway")
    said = ""
    with pytest.raises(openai.APIError) as caught:
        async for chunk in await sdk.chat.completions.create(
            model="scripted", messages=QUESTION, stream=True
        ):
            for choice in chunk.choices:
                said += choice.delta.content or ""
    assert said == "The answer"
    assert caught.value.code == "engine_unavailable"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("problem", "seconds"),
    [(WouldWait("In about 90 s.", retry_after_s=89.2), "90"), (LineFull("Full.", retry_after_s=60), "60")],
)
async def test_who_would_wait_longer_than_they_said_gets_503_and_the_time_to_come_back(
    sdk: openai.AsyncOpenAI,
    running: RunningSite,
    monkeypatch: pytest.MonkeyPatch,
    problem: WouldWait | LineFull,
    seconds: str,
    stream: bool,
) -> None:
    async def refuse(*_: Any) -> Any:
        raise problem

    monkeypatch.setattr(running.site.conductor, "begin", refuse)
    with pytest.raises(openai.InternalServerError) as caught:
        await sdk.chat.completions.create(model="scripted", messages=QUESTION, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (503, problem.code)
    assert caught.value.response.headers["retry-after"] == seconds


# -- the line ------------------------------------------------------------------------------------


LONG_LINE: tuple[TurnEvent, ...] = (
    Queued(3, 12, "busy", 14.0, 40.0),
    Queued(4, 13, "busy", 16.0, 44.0, "lighter_first"),
    Shortened(256, 2048, 212),
)


async def happens(running: RunningSite, engine: ScriptedEngine, *events: TurnEvent) -> None:
    """These come in the log of the turn that now runs, and then its engine is let go on."""
    await engine.gates.reached("0")
    [live] = running.site.turns.running
    for event in events:
        live.log.add(event)
    live.log.publish(live.log.last_seq)
    engine.gates.release("0")


@pytest.mark.parametrize("events", [False, True])
async def test_the_sdk_streams_through_the_news_of_the_line(
    sdk: openai.AsyncOpenAI, running: RunningSite, engine: ScriptedEngine, events: bool
) -> None:
    engine.play(saying("Four", "."))
    engine.gates.hold("0")
    async with asyncio.TaskGroup() as both:
        both.create_task(happens(running, engine, *LONG_LINE))
        stream = await sdk.chat.completions.create(
            model="scripted",
            messages=QUESTION,
            stream=True,
            extra_body={"thinkwell": {"events": events}},
        )
        told = [chunk async for chunk in stream]
    assert "".join(choice.delta.content or "" for chunk in told for choice in chunk.choices) == "Four."
    news = [(chunk.model_extra or {}).get("thinkwell") for chunk in told if not chunk.choices]
    if not events:
        assert news == []
        return
    places = [one["queued"]["position"] for one in news if one and "queued" in one]
    assert places[-2:] == [3, 4]
    assert {"shortened": {"budget": 256, "full": 2048, "waiting": 212}} in news
    assert "receipt" in (told[-1].model_extra or {})["thinkwell"]


@pytest.mark.parametrize("events", [False, True])
async def test_the_synchronous_sdk_streams_through_the_news_too(
    running: RunningSite, engine: ScriptedEngine, events: bool
) -> None:
    engine.play(saying("Four", "."))
    engine.gates.hold("0")

    def ask(client: openai.OpenAI) -> tuple[str, int]:
        stream = client.chat.completions.create(
            model="scripted",
            messages=QUESTION,
            stream=True,
            stream_options={"include_usage": True},
            extra_body={"thinkwell": {"events": events}},
        )
        told = list(stream)
        text = "".join(choice.delta.content or "" for chunk in told for choice in chunk.choices)
        return text, sum("queued" in (chunk.model_extra or {}).get("thinkwell", ()) for chunk in told)

    async with asyncio.TaskGroup() as both:
        both.create_task(happens(running, engine, *LONG_LINE))
        asked = both.create_task(in_a_thread(running, ask))
    said, places = asked.result()
    assert said == "Four."
    assert places >= 2 if events else places == 0


async def test_what_the_sdk_read_can_be_written_down_as_json(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    """Programs keep answers by ``model_dump``, and send what they kept."""
    engine.then(CALLS)
    tools = [openai.pydantic_function_tool(GetWeather)]
    answer = await sdk.chat.completions.create(model="scripted", messages=QUESTION, tools=tools)
    kept = json.loads(json.dumps(answer.choices[0].message.model_dump()))
    results = [{"role": "tool", "tool_call_id": one["id"], "content": "x"} for one in kept["tool_calls"]]
    again = await sdk.chat.completions.create(
        model="scripted", messages=[*QUESTION, kept, *results], tools=tools
    )
    assert again.choices[0].message.content
