"""Words with a turn of the API while it runs: end the thought, or let it go on. From a second connection.

The reader of an answer hangs on its own connection, so that these are asked beside it, by the id that every
chunk carries. llama.cpp's way to say the first is understood too.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, post
from litestar.params import FromPath, JSONBody

from thinkwell.errors import NotFound
from thinkwell.http.callers import api_caller
from thinkwell.http.doors.openai import BAD, told
from thinkwell.http.site import Site, TheSite
from thinkwell.people.keys import Door
from thinkwell.turns.live import LiveTurn

Asking = Request[Any, Any, Any]
ERRORS = told(
    BAD,
    {404: "No such turn, or not yours, or it has ended", 409: "There is no thought to end, or to lengthen"},
)


class ControlRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As llama.cpp's server takes it."""

    id: str
    action: Literal["reasoning_end"]


class Controlled(msgspec.Struct, frozen=True):
    success: bool = True


@post(
    "/v1/chat/completions/{turn_id:str}/answer_now",
    status_code=204,
    operation_id="answerNow",
    summary="End the thought of a running turn, so that its answer comes",
    description="`turn_id` is the `id` of its chunks. The stream says `thought_ended` by `person`, and so "
    "does the receipt.",
    tags=["OpenAI"],
    responses=ERRORS,
)
async def answer_now(turn_id: FromPath[str], request: Asking, site: TheSite) -> None:
    await site.conductor.answer_now(await own_turn(turn_id, request, site, "chat"))


@post(
    "/v1/chat/completions/{turn_id:str}/think_on",
    status_code=204,
    operation_id="thinkOn",
    summary="Let a running turn think as far as it would if nobody waited",
    tags=["OpenAI"],
    responses=ERRORS,
)
async def think_on(turn_id: FromPath[str], request: Asking, site: TheSite) -> None:
    site.conductor.think_on(await own_turn(turn_id, request, site, "chat"))


@post(
    "/v1/chat/completions/control",
    status_code=200,
    operation_id="controlChatCompletion",
    summary="llama.cpp's way to end the thought of a running turn",
    tags=["OpenAI"],
    responses=ERRORS,
)
async def control(data: JSONBody[ControlRequest], request: Asking, site: TheSite) -> Controlled:
    await site.conductor.answer_now(await own_turn(data.id, request, site, "chat"))
    return Controlled()


async def own_turn(turn_id: str, request: Asking, site: Site, door: Door) -> LiveTurn:
    """Raises NotFound also for another caller's turn."""
    caller = await api_caller(request, site, door)
    live = site.turns.find(turn_id, caller.id)
    if live is None:
        raise NotFound("There is no such turn running, or it is not yours.", param="id")
    return live
