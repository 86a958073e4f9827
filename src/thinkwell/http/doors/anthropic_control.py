"""Words with a message of the Anthropic door while it is made, as doors/control.py has them for the other."""

from __future__ import annotations

from typing import Any

from litestar import Request, post
from litestar.params import FromPath

from thinkwell.http.doors.anthropic import told
from thinkwell.http.doors.control import own_turn
from thinkwell.http.site import TheSite

Asking = Request[Any, Any, Any]
ERRORS = told(
    {
        400: "Refused",
        401: "A key that does not hold",
        403: "Of a foreign page, or not this key's",
        404: "No such message, or not yours, or it has ended",
        409: "There is no thought to end, or to lengthen",
    }
)


@post(
    "/v1/messages/{message_id:str}/answer_now",
    status_code=204,
    operation_id="answerMessageNow",
    summary="End the thought of a message that is being made, so that its answer comes",
    description="`message_id` is the `id` in `message_start`.",
    tags=["Anthropic"],
    responses=ERRORS,
)
async def answer_now(message_id: FromPath[str], request: Asking, site: TheSite) -> None:
    await site.conductor.answer_now(await own_turn(message_id, request, site, "messages"))


@post(
    "/v1/messages/{message_id:str}/think_on",
    status_code=204,
    operation_id="thinkOnMessage",
    summary="Let a message think as far as it would if nobody waited",
    tags=["Anthropic"],
    responses=ERRORS,
)
async def think_on(message_id: FromPath[str], request: Asking, site: TheSite) -> None:
    site.conductor.think_on(await own_turn(message_id, request, site, "messages"))
