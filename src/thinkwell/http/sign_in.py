"""The end of every sign-in, however somebody proved who they are: a new session, the visitor's history."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from sqlalchemy.engine import Connection

from thinkwell.errors import Forbidden
from thinkwell.http.callers import (
    COOKIE,
    client_address,
    fresh_visitor,
    made_cookie,
    named_caller,
    session_cookie,
    session_token,
    web_visitor,
)
from thinkwell.http.site import Site
from thinkwell.http.wire.account import Method
from thinkwell.people import accounts, links
from thinkwell.people.accounts import Account, caller_of
from thinkwell.people.addresses import network_group
from thinkwell.people.links import LinkKind
from thinkwell.settings import Settings

Asking = Request[Any, Any, Any]


async def finish_sign_in(
    request: Asking, site: Site, account: Account, *, take_history: bool
) -> list[Cookie]:
    """The cookies that the reply must carry. The token is always a new one, and what session the browser had
    ends, so that nobody gives a person a session of their own choice.

    With ``take_history`` the visitor's cookie goes too: what it stood for is the member's now.
    Raises Blocked, StoreError.
    """
    caller_of(account)
    sessions = site.members.sessions
    token = await sessions.begin(account.id, request.headers.get("user-agent", ""))
    before = session_token(request, site)
    if before:
        await sessions.end(before)
    cookies = [made_cookie(site, session_cookie(site), token, sessions.max_age_s)]
    visitor = web_visitor(request, site)
    if take_history and visitor is not None:
        await site.handover.hand_over(visitor.id, account.id)
        cookies.append(made_cookie(site, COOKIE, "", 0))
    return cookies


async def sign_out(request: Asking, site: Site) -> list[Cookie]:
    """The cookies that the reply must carry: no session, a visitor who was never here. Raises StoreError."""
    token = session_token(request, site)
    if token:
        await site.members.sessions.end(token)
    _, visitor = fresh_visitor(request, site)
    return [made_cookie(site, session_cookie(site), "", 0), visitor]


def check_sign_up(site: Site, invite: str | None) -> tuple[LinkKind, ...]:
    """The kinds of links with which one may sign up. Raises Forbidden. An operator's link is always good: a
    site that takes nobody else must have a first."""
    allowed = site.settings.people.sign_up
    if invite is not None:
        return ("operator",) if allowed == "closed" else ("operator", "invite")
    if allowed == "closed":
        raise Forbidden("This site takes no new members.")
    if allowed == "invited":
        raise Forbidden("Who becomes a member here needs a link of an operator.", param="invite")
    return ()


def join(
    tx: Connection,
    name: str | None,
    invite: str | None,
    kinds: tuple[LinkKind, ...],
    now_us: int,
    *,
    password: str | None,
) -> Account:
    """A new account, with what a link gives, if there is one. ``name`` and ``password`` (a hash) as for
    ``accounts.create``. Raises NameTaken, LinkUsed; then the link is as good as before."""
    link = None if invite is None else links.use(tx, invite, kinds, now_us)
    tier = link.tier if link is not None and link.tier is not None else "member"
    account = accounts.create(tx, name, now_us, tier=tier, password=password)
    if link is not None and link.kind == "operator":
        return accounts.change_role(tx, account.id, "operator")
    return account


def check_not_named(request: Asking, site: Site) -> None:
    """Whom the operator's own sign-in names has no other one here. Raises Forbidden."""
    if named_caller(request, site) is not None:
        raise Forbidden("Your organisation signs you in here. There is no other way.")


def methods(settings: Settings) -> list[Method]:
    """The ways to sign in."""
    found: list[Method] = ["password", "passkey"]
    return [*found, "organisation"] if settings.people.oidc_issuer else found


def network_of(request: Asking, site: Site) -> str:
    """Those whose failed sign-ins count together. Kept in memory alone."""
    return network_group(client_address(request, site))
