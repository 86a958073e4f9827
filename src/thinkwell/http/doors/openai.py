"""The OpenAI door: Chat Completions and models. A reader that leaves this door stops the turn."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import ASGIApp

from thinkwell.admission.limits import check_scope, may_use
from thinkwell.errors import NotFound
from thinkwell.http.callers import api_caller
from thinkwell.http.described import MayStream
from thinkwell.http.dialects import speaks_anthropic
from thinkwell.http.doors.anthropic import model_info, model_page
from thinkwell.http.doors.openai_replies import ChatPrinter
from thinkwell.http.idempotency import AsHeader, begin_once
from thinkwell.http.prefer import wait_of
from thinkwell.http.ratelimits import limit_headers
from thinkwell.http.replies import Streamed, Whole
from thinkwell.http.site import TheSite
from thinkwell.http.wire.anthropic_replies import MessagesError, ModelInfo, ModelPage
from thinkwell.http.wire.openai_answer import Completion, ModelList, WireModel
from thinkwell.http.wire.openai_chat import ChatRequest, to_turn
from thinkwell.http.wire.openai_error import ErrorReply

BAD = {400: "Refused", 401: "A key that does not hold", 403: "Of a foreign page, or not this key's"}
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


# Of an Idempotency-Key.
KEYED = {
    409: "It is being asked, or the answer is not there yet",
    410: "The answer is no longer kept",
    422: "Something else was asked under that Idempotency-Key",
}
ASKED = told(BAD, KEYED, {404: "No such model", 413: "Too large"}, FAILED)


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
    responses={200: ResponseSpec(Completion, description="The answer", generate_examples=False), **ASKED},
)
async def chat_completions(
    data: JSONBody[ChatRequest],
    request: Request[Any, Any, Any],
    site: TheSite,
    prefer: Annotated[str | None, HeaderParameter(name="prefer")] = None,
    idempotency_key: AsHeader = None,
) -> ASGIApp:
    caller = await api_caller(request, site, "chat")
    # The headers are there for the API's description: of one on several lines it holds one.
    wait_s = wait_of(request)
    asked = to_turn(data, site.new_id("chatcmpl"), caller, wait_s)
    begun = await begin_once(request, site, asked, partial(site.conductor.begin, site.tasks))
    live, created = begun.live, begun.created
    headers = (*limit_headers(site, caller, "openai"), request_id(live.request.id), *begun.headers)
    if not data.stream:
        return Whole(live, ChatPrinter(live, created), headers, stays=begun.stays)
    usage = data.stream_options is not None and data.stream_options.include_usage is True
    events = data.thinkwell is not None and data.thinkwell.events
    printer = ChatPrinter(live, created, usage=usage, events=events)
    return Streamed(live, printer, headers, stays=begun.stays)


# As the request's dialect has it.
AnyError: Any = ErrorReply | MessagesError
MODEL_ERRORS = {
    status: ResponseSpec(AnyError, description=about)
    for status, about in (BAD | {404: "No such model"}).items()
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
    caller = await api_caller(request, site, "models")
    names = [name for name in (site.pool.card.name,) if may_use(caller, name)]
    if speaks_anthropic(request):
        return model_page([model_info(site)] if names else [])
    return ModelList(data=[WireModel(id=name, created=site.started_at) for name in names])


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
    caller = await api_caller(request, site, "models")
    if model_id.lstrip("/") != site.pool.card.name:
        raise NotFound(f"There is no model {model_id.lstrip('/')[:100]!r} here.", param="model")
    check_scope(caller, site.pool.card.name)
    if speaks_anthropic(request):
        return model_info(site)
    return WireModel(id=site.pool.card.name, created=site.started_at)
