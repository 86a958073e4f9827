"""The OpenAI door: Chat Completions and models. A reader that leaves this door stops the turn."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import ASGIApp

from thinkwell.errors import NotFound
from thinkwell.http.callers import api_caller, check_key
from thinkwell.http.described import MayStream
from thinkwell.http.dialects import speaks_anthropic
from thinkwell.http.doors.anthropic import model_info, model_page
from thinkwell.http.doors.openai_replies import ChatPrinter
from thinkwell.http.prefer import wait_of
from thinkwell.http.ratelimits import limit_headers
from thinkwell.http.replies import Streamed, Whole
from thinkwell.http.site import TheSite
from thinkwell.http.wire.anthropic_replies import MessagesError, ModelInfo, ModelPage
from thinkwell.http.wire.openai_answer import Completion, ModelList, WireModel
from thinkwell.http.wire.openai_chat import ChatRequest, to_turn
from thinkwell.http.wire.openai_error import ErrorReply

BAD = {400: "Refused", 401: "A key that does not hold", 403: "The request of a foreign page"}
# What an engine may do to a turn that was begun.
FAILED = {
    500: "A fault of the site",
    502: "The engine refused, or could not be understood",
    503: "Not now; it says when",
    504: "The engine stopped sending",
    507: "The site's disk is full",
}


def told(*statuses: dict[int, str]) -> dict[int, ResponseSpec]:
    """For the API's description: replies of OpenAI's shape of an error."""
    return {
        status: ResponseSpec(ErrorReply, description=about)
        for group in statuses
        for status, about in group.items()
    }


ASKED = told(BAD, {404: "No such model", 413: "Too large"}, FAILED)


def request_id(turn_id: str) -> tuple[bytes, bytes]:
    return b"x-request-id", turn_id.encode("ascii")


@post(
    "/v1/chat/completions",
    status_code=200,
    operation_id="createChatCompletion",
    operation_class=MayStream,
    summary="Ask the model",
    description="OpenAI Chat Completions. With `stream` the reply is a stream of server-sent events; thought "
    "comes as `reasoning_content` and `reasoning`, place in line as comments, or as `thinkwell` events to "
    "those who asked for them. With `Prefer: wait=N` an expected wait of more than N seconds is refused: "
    "503, `Retry-After`.",
    tags=["OpenAI"],
    responses={200: ResponseSpec(Completion, description="The answer"), **ASKED},
)
async def chat_completions(
    data: JSONBody[ChatRequest],
    request: Request[Any, Any, Any],
    site: TheSite,
    prefer: Annotated[str | None, HeaderParameter(name="prefer")] = None,
) -> ASGIApp:
    caller = api_caller(request, site)
    # ``prefer`` is there for the API's description: of a header on several lines it holds one.
    wait_s = wait_of(request)
    asked = to_turn(data, site.new_id("chatcmpl"), caller, wait_s)
    live = await site.conductor.begin(site.tasks, asked)
    headers = (*limit_headers(site, "openai"), request_id(asked.id))
    if not data.stream:
        return Whole(live, ChatPrinter(live), headers)
    usage = data.stream_options is not None and data.stream_options.include_usage is True
    events = data.thinkwell is not None and data.thinkwell.events
    return Streamed(live, ChatPrinter(live, usage=usage, events=events), headers)


# As the request's dialect has it.
AnyError: Any = ErrorReply | MessagesError
MODEL_ERRORS = {
    status: ResponseSpec(AnyError, description=about)
    for status, about in {400: "Refused", 401: "A key that does not hold", 404: "No such model"}.items()
}


@get(
    "/v1/models",
    operation_id="listModels",
    summary="Models of this site",
    description="With Anthropic's headers (`anthropic-version` or `x-api-key`) in its shape.",
    tags=["OpenAI"],
    responses=MODEL_ERRORS,
)
async def list_models(request: Request[Any, Any, Any], site: TheSite) -> ModelList | ModelPage:
    check_key(request)
    if speaks_anthropic(request):
        return model_page(site)
    return ModelList(data=[WireModel(id=site.pool.card.name, created=site.started_at)])


@get(
    "/v1/models/{model_id:path}",
    operation_id="retrieveModel",
    summary="One model",
    tags=["OpenAI"],
    description="With Anthropic's headers (`anthropic-version` or `x-api-key`) in its shape.",
    responses=MODEL_ERRORS,
)
async def retrieve_model(
    model_id: FromPath[str], request: Request[Any, Any, Any], site: TheSite
) -> WireModel | ModelInfo:
    check_key(request)
    if model_id.lstrip("/") != site.pool.card.name:
        raise NotFound(f"There is no model {model_id.lstrip('/')[:100]!r} here.", param="model")
    if speaks_anthropic(request):
        return model_info(site)
    return WireModel(id=site.pool.card.name, created=site.started_at)
