"""The Anthropic door: Messages and how long they are. A reader that leaves this door stops the turn."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody
from litestar.types import ASGIApp

from thinkwell.http.callers import api_caller
from thinkwell.http.described import MayStream
from thinkwell.http.doors.anthropic_replies import MessagesPrinter
from thinkwell.http.idempotency import AsHeader, begin_once
from thinkwell.http.prefer import wait_of
from thinkwell.http.ratelimits import limit_headers
from thinkwell.http.replies import Streamed, Whole
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.anthropic import CountRequest, MessagesRequest, to_turn
from thinkwell.http.wire.anthropic_replies import (
    CountDetail,
    CountReply,
    MessagesError,
    ModelInfo,
    ModelPage,
    WholeMessage,
)

REFUSED = {
    400: "Refused",
    401: "A key that does not hold",
    403: "Of a foreign page, or not this key's",
    404: "No such model",
    413: "Too large",
    500: "A fault of the site",
    529: "Not now; it says when",
}
FAILED = REFUSED | {
    409: "Of an Idempotency-Key: it is being asked, or the answer is not there yet",
    410: "Of an Idempotency-Key: the answer is no longer kept",
    422: "Something else was asked under that Idempotency-Key",
    502: "The engine refused, or could not be understood",
    504: "The engine stopped sending",
    507: "The site's disk is full",
}


def model_info(site: Site) -> ModelInfo:
    """As Anthropic's clients know a model. When it was made is not known; the time is that of our start."""
    card = site.pool.card
    since = datetime.fromtimestamp(site.started_at, UTC)
    return ModelInfo(
        id=card.name,
        display_name=card.title,
        created_at=since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        max_input_tokens=site.pool.engines[0].context or card.context,
        max_tokens=site.settings.turns.max_tokens,
    )


def model_page(infos: list[ModelInfo]) -> ModelPage:
    first, last = (infos[0].id, infos[-1].id) if infos else (None, None)
    return ModelPage(data=infos, first_id=first, last_id=last)


def told(statuses: dict[int, str]) -> dict[int, ResponseSpec]:
    """For the API's description: replies of Anthropic's shape of an error."""
    return {
        status: ResponseSpec(MessagesError, description=about, generate_examples=False)
        for status, about in statuses.items()
    }


@post(
    "/v1/messages",
    status_code=200,
    operation_id="createMessage",
    operation_class=MayStream,
    summary="Ask the model, as Anthropic's clients do",
    description="Anthropic Messages. Thoughts come as `thinking` blocks, with signatures of this site's own."
    " With `stream` the reply is a stream of server-sent events; place in line comes as comments, or as"
    " `thinkwell` events to those who asked for them. With `Prefer: wait=N` an expected wait of more than N"
    " seconds is refused: 529, `Retry-After`.",
    tags=["Anthropic"],
    responses={
        200: ResponseSpec(WholeMessage, description="The answer", generate_examples=False),
        **told(FAILED),
    },
)
async def create_message(
    data: JSONBody[MessagesRequest],
    request: Request[Any, Any, Any],
    site: TheSite,
    prefer: Annotated[str | None, HeaderParameter(name="prefer")] = None,
    idempotency_key: AsHeader = None,
) -> ASGIApp:
    caller = await api_caller(request, site, "messages")
    # The headers are there for the API's description: of one on several lines it holds one.
    wait_s = wait_of(request)
    asked = to_turn(data, site.new_id("msg"), caller, site.signer, wait_s)
    begun = await begin_once(request, site, asked.turn, partial(site.conductor.begin, site.tasks))
    live = begun.live
    request_id = live.request.id.replace("msg", "req", 1)
    limits = limit_headers(site, caller, "anthropic")
    headers = (*limits, (b"request-id", request_id.encode()), *begun.headers)
    sign = partial(site.signer.sign, data.model, said=asked.said)
    if not data.stream:
        return Whole(live, MessagesPrinter(live, sign, request_id), headers, stays=begun.stays)
    events = data.thinkwell is not None and data.thinkwell.events
    printer = MessagesPrinter(live, sign, request_id, events=events)
    return Streamed(live, printer, headers, stays=begun.stays)


@post(
    "/v1/messages/count_tokens",
    status_code=200,
    operation_id="countMessageTokens",
    summary="How long a prompt is",
    description="Nothing is generated. `thinkwell.exact`: whether the engine counted or the site guessed.",
    tags=["Anthropic"],
    responses=told(REFUSED),
)
async def count_tokens(
    data: JSONBody[CountRequest], request: Request[Any, Any, Any], site: TheSite
) -> Response[CountReply]:
    caller = await api_caller(request, site, "messages")
    asked = to_turn(data, site.new_id("msg"), caller, site.signer)
    tokens, exact = await site.conductor.count(asked.turn)
    return Response(
        CountReply(input_tokens=tokens, thinkwell=CountDetail(exact)),
        headers={"request-id": asked.turn.id.replace("msg", "req", 1)},
    )
