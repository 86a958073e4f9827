"""The OpenAI door: Chat Completions and models. A reader that leaves this door stops the turn."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import UNSET

from thinkwell.errors import NotFound
from thinkwell.http.callers import api_caller
from thinkwell.http.errors import openai_error
from thinkwell.http.site import TheSite
from thinkwell.http.sse import EventStream, first_spoken, unless_gone
from thinkwell.http.wire.openai_chat import (
    AnswerMessage,
    ChatRequest,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    Delta,
    ErrorReply,
    Extension,
    ModelList,
    WireModel,
    to_turn,
    usage_on_wire,
)
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import AnswerDelta, Failed, Finished, Queued, ReasoningDelta, Stopped, TurnEvent

ERRORS = {status: ResponseSpec(ErrorReply, description="Refused") for status in (400, 401, 404, 413, 503)}
encoder = msgspec.json.Encoder()


@post(
    "/v1/chat/completions",
    status_code=200,
    operation_id="createChatCompletion",
    summary="Ask the model",
    description="OpenAI Chat Completions. With `stream` the reply is a stream of server-sent events; thought "
    "comes as `reasoning_content` and `reasoning`, place in line as comments.",
    tags=["OpenAI"],
    responses={200: ResponseSpec(Completion, description="The answer"), **ERRORS},
)
async def chat_completions(
    data: JSONBody[ChatRequest], request: Request[Any, Any, Any], site: TheSite
) -> ASGIApp:
    caller = api_caller(request, site)
    live = await site.conductor.begin(site.tasks, to_turn(data, site.new_id("chatcmpl"), caller))
    if data.stream:
        usage = data.stream_options is not None and data.stream_options.include_usage
        return Streamed(live, usage)
    return Whole(live)


class _Reply:
    """Runs one reply to a turn of which this request is the only reader."""

    def __init__(self, live: LiveTurn) -> None:
        self._live = live
        self._created = int(time.time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise NotImplementedError

    def _gone(self) -> None:
        self._live.stop("reader")


class Whole(_Reply):
    """The answer in one piece, when it is complete."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def work() -> None:
            end = await self._live.over()
            if isinstance(end, Failed):
                await failed_response(end)(scope, receive, send)
                return
            body = encoder.encode(self._completion(end))
            await Response(body, media_type="application/json").to_asgi_response(None, Request(scope))(
                scope, receive, send
            )

        if not await unless_gone(receive, work()):
            self._gone()

    def _completion(self, end: Finished | Stopped) -> Completion:
        answer, thought = spoken_text(self._live.log.since(0))
        message = AnswerMessage(
            content=answer, reasoning_content=thought or UNSET, reasoning=thought or UNSET
        )
        reason = end.reason if isinstance(end, Finished) else "stop"
        return Completion(
            id=self._live.request.id,
            created=self._created,
            model=self._live.request.model,
            choices=[Choice(index=0, message=message, finish_reason=reason)],
            usage=usage_on_wire(end.receipt.usage),
            thinkwell=Extension(receipt=end.receipt),
        )


class Streamed(_Reply):
    """Chunks as they come. The status waits for the first event that decides it."""

    def __init__(self, live: LiveTurn, usage: bool) -> None:
        super().__init__(live)
        self._usage = usage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first: list[TurnEvent] = []

        async def decide() -> None:
            first.append(await first_spoken(self._live.log))

        if not await unless_gone(receive, decide()):
            self._gone()
        elif isinstance(first[0], Failed):
            await failed_response(first[0])(scope, receive, send)
        else:
            await EventStream(self._live.log, 0, self._print, self._gone)(scope, receive, send)

    def _print(self, seq: int, event: TurnEvent) -> bytes:
        if isinstance(event, ReasoningDelta):
            return (
                self._chunk(Delta(reasoning_content=event.text, reasoning=event.text)) if event.text else b""
            )
        if isinstance(event, AnswerDelta):
            return self._chunk(Delta(content=event.text)) if event.text else b""
        if isinstance(event, Queued):
            why = b"" if event.reason == "busy" else b" (%b)" % event.reason.replace("_", " ").encode()
            return b": waiting, place %d of %d%b\n\n" % (event.position, event.waiting, why)
        if isinstance(event, Failed):
            _, body = openai_error(event.code, event.message)
            return b"data: " + encoder.encode(body) + b"\n\ndata: [DONE]\n\n"
        if isinstance(event, Finished | Stopped):
            return self._end(event)
        return self._chunk(Delta(role="assistant", content=""))

    def _end(self, end: Finished | Stopped) -> bytes:
        reason = end.reason if isinstance(end, Finished) else "stop"
        last = self._chunk(Delta(), reason, Extension(receipt=end.receipt))
        if self._usage:
            chunk = Chunk(
                id=self._live.request.id,
                created=self._created,
                model=self._live.request.model,
                choices=[],
                usage=usage_on_wire(end.receipt.usage),
            )
            last += b"data: " + encoder.encode(chunk) + b"\n\n"
        return last + b"data: [DONE]\n\n"

    def _chunk(self, delta: Delta, finish: str | None = None, extension: Extension | None = None) -> bytes:
        chunk = Chunk(
            id=self._live.request.id,
            created=self._created,
            model=self._live.request.model,
            choices=[ChunkChoice(index=0, delta=delta, finish_reason=finish)],
            usage=None if self._usage else UNSET,
            thinkwell=extension or UNSET,
        )
        return b"data: " + encoder.encode(chunk) + b"\n\n"


def failed_response(end: Failed) -> ASGIApp:
    """A turn that failed before a word was said, as a true HTTP status."""
    status, body = openai_error(end.code, end.message)
    headers = [(b"content-type", b"application/json")]
    if status == 503:
        headers.append((b"retry-after", b"30"))

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": encoder.encode(body), "more_body": False})

    return respond


@get("/v1/models", operation_id="listModels", summary="Models of this site", tags=["OpenAI"])
async def list_models(site: TheSite) -> ModelList:
    return ModelList(data=[WireModel(id=site.pool.card.name, created=site.started_at)])


@get(
    "/v1/models/{model_id:path}",
    operation_id="retrieveModel",
    summary="One model",
    tags=["OpenAI"],
    responses=ERRORS,
)
async def retrieve_model(model_id: FromPath[str], site: TheSite) -> WireModel:
    if model_id.lstrip("/") != site.pool.card.name:
        raise NotFound(f"There is no model {model_id.lstrip('/')[:100]!r} here.", param="model")
    return WireModel(id=site.pool.card.name, created=site.started_at)
