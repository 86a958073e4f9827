"""Health, metrics, the API's description, the pages and their headers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from thinkwell.errors import SetupError
from thinkwell.http.pages import PageFile, WebApp, read_web_app
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

QUESTION = {"model": "scripted", "messages": [{"role": "user", "content": "?"}]}


async def test_health_says_what_is_wrong_and_that_it_is_well_again(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    async with client.get("/health") as reply:
        assert (reply.status, (await reply.json())["status"]) == (200, "ok")
    engine.die("the engine process ended by signal 9")
    async with client.get("/health") as reply:
        body = await reply.json()
    assert (reply.status, body["status"]) == (503, "degraded")
    assert body["engines"][0]["reason"] == "the engine process ended by signal 9"
    engine.be_starting()
    async with client.get("/health") as reply:
        assert (reply.status, (await reply.json())["status"]) == (503, "starting")
    engine.revive()
    async with client.get("/health") as reply:
        assert reply.status == 200


async def test_metrics_count_turns_and_tokens(client: aiohttp.ClientSession, engine: ScriptedEngine) -> None:
    async with client.post("/v1/chat/completions", json=QUESTION) as reply:
        usage = (await reply.json())["usage"]
    async with client.get("/metrics") as reply:
        lines = (await reply.text()).splitlines()
    assert 'thinkwell_turns_total{code="",ending="finished"} 1.0' in lines
    assert f'thinkwell_tokens_total{{kind="answer"}} {usage["completion_tokens"] - 2:.1f}' in lines or any(
        line.startswith('thinkwell_tokens_total{kind="answer"}') for line in lines
    )
    assert "thinkwell_turns_running 0.0" in lines
    assert "thinkwell_engine_ready 1.0" in lines
    assert "?" not in "".join(line for line in lines if not line.startswith("#"))


async def test_the_api_describes_itself_to_programs_and_people(client: aiohttp.ClientSession) -> None:
    async with client.get("/openapi.json") as reply:
        document = await reply.json()
    assert document["openapi"].startswith("3.1")
    async with client.get("/docs") as reply:
        page = await reply.text()
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page
    for path in document["paths"]:
        assert path in page


async def test_every_answer_of_a_page_carries_the_security_headers(
    data: Path, engine: ScriptedEngine
) -> None:
    app = WebApp(
        {
            "index.html": PageFile(b"<!doctype html>", None, "text/html; charset=utf-8", False),
            "assets/a.js": PageFile(b"x", b"gz", "text/javascript; charset=utf-8", True),
        }
    )
    async with running_site(data, engine, web_app=app) as site, aiohttp.ClientSession(site.url) as client:
        for path in ("/", "/c/conv_1", "/assets/a.js"):
            async with client.get(path, auto_decompress=False) as reply:
                assert reply.status == 200
                policy = reply.headers["content-security-policy"]
                assert "script-src 'self';" in policy and "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert reply.headers["x-content-type-options"] == "nosniff"
        async with client.get("/assets/a.js", auto_decompress=False) as reply:
            assert reply.headers["content-encoding"] == "gzip"
            assert "immutable" in reply.headers["cache-control"]
            assert await reply.read() == b"gz"
        async with client.get("/assets/a.js", headers={"accept-encoding": "identity"}) as reply:
            assert await reply.read() == b"x"
        async with client.get("/") as reply:
            assert reply.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path", ["/../secret", "/assets/..%2f..%2fsecret", "/%2e%2e/secret", "/nope", "/v1/nope"]
)
async def test_what_is_not_there_is_not_found(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as reply:
        assert reply.status == 404
        assert (await reply.json())["error"]["code"] == "not_found"


async def test_a_method_that_an_address_does_not_take_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.put("/v1/chat/completions", json={}) as reply:
        assert reply.status == 405


async def test_a_head_without_end_is_refused_and_cut_off(running: RunningSite) -> None:
    host, port = running.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ")
    for _ in range(80):
        writer.write(b"a" * 1024)
    assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")
    writer.close()


async def test_a_large_body_in_one_piece_with_its_head_is_taken(client: aiohttp.ClientSession) -> None:
    said = {"role": "assistant", "content": "word " * 12_000}
    async with client.post(
        "/v1/chat/completions", json=QUESTION | {"messages": [said, *QUESTION["messages"]]}
    ) as reply:  # type: ignore[misc]
        assert reply.status == 400
        assert (await reply.json())["error"]["code"] == "context_length_exceeded"
    async with client.get("/health", headers={"x-long": "a" * 30_000}) as reply:
        assert reply.status == 200


def test_a_web_app_that_was_not_built_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="scripts/serve"):
        read_web_app(tmp_path)


def test_the_web_apps_files_are_read_with_their_types(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>" * 50)
    (tmp_path / "assets" / "a.js").write_text("let a = 1;" * 50)
    (tmp_path / "assets" / "b.woff2").write_bytes(bytes(range(256)))
    app = read_web_app(tmp_path)
    assert app.files["assets/a.js"].media_type == "text/javascript; charset=utf-8"
    assert app.files["assets/a.js"].forever and not app.index.forever
    assert app.files["assets/a.js"].compressed is not None
    assert app.files["assets/b.woff2"].compressed is None
