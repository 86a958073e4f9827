"""Finds the caller of a request. Knows headers and cookies; people/ knows what they mean."""

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


def visitor_of(request: Request[Any, Any, Any], site: Site) -> Caller | None:
    """The visitor of the request's cookie, or None."""
    cookie = request.cookies.get(COOKIE)
    return site.visitors.known(cookie) if cookie else None


def known_visitor(request: Request[Any, Any, Any], site: Site) -> Caller:
    """For what belongs to somebody. Raises NotFound: who has no cookie owns nothing here."""
    caller = visitor_of(request, site)
    if caller is None:
        raise NotFound("There is no such thing, or it is not yours.")
    return caller


def visitor_cookie(site: Site, value: str) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=site.visitors.max_age_s,
        path="/",
        httponly=True,
        secure=site.settings.http.secure_cookies,
        samesite="lax",
    )


def api_caller(request: Request[Any, Any, Any], site: Site) -> Caller:
    """At the API the cookie counts for nothing. Without a key of this site the caller is a visitor.

    Client libraries insist on sending some key; one that is not of our making is as good as none.
    One that claims to be ours must hold: raises NotAuthenticated.
    """
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    for key in (bearer, request.headers.get("x-api-key", "").strip()):
        if key.startswith(KEY_PREFIX):
            raise NotAuthenticated("This key is not known here. Leave it out to ask as a visitor.")
    return site.visitors.of_network(request.client.host if request.client else None)


def check_same_origin(request: Request[Any, Any, Any]) -> None:
    """A page of another site may not act for our visitor. Raises Forbidden."""
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if fetch_site not in ("same-origin", "none") or foreign:
        raise Forbidden("This request comes from another site's page.")
