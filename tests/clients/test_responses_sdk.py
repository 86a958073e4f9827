"""OpenAI's own Python library at the Responses door: whole and streamed, with tools, shapes and a past."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from thinkwell.testing.scenario import call
from thinkwell.testing.scenarios import calling, saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.values.event import Queued, Shortened
from thinkwell.values.message import Message
from thinkwell.values.tool import ToolCall

ANY_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "weather",
    "description": "The weather somewhere",
    "parameters": {
        "type": "object",
        "properties": {"place": {"type": "string"}},
        "required": ["place"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Sum(BaseModel):
    total: int


@pytest.fixture
async def sdk(running: RunningSite) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def valid(response: Response) -> Response:
    """By the official types, strictly: the library itself takes anything."""
    Response.model_validate_json(response.model_dump_json(by_alias=True))
    return response


async def test_a_response_has_the_thought_in_an_item_of_its_own(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and ", "two.")))
    response = valid(await sdk.responses.create(model="scripted", input="What is 2 + 2?"))
    assert response.output_text == "Four."
    thought, message = response.output
    assert thought.type == "reasoning" and message.type == "message"
    assert thought.content is not None and [part.text for part in thought.content] == ["Two and two."]
    assert thought.summary == []
    assert response.status == thought.status == message.status == "completed"
    assert response.usage is not None
    assert response.usage.output_tokens == 4
    assert response.usage.output_tokens_details.reasoning_tokens == 2
    assert response.usage.total_tokens == response.usage.input_tokens + 4
    assert response.store  # type: ignore[attr-defined]
    assert response.thinkwell["receipt"]["turn_id"] == response.id  # type: ignore[attr-defined]


async def test_usage_has_the_cost_also_when_it_is_read_again(data: Path, engine: ScriptedEngine) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and ", "two.")))
    prices = ("prices.default.reasoning=3", "prices.default.answer=4.5")
    async with (
        running_site(data, engine, assignments=prices) as site,
        openai.AsyncOpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0) as sdk,
    ):
        made = await sdk.responses.create(model="scripted", input="What is 2 + 2?")
        again = await sdk.responses.retrieve(made.id)
        stream = await sdk.responses.create(model="scripted", input="What is 2 + 2?", stream=True)
        *_, last = [event async for event in stream]
    assert last.type == "response.completed"
    for response in (made, again, last.response):
        usage = valid(response).usage
        assert usage is not None
        assert usage.cost == 15e-6  # type: ignore[attr-defined]
        assert usage.cost_details["due"] == 15e-6  # type: ignore[attr-defined]
        assert response.thinkwell["receipt"]["charge"]["due"] == 15  # type: ignore[attr-defined]
        assert response.thinkwell["receipt"]["mark"]["made_by"] == "ai"  # type: ignore[attr-defined]


async def test_a_stream_has_the_same_response_in_typed_events(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying("Fo", "ur", ".", reasoning=("Two ", "and two.")))
    stream = await sdk.responses.create(model="scripted", input="What is 2 + 2?", stream=True)
    events = [event async for event in stream]
    for event in events:
        ANY_EVENT.validate_json(event.model_dump_json(by_alias=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.reasoning_text.delta",
        "response.reasoning_text.delta",
        "response.reasoning_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    last = events[-1]
    assert last.type == "response.completed"
    found = await sdk.responses.retrieve(last.response.id)
    assert found.model_dump() == last.response.model_dump()
    assert found.output_text == "Four."


async def test_the_streaming_helper_puts_the_response_together(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying("Fo", "ur", ".", reasoning=("Hm.",)))
    async with sdk.responses.stream(model="scripted", input="What is 2 + 2?") as stream:
        snapshots = [event.snapshot async for event in stream if event.type == "response.output_text.delta"]
        final = await stream.get_final_response()
    assert snapshots == ["Fo", "Four", "Four."]
    assert final.output_text == "Four."


@pytest.mark.parametrize("stream", [False, True])
async def test_the_synchronous_library_works_too(
    running: RunningSite, engine: ScriptedEngine, stream: bool
) -> None:
    engine.play(saying("Four", ".", reasoning=("Hm.",)))

    def ask() -> str:
        with openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
            if not stream:
                return client.responses.create(model="scripted", input="What is 2 + 2?").output_text
            with client.responses.stream(model="scripted", input="What is 2 + 2?") as told:
                return told.get_final_response().output_text

    assert await asyncio.to_thread(ask) == "Four."


@pytest.mark.parametrize("events", [False, True])
async def test_both_ways_to_stream_go_through_the_news_of_the_line(
    sdk: openai.AsyncOpenAI, running: RunningSite, engine: ScriptedEngine, events: bool
) -> None:
    engine.slots = 1
    engine.play(saying("Four", "."))
    wishes = {"thinkwell": {"events": events}}
    for helper in (False, True):
        engine.gates.hold("0")
        first = asyncio.ensure_future(sdk.responses.create(model="scripted", input="Wait."))
        await engine.gates.reached("0")
        told: list[Any] = []

        async def news() -> None:
            while len(running.site.turns.running) < 2:
                await asyncio.sleep(0)
            log = running.site.turns.running[-1].log
            await log.after(0)
            for event in (Queued(3, 12, "busy", 14.0, 40.0), Shortened(256, 2048, 212)):
                log.add(event)
            log.publish(log.last_seq)
            engine.gates.release("0")

        async with asyncio.TaskGroup() as both:
            both.create_task(news())
            if helper:
                async with sdk.responses.stream(
                    model="scripted", input="2 + 2?", extra_body=wishes
                ) as stream:
                    told = [event async for event in stream]
                    assert (await stream.get_final_response()).output_text == "Four."
            else:
                raw = await sdk.responses.create(
                    model="scripted", input="2 + 2?", stream=True, extra_body=wishes
                )
                told = [event async for event in raw]
        await first
        types = [event.type for event in told]
        assert types[:2] == ["response.created", "response.queued"]
        assert types.count("response.in_progress") == types.count("response.completed") == 1
        assert types.index("response.in_progress") < types.index("response.output_text.delta")
        assert [event.sequence_number for event in told] == list(range(len(told)))
        ours = [event.thinkwell for event in told if event.type == "thinkwell"]
        assert bool(ours) is events
        if events:
            assert {"shortened": {"budget": 256, "full": 2048, "waiting": 212}} in ours
            assert [one["queued"]["position"] for one in ours if "queued" in one][-1] == 3


async def test_a_call_of_a_tool_goes_to_the_client_and_its_result_back(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.then(
        calling(
            call('{"place":', ' "Bern"}', name="weather", id="c1"),
            call('{"place": "Rome"}', name="weather", id="c2", index=1),
            reasoning=("I must look.",),
        ),
        saying("Dry", " and wet."),
    )
    asked: list[Any] = [{"role": "user", "content": "And the weather?"}]
    first = valid(await sdk.responses.create(model="scripted", input=asked, tools=[WEATHER], store=False))  # type: ignore[list-item]
    calls = [item for item in first.output if item.type == "function_call"]
    assert [(item.call_id, item.name, json.loads(item.arguments)) for item in calls] == [
        ("c1", "weather", {"place": "Bern"}),
        ("c2", "weather", {"place": "Rome"}),
    ]
    asked += first.output
    asked += [{"type": "function_call_output", "call_id": item.call_id, "output": "dry"} for item in calls]
    second = await sdk.responses.create(model="scripted", input=asked, tools=[WEATHER], store=False)  # type: ignore[list-item]
    assert second.output_text == "Dry and wet."
    user, said, *results = engine.asked[-1].messages
    assert user == Message("user", "And the weather?")
    assert said.tool_calls == (
        ToolCall("c1", "weather", '{"place": "Bern"}'),
        ToolCall("c2", "weather", '{"place": "Rome"}'),
    )
    assert results == [Message("tool", "dry", tool_call_id="c1"), Message("tool", "dry", tool_call_id="c2")]
    assert engine.asked[-1].tools[0].name == "weather"


async def test_pieces_of_calls_stream_and_add_up(sdk: openai.AsyncOpenAI, engine: ScriptedEngine) -> None:
    engine.play(calling(call('{"place":', ' "Bern"}', name="weather", id="c1"), text="Let me look."))
    async with sdk.responses.stream(model="scripted", input="Weather?", tools=[WEATHER]) as stream:  # type: ignore[list-item]
        events = [event async for event in stream]
        final = await stream.get_final_response()
    deltas = [event for event in events if event.type == "response.function_call_arguments.delta"]
    assert "".join(event.delta for event in deltas) == '{"place": "Bern"}'
    [done] = [event for event in events if event.type == "response.function_call_arguments.done"]
    assert done.arguments == '{"place": "Bern"}'
    assert [item.type for item in final.output] == ["message", "function_call"]
    assert final.output[1].parsed_arguments == {"place": "Bern"}  # type: ignore[union-attr]


async def test_an_answer_is_parsed_into_the_shape_that_was_asked(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying('{"total"', ": 4}", reasoning=("Two and two.",)))
    parsed = await sdk.responses.parse(model="scripted", input="What is 2 + 2?", text_format=Sum)
    assert parsed.output_parsed == Sum(total=4)
    shape = engine.asked[-1].shape
    assert shape is not None and shape.schema is not None
    assert (shape.name, list(shape.schema["properties"]), shape.strict) == ("Sum", ["total"], True)
    # What was parsed can be sent back as it is.
    again: list[Any] = [
        {"role": "user", "content": "2 + 2?"},
        *parsed.output,
        {"role": "user", "content": "Sure?"},
    ]
    await sdk.responses.create(model="scripted", input=again)
    assert [message.content for message in engine.asked[-1].messages] == ["2 + 2?", '{"total": 4}', "Sure?"]


async def test_a_streamed_answer_is_parsed_too(sdk: openai.AsyncOpenAI, engine: ScriptedEngine) -> None:
    engine.play(saying('{"total"', ": 4}"))
    async with sdk.responses.stream(model="scripted", input="2 + 2?", text_format=Sum) as stream:
        final = await stream.get_final_response()
    assert final.output_parsed == Sum(total=4)


async def test_a_conversation_goes_on_from_the_response_before(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.then(saying("Four.", reasoning=("Two and two.",)), saying("Yes."), saying("Bye."))
    first = await sdk.responses.create(model="scripted", input="What is 2 + 2?", instructions="Be brief.")
    stream = await sdk.responses.create(
        model="scripted", input="Sure?", previous_response_id=first.id, stream=True
    )
    last: Any = [event async for event in stream][-1]
    # At once: who has the id can go on from it.
    third = await sdk.responses.create(
        model="scripted", input="Bye.", previous_response_id=last.response.id, instructions="Be polite."
    )
    assert third.previous_response_id == last.response.id
    said = [(message.role, message.content) for message in engine.asked[-1].messages]
    assert said == [
        ("system", "Be polite."),
        ("user", "What is 2 + 2?"),
        ("assistant", "Four."),
        ("user", "Sure?"),
        ("assistant", "Yes."),
        ("user", "Bye."),
    ]


async def test_a_conversation_goes_on_from_a_call_that_waits_for_its_output(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.then(calling(call("{}", name="weather", id="c1")), saying("Dry."))
    first = await sdk.responses.create(model="scripted", input="Weather?", tools=[WEATHER])  # type: ignore[list-item]
    output: Any = {"type": "function_call_output", "call_id": "c1", "output": "dry"}
    second = await sdk.responses.create(model="scripted", input=[output], previous_response_id=first.id)
    assert second.output_text == "Dry."
    roles = [message.role for message in engine.asked[-1].messages]
    assert roles == ["user", "assistant", "tool"]


async def test_a_thought_that_is_not_stored_goes_with_the_client_and_comes_back(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine, running: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.then(saying("Four.", reasoning=("Two and ", "two.")), saying("Yes."))
    asked: list[Any] = [{"role": "user", "content": "What is 2 + 2?"}]
    options: dict[str, Any] = {"store": False, "include": ["reasoning.encrypted_content"]}
    async with sdk.responses.stream(model="scripted", input=asked, **options) as stream:
        first = await stream.get_final_response()
    sealed: Any = first.output[0]
    assert sealed.encrypted_content
    asked += [
        {"type": "reasoning", "summary": [], "encrypted_content": sealed.encrypted_content},
        first.output[1],
        {"role": "user", "content": "Sure?"},
    ]
    heard: list[Any] = []
    begin = running.site.conductor.begin

    async def listen(tasks: Any, request: Any, *more: Any) -> Any:
        heard.append(request)
        return await begin(tasks, request, *more)

    monkeypatch.setattr(running.site.conductor, "begin", listen)
    second = await sdk.responses.create(model="scripted", input=asked, **options)
    assert second.output_text == "Yes."
    assert heard[0].messages[1] == Message("assistant", "Four.", "Two and two.")
    with pytest.raises(openai.NotFoundError):
        await sdk.responses.retrieve(second.id)


async def test_a_running_response_is_cancelled_and_keeps_what_it_said(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying(*"abcdefgh"))
    engine.gates.hold("3")
    stream = await sdk.responses.create(model="scripted", input="Say the letters.", stream=True)
    events: list[Any] = [await anext(aiter(stream))]
    await engine.gates.reached("3")
    response_id = events[0].response.id
    assert (await sdk.responses.retrieve(response_id)).status == "in_progress"
    cancelled = await sdk.responses.cancel(response_id)
    assert (cancelled.status, cancelled.output_text) == ("cancelled", "abc")
    events += [event async for event in stream]
    assert [event.type for event in events if "response" in event.model_fields_set][
        -1
    ] == "response.incomplete"
    assert events[-1].response.model_dump() == cancelled.model_dump()
    assert (await sdk.responses.retrieve(response_id)).output_text == "abc"
    assert engine.aborted == 1
    with pytest.raises(openai.ConflictError):
        await sdk.responses.cancel(response_id)


async def test_a_deleted_response_is_gone(sdk: openai.AsyncOpenAI) -> None:
    response = await sdk.responses.create(model="scripted", input="What is 2 + 2?")
    await sdk.responses.delete(response.id)
    for again in (sdk.responses.retrieve, sdk.responses.delete, sdk.responses.cancel):
        with pytest.raises(openai.NotFoundError, match="not yours"):
            await again(response.id)
    with pytest.raises(openai.NotFoundError, match="previous_response_id"):
        await sdk.responses.create(model="scripted", input="Sure?", previous_response_id=response.id)


async def test_what_was_asked_is_listed_in_pages(sdk: openai.AsyncOpenAI) -> None:
    asked: Any = [
        {"role": "user", "content": "What is 2 + 2?"},
        {"role": "assistant", "content": "Four."},
        {"role": "user", "content": [{"type": "input_text", "text": "Sure?"}]},
    ]
    response = await sdk.responses.create(model="scripted", input=asked)
    items = [item async for item in sdk.responses.input_items.list(response.id, limit=2, order="asc")]
    assert [item.content[0].text for item in items] == ["What is 2 + 2?", "Four.", "Sure?"]  # type: ignore
    newest_first = [item async for item in sdk.responses.input_items.list(response.id)]
    assert [item.id for item in newest_first] == [item.id for item in items][::-1]


async def test_refusals_have_the_librarys_own_types(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-9'"):
        await sdk.responses.create(model="gpt-9", input="x")
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.responses.create(model="scripted", input="x", background=True)
    assert (caught.value.code, caught.value.param) == ("bad_request", "background")
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.responses.create(model="scripted", input="x", tools=[{"type": "web_search"}])
    assert (caught.value.code, caught.value.param) == ("bad_request", "tools[0].type")
    with pytest.raises(openai.AuthenticationError):
        await sdk.with_options(api_key="tw_forged").responses.create(model="scripted", input="x")


async def test_a_response_that_fails_midway_says_so_in_the_stream(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play("dies_midway")
    stream = await sdk.responses.create(model="scripted", input="x", stream=True)
    last: Any = [event async for event in stream][-1]
    ANY_EVENT.validate_json(last.model_dump_json(by_alias=True))
    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert last.response.error.code == "server_error"
    assert last.response.thinkwell["code"] == "engine_unavailable"
    assert last.response.output_text == "The answer"
    with pytest.raises(openai.NotFoundError):
        await sdk.responses.retrieve(last.response.id)


async def test_a_limit_that_is_reached_leaves_an_incomplete_response(
    sdk: openai.AsyncOpenAI, engine: ScriptedEngine
) -> None:
    engine.play(saying(*"abcdefgh"))
    async with sdk.responses.stream(model="scripted", input="x", max_output_tokens=3) as stream:
        last: Any = [event async for event in stream][-1]
    assert (last.type, last.response.incomplete_details.reason) == (
        "response.incomplete",
        "max_output_tokens",
    )
    assert last.response.output[0].status == "incomplete"
    assert last.response.output_text == "abc"
