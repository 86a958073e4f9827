"""Traces: a turn's spans as a collector gets them, over HTTP. A real receiver, which decodes the real bytes."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.conftest import visitor
from tests.http.test_account_door import ask, call

from thinkwell.errors import SetupError
from thinkwell.http.traces import open_traces
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site

QUESTION = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "SECRETQUESTION"}],
    "max_tokens": 99,
}
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


class Collector:
    """What an operator's collector would have got."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.resources: list[dict[str, Any]] = []
        self.spans: list[Span] = []

    async def take(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        body = await request.read()
        self.bodies.append(body)
        asked = ExportTraceServiceRequest.FromString(body)
        for of_resource in asked.resource_spans:
            self.resources.append(plain(of_resource.resource.attributes))
            for scope in of_resource.scope_spans:
                self.spans += scope.spans
        return web.Response(body=b"", content_type="application/x-protobuf")

    def root(self) -> Span:
        [root] = [span for span in self.spans if span.name == "turn"]
        return root

    def children(self, of: Span) -> list[Span]:
        found = [span for span in self.spans if span.parent_span_id == of.span_id]
        return sorted(found, key=lambda span: span.start_time_unix_nano)


def plain(attributes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in attributes:
        kind = one.value.WhichOneof("value")
        value = getattr(one.value, kind)
        found[one.key] = [item.string_value for item in value.values] if kind == "array_value" else value
    return found


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    found = Collector()
    app = web.Application()
    app.router.add_post("/{path:.*}", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


def traced(collector: Collector) -> tuple[str, ...]:
    return (f"logs.traces_url={collector.url}",)


async def test_a_turn_is_a_span_with_its_wait_its_passes_and_its_close(
    data: Path, engine: ScriptedEngine, collector: Collector
) -> None:
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        aiohttp.ClientSession(running.url) as client,
        client.post("/v1/chat/completions", json=QUESTION) as reply,
    ):
        body = await reply.json()
    root = collector.root()
    found = plain(root.attributes)
    usage = body["usage"]
    assert root.kind == Span.SPAN_KIND_SERVER and root.parent_span_id == b""
    assert found["gen_ai.operation.name"] == "chat"
    assert found["gen_ai.request.model"] == found["gen_ai.response.model"] == "scripted"
    assert found["gen_ai.request.max_tokens"] == 99
    assert found["gen_ai.usage.input_tokens"] == usage["prompt_tokens"]
    assert found["gen_ai.usage.output_tokens"] == usage["completion_tokens"]
    assert (
        found["gen_ai.usage.reasoning.output_tokens"]
        == usage["completion_tokens_details"]["reasoning_tokens"]
    )
    assert found["gen_ai.response.finish_reasons"] == ["stop"]
    assert found["gen_ai.response.id"] == body["id"]
    assert found["gen_ai.response.time_to_first_chunk"] >= 0
    assert found["thinkwell.tier"] == "visitor"
    children = collector.children(root)
    assert [span.name for span in children] == ["wait", "chat scripted", "close"]
    assert {span.trace_id for span in collector.spans} == {root.trace_id}
    engine_pass = children[1]
    assert engine_pass.kind == Span.SPAN_KIND_CLIENT
    of_pass = plain(engine_pass.attributes)
    assert of_pass["thinkwell.replica"] == "scripted"
    assert of_pass["gen_ai.usage.output_tokens"] == usage["completion_tokens"]
    for one in children:
        begun, ended = one.start_time_unix_nano, one.end_time_unix_nano
        assert root.start_time_unix_nano <= begun <= ended <= root.end_time_unix_nano
    assert collector.resources[0]["service.name"] == "thinkwell"
    assert collector.paths == ["/v1/traces"] * len(collector.paths)


async def test_no_text_and_no_person_is_in_a_trace(
    data: Path, engine: ScriptedEngine, collector: Collector
) -> None:
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        visitor(running.url) as client,
    ):
        await ask(client, "SECRETQUESTION")
        stored = (await call(client, "GET", "/api/conversations"))["items"][0]
        messages = (await call(client, "GET", f"/api/conversations/{stored['id']}"))["messages"]
        answer = messages[-1]["content"]
        cookie = next(iter(client.cookie_jar)).value
    sent = b"".join(collector.bodies)
    assert collector.spans and answer
    for secret in ("SECRETQUESTION", answer, cookie, cookie.split(".")[0], "visitor:", "conv_", "127.0.0.1"):
        assert secret.encode() not in sent, secret


async def test_a_traceparent_is_honoured(data: Path, engine: ScriptedEngine, collector: Collector) -> None:
    """At the doors of the API and at the page's."""
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1"}
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        visitor(running.url) as client,
    ):
        async with client.post("/v1/chat/completions", json=QUESTION, headers=headers) as reply:
            assert reply.status == 200
        async with client.post("/api/turns", json={"content": "?"}, headers=headers) as reply:
            asked = await reply.json()
        async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
            assert "finished" in await reply.text()
    roots = [span for span in collector.spans if span.name == "turn"]
    assert len(roots) == 2
    for root in roots:
        assert (root.trace_id.hex(), root.parent_span_id.hex()) == (TRACE, PARENT)
        assert root.trace_state == "vendor=1"


@pytest.mark.parametrize(
    "header", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{PARENT}", "00-" + "é" * 200]
)
async def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(
    data: Path, engine: ScriptedEngine, collector: Collector, header: str
) -> None:
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        aiohttp.ClientSession(running.url) as client,
        client.post("/v1/chat/completions", json=QUESTION, headers={"traceparent": header}) as reply,
    ):
        assert reply.status == 200
    root = collector.root()
    assert root.parent_span_id == b"" and root.trace_id.hex() != TRACE


async def test_a_trace_that_is_not_sampled_is_not_sent(
    data: Path, engine: ScriptedEngine, collector: Collector
) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        aiohttp.ClientSession(running.url) as client,
    ):
        for said in (headers, {}):
            async with client.post("/v1/chat/completions", json=QUESTION, headers=said) as reply:
                assert reply.status == 200
    assert collector.root().trace_id.hex() != TRACE


async def test_how_a_turn_failed_is_told_by_its_code(
    data: Path, engine: ScriptedEngine, collector: Collector
) -> None:
    engine.play("refuses")
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        aiohttp.ClientSession(running.url) as client,
        client.post("/v1/chat/completions", json=QUESTION) as reply,
    ):
        code = (await reply.json())["error"]["code"]
    root = collector.root()
    assert root.status.code == Status.STATUS_CODE_ERROR and root.status.message == ""
    assert plain(root.attributes)["error.type"] == code


async def test_a_turn_that_loses_its_engine_waits_and_passes_again(data: Path, collector: Collector) -> None:
    one, two = ScriptedEngine("dies_at_once", name="one"), ScriptedEngine(name="two")
    async with (
        running_site(data, (one, two), assignments=traced(collector)) as running,
        aiohttp.ClientSession(running.url) as client,
        client.post("/v1/chat/completions", json=QUESTION) as reply,
    ):
        assert reply.status == 200
    children = collector.children(collector.root())
    assert [span.name for span in children] == ["wait", "chat scripted", "wait", "chat scripted", "close"]
    replicas = [plain(span.attributes)["thinkwell.replica"] for span in children if "chat" in span.name]
    assert replicas == ["one", "two"]


async def test_embeddings_are_named_so(data: Path, engine: ScriptedEngine, collector: Collector) -> None:
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        aiohttp.ClientSession(running.url) as client,
        client.post("/v1/embeddings", json={"model": "scripted", "input": "SECRETQUESTION"}) as reply,
    ):
        assert reply.status == 200
    root = collector.root()
    assert plain(root.attributes)["gen_ai.operation.name"] == "embeddings"
    assert [span.name for span in collector.children(root)] == ["wait", "embeddings scripted", "close"]


async def test_a_turn_that_is_stopped_in_line_has_waited_until_then(
    data: Path, engine: ScriptedEngine, collector: Collector
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    async with (
        running_site(data, engine, assignments=traced(collector)) as running,
        visitor(running.url) as client,
    ):
        first = await call(client, "POST", "/api/turns", {"content": "?"}, 201)
        second = await call(client, "POST", "/api/turns", {"content": "?"}, 201)
        await call(client, "POST", f"/api/turns/{second['turn_id']}/stop", status=204)
        async with client.get(f"/api/turns/{second['turn_id']}/events") as reply:
            await reply.text()
        engine.gates.release("0")
        async with client.get(f"/api/turns/{first['turn_id']}/events") as reply:
            await reply.text()
    [stopped] = [
        span
        for span in collector.spans
        if plain(span.attributes).get("gen_ai.response.id") == second["turn_id"]
    ]
    assert plain(stopped.attributes)["thinkwell.stopped_by"] == "person"
    assert [span.name for span in collector.children(stopped)] == ["wait", "close"]


async def test_without_the_setting_nothing_of_it_is_loaded(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine) as running:
        assert running.site.watching.traces is None


def test_without_the_extra_the_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SetupError, match=r"thinkwell\[traces\]"):
        open_traces("http://localhost:4318")


@pytest.mark.parametrize("url", ["localhost:4318", "ftp://x", "http://", "http://x:99999", "http://[::1"])
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(SetupError, match=r"logs\.traces_url"):
        open_traces(url)


async def test_a_collector_that_is_away_harms_no_turn(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, assignments=("logs.traces_url=http://127.0.0.1:9",)) as running,
        aiohttp.ClientSession(running.url) as client,
        client.post("/v1/chat/completions", json=QUESTION) as reply,
    ):
        assert reply.status == 200
