"""The receipt of one turn, for its owner, at the API and for the page; and the keys that sign receipts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from thinkwell.errors import Conflict, NotFound
from thinkwell.http.callers import api_caller, known_caller
from thinkwell.http.doors.openai import BAD as API_BAD
from thinkwell.http.doors.openai import told
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.receipts import SiteKeys, as_signed
from thinkwell.http.wire.web import WebError
from thinkwell.ledger import statement
from thinkwell.values.caller import Caller
from thinkwell.values.receipt import Receipt

Asking = Request[Any, Any, Any]
WEB_BAD = {
    400: ResponseSpec(WebError, description="Refused"),
    403: ResponseSpec(WebError, description="Kept out by an operator"),
    404: ResponseSpec(WebError, description="No such turn, or not yours"),
    409: ResponseSpec(WebError, description="It is still running"),
    503: ResponseSpec(WebError, description="Not now; it says when"),
}
# How long the database may take to learn of a turn that has just ended.
SETTLES_S = 2.0
OTHER_SITES_TOO = {"access-control-allow-origin": "*", "cache-control": "public, max-age=300"}


@get(
    "/v1/receipts/{turn_id:str}",
    operation_id="retrieveReceipt",
    summary="The receipt of a turn of one's own",
    description="`turn_id` is the id of the answer, or `x-request-id`. A key finds what was asked with it.",
    tags=["OpenAI"],
    responses=told(
        API_BAD,
        {404: "No such turn, or not yours", 409: "It is still running", 503: "Not now; it says when"},
    ),
)
async def retrieve_receipt(turn_id: FromPath[str], request: Asking, site: TheSite) -> Response[Receipt]:
    return await _receipt(turn_id, await api_caller(request, site, None), site)


@get(
    "/api/turns/{turn_id:str}/receipt",
    summary="The receipt of one's own turn",
    tags=["Web"],
    responses=WEB_BAD,
)
async def turn_receipt(turn_id: FromPath[str], request: Asking, site: TheSite) -> Response[Receipt]:
    return await _receipt(turn_id, await known_caller(request, site), site)


async def _receipt(turn_id: str, caller: Caller, site: Site) -> Response[Receipt]:
    """Raises NotFound, also for another's; Conflict for a turn that is not over."""
    key = None if caller.key is None else caller.key.id
    try:
        found = await _stored(turn_id, caller.id, key, site)
    except NotFound:
        live = site.turns.find(turn_id, caller.id)
        if live is not None and not live.log.ended and live.request.caller.key == caller.key:
            raise Conflict("That turn is still running.") from None
        # The database follows behind; who has the answer may ask for its receipt at once.
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_S):
                await site.conductor.settled()
        found = await _stored(turn_id, caller.id, key, site)
    if found is None:
        raise Conflict("That turn is still running.")
    return Response(as_signed(found), media_type="application/json")


async def _stored(turn_id: str, owner: str, key: str | None, site: Site) -> bytes | None:
    return await site.database.read(lambda connection: statement.receipt_of(connection, turn_id, owner, key))


@get(
    "/.well-known/thinkwell.json",
    operation_id="siteKeys",
    summary="The site's name, and the public keys of its receipts",
    description="All that were ever used; `thinkwell verify --site` reads them here.",
    tags=["Operator"],
)
async def site_keys(site: TheSite) -> Response[SiteKeys]:
    told = site.settings.site
    keys = SiteKeys(site=told.name, url=told.url or None, keys=list(site.receipt_signer.keys))
    return Response(keys, headers=OTHER_SITES_TOO)
