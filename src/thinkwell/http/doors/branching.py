"""What is done with a conversation as a whole beside the shelf: a fork of it, a file of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ASGIApp

from thinkwell.conversations import markdown, shelf
from thinkwell.conversations.forking import Fork, fork
from thinkwell.http.callers import known_caller
from thinkwell.http.described import IsFile
from thinkwell.http.doors.refusals import refusals
from thinkwell.http.export_one import as_json, as_markdown
from thinkwell.http.export_sources import Sources
from thinkwell.http.files import as_file
from thinkwell.http.made_by import MADE_BY_AI_HEADERS
from thinkwell.http.site import TheSite
from thinkwell.http.wire.rights import kept_for
from thinkwell.http.wire.web import ForkBody, WireSummary, wire_summary
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
BAD = refusals(
    {
        400: "Refused",
        403: "The request of a foreign page",
        404: "No such thing, or not yours",
        409: "An answer is still being written",
        413: "Too large",
        503: "Not now; it says when",
    }
)
ENDINGS = {"markdown": (".md", b"text/markdown; charset=utf-8"), "json": (".json", b"application/json")}


@post(
    "/api/conversations/{conversation_id:str}/fork",
    summary="A conversation of its own from a copy, up to one message",
    description="Receipts of the copied answers are shown in it; they are booked once.",
    tags=["Web"],
    responses=BAD,
)
async def fork_conversation(
    conversation_id: FromPath[str], data: JSONBody[ForkBody], request: Asking, site: TheSite
) -> WireSummary:
    caller = await known_caller(request, site)
    wanted = Fork(conversation_id=conversation_id, message_id=data.message_id, title=data.title)
    made = await site.database.write(lambda tx: fork(tx, caller.id, wanted, site.new_id, now_us()))
    return wire_summary(made)


@get(
    "/api/conversations/{conversation_id:str}/export",
    operation_class=IsFile,
    summary="A conversation as a file",
    description="With all its branches: as Markdown for people, or as JSON with everything.",
    tags=["Web"],
    responses=BAD,
    response_headers=MADE_BY_AI_HEADERS,
)
async def export_conversation(
    conversation_id: FromPath[str],
    request: Asking,
    site: TheSite,
    form: Annotated[Literal["markdown", "json"], QueryParameter(name="as")] = "markdown",
    thoughts: Annotated[bool, QueryParameter()] = True,
) -> ASGIApp:
    caller = await known_caller(request, site)
    found = await site.database.read(lambda connection: shelf.summary(connection, conversation_id, caller.id))
    sources = Sources(site, caller.id, None, kept_for(site.settings, member=caller.kind == "member"))
    if form == "json":
        pieces = as_json(sources, found, thoughts=thoughts)
    else:
        pieces = as_markdown(sources, found, site.settings.site.name, thoughts=thoughts)
    ending, media_type = ENDINGS[form]
    return as_file(markdown.safe_name(found.title) + ending, media_type, pieces)
