"""The files that came with a question, read again by whose they are.

As JSON, so that no browser takes what is in them for a page, a script or a picture of this site.
"""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from thinkwell.conversations import shelf
from thinkwell.http.callers import known_caller
from thinkwell.http.doors.web import BAD, Asking
from thinkwell.http.site import TheSite
from thinkwell.http.wire.files import WireFileContents, wire_content


@get(
    "/api/messages/{message_id:str}/files",
    summary="The files that came with a question",
    tags=["Web"],
    responses=BAD,
)
async def read_files(message_id: FromPath[str], request: Asking, site: TheSite) -> WireFileContents:
    """In the order of the message's `files`."""
    caller = await known_caller(request, site)
    files = await site.database.read(lambda connection: shelf.files_of(connection, message_id, caller.id))
    return WireFileContents(items=[wire_content(file) for file in files])
