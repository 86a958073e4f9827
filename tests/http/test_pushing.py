"""Replies that the log pushes to the socket by itself, and the three addresses that are served without the framework."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest

from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite

QUESTION = [{"role": "user", "content": "?"}]
BODY = {"model": "scripted", "messages": QUESTION, "stream": True}
DOORS = {
    "/v1/chat/completions": BODY,
    "/v1/responses": {"model": "scripted", "input": "?"},
    "/v1/messages": {"model": "scripted", "max_tokens": 100, "messages": QUESTION},
}


def request(body: bytes, path: str = "/v1/chat/completions", headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n{headers}\r\n".encode() + body


async def connect(running: RunningSite) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = running.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port), limit=1 << 26)


def said(raw: bytes) -> str:
    """All content of a chunked stream of completions."""
    _, _, body = raw.partition(b"\r\n\r\n")
    plain = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        plain, body = plain + body[:length], body[length + 2 :]
        if length == 0:
            break
    text = ""
    for line in plain.splitlines():
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:])["choices"]:
                text += choice["delta"].get("content") or ""
    return text


async def test_a_reader_that_is_slow_gets_everything_in_order_and_holds_up_nobody(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    words = [f"{number:05d}" * 2_000 for number in range(1_200)]  # 12 MB: far more than sockets hold
    engine.play(saying(*words))
    reader, writer = await connect(running)
    writer.write(request(json.dumps(BODY | {"max_tokens": 2_000}).encode(), headers="connection: close\r\n"))
    await engine.until(lambda: engine.tokens_made == len(words) and engine.open == 0)
    async with aiohttp.ClientSession(running.url) as other:  # nobody reads the first, and others are served
        engine.play(saying("quick"))
        async with other.post("/v1/chat/completions", json=BODY | {"stream": False}) as reply:
            assert (await reply.json())["choices"][0]["message"]["content"] == "quick"
    assert said(await reader.read(-1)) == "".join(words)
    writer.close()


async def test_a_slow_reader_that_leaves_is_let_go(running: RunningSite, engine: ScriptedEngine) -> None:
    engine.play(saying(*["x" * 10_000] * 1_200))
    reader, writer = await connect(running)
    writer.write(request(json.dumps(BODY | {"max_tokens": 2_000}).encode()))
    await reader.readexactly(100)
    await engine.until(lambda: engine.open == 0)
    writer.transport.abort()
    while running.server.server_state.tasks:
        await asyncio.sleep(0)
    assert not running.site.turns.running


async def test_two_questions_on_one_connection_are_answered_one_after_the_other(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.then(saying("one ", "two"), saying("three"))
    reader, writer = await connect(running)
    plain = json.dumps(BODY).encode()
    writer.write(request(plain) + request(plain, headers="connection: close\r\n"))
    raw = await reader.read(-1)
    first, _, second = raw.partition(b"0\r\n\r\nHTTP/1.1 200 OK")
    assert said(first + b"0\r\n\r\n") == "one two"
    assert said(b"HTTP/1.1 200 OK" + second) == "three"
    writer.close()


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(
    ("body", "status", "hint"),
    [
        (b"{", 400, "not valid JSON"),
        (b"", 400, "not valid JSON"),
        (b"[]", 400, "Expected `object`"),
        (b'{"model": 7}', 400, "model"),
        (b'{"model": "\xff"}', 400, ""),
        (b'{"a":' * 100_000, 400, ""),
        (b'"' + b"x" * 2_100_000 + b'"', 413, "larger"),
    ],
)
async def test_a_body_that_is_none_gets_a_typed_refusal(
    running: RunningSite, engine: ScriptedEngine, path: str, body: bytes, status: int, hint: str
) -> None:
    async with (
        aiohttp.ClientSession(running.url) as client,
        client.post(path, data=io.BytesIO(body), headers={"content-type": "application/json"}) as reply,
    ):
        assert reply.status == status
        told: Any = await reply.json()
    assert hint in told["error"]["message"]
    assert engine.asked == []


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/plain", None])
async def test_a_question_is_taken_whatever_it_says_of_its_kind(
    running: RunningSite, path: str, kind: str | None
) -> None:
    headers = {} if kind is None else {"content-type": kind}
    async with (
        aiohttp.ClientSession(running.url, skip_auto_headers=["content-type"]) as client,
        client.post(path, data=json.dumps(DOORS[path]).encode(), headers=headers) as reply,
    ):
        assert reply.status == 200
        await reply.read()


async def test_a_reader_that_leaves_before_its_question_is_whole_leaves_nothing(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    _, writer = await connect(running)
    writer.write(request(json.dumps(BODY).encode())[:-5])
    await writer.drain()
    while not running.server.server_state.tasks:
        await asyncio.sleep(0)
    writer.transport.abort()
    while running.server.server_state.tasks:
        await asyncio.sleep(0)
    assert engine.asked == [] and running.site.turns.count == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("path", DOORS)
async def test_other_methods_are_refused_as_everywhere(running: RunningSite, path: str, method: str) -> None:
    async with (
        aiohttp.ClientSession(running.url) as client,
        client.request(method, path) as reply,
    ):
        assert reply.status == 405
        assert reply.headers["allow"]
