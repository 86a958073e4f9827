"""The door to the organisation's own sign-in: there, back, and whether one's account is linked with it.

People follow these addresses in a browser, so that what goes wrong leads to the page that says so, by its
code alone: no part of an address that came from elsewhere is ever sent on.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Request, Response, delete, get
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from sqlalchemy.engine import Connection

from thinkwell.errors import Forbidden, NotFound, ProviderError, ThinkwellError
from thinkwell.http.callers import (
    check_not_kept_out,
    check_same_origin,
    guarded_name,
    made_cookie,
    member_caller,
    session_token,
)
from thinkwell.http.doors.account import BAD
from thinkwell.http.sign_in import check_not_named, check_sign_up, finish_sign_in, join, network_of
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.account import WireOrganisation
from thinkwell.http.wire.web import WebError, iso
from thinkwell.people import accounts, organisation_members
from thinkwell.people.accounts import Account, caller_of
from thinkwell.people.organisation import Answer, Organisation, Proven
from thinkwell.people.organisation_trips import LASTS_S, Trip
from thinkwell.turns.run import now_us

log = logging.getLogger(__name__)

Asking = Request[Any, Any, Any]
COOKIE = "thinkwell_organisation"
HOME, ACCOUNT, FAILED = "/", "/account", "/welcome#failed="
THERE = {
    400: ResponseSpec(WebError, description="Refused"),
    403: ResponseSpec(WebError, description="From a page of another site, or signed in by a proxy"),
    404: ResponseSpec(WebError, description="This site has no sign-in of an organisation"),
}


@get(
    "/api/sign_in/organisation",
    status_code=302,
    summary="Go to the organisation's sign-in",
    tags=["Account"],
    responses=THERE,
)
async def begin(
    request: Asking,
    site: TheSite,
    invite: Annotated[str | None, QueryParameter(max_length=200)] = None,
    take_history: Annotated[bool, QueryParameter()] = True,
) -> Response[None]:
    """A browser's own step: to the identity provider, or to the page that says why not. Who is signed in
    already links their account."""
    organisation = _organisation(site)
    check_same_origin(request)  # a GET, which the guard of all acts lets pass
    check_not_named(request, site)
    try:
        member = await _signed_in(request, site)
        if member is not None:
            _check_own_page(request)
        address, cookie = await organisation.begin(take_history=take_history, invite=invite, member=member)
    except ThinkwellError as problem:
        return _failed(site, problem)
    return _to(address, [made_cookie(site, guarded_name(site, COOKIE), cookie, LASTS_S)])


@get(
    "/api/sign_in/organisation/back",
    status_code=302,
    summary="Come back from the organisation's sign-in",
    tags=["Account"],
    responses=THERE,
)
async def back(
    request: Asking,
    site: TheSite,
    trip_state: Annotated[str, QueryParameter(name="state", max_length=200)] = "",
    code: Annotated[str | None, QueryParameter(max_length=4096)] = None,
    error: Annotated[str | None, QueryParameter(max_length=200)] = None,
    iss: Annotated[str | None, QueryParameter(max_length=2048)] = None,
) -> Response[None]:
    """The identity provider sends browsers here. To the page, signed in, or to the one that says why not."""
    organisation = _organisation(site)
    check_not_named(request, site)
    answer = Answer(state=trip_state, code=code, error=error, issuer=iss)
    try:
        member = await _signed_in(request, site)
        trip = organisation.came_back(answer, request.cookies.get(guarded_name(site, COOKIE), ""), member)
    except ThinkwellError as problem:
        # The cookie stays: who is led here by somebody else's address can still finish what they began.
        return _failed(site, problem)
    gone = made_cookie(site, guarded_name(site, COOKIE), "", 0)
    try:
        proven = await _proven(request, site, answer, trip)
        if trip.member is not None:
            await _link(site, proven, trip.member)
            return _to(ACCOUNT, [gone])
        account = await _account(request, site, proven, trip)
        cookies = await finish_sign_in(request, site, account, take_history=trip.take_history)
    except ThinkwellError as problem:
        return _failed(site, problem, gone)
    return _to(HOME, [*cookies, gone])


@get(
    "/api/me/organisation",
    summary="Whether one's account is linked with the organisation's sign-in",
    tags=["Account"],
    responses=BAD,
)
async def mine(request: Asking, site: TheSite) -> WireOrganisation:
    organisation = _organisation(site)
    caller = await member_caller(request, site)

    def look(connection: Connection) -> int | None:
        return organisation_members.linked_at(connection, caller.id, organisation.issuer)

    at = await site.database.read(look)
    return WireOrganisation(title=organisation.title, linked_at=None if at is None else iso(at))


@delete(
    "/api/me/organisation",
    summary="Sign in with the organisation no more",
    tags=["Account"],
    responses=BAD,
)
async def unlink(request: Asking, site: TheSite) -> None:
    """409 for the last way to sign in."""
    caller = await member_caller(request, site)
    await site.database.write(lambda tx: organisation_members.unlink(tx, caller.id))


# -- steps ---------------------------------------------------------------------------------------


def _organisation(site: Site) -> Organisation:
    organisation = site.members.organisation
    if organisation is None:
        raise NotFound("This site has no sign-in of an organisation.")
    return organisation


async def _signed_in(request: Asking, site: Site) -> str | None:
    """The account of the session. Raises Blocked."""
    token = session_token(request, site)
    account = await site.members.sessions.who(token) if token else None
    return None if account is None else caller_of(account).id


def _check_own_page(request: Asking) -> None:
    """To link an account gives it another way in, so that a page of this site itself must lead there: a link
    in somebody's mail would link the account with whoever is signed in at the provider. Raises Forbidden."""
    site = request.headers.get("sec-fetch-site")
    host = urlsplit(request.headers.get("referer", "")).netloc
    if not (site == "same-origin" if site is not None else host == request.headers.get("host")):
        raise Forbidden("Begin on this site's own page: it shows how to link your account.")


async def _proven(request: Asking, site: Site, answer: Answer, trip: Trip) -> Proven:
    """Failures count with the other failed sign-ins of the network, but for those of the provider."""
    attempts, network = site.members.attempts, network_of(request, site)
    attempts.begin("", network, known=True)
    try:
        proven = await _organisation(site).finish(answer, trip)
    except ProviderError:
        attempts.good("", network)
        raise
    attempts.good("", network)
    return proven


async def _link(site: Site, proven: Proven, member: str) -> None:
    """Raises Conflict where it is somebody else's."""

    def write(tx: Connection) -> None:
        accounts.get(tx, member)
        organisation_members.link(tx, proven.issuer, proven.subject, member, now_us())

    await site.database.write(write)


async def _account(request: Asking, site: Site, proven: Proven, trip: Trip) -> Account:
    """The one that is linked, else a new one where people may sign up. Raises Forbidden, LinkUsed."""

    def known(connection: Connection) -> Account | None:
        owner = organisation_members.owner_of(connection, proven.issuer, proven.subject)
        return None if owner is None else accounts.get(connection, owner)

    found = await site.database.read(known)
    if found is not None:
        return found
    check_not_kept_out(request, site)
    kinds = check_sign_up(site, trip.invite)
    site.members.sign_ups.begin("", network_of(request, site), known=True)
    names = await _organisation(site).names(proven)

    def write(tx: Connection) -> Account:
        there = known(tx)  # twice at once, as from two tabs: one account all the same
        if there is not None:
            return there
        now = now_us()
        name = organisation_members.free_name(tx, names)
        account = join(tx, name, trip.invite, kinds, now, password=None)
        organisation_members.link(tx, proven.issuer, proven.subject, account.id, now)
        return account

    return await site.database.write(write)


# -- replies -------------------------------------------------------------------------------------


def _failed(site: Site, problem: ThinkwellError, cookie: Cookie | None = None) -> Response[None]:
    site.watching.turned_away(problem.code)
    if isinstance(problem, ProviderError):  # what the operator can mend; who says no is no fault
        log.warning("sign-in at the organisation failed: %s", problem.message)
    return _to(f"{FAILED}{problem.code}", [] if cookie is None else [cookie])


def _to(address: str, cookies: list[Cookie]) -> Response[None]:
    headers = {"location": address, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(None, status_code=302, headers=headers, cookies=cookies)
