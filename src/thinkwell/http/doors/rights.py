"""A person's rights over what is theirs: take it along, have it erased, know how long it stays. Who is kept
out has them too, and stays that. And the operators' list of what was deleted.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter
from litestar.types import ASGIApp

from thinkwell.errors import BadRequest, NotFound, WrongSignIn
from thinkwell.http.callers import (
    PROOF,
    named_caller,
    operator_caller,
    session_token,
    web_visitor,
)
from thinkwell.http.described import IsZip
from thinkwell.http.export import Exporter
from thinkwell.http.export_sources import Sources
from thinkwell.http.files import as_file
from thinkwell.http.made_by import MADE_BY_AI_HEADERS
from thinkwell.http.sign_in import network_of, sign_out
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.rights import (
    CONFIRM,
    DeletionPage,
    EraseBody,
    ErasedAll,
    Retention,
    kept_for,
    parse_number,
    wire_deletion,
)
from thinkwell.http.wire.web import WebError, iso
from thinkwell.people import accounts
from thinkwell.people.accounts import Account
from thinkwell.people.passwords import check_password
from thinkwell.turns import deletions
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
BAD = {
    400: ResponseSpec(WebError, description="Refused"),
    401: ResponseSpec(WebError, description="Not signed in, or another password"),
    403: ResponseSpec(WebError, description="Not allowed, or the request of a foreign page"),
    404: ResponseSpec(WebError, description="Nothing is known of who asks"),
    409: ResponseSpec(WebError, description="Not now: it says what to do first"),
    413: ResponseSpec(WebError, description="Too large"),
    429: ResponseSpec(WebError, description="Too many tries; it says when to come back"),
    503: ResponseSpec(WebError, description="Not now; it says when"),
}
TELL_NOBODY = {"cache-control": "no-store"}


class Person(msgspec.Struct, frozen=True):
    """Who asks, kept out or not. ``account`` None: a visitor, or somebody of whom there is none yet."""

    id: str
    member: bool
    account: Account | None = None


async def _person(request: Asking, site: Site) -> Person:
    """Raises NotFound for nobody."""
    named = named_caller(request, site)
    if named is not None:
        return Person(named.id, True, await site.members.accounts.find(named.id))
    token = session_token(request, site)
    account = await site.members.sessions.who(token) if token else None
    if account is not None:
        return Person(account.id, True, account)
    visitor = web_visitor(request, site)
    if visitor is None:
        raise NotFound("There is nothing of yours here: this site does not know you.")
    return Person(visitor.id, False)


@get(
    "/api/me/export",
    operation_class=IsZip,
    summary="Everything of one's own, as a file",
    description="A zip file: `thinkwell.json` with everything, each conversation as Markdown, and a README.",
    tags=["Account"],
    responses=BAD,
    response_headers=MADE_BY_AI_HEADERS,
)
async def export(request: Asking, site: TheSite) -> ASGIApp:
    person = await _person(request, site)
    site.exports.check(person.id)
    at = now_us()
    sources = Sources(site, person.id, person.account, kept_for(site.settings, member=person.member))
    pieces = Exporter(sources, site.settings.site.name, at).pieces()
    day = iso(at)[:10]
    return as_file(f"thinkwell-{day}.zip", b"application/zip", site.exports.one_of(person.id, pieces))


@delete("/api/me", status_code=200, summary="Erase everything of one's own", tags=["Account"], responses=BAD)
async def erase(data: JSONBody[EraseBody], request: Asking, site: TheSite) -> Response[ErasedAll]:
    """Turns that run are stopped. Amounts stay in the books without a name; who is kept out stays that."""
    person = await _person(request, site)
    if data.confirm != CONFIRM:
        raise BadRequest(
            f'This erases everything of yours, for ever. Send confirm: "{CONFIRM}" if that is what you want.',
            param="confirm",
        )
    if person.account is not None and person.account.has_password:
        await _check_password(request, site, person.account, data.password)
    erased = await site.eraser.erase(person.id)
    return Response(ErasedAll(erased=erased), headers=TELL_NOBODY, cookies=await _left(request, site, person))


async def _check_password(request: Asking, site: Site, account: Account, password: str | None) -> None:
    """Who finds an open browser must not erase its owner. Raises BadRequest, WrongSignIn, TooManyTries."""
    if password is None:
        raise BadRequest("Say your password as well.", param="password")
    check_password(password)
    members, network = site.members, network_of(request, site)
    members.attempts.begin(account.id, network)
    hashed = await site.database.read(lambda connection: accounts.password_of(connection, account.id))
    if not await members.passwords.check(password, hashed):
        raise WrongSignIn("That is not your password.", param="password")
    members.attempts.good(account.id, network)


async def _left(request: Asking, site: Site, person: Person) -> list[Cookie]:
    """A new visitor begins. One who is kept out remains who they are: it would be the way in again."""
    kept_out = not person.member and any(block.subject == person.id for block in site.blocks.all)
    if kept_out:
        return []
    return [*await sign_out(request, site), Cookie(key=PROOF, value="", max_age=0, path="/")]


@get("/api/me/retention", summary="How long what is kept of who asks", tags=["Account"], responses=BAD)
async def retention(request: Asking, site: TheSite) -> Response[Retention]:
    """Of somebody who was never here: as of a visitor."""
    try:
        member = (await _person(request, site)).member
    except NotFound:
        member = False
    return Response(kept_for(site.settings, member=member), headers=TELL_NOBODY)


@get(
    "/api/operator/deletions",
    summary="What was deleted, by which rule, with a proof",
    description="Newest first. `before` is `next` of the page before.",
    tags=["Operator"],
    responses=BAD,
)
async def list_deletions(
    request: Asking,
    site: TheSite,
    before: Annotated[str | None, QueryParameter(max_length=20)] = None,
) -> Response[DeletionPage]:
    await operator_caller(request, site)
    at = parse_number(before)
    found = await site.database.read(lambda connection: deletions.page(connection, at))
    shown = found[: deletions.PAGE]
    page = DeletionPage(
        items=[wire_deletion(deletion) for _, deletion in shown],
        next=str(shown[-1][0]) if len(found) > deletions.PAGE else None,
    )
    return Response(page, headers=TELL_NOBODY)
