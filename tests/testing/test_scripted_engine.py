"""The scripted engine keeps its script, its gates and its counts."""

import asyncio
from contextlib import aclosing

import pytest

from thinkwell.engines.base import Engine
from thinkwell.errors import (
    EngineBroken,
    EngineRefused,
    EngineStalled,
    EngineUnavailable,
    PromptTooLong,
    ThinkwellError,
)
from thinkwell.testing.clock import ManualClock
from thinkwell.testing.scenarios import STALLED_GATE, load_scenarios, saying, scenario
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.message import Message

HELLO = EnginePass(messages=(Message("user", "Hello"),))


async def drain(engine: Engine, wanted: EnginePass = HELLO) -> list[EngineDelta]:
    return [delta async for delta in engine.deltas(wanted)]


@pytest.mark.parametrize("name", [s.name for s in load_scenarios().values() if s.finish and s.name != "slow"])
async def test_what_a_scenario_says_comes_out_token_for_token(name: str):
    engine = ScriptedEngine(name)
    deltas = await drain(engine)
    wanted = scenario(name)
    assert "".join(delta.text for delta in deltas) == wanted.text
    assert "".join(delta.reasoning for delta in deltas) == wanted.reasoning
    assert sum(delta.tokens for delta in deltas) == wanted.tokens == engine.tokens_made
    assert deltas[-1].finish == wanted.finish
    assert deltas[0].prompt_tokens == wanted.prompt_tokens
    assert (engine.open, engine.aborted) == (0, 0)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("dies_midway", EngineUnavailable),
        ("dies_at_once", EngineUnavailable),
        ("cut_stream", EngineBroken),
        ("garbage", EngineBroken),
        ("refuses", EngineRefused),
        ("too_long", PromptTooLong),
    ],
)
async def test_a_fault_is_raised_as_the_protocol_names_it(name: str, error: type[ThinkwellError]):
    engine = ScriptedEngine(name)
    with pytest.raises(error):
        await drain(engine)
    assert (engine.open, engine.aborted) == (0, 0)


async def test_a_stalled_pass_waits_until_the_test_lets_it_time_out():
    engine = ScriptedEngine("stalls")
    task = asyncio.ensure_future(drain(engine))
    await engine.gates.reached(STALLED_GATE)
    engine.gates.release(STALLED_GATE)
    with pytest.raises(EngineStalled):
        await task


async def test_a_held_gate_holds_every_pass_until_it_is_released():
    engine = ScriptedEngine("plain")
    engine.gates.hold("answering")
    tasks = [asyncio.ensure_future(drain(engine)) for _ in range(2)]
    await engine.gates.reached("answering", 2)
    assert not any(task.done() for task in tasks)
    engine.gates.release("answering")
    assert [len(await task) for task in tasks] == [4, 4]


async def test_every_step_has_a_gate_of_its_own():
    engine = ScriptedEngine(saying("a", "b"))
    engine.gates.hold("1")
    async with aclosing(engine.deltas(HELLO)) as deltas:
        assert (await anext(deltas)).text == "a"
        second = asyncio.ensure_future(anext(deltas))
        await engine.gates.reached("1")
        engine.gates.release("1")
        assert (await second).text == "b"


async def test_over_its_slots_it_refuses_and_remembers():
    engine = ScriptedEngine("plain", slots=1)
    engine.gates.hold("answering")
    first = asyncio.ensure_future(drain(engine))
    await engine.gates.reached("answering")
    with pytest.raises(EngineRefused, match="1 slots"):
        await drain(engine)
    engine.gates.release("answering")
    await first
    assert (engine.max_open, engine.refused_over_slots, len(engine.asked)) == (1, 1, 2)


async def test_a_closed_stream_counts_as_an_abort_and_frees_its_slot():
    engine = ScriptedEngine("fields", slots=1)
    async with aclosing(engine.deltas(HELLO)) as deltas:
        await anext(deltas)
        assert engine.open == 1
    assert (engine.open, engine.aborted) == (0, 1)


async def test_a_cancelled_reader_counts_as_an_abort():
    engine = ScriptedEngine("fields")
    engine.gates.hold("thinking")
    task = asyncio.ensure_future(drain(engine))
    await engine.gates.reached("thinking")
    task.cancel()
    await engine.until(lambda: engine.aborted == 1)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.open == 0


async def test_scenarios_queued_for_the_next_passes_come_first():
    engine = ScriptedEngine("plain")
    engine.then("thought_only", saying("four"))
    texts = ["".join(delta.text for delta in await drain(engine)) for _ in range(3)]
    assert texts == ["The person greets me. I greet back.", "four", "Hello, world."]


async def test_the_limit_of_tokens_and_stop_strings_cut_the_reply():
    limited = await drain(ScriptedEngine("plain"), EnginePass(messages=(), max_tokens=2))
    assert [delta.text for delta in limited] == ["Hello", ", world", ""]
    assert limited[-1].finish == "length"
    stopped = await drain(ScriptedEngine("plain"), EnginePass(messages=(), stop=("wor",)))
    assert ("".join(delta.text for delta in stopped), stopped[-1].finish) == ("Hello, ", "stop")


async def test_pauses_take_time_of_the_given_clock_only():
    clock = ManualClock()
    engine = ScriptedEngine("slow", clock=clock)
    task = asyncio.ensure_future(drain(engine))
    await clock.slept_on()
    await clock.advance(2)
    assert len(await task) == 5


async def test_a_dead_engine_is_down_until_revived_and_tells_its_watchers():
    engine = ScriptedEngine("plain")
    told: list[str] = []
    engine.watch(lambda: told.append(engine.health().state))
    engine.die("out of memory")
    with pytest.raises(EngineUnavailable, match="out of memory"):
        await drain(engine)
    engine.revive()
    assert (await drain(engine))[-1].finish == "stop"
    assert (told, engine.health().restarts) == (["down", "ready"], 1)


async def test_who_waits_for_a_starting_engine_goes_on_when_it_is_ready():
    engine = ScriptedEngine("plain")
    engine.be_starting()
    waiting = asyncio.ensure_future(engine.ready())
    with pytest.raises(EngineUnavailable, match="loaded"):
        await drain(engine)
    engine.revive()
    await waiting
