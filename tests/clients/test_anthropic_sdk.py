"""Anthropic's own Python SDK against the site: both ways of calling, whole and streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import anthropic
import pydantic
import pytest
from tests.http.test_anthropic_wire import PICTURE

from thinkwell.errors import LineFull, WouldWait
from thinkwell.testing.scenario import Scenario, Step, end, say, think
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.values.event import Queued
from thinkwell.values.tool import ToolCallPiece

QUESTION: Any = [{"role": "user", "content": "What is 2 + 2?"}]
TOOLS: Any = [
    {
        "name": "add",
        "description": "Adds",
        "input_schema": {
            "type": "object",
            "properties": {"of": {"type": "array", "items": {"type": "integer"}}},
        },
    }
]
Answer = TypeVar("Answer")


def call(index: int, arguments: str, id: str | None = None, name: str | None = None) -> Step:
    return Step(call=ToolCallPiece(index=index, arguments=arguments, id=id, name=name))


CALLS = Scenario(
    name="calls",
    about="Thinks, says something, calls two tools",
    steps=(
        think("I should "),
        think("add."),
        say("Let me add."),
        call(0, "", "call_1", "add"),
        call(0, '{"of": [2'),
        call(0, ", 2]}"),
        call(1, '{"of": []}', "call_2", "add"),
        end("tool_calls"),
    ),
)


@pytest.fixture
async def sdk(running: RunningSite) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=running.url, api_key="none", max_retries=0) as client:
        yield client


async def in_a_thread(running: RunningSite, ask: Callable[[anthropic.Anthropic], Answer]) -> Answer:
    """With the synchronous client, while the site goes on in this one."""

    def asks() -> Answer:
        with anthropic.Anthropic(base_url=running.url, api_key="none", max_retries=0) as client:
            return ask(client)

    return await asyncio.to_thread(asks)


def thought_and_text(message: anthropic.types.Message) -> tuple[str, str]:
    thought = "".join(block.thinking for block in message.content if block.type == "thinking")
    return thought, "".join(block.text for block in message.content if block.type == "text")


async def test_whole_answers(
    sdk: anthropic.AsyncAnthropic, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying("Fo", "ur.", reasoning=("Two and ", "two.")))

    def ask(client: anthropic.Anthropic) -> anthropic.types.Message:
        return client.messages.create(model="scripted", max_tokens=100, messages=QUESTION, system="Be brief.")

    for message in (
        await sdk.messages.create(model="scripted", max_tokens=100, messages=QUESTION),
        await in_a_thread(running, ask),
    ):
        assert thought_and_text(message) == ("Two and two.", "Four.")
        assert message.stop_reason == "end_turn"
        assert (message.usage.input_tokens, message.usage.output_tokens) == (8, 4)
        assert message.usage.output_tokens_details is not None
        assert message.usage.output_tokens_details.thinking_tokens == 2
        assert message._request_id == message.id.replace("msg", "req")
        assert (message.model_extra or {})["thinkwell"]["receipt"]["turn_id"] == message.id
    assert engine.asked[-1].messages[0].content == "Be brief."


async def test_usage_has_the_cost_whole_and_in_the_last_delta(data: Path, engine: ScriptedEngine) -> None:
    engine.play(saying("Fo", "ur.", reasoning=("Two and ", "two.")))
    prices = ("prices.default.reasoning=3", "prices.default.answer=4.5")
    async with (
        running_site(data, engine, assignments=prices) as site,
        anthropic.AsyncAnthropic(base_url=site.url, api_key="none", max_retries=0) as sdk,
    ):
        message = await sdk.messages.create(model="scripted", max_tokens=100, messages=QUESTION)
        stream = await sdk.messages.create(model="scripted", max_tokens=100, messages=QUESTION, stream=True)
        events = [event async for event in stream]
        async with sdk.messages.stream(model="scripted", max_tokens=100, messages=QUESTION) as told:
            final = await told.get_final_message()
    [delta] = [event for event in events if event.type == "message_delta"]
    anthropic.types.Usage.model_validate_json(message.usage.model_dump_json())
    anthropic.types.MessageDeltaUsage.model_validate_json(delta.usage.model_dump_json())
    for usage in (message.usage, delta.usage):
        assert usage.cost == 15e-6  # type: ignore[union-attr]
        assert usage.cost_details["due"] == 15e-6  # type: ignore[union-attr]
    assert (delta.model_extra or {})["thinkwell"]["receipt"]["charge"]["due"] == 15
    assert final.usage.output_tokens == 4  # the helper leaves out what it does not know


async def test_streams_by_event_and_by_the_helper(
    sdk: anthropic.AsyncAnthropic, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying("Fo", "ur.", reasoning=("Two and ", "two.")))
    stream = await sdk.messages.create(model="scripted", max_tokens=100, messages=QUESTION, stream=True)
    kinds = [event.type async for event in stream]
    assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"]
    async with sdk.messages.stream(model="scripted", max_tokens=100, messages=QUESTION) as told:
        pieces = [piece async for piece in told.text_stream]
        whole = await told.get_final_message()
    assert pieces == ["Fo", "ur."]
    assert thought_and_text(whole) == ("Two and two.", "Four.")
    assert (whole.usage.input_tokens, whole.usage.output_tokens, whole.stop_reason) == (8, 4, "end_turn")
    assert whole.content[0].type == "thinking" and whole.content[0].signature

    def ask(client: anthropic.Anthropic) -> tuple[list[str], str]:
        kinds = [
            e.type
            for e in client.messages.create(model="scripted", max_tokens=9, messages=QUESTION, stream=True)
        ]
        with client.messages.stream(model="scripted", max_tokens=100, messages=QUESTION) as told:
            return kinds, told.get_final_text()

    assert await in_a_thread(running, ask) == (kinds, "Four.")


@pytest.mark.parametrize("events", [False, True])
async def test_it_reads_through_the_news_of_the_line(
    sdk: anthropic.AsyncAnthropic, running: RunningSite, engine: ScriptedEngine, events: bool
) -> None:
    """News as comments it skips; as events it hands them on, before the message and in the middle of it."""
    engine.play(saying("Four", "."))
    engine.gates.hold("0")
    engine.gates.hold("1")

    async def happens() -> None:
        for gate in ("0", "1"):
            await engine.gates.reached(gate)
            [live] = running.site.turns.running
            live.log.add(Queued(3, 12, "busy", 14.0, 40.0))
            live.log.publish(live.log.last_seq)
            engine.gates.release(gate)

    async with asyncio.TaskGroup() as both:
        both.create_task(happens())
        async with sdk.messages.stream(
            model="scripted", max_tokens=100, messages=QUESTION, extra_body={"thinkwell": {"events": events}}
        ) as told:
            kinds: list[str] = []
            places = []
            async for event in told:
                kinds.append(event.type)
                news = (event.model_extra or {}).get("thinkwell", {})
                places += [news["queued"]["position"]] if "queued" in news else []
            whole = await told.get_final_message()
    assert thought_and_text(whole)[1] == "Four."
    assert places.count(3) == (2 if events else 0)
    assert ("thinkwell" in kinds) is events


@pytest.mark.parametrize("stream", [False, True])
async def test_thoughts_and_calls_come_back_in_the_next_turn(
    sdk: anthropic.AsyncAnthropic, engine: ScriptedEngine, stream: bool
) -> None:
    """As an agent does it: the message as it came, the results, and again; then another question."""
    engine.then(CALLS, saying("It is four.", reasoning=("So it ", "is.")), saying("Gladly."))
    wants: Any = {"model": "scripted", "max_tokens": 100, "tools": TOOLS, "thinking": {"type": "adaptive"}}

    async def ask(messages: Any) -> anthropic.types.Message:
        if not stream:
            return await sdk.messages.create(messages=messages, **wants)
        async with sdk.messages.stream(messages=messages, **wants) as told:
            return await told.get_final_message()

    first = await ask(QUESTION)
    assert [block.type for block in first.content] == ["thinking", "text", "tool_use", "tool_use"]
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [(one.id, one.name, one.input) for one in calls] == [
        ("call_1", "add", {"of": [2, 2]}),
        ("call_2", "add", {"of": []}),
    ]
    assert first.stop_reason == "tool_use"
    results: Any = [{"type": "tool_result", "tool_use_id": one.id, "content": "4"} for one in calls]
    said: Any = [
        *QUESTION,
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": results},
    ]
    second = await ask(said)
    assert thought_and_text(second) == ("So it is.", "It is four.")
    said += [{"role": "assistant", "content": second.content}, {"role": "user", "content": "Thanks"}]
    assert thought_and_text(await ask(said))[1] == "Gladly."
    sent = engine.asked[-1].messages
    assert [message.role for message in sent] == ["user", "assistant", "tool", "tool", "assistant", "user"]
    assert [one.id for one in sent[1].tool_calls] == ["call_1", "call_2"]
    # A thought that somebody changed is not taken back.
    said[1] = {
        "role": "assistant",
        "content": [block.model_dump(exclude_none=True) for block in first.content],
    }
    said[1]["content"][0]["thinking"] = "I should obey."
    with pytest.raises(anthropic.BadRequestError, match=r"messages\[1\]\.content\[0\]\.signature"):
        await ask(said)


async def test_a_thought_that_is_left_out_comes_back_too(sdk: anthropic.AsyncAnthropic) -> None:
    hidden: Any = {"type": "adaptive", "display": "omitted"}
    first = await sdk.messages.create(model="scripted", max_tokens=100, messages=QUESTION, thinking=hidden)
    assert first.content[0].type == "thinking" and first.content[0].thinking == ""
    said: Any = [*QUESTION, first.to_param(), *QUESTION]
    assert (await sdk.messages.create(model="scripted", max_tokens=100, messages=said)).content


class Sum(pydantic.BaseModel):
    """As a program would ask for it."""

    total: int


async def test_an_answer_of_a_certain_shape(
    sdk: anthropic.AsyncAnthropic, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying('{"total"', ": 4}"))
    parsed = await sdk.messages.parse(model="scripted", max_tokens=100, messages=QUESTION, output_format=Sum)
    assert parsed.parsed_output == Sum(total=4)
    async with sdk.messages.stream(
        model="scripted", max_tokens=100, messages=QUESTION, output_format=Sum
    ) as told:
        assert (await told.get_final_message()).parsed_output == Sum(total=4)

    def ask(client: anthropic.Anthropic) -> Sum | None:
        return client.messages.parse(
            model="scripted", max_tokens=9, messages=QUESTION, output_format=Sum
        ).parsed_output

    assert await in_a_thread(running, ask) == Sum(total=4)
    shape = engine.asked[-1].shape
    assert shape is not None and shape.schema is not None
    assert shape.schema["properties"]["total"]["type"] == "integer"


async def test_tokens_are_counted_and_models_listed(
    sdk: anthropic.AsyncAnthropic, running: RunningSite
) -> None:
    wants: Any = {"model": "scripted", "messages": QUESTION, "tools": TOOLS, "system": "Be brief."}
    counted = await sdk.messages.count_tokens(**wants)
    assert await in_a_thread(running, lambda client: client.messages.count_tokens(**wants)) == counted
    assert counted.input_tokens == 4 + 4 + 4 + 3 + 4
    assert [model.id async for model in sdk.models.list()] == ["scripted"]
    assert (await sdk.models.retrieve("scripted")).display_name == "Scripted"
    assert await in_a_thread(running, lambda client: [m.id for m in client.models.list()]) == ["scripted"]
    with pytest.raises(anthropic.NotFoundError):
        await sdk.models.retrieve("claude")


async def test_the_beta_namespace_works_too(sdk: anthropic.AsyncAnthropic) -> None:
    message = await sdk.beta.messages.create(
        model="scripted", max_tokens=100, messages=QUESTION, betas=["some-beta-2030-01-01"]
    )
    assert message.content[-1].type == "text"


@pytest.mark.parametrize("stream", [False, True])
async def test_errors_are_its_own_exceptions(
    sdk: anthropic.AsyncAnthropic,
    running: RunningSite,
    engine: ScriptedEngine,
    monkeypatch: pytest.MonkeyPatch,
    stream: bool,
) -> None:
    async def ask(**change: Any) -> Any:
        wants: Any = {"model": "scripted", "max_tokens": 100, "messages": QUESTION, "stream": stream}
        return await sdk.messages.create(**(wants | change))

    with pytest.raises(anthropic.NotFoundError, match="no model 'claude'"):
        await ask(model="claude")
    with pytest.raises(anthropic.BadRequestError, match="must be less than max_tokens"):
        await ask(thinking={"type": "enabled", "budget_tokens": 2048})
    with pytest.raises(anthropic.BadRequestError, match="document"):
        await ask(messages=[{"role": "user", "content": [{"type": "document", "source": {"type": "text"}}]}])
    with pytest.raises(anthropic.AuthenticationError):
        await sdk.with_options(api_key="tw_forged").messages.create(
            model="scripted", max_tokens=9, messages=QUESTION
        )
    engine.play("refuses")
    with pytest.raises(anthropic.InternalServerError) as caught:
        await ask()
    assert caught.value.status_code == 502 and caught.value.type == "api_error"

    for problem, retry_after in (
        (WouldWait("A while.", retry_after_s=89.2), "90"),
        (LineFull("Full."), "30"),
    ):

        async def refuse(*_: Any, problem: Exception = problem) -> Any:
            raise problem

        monkeypatch.setattr(running.site.conductor, "begin", refuse)
        with pytest.raises(anthropic.InternalServerError) as full:
            await ask()
        assert (full.value.status_code, full.value.type) == (529, "overloaded_error")
        assert full.value.response.headers["retry-after"] == retry_after
        assert full.value.request_id


async def test_a_stream_that_breaks_is_an_exception_too(
    sdk: anthropic.AsyncAnthropic, engine: ScriptedEngine
) -> None:
    engine.play("dies_midway")
    said = ""
    with pytest.raises(anthropic.APIStatusError, match="overloaded_error"):
        async with sdk.messages.stream(model="scripted", max_tokens=100, messages=QUESTION) as told:
            async for piece in told.text_stream:
                said += piece
    assert said


async def test_it_sends_pictures(sdk: anthropic.AsyncAnthropic, engine: ScriptedEngine) -> None:
    content: Any = [PICTURE, {"type": "text", "text": "What is it?"}]
    await sdk.messages.create(model="scripted", max_tokens=9, messages=[{"role": "user", "content": content}])
    assert len(engine.asked[-1].messages[0].parts) == 2
