"""The operators' door to who is kept out: members, visitors, networks; and who was refused for a quota."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, NotFound
from thinkwell.http.callers import operator_caller
from thinkwell.http.doors.operator import BAD, KEPT_BY_NOBODY
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.operator import (
    MS_US,
    BlockBody,
    BlockedMember,
    BlockRow,
    OperatorBlocked,
    TurnedRow,
)
from thinkwell.people import accounts
from thinkwell.people.accounts import Account
from thinkwell.people.blocks import HASH, Block, blocked_accounts
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
MEMBERS = ("member:", "named:")


@get("/api/operator/blocked", summary="Who is kept out, and why", tags=["Operator"], responses=BAD)
async def blocked(request: Asking, site: TheSite) -> Response[OperatorBlocked]:
    await operator_caller(request, site)
    members = await site.database.read(blocked_accounts)
    body = OperatorBlocked(
        members=[BlockedMember(id=one.id, name=one.name, why=one.why, at=one.at // MS_US) for one in members],
        blocks=[_row(block) for block in site.blocks.all],
        refused=[
            TurnedRow(
                person=site.blocks.hash_of(one.person),
                network=one.network,
                tier=one.tier,
                code=one.code,
                times=one.times,
                at=one.at // MS_US,
            )
            for one in site.watching.watch.turned()
        ],
    )
    return Response(body, headers=KEPT_BY_NOBODY)


@post("/api/operator/blocks", summary="Keep somebody out", tags=["Operator"], responses=BAD)
async def block(data: JSONBody[BlockBody], request: Asking, site: TheSite) -> BlockRow:
    """It holds at once, at every door. To keep out a network holds for a day at most, since nobody can tell
    afterwards which it was."""
    await operator_caller(request, site)
    subject, why = _subject(site, data.subject), data.why.strip()
    if not subject.startswith(MEMBERS):
        return _row(await site.blocks.add(subject, why, data.hours))
    if data.hours is not None:
        raise BadRequest("Members are kept out until an operator lets them in again.", param="hours")
    at = now_us()
    await site.database.write(lambda tx: accounts.block(tx, subject, why, at))
    site.members.forget(subject)
    return BlockRow(subject=subject, why=why, at=at // MS_US, until=None)


@delete(
    "/api/operator/blocks/{subject:str}", summary="Let somebody in again", tags=["Operator"], responses=BAD
)
async def unblock(subject: FromPath[str], request: Asking, site: TheSite) -> None:
    await operator_caller(request, site)
    if not subject.startswith(MEMBERS):
        return await site.blocks.remove(subject)

    def write(tx: Connection) -> Account:
        if accounts.get(tx, subject).blocked_at is None:
            raise NotFound("Nobody of that name is kept out.")
        return accounts.unblock(tx, subject)

    await site.database.write(write)
    site.members.forget(subject)
    return None


def _subject(site: Site, text: str) -> str:
    """Whom the list of those refused shows by a hash. Raises NotFound for one who is not on it any more."""
    if not text.startswith(HASH):
        return text
    for one in site.watching.watch.turned():
        if site.blocks.hash_of(one.person) == text:
            return one.person
    raise NotFound("Nobody of that name was refused in the last hour.", param="subject")


def _row(block: Block) -> BlockRow:
    return BlockRow(
        subject=block.subject,
        why=block.why,
        at=block.created_at // MS_US,
        until=None if block.until is None else block.until // MS_US,
    )
