"""The supervisor with the real child process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from thinkwell.engines.embedded import child
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine, Patience
from thinkwell.engines.streams import stream
from thinkwell.errors import EngineError, EngineUnavailable, SetupError
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.message import Message

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(sys.platform != "linux", reason="pidfd"),
]

STORY = EnginePass(messages=(Message("user", "Write a very long story."),), max_tokens=900)
SHORT = EnginePass(messages=STORY.messages, max_tokens=3)
QUICK = Patience(probe_every_s=0.1, probe_within_s=0.3, probes_missed=2)


class Pauses:
    """Stands for ``sleep``: notes each pause and lets a test hold it."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self.go_on = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.asked.put_nowait(seconds)
        await self.go_on.acquire()


@pytest.fixture
def model(model_file: Path, tmp_path: Path) -> EmbeddedModel:
    log = tmp_path / "engine.log"
    return EmbeddedModel(path=model_file, alias="smollm2", slots=1, context=1024, log=log)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest_asyncio.fixture
async def engine(model: EmbeddedModel, pauses: Pauses) -> AsyncIterator[EmbeddedEngine]:
    made = EmbeddedEngine(model, QUICK, sleep=pauses)
    await made.start()
    async with asyncio.timeout(60):
        await made.ready()
    yield made
    await made.close()


async def ask(engine: EmbeddedEngine, wanted: EnginePass) -> list[EngineDelta]:
    async with asyncio.timeout(60):
        return [delta async for delta in stream(engine, wanted)]


async def until_gone(pid: int) -> None:
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watched, gone.set)
    try:
        async with asyncio.timeout(20):
            await gone.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)


async def test_a_killed_child_is_started_again_and_the_reason_is_told(
    engine: EmbeddedEngine, pauses: Pauses
) -> None:
    first = engine.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert await pauses.asked.get() == pytest.approx(0.2)
    assert engine.health().state == "down"
    assert engine.health().reason == "the engine process ended by signal 9 (SIGKILL); restart 1 in 0.2 s"
    with pytest.raises(EngineUnavailable, match="signal 9"):
        await ask(engine, SHORT)
    pauses.go_on.release()
    await engine.ready()
    assert engine.pid != first and engine.health().restarts == 1
    assert sum(delta.tokens for delta in await ask(engine, SHORT)) == 3


async def test_the_pause_doubles_from_life_to_life(engine: EmbeddedEngine, pauses: Pauses) -> None:
    seen = []
    for _ in range(3):
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        seen.append(await pauses.asked.get())
        pauses.go_on.release()
        await engine.ready()
    assert seen == pytest.approx([0.2, 0.4, 0.8])


async def test_a_child_that_dies_within_a_stream_ends_it_with_an_error(
    engine: EmbeddedEngine, pauses: Pauses
) -> None:
    deltas = stream(engine, STORY)
    await anext(deltas)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    with pytest.raises(EngineError):
        async for _ in deltas:
            pass


async def test_a_stopped_child_is_found_hung_and_replaced(engine: EmbeddedEngine, pauses: Pauses) -> None:
    first = engine.pid
    assert first is not None
    deltas = stream(engine, STORY)
    await anext(deltas)
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(EngineError):
        async for _ in deltas:
            pass
    await pauses.asked.get()
    assert "hung" in (engine.health().reason or "")
    pauses.go_on.release()
    await engine.ready()
    await until_gone(first)
    assert await ask(engine, SHORT)


async def test_close_ends_the_child_and_running_streams(engine: EmbeddedEngine) -> None:
    pid = engine.pid
    assert pid is not None
    deltas = stream(engine, STORY)
    await anext(deltas)
    await engine.close()
    await engine.close()
    with pytest.raises(EngineError):
        async for _ in deltas:
            pass
    await until_gone(pid)
    assert engine.health().state == "down"


async def test_close_ends_a_stopped_child(engine: EmbeddedEngine) -> None:
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(20):
        await engine.close()
    await until_gone(pid)


async def test_close_before_it_is_ready_leaves_nothing_behind(model: EmbeddedModel) -> None:
    engine = EmbeddedEngine(model)
    await engine.start()
    await engine.close()
    with pytest.raises(SetupError, match="closed before it was ready"):
        await engine.ready()


async def test_a_long_prompt_does_not_silence_another_stream(model: EmbeddedModel) -> None:
    engine = EmbeddedEngine(msgspec.structs.replace(model, slots=2))
    await engine.start()
    await engine.ready()
    said = 0
    begun = asyncio.Event()

    async def story() -> None:
        nonlocal said
        async for delta in stream(engine, STORY):
            said += delta.tokens
            begun.set()

    task = asyncio.ensure_future(story())
    await begun.wait()
    long = stream(engine, EnginePass(messages=(Message("user", "word " * 900),), max_tokens=1))
    before = said
    await anext(long)
    assert said - before >= 5
    await long.aclose()
    await engine.close()
    with pytest.raises(EngineError):
        await task


async def test_the_engines_own_name_tells_no_path(engine: EmbeddedEngine, model: EmbeddedModel) -> None:
    assert engine.name == "smollm2"
    assert engine.context == 1024


async def test_a_quiet_engine_writes_no_log_per_question(
    engine: EmbeddedEngine, model: EmbeddedModel
) -> None:
    await ask(engine, SHORT)
    await ask(engine, SHORT)
    assert model.log is not None
    assert "task" not in model.log.read_text()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "too short"),
        (b"text, and more text than a header has", "no GGUF file"),
        (None, "There is no model"),
    ],
)
async def test_a_file_that_is_no_model_is_told_before_any_process(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "bad.gguf"
    if content is not None:
        path.write_bytes(content)
    engine = EmbeddedEngine(EmbeddedModel(path=path, alias="bad"))
    with pytest.raises(SetupError, match=told):
        await engine.start()
    with pytest.raises(SetupError, match=told):
        await engine.ready()
    assert told in (engine.health().reason or "")
    await engine.close()


async def test_a_model_that_llama_cpp_cannot_load_is_told_in_its_words(
    model_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(model_file.read_bytes()[:5_000_000])
    model = EmbeddedModel(path=path, alias="cut", log=tmp_path / "engine.log")
    engine = EmbeddedEngine(model)
    await engine.start()
    async with asyncio.timeout(30):
        with pytest.raises(SetupError, match="corrupted or incomplete; download it again"):
            await engine.ready()
    assert engine.health().state == "down"
    await engine.close()


PARENT = """
import asyncio, sys
from pathlib import Path
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine

async def main():
    engine = EmbeddedEngine(EmbeddedModel(path=Path(sys.argv[1]), alias="x", slots=1, context=512))
    await engine.start()
    await engine.ready()
    print(engine.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_child_ends_when_its_parent_is_killed(model_file: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(model_file), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(60):
        pid = int(await parent.stdout.readline())
    os.kill(pid, 0)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    await until_gone(pid)


def orders(model_file: Path) -> str:
    told = child.ChildOrders(
        model=str(model_file),
        alias="x",
        slots=1,
        context=512,
        threads=1,
        prompt_threads=1,
        cache_mib=16,
        template="",
        pooling="",
        adapters=[],
        parent=os.getpid(),
    )
    return json.dumps(told) + "\n"


def test_the_child_ends_with_its_input_alone(model_file: Path) -> None:
    """Without the second net too: this is all there is where Linux is not."""
    with subprocess.Popen(
        [sys.executable, "-P", str(Path(child.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(orders(model_file))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(20) == 0


def test_the_child_imports_llama_cpp_and_the_standard_library_only() -> None:
    code = (
        "import sys, runpy; runpy.run_path(sys.argv[1], run_name='other');"
        "print([m for m in sys.modules if m.split('.')[0] in ('thinkwell', 'aiohttp', 'msgspec')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(child.__file__))], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
