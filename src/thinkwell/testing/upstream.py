"""ScriptedUpstream: an OpenAI-compatible server in the test's own loop that plays scenarios over HTTP.

The sibling of ScriptedEngine on the other side of the wire: same scenarios, same gates. A user message
may choose its scenario itself: ``[[play=stalls]]``, ``[[play=calls_tools]]``. It checks nothing that it is
sent; it keeps it.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from typing import Any, Literal

import msgspec
from aiohttp import web

from thinkwell.testing.clock import Clock, SystemClock
from thinkwell.testing.gates import Gates
from thinkwell.testing.scenario import STALLED_GATE, Scenario, Step
from thinkwell.testing.scenarios import load_scenarios
from thinkwell.testing.upstream_reply import ReplyWriter

Kind = Literal["llama.cpp", "vllm", "sglang", "generic"]
# What of a request it heeds: a budget of thought, thinking switched off (by the template or the effort), or
# neither. Only thoughts in a field of their own can be shortened.
Heeds = Literal["budget", "switch"]

_CHOSEN = re.compile(r"\[\[play=([a-z_]+)\]\]")


class ScriptedUpstream:
    """``async with ScriptedUpstream("fields") as upstream: upstream.url``.

    ``kind`` decides how it presents itself: llama.cpp has /props, /tokenize, timings and a way to end a
    thought in flight; vLLM and SGLang name themselves in /v1/models. Over its slots it answers 503 and
    counts it. ``heeds`` says what of a request it obeys. With ``embeds`` it makes vectors of two numbers:
    characters and words.
    """

    def __init__(
        self,
        play: str | Scenario = "fields",
        *,
        kind: Kind = "llama.cpp",
        slots: int = 2,
        context: int = 4096,
        model: str = "scripted",
        clock: Clock | None = None,
    ) -> None:
        self.kind = kind
        self.slots = slots
        self.context = context
        self.model = model
        self.heeds: frozenset[Heeds] = frozenset()
        self.embeds = True
        self.thoughts_ended = 0
        self.url = ""
        self.metrics: str | None = None  # what /metrics says
        self.gates = Gates()
        self.gates.hold(STALLED_GATE)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.open = 0
        self.max_open = 0
        self.aborted = 0
        self.refused_over_slots = 0
        self._replies = itertools.count(1)
        self._running: dict[str, ReplyWriter] = {}
        self._known = load_scenarios()
        self._play = self._find(play)
        self._next: deque[Scenario] = deque()
        self._clock = clock or SystemClock()

    def play(self, what: str | Scenario) -> None:
        self._play = self._find(what)

    def then(self, *scenarios: str | Scenario) -> None:
        """Play these for the next requests, one each."""
        self._next.extend(self._find(what) for what in scenarios)

    async def __aenter__(self) -> ScriptedUpstream:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_get("/health", self._health)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embeddings)
        if self.kind == "sglang":
            app.router.add_get("/server_info", self._server_info)
        if self.kind == "llama.cpp":
            app.router.add_get("/props", self._props)
            app.router.add_post("/v1/chat/completions/control", self._control)
            app.router.add_post("/apply-template", self._apply_template)
            app.router.add_post("/tokenize", self._tokenize)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def _find(self, what: str | Scenario) -> Scenario:
        return self._known[what] if isinstance(what, str) else what

    def _chosen(self, body: dict[str, Any]) -> Scenario:
        said = [m["content"] for m in body.get("messages", []) if m.get("role") == "user"]
        match = _CHOSEN.search(said[-1]) if said and isinstance(said[-1], str) else None
        if match and match.group(1) in self._known:
            return self._known[match.group(1)]
        return self._next.popleft() if self._next else self._play

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(text=self.metrics or "", status=200 if self.metrics else 404)

    async def _models(self, _: web.Request) -> web.Response:
        entry: dict[str, Any] = {"id": self.model, "object": "model", "owned_by": "scripted"}
        if self.kind in ("vllm", "sglang"):
            entry |= {"owned_by": self.kind, "max_model_len": self.context}
        return web.json_response({"object": "list", "data": [entry]})

    async def _server_info(self, _: web.Request) -> web.Response:
        return web.json_response({"enable_strict_thinking": "budget" in self.heeds})

    async def _control(self, request: web.Request) -> web.Response:
        """llama.cpp's way to end a thought in flight."""
        asked = await request.json()
        writer = self._running.get(asked["id"])
        ended = writer is not None and asked["action"] == "reasoning_end"
        if writer is not None and ended:
            writer.most_thought = 0
            self.thoughts_ended += 1
        return web.json_response({"success": ended})

    async def _embeddings(self, request: web.Request) -> web.Response:
        if not self.embeds:
            return _refusal(501, "not_supported_error", "This server does not support embeddings.")
        asked = (await request.json())["input"]
        texts: list[str] = [asked] if isinstance(asked, str) else asked
        data = [
            {"object": "embedding", "index": i, "embedding": [float(len(text)), float(len(text.split()))]}
            for i, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": sum(-(-len(text) // 4) for text in texts)}
        return web.json_response({"object": "list", "data": data, "usage": usage})

    async def _props(self, _: web.Request) -> web.Response:
        settings = {"n_ctx": self.context}
        return web.json_response({"default_generation_settings": settings, "total_slots": self.slots})

    async def _apply_template(self, request: web.Request) -> web.Response:
        messages = (await request.json())["messages"]
        return web.json_response({"prompt": "\n".join(f"{m['role']}: {m['content']}" for m in messages)})

    async def _tokenize(self, request: web.Request) -> web.Response:
        """A token for every four bytes."""
        size = len((await request.json())["content"].encode("utf-8", "replace"))
        return web.json_response({"tokens": list(range(-(-size // 4)))})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = msgspec.json.decode(await request.read())
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        if self.open >= self.slots:
            self.refused_over_slots += 1
            return _refusal(503, "unavailable_error", "all slots are taken")
        self.open += 1
        self.max_open = max(self.max_open, self.open)
        self.gates.changed()
        complete = False
        try:
            response = await self._play_to(request, body, self._chosen(body))
            complete = True
            return response
        finally:
            self.open -= 1
            self.aborted += not complete
            self.gates.changed()

    async def _play_to(
        self, request: web.Request, body: dict[str, Any], script: Scenario
    ) -> web.StreamResponse:
        id = f"chatcmpl-scripted-{next(self._replies)}"
        writer = ReplyWriter(script, body, (id, self.model), llama=self.kind == "llama.cpp")
        writer.most_thought = most_thought(body, self.heeds)
        self._running[id] = writer
        try:
            return await self._steps(request, script, writer)
        finally:
            del self._running[id]

    async def _steps(self, request: web.Request, script: Scenario, writer: ReplyWriter) -> web.StreamResponse:
        response: web.StreamResponse | None = None
        for number, step in enumerate(script.steps):
            await self.gates.come_to(str(number))
            if writer.leaves_out(step):
                continue
            if step.gate is not None:
                await self.gates.come_to(step.gate)
            elif step.pause_s is not None:
                await self._clock.sleep(step.pause_s)
            elif step.fault in ("refuses", "too_long"):
                if step.fault == "refuses":
                    return _refusal(500, "server_error", "the scripted upstream refuses")
                return _refusal(400, "exceed_context_size_error", "exceeds the available context size")
            elif not writer.streams:
                if (whole := await self._whole(request, writer, step)) is not None:
                    return whole
            else:
                if response is None and step.fault != "dies":
                    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
                    await response.prepare(request)
                await self._streamed(request, response, writer, step)
        return response or web.Response()

    async def _streamed(
        self, request: web.Request, response: web.StreamResponse | None, writer: ReplyWriter, step: Step
    ) -> None:
        if step.fault == "stalls":
            await self.gates.come_to(STALLED_GATE)
        if step.fault == "dies" or response is None:
            _cut(request)
        elif step.fault == "garbage":
            await response.write(b"data: {not json at all\n\n")
        elif step.fault is None:
            await response.write(writer.chunk(step))

    async def _whole(self, request: web.Request, writer: ReplyWriter, step: Step) -> web.Response | None:
        """A reply in one piece: collected, and sent at its end."""
        if step.fault == "stalls":
            await self.gates.come_to(STALLED_GATE)
        if step.fault is not None:
            _cut(request)
        writer.take(step)
        return web.json_response(writer.whole()) if step.finish is not None else None


def most_thought(body: dict[str, Any], heeds: frozenset[Heeds]) -> int | None:
    """Tokens of thought that a request lets a server of any kind make, where it heeds that."""
    template = body.get("chat_template_kwargs") or {}
    off = body.get("reasoning_effort") == "none" or not all(
        template.get(name, True) for name in ("enable_thinking", "thinking")
    )
    if off and "switch" in heeds:
        return 0
    if "budget" not in heeds:
        return None
    custom = body.get("custom_params") or {}
    names = ("thinking_budget_tokens", "thinking_token_budget")
    return next((body[name] for name in names if name in body), custom.get("thinking_budget"))


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


def _refusal(status: int, kind: str, message: str) -> web.Response:
    error = {"code": status, "type": kind, "message": message}
    return web.json_response({"error": error}, status=status)
