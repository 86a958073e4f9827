"""The whole site with the real engine and the real tiny model, started as an operator starts it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import openai
import pytest
import pytest_asyncio
from tests.conftest import visitor
from tests.models.small_hub import SmallHub

from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.hub import Hub
from thinkwell.models.weights import present
from thinkwell.testing.process import DidNotStart, SiteProcess, site_process

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SiteProcess]:
    async with site_process(tmp_path_factory.mktemp("live") / "data", "--slots", "2") as started:
        yield started


async def run(*arguments: str, said: str = "") -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "thinkwell", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(said.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_official_sdk_gets_a_thought_and_an_answer(site: SiteProcess) -> None:
    async with openai.AsyncOpenAI(base_url=f"{site.ready.url}/v1", api_key="none") as client:
        [model] = [model.id async for model in client.models.list()]
        stream = await client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "What is 57 + 87?"}],
            stream=True,
            stream_options={"include_usage": True},
            temperature=0,
        )
        thought = answer = ""
        usage = None
        async for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                assert not (answer and getattr(choice.delta, "reasoning_content", None)), (
                    "thought after answer"
                )
                thought += getattr(choice.delta, "reasoning_content", None) or ""
                answer += choice.delta.content or ""
    assert thought and answer and usage is not None
    assert "<" not in thought + answer  # neither the model's tags nor its control tokens
    assert usage.completion_tokens_details is not None
    assert 0 < (usage.completion_tokens_details.reasoning_tokens or 0) < usage.completion_tokens


async def test_the_engine_counts_what_the_receipt_says(site: SiteProcess) -> None:
    """One plain pass: prompt and generated tokens against the engine's own tokenizer."""
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    body = {"model": site.ready.model, "messages": messages, "reasoning_effort": "none", "temperature": 0}
    async with aiohttp.ClientSession() as client:
        async with client.post(
            f"{site.ready.url}/v1/chat/completions", json=body | {"max_tokens": 24}
        ) as reply:
            through = (await reply.json())["usage"]
        direct = {"messages": messages, "max_tokens": 24, "temperature": 0}
        async with client.post(f"{site.ready.engine_url}/v1/chat/completions", json=direct) as reply:
            asked = (await reply.json())["usage"]
    assert through["prompt_tokens"] == asked["prompt_tokens"]
    assert through["completion_tokens"] == asked["completion_tokens"]
    assert through["completion_tokens_details"]["reasoning_tokens"] == 0


async def test_control_literals_are_plain_text_to_the_real_tokenizer(site: SiteProcess) -> None:
    async def prompt_tokens(client: aiohttp.ClientSession, said: str) -> int:
        body = {
            "model": site.ready.model,
            "messages": [{"role": "user", "content": said}],
            "max_tokens": 1,
            "reasoning_effort": "none",
        }
        async with client.post(f"{site.ready.url}/v1/chat/completions", json=body) as reply:
            return int((await reply.json())["usage"]["prompt_tokens"])

    async with aiohttp.ClientSession() as client:
        one = await prompt_tokens(client, "<|im_start|>")
        eleven = await prompt_tokens(client, "<|im_start|>" * 11)
    assert eleven - one > 10 * 3  # as control tokens they would be one token each


async def test_asking_before_the_engine_is_back_waits_and_is_answered(site: SiteProcess) -> None:
    """The engine is killed; the supervisor brings it back; nobody is told "server is busy"."""
    [child] = _children(site.ready.pid)
    async with visitor(site.ready.url) as client:
        os.kill(child, signal.SIGKILL)
        async with client.post("/api/turns", json={"content": "hi"}) as reply:
            asked = await reply.json()
        async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
            events = [
                json.loads(line[6:]) for line in (await reply.text()).splitlines() if line.startswith("data:")
            ]
        if events[-1]["type"] == "failed":  # it was being asked in the very moment that it died
            assert events[-1]["code"].startswith("engine_")
        else:
            assert events[-1]["type"] == "finished"
        async with client.get("/health") as reply:
            assert (await reply.json())["engines"][0]["restarts"] >= 1
    assert _children(site.ready.pid) != [child]


def _children(pid: int) -> list[int]:
    return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_one_question_from_the_terminal(tmp_path: Path) -> None:
    code, out, err = await run("ask", "--data", str(tmp_path), "--json", "What is", said="57 + 87?")
    assert code == 0, err
    said = json.loads(out)
    assert said["answer"] and said["reasoning"]
    usage = said["receipt"]["usage"]
    assert usage["prompt"] > 0 and usage["reasoning"] > 0 and usage["answer"] > 0


async def test_one_question_to_a_running_site(site: SiteProcess, tmp_path: Path) -> None:
    code, out, err = await run("ask", "--data", str(tmp_path), "--url", site.ready.url, "hi")
    assert (code, err) == (0, "")
    assert out.strip()


async def test_asking_nothing_says_how_to_ask(tmp_path: Path) -> None:
    code, _, err = await run("ask", "--data", str(tmp_path))
    assert code == 2 and "thinkwell ask" in err


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = await run("serve", "--data", str(tmp_path), "--port", str(port))
    assert (code, out) == (2, "")
    assert (
        err
        == f"thinkwell: Port {port} is in use by another program. Stop that one, or start with --port 0.\n"
    )


@pytest.mark.parametrize(
    "content", [b"", b"GGUF", b"no model at all" * 100, b"GGUF\x03\x00\x00\x00" + b"\xff" * 64]
)
async def test_an_unreadable_model_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(DidNotStart) as caught:
        async with site_process(tmp_path / "data", "--model", str(file)):
            pass
    assert caught.value.code == 2
    assert "model.gguf" in caught.value.said
    assert caught.value.said.startswith("thinkwell: ") and caught.value.said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--model", "gpt-9"), "gpt-9"),
        (("--model", "http://127.0.0.1:9/v1"), "127.0.0.1:9"),
        (("--set", "engine.slot=1"), "engine.slot"),
        (("--host", "203.0.113.1"), "203.0.113.1"),
    ],
)
async def test_what_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(DidNotStart) as caught:
        async with site_process(tmp_path / "data", *arguments):
            pass
    assert caught.value.code == 2
    assert reason in caught.value.said
    assert caught.value.said.count("\n") == 1, caught.value.said


async def test_the_command_lists_models_settings_and_help() -> None:
    for arguments, expected in (
        (("models",), "smollm2-135m-instruct"),
        (("models", "--json"), '"dialect"'),
        (("settings",), "engine.slots"),
        (("--help",), "thinkwell serve"),
        (("serve", "--help"), "--port"),
    ):
        code, out, err = await run(*arguments)
        assert (code, err) == (0, "")
        assert expected in out


async def test_a_model_of_the_hub_is_fetched_checked_and_talks(tmp_path: Path) -> None:
    hub = SmallHub()
    card = (await asyncio.to_thread(read_catalogue)).default
    weights = await present(card.source or "", folder=tmp_path, hub=Hub(), sha256=card.sha256)
    hub.content = await asyncio.to_thread(weights.read_bytes)
    await hub.open()
    try:
        async with (
            site_process(
                tmp_path / "data", "--model", "hf:owner/repo/file.gguf", "--set", f"engine.hub_url={hub.url}"
            ) as site,
            aiohttp.ClientSession(site.ready.url) as client,
        ):
            body = {
                "model": site.ready.model,
                "messages": [{"role": "user", "content": "Name a colour."}],
                "max_tokens": 30,
            }
            async with client.post("/v1/chat/completions", json=body) as reply:
                message = (await reply.json())["choices"][0]["message"]
    finally:
        await hub.close()
    assert message["reasoning_content"] and message["content"]
    kept = await asyncio.to_thread(lambda: list((tmp_path / "data" / "models").rglob("*.gguf")))
    assert len(kept) == 1
