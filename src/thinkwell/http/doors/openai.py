"""The OpenAI door: Chat Completions and models. A reader that leaves this door stops the turn."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import ASGIApp

from thinkwell.errors import NotFound
from thinkwell.http.callers import api_caller
from thinkwell.http.doors.openai_replies import ChatPrinter
from thinkwell.http.replies import Streamed, Whole
from thinkwell.http.prefer import preferred_wait
from thinkwell.http.site import TheSite
from thinkwell.http.wire.openai_chat import (
    ChatRequest,
    Completion,
    ErrorReply,
    ModelList,
    WireModel,
    to_turn,
)

ERRORS = {
    status: ResponseSpec(ErrorReply, description="Refused") for status in (400, 401, 403, 404, 413, 503)
}


@post(
    "/v1/chat/completions",
    status_code=200,
    operation_id="createChatCompletion",
    summary="Ask the model",
    description="OpenAI Chat Completions. With `stream` the reply is a stream of server-sent events; thought "
    "comes as `reasoning_content` and `reasoning`, place in line as comments, or as `thinkwell` events to "
    "those who asked for them. With `Prefer: wait=N` an expected wait of more than N seconds is refused: "
    "503, `Retry-After`.",
    tags=["OpenAI"],
    responses={200: ResponseSpec(Completion, description="The answer"), **ERRORS},
)
async def chat_completions(
    data: JSONBody[ChatRequest],
    request: Request[Any, Any, Any],
    site: TheSite,
    prefer: Annotated[str | None, HeaderParameter(name="prefer")] = None,
) -> ASGIApp:
    caller = api_caller(request, site)
    # ``prefer`` is there for the API's description: of a header on several lines it holds one.
    wait_s = preferred_wait(", ".join(request.headers.getall("prefer", [])))
    asked = to_turn(data, site.new_id("chatcmpl"), caller, wait_s)
    live = await site.conductor.begin(site.tasks, asked)
    if not data.stream:
        return Whole(live, ChatPrinter(live))
    usage = data.stream_options is not None and data.stream_options.include_usage
    events = data.thinkwell is not None and data.thinkwell.events
    return Streamed(live, ChatPrinter(live, usage=usage, events=events))


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
