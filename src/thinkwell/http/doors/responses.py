"""The Responses door. A reader that leaves it stops the turn; what is stored here is its caller's alone."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from litestar.types import ASGIApp

from thinkwell.errors import BadRequest, Conflict, Refused
from thinkwell.http.callers import api_caller
from thinkwell.http.described import MayStream
from thinkwell.http.doors.openai import ASKED, BAD, FAILED, request_id, told
from thinkwell.http.doors.responses_kept import Running
from thinkwell.http.doors.responses_replies import ResponsesPrinter
from thinkwell.http.idempotency import AsHeader, Begun, begin_once
from thinkwell.http.made_by import MADE_BY_AI_HEADERS
from thinkwell.http.prefer import wait_of
from thinkwell.http.ratelimits import limit_headers
from thinkwell.http.replies import Streamed, Whole
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.responses import ResponsesRequest, check_supported, to_turn
from thinkwell.http.wire.responses_items import listed, read_items
from thinkwell.http.wire.responses_object import Deleted, ItemList, ResponseObject, as_begun, without_thought
from thinkwell.http.wire.responses_prompt import prompt_of
from thinkwell.http.wire.responses_tools import tooling_of
from thinkwell.http.wire.waiting import shorter_wait
from thinkwell.values.caller import Caller

# What the steps of a turn call a field by another name than this door does.
OWN_NAMES = {"messages": "input", "max_tokens": "max_output_tokens"}
Asking = Request[Any, Any, Any]
ERRORS = told(BAD, {404: "No such response, or not yours"}, FAILED)
BUSY = told({409: "It is over, or has come too far for that"})


@post(
    "/v1/responses",
    status_code=200,
    operation_id="createResponse",
    operation_class=MayStream,
    summary="Ask the model for a response",
    description="OpenAI Responses. With `stream` the reply is a stream of typed server-sent events, numbered "
    "from 0; the thought comes as `reasoning_text` in an item of its own. A response is stored, for its "
    "caller alone, unless `store` is false. With `Prefer: wait=N` an expected wait of more than N seconds "
    "is refused: 503, `Retry-After`.",
    tags=["OpenAI"],
    responses={
        200: ResponseSpec(ResponseObject, description="The response", generate_examples=False),
        **ASKED,
    },
)
async def create_response(
    data: JSONBody[ResponsesRequest],
    request: Asking,
    site: TheSite,
    prefer: Annotated[str | None, HeaderParameter(name="prefer")] = None,
    idempotency_key: AsHeader = None,
) -> ASGIApp:
    caller = await api_caller(request, site, "responses")
    # The headers are there for the API's description: of one on several lines it holds one.
    wait_s = wait_of(request)
    begun, running = await _begin(request, site, data, caller, wait_s)
    headers = (*limit_headers(site, caller, "openai"), request_id(running.response.id), *begun.headers)
    if not data.stream:
        return Whole(running.live, ResponsesPrinter(running), headers, stays=begun.stays)
    events = data.thinkwell is not None and data.thinkwell.events
    printer = ResponsesPrinter(running, events=events)
    return Streamed(running.live, printer, headers, stays=begun.stays)


async def _begin(
    request: Asking, site: Site, data: ResponsesRequest, caller: Caller, wait_s: float | None
) -> tuple[Begun, Running]:
    """Raises Refused (nothing was started then) or StoreError."""
    check_supported(data)
    tooling = tooling_of(data.tools, data.tool_choice, data.parallel_tool_calls)
    own = read_items(data.input)
    previous, seals = data.previous_response_id, site.responses.seals
    past = [] if previous is None else await site.responses.past(previous, caller.id)
    prompt = prompt_of(data.instructions, past, own, seals.open)
    asked = to_turn(data, site.new_id("resp"), caller, prompt.messages, tooling)
    asked = msgspec.structs.replace(asked, max_wait_s=shorter_wait(wait_s, asked.max_wait_s))
    try:
        begun = await begin_once(request, site, asked, partial(site.conductor.begin, site.tasks))
    except Refused as problem:
        problem.param = OWN_NAMES.get(problem.param or "", problem.param)
        raise
    response_id = begun.live.request.id
    if begun.again and (found := site.responses.running(response_id, caller.id)) is not None:
        return begun, found
    response = as_begun(data, tooling, response_id, begun.created)
    running = Running(
        msgspec.structs.replace(response, input_transformations=prompt.removed),
        begun.live,
        listed(prompt.items, response_id.partition("_")[2]),
        partial(seals.seal, said=prompt.said) if data.include else None,
    )
    if begun.again:
        await site.responses.end_again(running)
    else:
        site.responses.add(running)
    return begun, running


@get(
    "/v1/responses/{response_id:str}",
    operation_id="retrieveResponse",
    summary="A stored response, or one that is being made",
    response_headers=MADE_BY_AI_HEADERS,
    tags=["OpenAI"],
    responses=ERRORS,
)
async def retrieve_response(
    response_id: FromPath[str],
    request: Asking,
    site: TheSite,
    stream: Annotated[bool | None, QueryParameter()] = None,
) -> ResponseObject:
    caller = await api_caller(request, site, "responses")
    if stream:
        raise BadRequest(
            "A stored response is not streamed: it is complete. Leave stream out.", param="stream"
        )
    running = site.responses.running(response_id, caller.id)
    if running is not None:
        return running.as_of_now()
    stored = await site.responses.stored(response_id, caller.id)
    if stored.show:
        return stored.response
    output = without_thought(stored.response.output)
    return msgspec.structs.replace(stored.response, output=output)


@delete(
    "/v1/responses/{response_id:str}",
    status_code=200,
    operation_id="deleteResponse",
    summary="Delete a stored response; stop it if it is being made",
    tags=["OpenAI"],
    responses=ERRORS,
)
async def delete_response(response_id: FromPath[str], request: Asking, site: TheSite) -> Deleted:
    caller = await api_caller(request, site, "responses")
    await site.responses.remove(response_id, caller.id)
    return Deleted(id=response_id)


@get(
    "/v1/responses/{response_id:str}/input_items",
    operation_id="listInputItems",
    summary="What was asked for a response",
    description="The items of that request alone, not of the responses that it went on from.",
    tags=["OpenAI"],
    responses=ERRORS,
)
async def list_input_items(
    response_id: FromPath[str],
    request: Asking,
    site: TheSite,
    after: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
    order: Annotated[Literal["asc", "desc"], QueryParameter()] = "desc",
) -> ItemList:
    caller = await api_caller(request, site, "responses")
    running = site.responses.running(response_id, caller.id)
    if running is not None:
        items = running.asked
    else:
        items = (await site.responses.stored(response_id, caller.id)).input
    if order == "desc":
        items = items[::-1]
    if after is not None:
        place = next((place for place, item in enumerate(items) if item["id"] == after), None)
        if place is None:
            raise BadRequest("There is no such item among them.", param="after")
        items = items[place + 1 :]
    shown = items[:limit]
    return ItemList(
        data=shown,
        first_id=shown[0]["id"] if shown else None,
        last_id=shown[-1]["id"] if shown else None,
        has_more=len(items) > limit,
    )


@post(
    "/v1/responses/{response_id:str}/cancel",
    status_code=200,
    operation_id="cancelResponse",
    summary="Stop a response that is being made",
    response_headers=MADE_BY_AI_HEADERS,
    tags=["OpenAI"],
    responses=ERRORS | BUSY,
)
async def cancel_response(response_id: FromPath[str], request: Asking, site: TheSite) -> ResponseObject:
    running = await _running(response_id, request, site)
    running.live.stop("person")
    await running.live.over()
    return running.as_of_now()


@post(
    "/v1/responses/{response_id:str}/answer_now",
    status_code=204,
    operation_id="answerResponseNow",
    summary="End the thought of a response that is being made, so that its answer comes",
    tags=["OpenAI"],
    responses=ERRORS | BUSY,
)
async def answer_now(response_id: FromPath[str], request: Asking, site: TheSite) -> None:
    running = await _running(response_id, request, site)
    await site.conductor.answer_now(running.live)


@post(
    "/v1/responses/{response_id:str}/think_on",
    status_code=204,
    operation_id="thinkOnInResponse",
    summary="Let a response that is being made think as far as it would if nobody waited",
    tags=["OpenAI"],
    responses=ERRORS | BUSY,
)
async def think_on(response_id: FromPath[str], request: Asking, site: TheSite) -> None:
    running = await _running(response_id, request, site)
    site.conductor.think_on(running.live)


async def _running(response_id: str, request: Asking, site: Site) -> Running:
    """Raises Conflict for one that is over, NotFound for any other."""
    caller = await api_caller(request, site, "responses")
    running = site.responses.running(response_id, caller.id)
    if running is not None:
        return running
    await site.responses.stored(response_id, caller.id)
    raise Conflict("This response is over.")
