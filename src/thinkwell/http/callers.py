"""Finds the caller of a request. Knows headers and cookies; people/ knows what they mean.

At both doors: whom the operator's sign-in proxy names, else a visitor. The doors differ in how they know
a visitor: the web door by the cookie, the API by the address.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from thinkwell.errors import Forbidden, NotAuthenticated, NotFound
from thinkwell.http.site import Site
from thinkwell.values.caller import Caller

COOKIE = "thinkwell_visitor"
KEY_PREFIX = "tw_"


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


def web_caller(request: Request[Any, Any, Any], site: Site) -> Caller | None:
    """The person named by the sign-in proxy, else the visitor of the cookie, else None."""
    named = named_caller(request, site)
    cookie = request.cookies.get(COOKIE)
    if named is not None or not cookie:
        return named
    return site.visitors.known(cookie, client_address(request, site))


def known_caller(request: Request[Any, Any, Any], site: Site) -> Caller:
    """For what belongs to somebody. Raises NotFound: who is not known owns nothing here."""
    caller = web_caller(request, site)
    if caller is None:
        raise NotFound("There is no such thing, or it is not yours.")
    return caller


def new_visitor(request: Request[Any, Any, Any], site: Site) -> tuple[Caller, Cookie]:
    """For whom ``web_caller`` does not know: a visitor, and the cookie that the reply must carry."""
    caller, value = site.visitors.new(client_address(request, site))
    cookie = Cookie(
        key=COOKIE,
        value=value,
        max_age=site.visitors.max_age_s,
        path="/",
        httponly=True,
        secure=site.settings.http.secure_cookies,
        samesite="lax",
    )
    return caller, cookie


def api_caller(request: Request[Any, Any, Any], site: Site) -> Caller:
    """At the API the cookie counts for nothing. Whom no proxy names is a visitor, known by the address.

    A named person's browser sends the proxy its sign-in on its own, also for a foreign page, so that here
    too such a page is Forbidden. Raises NotAuthenticated as ``check_key`` does.
    """
    check_key(request)
    named = named_caller(request, site)
    if named is not None:
        check_same_origin(request)
        return named
    return site.visitors.of_network(client_address(request, site))


def check_key(request: Request[Any, Any, Any]) -> None:
    """Client libraries insist on sending some key; one that is not of our making is as good as none.

    One that claims to be ours must hold, and two that differ are refused, whoever made them: which of
    them counts must never depend on who reads them. Raises NotAuthenticated.
    """
    keys = _keys(request)
    if len(keys) > 1:
        raise NotAuthenticated("The request carries keys that differ. Send one, in one header.")
    if any(key.startswith(KEY_PREFIX) for key in keys):
        raise NotAuthenticated("This key is not known here. Leave it out to ask as a visitor.")


def _keys(request: Request[Any, Any, Any]) -> set[str]:
    """Of all headers that may hold one, however often they come. Other schemes, as a proxy's own sign-in
    (``Basic``), are no keys."""
    keys = {value.strip() for value in request.headers.getall("x-api-key", [])}
    for value in request.headers.getall("authorization", []):
        scheme, _, credentials = value.strip().partition(" ")
        if scheme.lower() == "bearer":
            keys.add(credentials.strip())
        elif not credentials:
            keys.add(scheme)
    return keys - {""}


def check_same_origin(request: Request[Any, Any, Any]) -> None:
    """A page of another site may not act for our caller. Raises Forbidden."""
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if fetch_site not in ("same-origin", "none") or foreign:
        raise Forbidden("This request comes from another site's page.")
