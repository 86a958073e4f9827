"""The real engine with adapters laid over the real tiny model."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.streams import stream
from thinkwell.errors import SetupError
from thinkwell.testing.lora import write_lora
from thinkwell.values.engine import EnginePass, Sampling
from thinkwell.values.message import Message

pytestmark = pytest.mark.live

ASKED = EnginePass(
    messages=(Message("user", "Name three colours."),), sampling=Sampling(temperature=0.0), max_tokens=12
)


async def said_with(model_file: Path, *adapters: Path) -> str:
    model = EmbeddedModel(
        path=model_file, alias="a", slots=1, context=512, threads=1, prompt_threads=1, adapters=adapters
    )
    engine = EmbeddedEngine(model)
    await engine.start()
    try:
        async with asyncio.timeout(60):
            await engine.ready()
            return "".join([delta.text async for delta in stream(engine, ASKED)])
    finally:
        await engine.close()


async def test_an_adapter_changes_what_the_model_says_and_an_empty_one_does_not(
    model_file: Path, tmp_path: Path
) -> None:
    zero = await asyncio.to_thread(write_lora, tmp_path / "zero.gguf")
    noise = await asyncio.to_thread(partial(write_lora, tmp_path / "noise.gguf", strength=3.0))
    plain = await said_with(model_file)
    assert await said_with(model_file, zero) == plain
    assert await said_with(model_file, noise) != plain


async def test_an_adapter_of_another_shape_is_refused_by_name(model_file: Path, tmp_path: Path) -> None:
    path = await asyncio.to_thread(partial(write_lora, tmp_path / "wide.gguf", width=640))
    with pytest.raises(SetupError, match=r"cannot load .* with .*wide\.gguf"):
        await said_with(model_file, path)


async def test_a_file_that_is_no_adapter_is_refused_before_a_process_begins(model_file: Path) -> None:
    with pytest.raises(SetupError, match="is no adapter but a model"):
        await said_with(model_file, model_file)
