"""Finds the caller of a request. Knows headers and cookies; people/ knows what they mean.

At both doors: whom the operator's sign-in proxy names; then the web door knows members by the cookie of
their session and visitors by one of their own, the API visitors by their address. There a key of ours
comes before all of that.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from thinkwell.errors import Forbidden, NotAuthenticated, NotFound, NotSignedIn, OutOfScope
from thinkwell.http.site import Site
from thinkwell.people.accounts import caller_of
from thinkwell.people.keys import Door
from thinkwell.people.keytext import claims_to_be_ours
from thinkwell.values.caller import Caller

COOKIE = "thinkwell_visitor"
PROOF = "thinkwell_proof"
SESSION = "thinkwell_session"
SAFE = ("GET", "HEAD", "OPTIONS")  # they change nothing


def named_caller(request: Request[Any, Any, Any], site: Site) -> Caller | None:
    """Whom the sign-in proxy names. Raises BadRequest where that is not clear."""
    sign_in = site.sign_in
    values = request.headers.getall(sign_in.header, [])
    return sign_in.named(_peer(request), [value.encode("latin-1") for value in values])


def client_address(request: Request[Any, Any, Any], site: Site) -> str | None:
    """Where the request comes from, as far as it can be believed."""
    forwarded = request.headers.getall("x-forwarded-for", [])
    return site.sign_in.proxies.client_address(_peer(request), forwarded)


def _peer(request: Request[Any, Any, Any]) -> str | None:
    """The other end of the connection. The server leaves it as it is (http/server.py)."""
    return request.client.host if request.client else None


async def web_caller(request: Request[Any, Any, Any], site: Site) -> Caller | None:
    """The person named by the sign-in proxy, else the member of the session, else the visitor of the cookie,
    else None. Raises Blocked for whom an operator keeps out."""
    named = named_caller(request, site)
    if named is not None:
        return await recognised(named, site)
    token = session_token(request, site)
    account = await site.members.sessions.who(token) if token else None
    return caller_of(account) if account is not None else site.blocks.let_in(web_visitor(request, site))


async def recognised(named: Caller, site: Site) -> Caller:
    """Somebody whom the proxy names, with role and tier of their account if they have one. Raises Blocked."""
    account = await site.members.accounts.find(named.id)
    return named if account is None else caller_of(account)


def guarded_name(site: Site, name: str) -> str:
    """A cookie's. Browsers see to it that no other host and nothing over plain HTTP sets one with __Host-."""
    return f"__Host-{name}" if site.settings.http.secure_cookies else name


def session_cookie(site: Site) -> str:
    """Its name."""
    return guarded_name(site, SESSION)


def session_token(request: Request[Any, Any, Any], site: Site) -> str | None:
    return request.cookies.get(session_cookie(site))


def web_visitor(request: Request[Any, Any, Any], site: Site) -> Caller | None:
    """The visitor of the cookie, whoever else the browser may be, also one who is kept out."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    return site.visitors.known(cookie, client_address(request, site), request.cookies.get(PROOF))


async def known_caller(request: Request[Any, Any, Any], site: Site) -> Caller:
    """For what belongs to somebody. Raises NotFound: who is not known owns nothing here."""
    caller = await web_caller(request, site)
    if caller is None:
        raise NotFound("There is no such thing, or it is not yours.")
    return caller


async def member_caller(request: Request[Any, Any, Any], site: Site) -> Caller:
    """For what only members have. Raises NotSignedIn."""
    caller = await web_caller(request, site)
    if caller is None or caller.kind != "member":
        raise NotSignedIn("Sign in first: this is for members.")
    return caller


async def operator_caller(request: Request[Any, Any, Any], site: Site) -> Caller:
    """Raises NotSignedIn, or Forbidden for a member who is no operator."""
    caller = await member_caller(request, site)
    if not caller.operator:
        raise Forbidden("This is for the operators of the site.")
    return caller


def new_visitor(request: Request[Any, Any, Any], site: Site) -> tuple[Caller, Cookie]:
    """For whom ``web_caller`` does not know: a visitor, and the cookie that the reply must carry.

    Raises Blocked for networks that are kept out.
    """
    caller, cookie = fresh_visitor(request, site)
    return site.blocks.let_in(caller), cookie


def check_not_kept_out(request: Request[Any, Any, Any], site: Site) -> None:
    """For whoever would become a member. Raises Blocked."""
    site.blocks.let_in(web_visitor(request, site))
    site.blocks.let_in(site.visitors.of_network(client_address(request, site)))


def fresh_visitor(request: Request[Any, Any, Any], site: Site) -> tuple[Caller, Cookie]:
    """The same, from wherever they come: for who signs out."""
    caller, value = site.visitors.new(client_address(request, site))
    return caller, made_cookie(site, COOKIE, value, site.visitors.max_age_s)


def made_cookie(site: Site, name: str, value: str, max_age_s: int) -> Cookie:
    """As all of ours are: no script reads it, and no other site's page sends it along when it acts."""
    return Cookie(
        key=name,
        value=value,
        max_age=max_age_s,
        path="/",
        httponly=True,
        secure=site.settings.http.secure_cookies,
        samesite="lax",
    )


async def api_caller(request: Request[Any, Any, Any], site: Site, door: Door | None) -> Caller:
    """At the API cookies count for nothing. A key of ours says who asks, whoever the proxy names; without one
    it is whom the proxy names, else a visitor, known by the address.

    A named person's browser sends the proxy its sign-in on its own, also for a foreign page, so that here
    too such a page is Forbidden. Raises NotAuthenticated for keys that do not hold or are not clear, and
    where visitors are not let in; OutOfScope for a key that may not use this ``door``; Blocked.
    """
    text = _key(request)
    if text is not None and claims_to_be_ours(text):
        caller = await site.keyring.caller(text)
        _check_door(caller, door)
        return caller
    named = named_caller(request, site)
    if named is not None:
        check_same_origin(request)
        return await recognised(named, site)
    if not site.settings.people.api_visitors:
        where = site.settings.site.url or "this site's page"
        raise NotAuthenticated(f"This API needs a key of the site. Sign in at {where} and make one there.")
    return site.blocks.let_in(site.visitors.of_network(client_address(request, site)))


def _key(request: Request[Any, Any, Any]) -> str | None:
    """The one key that a request carries, in whichever header; None for none.

    Client libraries insist on sending some key; one that is not of our making is as good as none. Two that
    differ are refused, whoever made them: which of them counts must never depend on who reads them. Raises
    NotAuthenticated.
    """
    keys = _keys(request)
    if len(keys) > 1:
        raise NotAuthenticated("The request carries keys that differ. Send one, in one header.")
    return keys.pop() if keys else None


def _keys(request: Request[Any, Any, Any]) -> set[str]:
    """Of all headers that may hold one, however often they come. Other schemes, as a proxy's own sign-in
    (``Basic``), are no keys."""
    keys = {value.strip() for value in request.headers.getall("x-api-key", [])}
    for value in request.headers.getall("authorization", []):
        scheme, *rest = value.split(maxsplit=1)[:2] or [""]
        credentials = rest[0].strip() if rest else ""
        if scheme.lower() == "bearer" or claims_to_be_ours(credentials):
            keys.add(credentials)
        elif not credentials:
            keys.add(scheme)
    return keys - {""}


def _check_door(caller: Caller, door: Door | None) -> None:
    """``door`` None: whoever may ask at any may ask for this."""
    scope = caller.key
    if scope is not None and scope.doors is not None and door is not None and door not in scope.doors:
        allowed = ", ".join(sorted(scope.doors))
        raise OutOfScope(f"This key may not be used here ({door}). It is for {allowed}.")


def guard_acts(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Of the whole application: what acts, where cookies say who asks. Raises Forbidden."""
    if connection.scope.get("method") not in SAFE and connection.url.path.startswith("/api/"):
        check_same_origin(connection)


def check_same_origin(request: ASGIConnection[Any, Any, Any, Any]) -> None:
    """A page of another site may not act for our caller. Raises Forbidden."""
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if fetch_site not in ("same-origin", "none") or foreign:
        raise Forbidden("This request comes from another site's page.")
