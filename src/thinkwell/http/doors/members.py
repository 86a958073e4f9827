"""The operators' door to members: who there is, their roles and tiers, who is kept out, links for them."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, NotFound
from thinkwell.http.callers import operator_caller
from thinkwell.http.doors.account import BAD, TELL_NOBODY
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.account import (
    ChangeMemberBody,
    Member,
    MemberPage,
    NewLink,
    NewLinkBody,
    member_cursor,
    wire_member,
)
from thinkwell.http.wire.web import iso, parse_cursor
from thinkwell.people import accounts, links
from thinkwell.people.accounts import PAGE, Account
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]


@get("/api/operator/members", summary="All members, the newest first", tags=["Operator"], responses=BAD)
async def list_members(
    request: Asking,
    site: TheSite,
    before: Annotated[str | None, QueryParameter(max_length=100)] = None,
    name: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> MemberPage:
    """`name` is a part of the name, or the whole id."""
    await operator_caller(request, site)
    after = None
    if before is not None and (after := parse_cursor(before)) is None:
        raise BadRequest("That is no cursor of this site; take `next` of the page before.", param="before")
    found = await site.database.read(lambda connection: accounts.page(connection, after=after, name=name))
    shown = found[:PAGE]
    return MemberPage(
        items=[wire_member(account) for account in shown],
        next=member_cursor(shown[-1]) if len(found) > PAGE else None,
    )


@patch(
    "/api/operator/members/{member_id:str}",
    summary="Change a member's role or tier, or keep them out",
    tags=["Operator"],
    responses=BAD,
)
async def change_member(
    member_id: FromPath[str], data: JSONBody[ChangeMemberBody], request: Asking, site: TheSite
) -> Member:
    """It holds at once. The last operator stays one."""
    await operator_caller(request, site)
    if data.tier is not UNSET:
        check_tier(site, data.tier)
    if data.blocked is True and not (data.why or "").strip():
        raise BadRequest("Say why: the person is told.", param="why")

    def write(tx: Connection) -> Account:
        changed = accounts.get(tx, member_id)
        if data.role is not UNSET:
            changed = accounts.change_role(tx, member_id, data.role)
        if data.tier is not UNSET:
            changed = accounts.change_tier(tx, member_id, data.tier)
        if data.blocked is True:
            changed = accounts.block(tx, member_id, data.why or "", now_us())
        elif data.blocked is False:
            changed = accounts.unblock(tx, member_id)
        return changed

    changed = await site.database.write(write)
    site.members.forget(member_id)
    return wire_member(changed)


@post("/api/operator/links", summary="Make a link that works once", tags=["Operator"], responses=BAD)
async def make_link(data: JSONBody[NewLinkBody], request: Asking, site: TheSite) -> Response[NewLink]:
    await operator_caller(request, site)
    if data.tier is not None:
        if data.kind != "invite":
            raise BadRequest("Only an invitation has a tier.", param="tier")
        check_tier(site, data.tier)
    if (data.kind == "password") != (data.name is not None):
        raise BadRequest("A password link, and no other, is for somebody by name.", param="name")

    def write(tx: Connection) -> tuple[str, links.Link]:
        owner = None if data.name is None else whose_password(tx, data.name).id
        return links.make(tx, data.kind, now_us(), owner=owner, tier=data.tier)

    token, link = await site.database.write(write)
    address = links.address(site.settings.site.url, data.kind, token)
    body = NewLink(kind=data.kind, address=address, expires_at=iso(link.expires_at))
    return Response(body, headers=TELL_NOBODY)


def whose_password(connection: Connection, name: str) -> Account:
    """By name or id. Raises NotFound, BadRequest for one who has no name to sign in with."""
    account = accounts.by_name(connection, name) or accounts.find(connection, name)
    if account is None:
        raise NotFound("There is no such member.", param="name")
    if account.name is None:
        raise BadRequest("That person has no name here to sign in with.", param="name")
    return account


def check_tier(site: Site, tier: str) -> None:
    """Raises BadRequest."""
    tiers = site.settings.tiers
    if tier not in tiers:
        raise BadRequest(
            f"There is no tier {tier!r} here; there are: {', '.join(sorted(tiers))}.", param="tier"
        )
