"""The pages: the web app's files, and the API's description as a page that needs no script."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from thinkwell.errors import NotFound, ThinkwellError
from thinkwell.http.api_page import api_page
from thinkwell.http.callers import new_visitor, web_caller
from thinkwell.http.logo import HEADERS as LOGO_HEADERS
from thinkwell.http.pages import CONTENT_SECURITY_POLICY, MAY_SPEAK, SECURITY_HEADERS, PageFile
from thinkwell.http.site import TheSite


def _reply(file: PageFile, request: Request[Any, Any, Any]) -> Response[bytes]:
    packed = file.compressed is not None and "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "cache-control": "public, max-age=31536000, immutable" if file.forever else "no-cache",
        "vary": "accept-encoding",
    }
    if packed:
        headers["content-encoding"] = "gzip"
    body = file.compressed if packed else file.body
    return Response(body or b"", media_type=file.media_type, headers=headers | file.headers)


# Pages of the app beside the conversations (web/src/lib/stores/route.svelte.ts).
AREAS = ("welcome", "account", "receipts", "status", "operator", "settings")


@get(["/", "/c/{conversation_id:str}", *(f"/{area}" for area in AREAS)], include_in_schema=False)
async def entry(request: Request[Any, Any, Any], site: TheSite) -> Response[bytes]:
    """Here a new visitor gets the cookie by which the site knows them again: the page then asks for several
    things at once, and each without a cookie would be given one of its own."""
    reply = _reply(site.look.index, request)
    if site.settings.site.dictation:
        reply.headers.update(MAY_SPEAK)
    with suppress(ThinkwellError):  # whoever is kept out, or named unclearly: the page says so when it asks
        if await web_caller(request, site) is None:
            reply.set_cookie(new_visitor(request, site)[1])
            reply.headers["cache-control"] = "private, no-cache"
    return reply


@get("/look.css", include_in_schema=False)
async def colours(site: TheSite) -> Response[str]:
    headers = {"cache-control": "no-cache"} | SECURITY_HEADERS
    return Response(site.look.colours, media_type="text/css", headers=headers)


@get("/manifest.webmanifest", include_in_schema=False)
async def manifest(site: TheSite) -> Response[bytes]:
    """By which a browser installs the page."""
    headers = {"cache-control": "no-cache"} | SECURITY_HEADERS
    return Response(site.look.manifest, media_type="application/manifest+json", headers=headers)


@get("/logo", include_in_schema=False)
async def logo(site: TheSite) -> Response[bytes]:
    found = site.look.logo
    if found is None:
        raise NotFound("This site has no logo of its own.")
    return Response(found.body, media_type=found.media_type, headers=LOGO_HEADERS)


@get("/{name:path}", include_in_schema=False)
async def asset(name: FromPath[str], request: Request[Any, Any, Any], site: TheSite) -> Response[bytes]:
    file = site.web_app.files.get(name.lstrip("/"))
    if file is not None:
        return _reply(file, request)
    if "text/html" not in request.headers.get("accept", ""):
        raise NotFound("There is no such page.")
    reply = _reply(site.look.index, request)  # somebody who mistyped: the app says so, in their language
    reply.status_code = 404
    return reply


@get("/docs", include_in_schema=False)
async def docs(request: Request[Any, Any, Any], site: TheSite) -> Response[str]:
    """What /openapi.json says, for people."""
    look = site.look
    page = api_page(request.app.openapi_schema.to_schema(), look.name, look.icon, look.plain_colours)
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'unsafe-inline'")
    return Response(
        page, media_type="text/html", headers=SECURITY_HEADERS | {"content-security-policy": policy}
    )
