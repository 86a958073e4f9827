"""Where a visitor's browser is asked for a proof of work, and gives it. What it is for: people/proofs.py."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from thinkwell.errors import ProofRefused
from thinkwell.http.callers import COOKIE, PROOF, made_cookie, new_visitor, web_caller
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.proof import ProofBody, ProofChallenge, ProofOffer, Proven
from thinkwell.http.wire.web import WebError, iso
from thinkwell.values.caller import Caller

Asking = Request[Any, Any, Any]
BAD = {
    400: ResponseSpec(WebError, description="Refused"),
    403: ResponseSpec(WebError, description="The request of a foreign page, or of somebody kept out"),
}
NO_STORE = {"cache-control": "no-store"}


@get("/api/proof", summary="Whether a proof of work is asked of you", tags=["Web"], responses=BAD)
async def offer(request: Asking, site: TheSite) -> Response[ProofOffer]:
    """Also where a new visitor gets the cookie by which the site knows them again."""
    caller = await web_caller(request, site)
    cookies: list[Cookie] = []
    value = request.cookies.get(COOKIE, "")
    if caller is None:
        caller, cookie = new_visitor(request, site)
        cookies.append(cookie)
        value = cookie.value or ""
    return Response(_offer(request, site, caller, value), cookies=cookies, headers=NO_STORE)


def _offer(request: Asking, site: Site, caller: Caller, cookie: str) -> ProofOffer:
    if caller.kind != "visitor":
        return ProofOffer(needed=False, challenge=None, why="known")
    made = site.visitors.offer(caller, cookie, request.cookies.get(PROOF))
    if made.challenge is None:
        return ProofOffer(needed=False, challenge=None, why=made.why)
    return ProofOffer(needed=True, challenge=msgspec.convert(made.challenge, ProofChallenge), why=made.why)


@post("/api/proof", status_code=200, summary="Give a proof of work", tags=["Web"], responses=BAD)
async def prove(data: JSONBody[ProofBody], request: Asking, site: TheSite) -> Response[Proven]:
    """From then on the visitor is a person of its own in the line. What waits already stays where it is."""
    caller = await web_caller(request, site)
    if caller is None or caller.kind != "visitor":
        raise ProofRefused("A proof of work is for visitors whom the site knows by their cookie.")
    until, value = site.visitors.prove(caller, data.payload)
    cookie = made_cookie(site, PROOF, value, site.visitors.left_s(until))
    return Response(Proven(proven_until=iso(until * 1_000_000)), cookies=[cookie], headers=NO_STORE)
