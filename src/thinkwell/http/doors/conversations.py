"""The web app's door to the list of one's own conversations: reading it, changing, deleting and bringing back
what is on it, folders, and search."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from litestar import Request, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.engine import Connection

from thinkwell.conversations import folders, shelf
from thinkwell.conversations.folders import Folder
from thinkwell.conversations.search import Wanted
from thinkwell.conversations.tree import Summary
from thinkwell.errors import BadRequest
from thinkwell.http.callers import known_caller, web_caller
from thinkwell.http.doors.refusals import refusals
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.shelf import (
    ChangeBody,
    FolderBody,
    Removed,
    SearchBody,
    SearchPage,
    Shelf,
    WireFolder,
    parse_place,
    place_text,
    wire_folder,
    wire_hit,
)
from thinkwell.http.wire.web import (
    ConversationPage,
    WireSummary,
    cursor,
    parse_cursor,
    wire_summary,
)
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
Before = Annotated[str | None, QueryParameter(max_length=100)]
BAD = refusals(
    {
        400: "Refused",
        403: "The request of a foreign page",
        404: "No such thing, or not yours",
        409: "There is one of that name, or there are too many",
        413: "Too large",
        503: "Not now; it says when",
    }
)


@get("/api/shelf", summary="What the list of conversations begins with", tags=["Web"], responses=BAD)
async def read_shelf(request: Asking, site: TheSite) -> Shelf:
    """Everything pinned, all folders, and the newest of the rest."""
    caller = await web_caller(request, site)
    if caller is None:
        return Shelf(pinned=[], folders=[], items=[], next=None)
    owner = caller.id

    def read(connection: Connection) -> tuple[list[Summary], list[Folder], list[Summary]]:
        pinned, loose = shelf.pinned(connection, owner), shelf.loose(connection, owner, None)
        return pinned, folders.all_of(connection, owner), loose

    pinned, held, loose = await site.database.read(read)
    page = _page(site, loose)
    return Shelf(
        pinned=_wire(site, pinned),
        folders=[wire_folder(folder) for folder in held],
        items=page.items,
        next=page.next,
    )


@get("/api/conversations", summary="One's own conversations, newest first", tags=["Web"], responses=BAD)
async def list_conversations(
    request: Asking,
    site: TheSite,
    before: Before = None,
    folder: Annotated[str | None, QueryParameter(max_length=64)] = None,
    loose: Annotated[bool, QueryParameter(description="Those in no folder and not pinned")] = False,
) -> ConversationPage:
    """All of them; those of one `folder`; or those that are `loose`."""
    caller = await web_caller(request, site)
    if caller is None:
        return ConversationPage(items=[], next=None)
    at = None
    if before is not None and (at := parse_cursor(before)) is None:
        raise BadRequest("That is no cursor of this site; take `next` of the page before.", param="before")
    if loose and folder is not None:
        raise BadRequest("Loose are those in no folder; ask for a folder, or for these.", param="loose")
    owner = caller.id
    if loose:
        return _page(site, await site.database.read(lambda connection: shelf.loose(connection, owner, at)))
    found = await site.database.read(lambda connection: shelf.page(connection, owner, at, folder_id=folder))
    return _page(site, found)


def _page(site: Site, found: list[Summary]) -> ConversationPage:
    shown = found[: shelf.PAGE]
    return ConversationPage(
        items=_wire(site, shown), next=cursor(shown[-1]) if len(found) > shelf.PAGE else None
    )


def _wire(site: Site, summaries: list[Summary]) -> list[WireSummary]:
    """With the turns that run, found by the message that they write."""
    running = {
        live.request.message_id: live.request.id for live in site.turns.running if live.request.message_id
    }
    return [wire_summary(summary, running.get(summary.head_id or "")) for summary in summaries]


@patch(
    "/api/conversations/{conversation_id:str}",
    summary="Rename a conversation, pin it, put it into a folder, or show another branch",
    tags=["Web"],
    responses=BAD,
)
async def change_conversation(
    conversation_id: FromPath[str], data: JSONBody[ChangeBody], request: Asking, site: TheSite
) -> WireSummary:
    caller = await known_caller(request, site)
    changed = await site.database.write(
        lambda tx: shelf.change(tx, conversation_id, caller.id, data.change(), now_us())
    )
    return _wire(site, [changed])[0]


@delete(
    "/api/conversations/{conversation_id:str}",
    status_code=200,
    summary="Delete a conversation",
    tags=["Web"],
    responses=BAD,
)
async def delete_conversation(conversation_id: FromPath[str], request: Asking, site: TheSite) -> Removed:
    """It is nowhere to be found from now on, and its turns are stopped. For so many seconds as the reply says
    it can be brought back; then it is gone, with all that was said in it."""
    caller = await known_caller(request, site)
    turns = await site.database.write(lambda tx: shelf.remove(tx, conversation_id, caller.id, now_us()))
    running = [live for turn_id in turns if (live := site.turns.find(turn_id, caller.id)) is not None]
    for live in running:
        live.stop("person")
    for live in running:
        await live.over()
    return Removed(restore_s=shelf.UNDO_S)


@post(
    "/api/conversations/{conversation_id:str}/restore",
    status_code=200,
    summary="Bring back a conversation that was just deleted",
    tags=["Web"],
    responses=BAD,
)
async def restore_conversation(conversation_id: FromPath[str], request: Asking, site: TheSite) -> WireSummary:
    """404 when the time for it is over. A turn that was stopped stays stopped."""
    caller = await known_caller(request, site)
    restored = await site.database.write(lambda tx: shelf.restore(tx, conversation_id, caller.id, now_us()))
    return wire_summary(restored)


# -- folders -------------------------------------------------------------------------------------


@post("/api/folders", summary="Make a folder", tags=["Web"], responses=BAD)
async def make_folder(data: JSONBody[FolderBody], request: Asking, site: TheSite) -> WireFolder:
    caller = await known_caller(request, site)
    folder_id = site.new_id("folder")
    return wire_folder(
        await site.database.write(lambda tx: folders.make(tx, folder_id, caller.id, data.name, now_us()))
    )


@patch("/api/folders/{folder_id:str}", summary="Rename a folder", tags=["Web"], responses=BAD)
async def rename_folder(
    folder_id: FromPath[str], data: JSONBody[FolderBody], request: Asking, site: TheSite
) -> WireFolder:
    caller = await known_caller(request, site)
    return wire_folder(
        await site.database.write(lambda tx: folders.rename(tx, folder_id, caller.id, data.name))
    )


@delete("/api/folders/{folder_id:str}", summary="Delete a folder", tags=["Web"], responses=BAD)
async def delete_folder(folder_id: FromPath[str], request: Asking, site: TheSite) -> None:
    """The conversations that are in it stay, in no folder."""
    caller = await known_caller(request, site)
    await site.database.write(lambda tx: folders.remove(tx, folder_id, caller.id))


# -- search --------------------------------------------------------------------------------------


@post(
    "/api/search",
    status_code=200,
    summary="Search one's own conversations",
    description="A POST, so that what somebody looks for is in no address and in no log of one.",
    tags=["Web"],
    responses=BAD,
)
async def search(data: JSONBody[SearchBody], request: Asking, site: TheSite) -> SearchPage:
    """Titles, questions and answers, and with `thoughts` these too. The best and newest first."""
    caller = await web_caller(request, site)
    if caller is None:
        return SearchPage(items=[], count=0, more=False, next=None)
    wanted = Wanted(
        query=data.query,
        thoughts=data.thoughts,
        folder_id=data.folder_id,
        place=None if data.before is None else parse_place(data.before),
    )
    found = await site.database.read(partial(site.search.find, owner=caller.id, wanted=wanted))
    return SearchPage(
        items=[wire_hit(hit) for hit in found.hits],
        count=found.count,
        more=found.more,
        next=None if found.next is None else place_text(found.next),
    )
