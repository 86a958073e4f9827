"""The routes of the simulated engine. Knows HTTP; what is said and when is settled elsewhere."""

from __future__ import annotations

import itertools
import time
from contextlib import aclosing

import msgspec
from aiohttp import web

from thinkwell.testing.simulation.completion import (
    Completion,
    Habits,
    PromptOverContext,
    plan,
    rendered,
    writes,
)
from thinkwell.testing.simulation.driver import Driver
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.text import count_tokens, tokenize
from thinkwell.testing.simulation.wire import ChunkWriter, WireMessage, WireRequest, error_body

MOST_BODY = 64 * 1024 * 1024


class _Messages(msgspec.Struct):
    messages: list[WireMessage]


class _Content(msgspec.Struct):
    content: str


class _Texts(msgspec.Struct):
    input: str | list[str]


class _Control(msgspec.Struct):
    id: str
    action: str


class SimulatedApp:
    """Routes over one driver; knows the completions that are being written, by id."""

    def __init__(self, profile: Profile, driver: Driver, habits: Habits, model: str) -> None:
        self._profile = profile
        self._driver = driver
        self._habits = habits
        self._model = model
        self._ids = itertools.count(1)
        self._live: dict[str, Completion] = {}
        self._read = msgspec.json.Decoder(WireRequest).decode

    def routes(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_get("/health", self._health)
        app.router.add_get("/props", self._props)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/simulated/stats", self._stats)
        app.router.add_post("/tokenize", self._tokenize)
        app.router.add_post("/apply-template", self._apply_template)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/chat/completions/control", self._control)
        app.router.add_post("/v1/embeddings", self._embeddings)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return _json({"status": "ok"})

    async def _props(self, _: web.Request) -> web.Response:
        settings = {"n_ctx": self._profile.context}
        return _json({"default_generation_settings": settings, "total_slots": self._driver.slots})

    async def _models(self, _: web.Request) -> web.Response:
        meta = {"n_ctx": self._profile.context}
        return _json(
            {
                "object": "list",
                "data": [{"id": self._model, "object": "model", "owned_by": "simulated", "meta": meta}],
            }
        )

    async def _stats(self, _: web.Request) -> web.Response:
        return _json(self._driver.stats)

    async def _tokenize(self, request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Content)
        except ValueError as problem:
            return _error(400, "invalid_request_error", str(problem))
        return _json({"tokens": tokenize(wanted.content)})

    async def _apply_template(self, request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Messages)
        except ValueError as problem:
            return _error(400, "invalid_request_error", str(problem))
        return _json({"prompt": rendered(wanted.messages)})

    async def _embeddings(self, request: web.Request) -> web.Response:
        """Two numbers for each text: its tokens, and its words."""
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Texts)
        except ValueError as problem:
            return _error(400, "invalid_request_error", str(problem))
        texts = [wanted.input] if isinstance(wanted.input, str) else wanted.input
        tokens = [count_tokens(text) for text in texts]
        data = [
            {"object": "embedding", "index": i, "embedding": [float(tokens[i]), float(len(text.split()))]}
            for i, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": sum(tokens), "total_tokens": sum(tokens)}
        return _json({"object": "list", "data": data, "model": self._model, "usage": usage})

    async def _control(self, request: web.Request) -> web.Response:
        """llama.cpp's way to end a thought in flight."""
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Control)
        except ValueError as problem:
            return _error(400, "invalid_request_error", str(problem))
        live = self._live.get(wanted.id)
        if live is None or wanted.action != "reasoning_end":
            return _error(404, "not_found_error", "no such completion, or no such action")
        return _json({"success": live.end_thought()})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        id = f"chatcmpl-{next(self._ids)}"
        try:
            wanted = self._read(await request.read())
            if not wanted.messages:
                return _error(400, "invalid_request_error", "no messages")
            planned = plan(id, wanted, self._profile, self._habits)
        except PromptOverContext as problem:
            body = error_body(
                400,
                "exceed_context_size_error",
                str(problem),
                n_prompt_tokens=problem.prompt,
                n_ctx=problem.context,
            )
            return web.Response(status=400, body=body, content_type="application/json")
        except ValueError as problem:
            return _error(400, "invalid_request_error", str(problem))
        if planned.directives.status is not None:
            return _error(planned.directives.status, "directed_error", "as the message directed")
        stream = await self._driver.begin(planned.request)
        if stream is None:
            return _error(503, "unavailable_error", "all slots are taken")
        completion = Completion(planned, self._driver, stream)
        self._live[id] = completion
        complete = False
        try:
            if wanted.stream:
                response = await self._streamed(request, wanted, completion)
            else:
                response = await self._whole(request, wanted, completion)
            complete = not completion.dead
            return response
        finally:
            del self._live[id]
            await self._driver.leave(stream, complete=complete)

    async def _streamed(
        self, request: web.Request, wanted: WireRequest, completion: Completion
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        call = completion.plan.directives.call
        writer = ChunkWriter(self._head(wanted, completion, "chat.completion.chunk"), wanted, call)
        await response.write(writer.opening())
        named = call is None
        async with aclosing(completion.pieces()) as pieces:
            async for thought, said in pieces:
                if not (thought or named):
                    named = True
                    await response.write(writer.call_opening())
                await response.write(writes(writer, completion, thought, said))
        if completion.dead:
            _cut(request)
            return response
        await response.write(writer.ending(completion.counts(), completion.plan.finish))
        return response

    async def _whole(self, request: web.Request, wanted: WireRequest, completion: Completion) -> web.Response:
        told: dict[bool, list[str]] = {True: [], False: []}
        async with aclosing(completion.pieces()) as pieces:
            async for thought, said in pieces:
                told[thought] += said
        if completion.dead:
            _cut(request)
        message: dict[str, object] = {"role": "assistant", "content": "".join(told[False])}
        if completion.plan.directives.call is not None:
            function = {"name": completion.plan.directives.call, "arguments": message["content"]}
            message |= {
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
            }
        if told[True]:
            message["reasoning_content"] = "".join(told[True])
        counts = completion.counts()
        choice = {"index": 0, "finish_reason": completion.plan.finish, "message": message}
        totals = {"choices": [choice], "usage": counts.usage(), "timings": counts.timings()}
        return _json(self._head(wanted, completion, "chat.completion") | totals)

    def _head(self, wanted: WireRequest, completion: Completion, kind: str) -> dict[str, object]:
        return {
            "id": completion.plan.request.id,
            "object": kind,
            "created": int(time.time()),
            "model": wanted.model or self._model,
        }


def _cut(request: web.Request) -> None:
    """Close the connection after what was written, in the middle of the reply."""
    if request.transport is not None:
        request.transport.close()


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.Response(
        status=status, body=error_body(status, kind, message), content_type="application/json"
    )
