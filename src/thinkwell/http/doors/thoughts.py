"""The page's door to the thought of one stored answer: sent when a reader opens it, and not before."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath

from thinkwell.conversations import thoughts
from thinkwell.http.callers import known_caller
from thinkwell.http.doors.web import BAD
from thinkwell.http.made_by import MADE_BY_AI_HEADERS
from thinkwell.http.site import TheSite
from thinkwell.http.wire.web import WireThought


@get(
    "/api/conversations/{conversation_id:str}/messages/{message_id:str}/thought",
    summary="The thought of an answer",
    tags=["Web"],
    responses=BAD,
    response_headers=MADE_BY_AI_HEADERS,
)
async def read_thought(
    conversation_id: FromPath[str], message_id: FromPath[str], request: Request[Any, Any, Any], site: TheSite
) -> WireThought:
    """Of an answer that is still being written there is none yet: follow its turn."""
    caller = await known_caller(request, site)
    thought = await site.database.read(
        lambda connection: thoughts.of(connection, conversation_id, message_id, caller.id)
    )
    return WireThought(thought=thought)
