"""The door of members: who am I, sign-up, sign-in, sign-out, one's sessions, password, name, links used."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, LinkUsed, NotFound, WrongSignIn
from thinkwell.http.callers import (
    check_not_kept_out,
    member_caller,
    named_caller,
    session_token,
    web_caller,
)
from thinkwell.http.sign_in import (
    check_not_named,
    check_sign_up,
    finish_sign_in,
    join,
    methods,
    network_of,
    sign_out,
)
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.account import (
    ChangeMeBody,
    Me,
    NewPasswordBody,
    PasswordLinkBody,
    PasswordSet,
    SessionList,
    SignInBody,
    SignUpBody,
    UseLinkBody,
    wire_session,
)
from thinkwell.http.wire.web import WebError
from thinkwell.people import accounts, links, sessions
from thinkwell.people.accounts import Account
from thinkwell.people.names import check_name, name_key
from thinkwell.people.passwords import check_password
from thinkwell.turns.run import now_us
from thinkwell.values.caller import Caller

Asking = Request[Any, Any, Any]
BAD = {
    400: ResponseSpec(WebError, description="Refused"),
    401: ResponseSpec(WebError, description="Not signed in, or no such name and password"),
    403: ResponseSpec(WebError, description="Not allowed, kept out, or the request of a foreign page"),
    404: ResponseSpec(WebError, description="No such thing, or not yours"),
    409: ResponseSpec(WebError, description="Taken, or at odds with something else"),
    410: ResponseSpec(WebError, description="The link was used or is too old"),
    413: ResponseSpec(WebError, description="Too large"),
    429: ResponseSpec(WebError, description="Too many tries; it says when to come back"),
    503: ResponseSpec(WebError, description="Not now; it says when"),
}
TELL_NOBODY = {"cache-control": "no-store"}
WRONG = "There is no such name, or its password is another."


@get("/api/me", summary="Who asks, and how to sign in", tags=["Account"], responses=BAD)
async def me(request: Asking, site: TheSite) -> Response[Me]:
    caller = await web_caller(request, site)
    account = None
    if caller is not None and caller.kind == "member":
        account = await site.members.accounts.find(caller.id)
    return Response(_me(request, site, caller, account), headers=TELL_NOBODY)


def _me(request: Asking, site: Site, caller: Caller | None, account: Account | None) -> Me:
    return Me(
        mark=None if caller is None else site.visitors.mark_of(caller),
        kind="member" if caller is not None and caller.kind == "member" else "visitor",
        name=None if account is None else account.name,
        role="operator" if caller is not None and caller.operator else "member",
        tier="visitor" if caller is None else caller.tier,
        named=named_caller(request, site) is not None,
        has_password=account is not None and account.has_password,
        methods=methods(site.settings),
        sign_up=site.settings.people.sign_up,
        organisation=_title(site),
    )


def _title(site: Site) -> str | None:
    organisation = site.members.organisation
    return None if organisation is None else organisation.title


async def signed_in(request: Asking, site: Site, account: Account, take_history: bool) -> Response[Me]:
    """The answer to whoever proved who they are. Raises Blocked."""
    cookies = await finish_sign_in(request, site, account, take_history=take_history)
    body = _me(request, site, accounts.caller_of(account), account)
    return Response(body, cookies=cookies, headers=TELL_NOBODY)


@post("/api/sign_up", summary="Become a member", tags=["Account"], responses=BAD)
async def sign_up(data: JSONBody[SignUpBody], request: Asking, site: TheSite) -> Response[Me]:
    """The visitor's conversations come along, those that are running too."""
    check_not_named(request, site)
    check_not_kept_out(request, site)
    kinds = check_sign_up(site, data.invite)
    name = check_name(data.name)
    check_password(data.password, name)
    members = site.members
    members.sign_ups.begin("", network_of(request, site), known=True)

    def look(connection: Connection) -> None:
        """Whatever can be refused is refused before a hash is made."""
        if data.invite is not None:
            links.look(connection, data.invite, kinds, now_us())
        accounts.check_free(connection, name)

    await site.database.read(look)
    hashed = await members.passwords.hash(data.password, name)

    def write(tx: Connection) -> Account:
        return join(tx, name, data.invite, kinds, now_us(), password=hashed)

    account = await site.database.write(write)
    return await signed_in(request, site, account, data.take_history)


@post("/api/sign_in", status_code=200, summary="Sign in", tags=["Account"], responses=BAD)
async def sign_in(data: JSONBody[SignInBody], request: Asking, site: TheSite) -> Response[Me]:
    """It takes as long for a name that nobody has. Failed tries are slowed by name and by network."""
    check_not_named(request, site)
    check_password(data.password)
    members, key, network = site.members, name_key(data.name), network_of(request, site)
    members.attempts.begin(key, network, known=await _is_known(request, site, key))

    def look(connection: Connection) -> tuple[Account | None, str | None]:
        found = accounts.by_name(connection, data.name)
        return found, None if found is None else accounts.password_of(connection, found.id)

    account, hashed = await site.database.read(look)
    if not await members.passwords.check(data.password, hashed) or account is None or hashed is None:
        raise WrongSignIn(WRONG)
    members.attempts.good(key, network)
    if members.passwords.is_old(hashed):
        anew, found = await members.passwords.hash(data.password), account
        await site.database.write(lambda tx: accounts.set_password(tx, found.id, anew))
    return await signed_in(request, site, account, data.take_history)


async def _is_known(request: Asking, site: Site, key: str) -> bool:
    """Whether the browser is signed in under that name: then nobody else's failures hold it up."""
    token = session_token(request, site)
    account = await site.members.sessions.who(token) if token else None
    return account is not None and account.name is not None and name_key(account.name) == key


@post("/api/sign_out", status_code=200, summary="Sign out of this browser", tags=["Account"], responses=BAD)
async def leave(request: Asking, site: TheSite) -> Response[Me]:
    """Also for one who is kept out. The browser is a new visitor's then."""
    cookies = await sign_out(request, site)
    return Response(_me(request, site, None, None), cookies=cookies, headers=TELL_NOBODY)


@get("/api/me/sessions", summary="Where one is signed in", tags=["Account"], responses=BAD)
async def list_sessions(request: Asking, site: TheSite) -> SessionList:
    caller = await member_caller(request, site)
    current = await _session_id(request, site)
    found = await site.members.sessions.all(caller.id)
    return SessionList(items=[wire_session(session, current) for session in found])


@delete("/api/me/sessions/{session_id:str}", summary="End one session", tags=["Account"], responses=BAD)
async def end_session(session_id: FromPath[str], request: Asking, site: TheSite) -> None:
    caller = await member_caller(request, site)
    await site.members.sessions.end_one(caller.id, session_id)


@delete("/api/me/sessions", summary="End all sessions but this one", tags=["Account"], responses=BAD)
async def end_other_sessions(request: Asking, site: TheSite) -> None:
    caller = await member_caller(request, site)
    await site.members.sessions.end_others(caller.id, await _session_id(request, site) or "")


async def _session_id(request: Asking, site: Site) -> str | None:
    """None for whom the proxy names: no session counts for them."""
    token = session_token(request, site)
    if not token or named_caller(request, site) is not None:
        return None
    session = await site.members.sessions.find(token)
    return None if session is None else session.id


@post("/api/me/password", status_code=204, summary="Change the password", tags=["Account"], responses=BAD)
async def change_password(data: JSONBody[NewPasswordBody], request: Asking, site: TheSite) -> None:
    """All other sessions end."""
    check_not_named(request, site)
    account = await _own_account(request, site)
    if account.name is None:
        raise BadRequest("Choose a name first, to sign in with.", param="name")
    check_password(data.password, account.name)
    if account.has_password:
        if data.current is None:
            raise BadRequest("Say the password until now as well.", param="current")
        await _check_own(request, site, account, data.current)
    hashed = await site.members.passwords.hash(data.password, account.name)
    mine = await _session_id(request, site)

    def write(tx: Connection) -> None:
        accounts.set_password(tx, account.id, hashed)
        sessions.end_all(tx, account.id, but=mine)

    await site.database.write(write)
    site.members.forget(account.id)


async def _check_own(request: Asking, site: Site, account: Account, password: str) -> None:
    """A signed-in person's password: who finds an open browser cannot guess it either. Raises WrongSignIn."""
    members, network = site.members, network_of(request, site)
    check_password(password)
    members.attempts.begin(account.id, network)
    hashed = await site.database.read(lambda connection: accounts.password_of(connection, account.id))
    if not await members.passwords.check(password, hashed):
        raise WrongSignIn("The password until now is another.", param="current")
    members.attempts.good(account.id, network)


async def _own_account(request: Asking, site: Site) -> Account:
    """Raises NotSignedIn."""
    caller = await member_caller(request, site)
    account = await site.members.accounts.find(caller.id)
    if account is None:
        raise NotFound("There is no account to change: your organisation signs you in.")
    return account


@patch("/api/me", summary="Change one's name", tags=["Account"], responses=BAD)
async def change_me(data: JSONBody[ChangeMeBody], request: Asking, site: TheSite) -> Response[Me]:
    check_not_named(request, site)
    account = await _own_account(request, site)
    name = check_name(data.name)
    if account.has_password and await _is_password(site, account, name):
        raise BadRequest("That name is the password. Choose another.", param="name")
    changed = await site.database.write(lambda tx: accounts.rename(tx, account.id, name))
    site.members.forget(account.id)
    return Response(_me(request, site, accounts.caller_of(changed), changed), headers=TELL_NOBODY)


async def _is_password(site: Site, account: Account, name: str) -> bool:
    try:
        check_password(name)
    except BadRequest:
        return False  # too short for one
    hashed = await site.database.read(lambda connection: accounts.password_of(connection, account.id))
    return await site.members.passwords.check(name, hashed)


@post("/api/me/link", status_code=200, summary="Use an operator's link", tags=["Account"], responses=BAD)
async def use_link(data: JSONBody[UseLinkBody], request: Asking, site: TheSite) -> Response[Me]:
    """The signed-in person becomes an operator; also one whom the organisation's sign-in names."""
    caller = await member_caller(request, site)

    def write(tx: Connection) -> Account:
        now = now_us()
        links.use(tx, data.token, ("operator",), now)
        return accounts.change_role(tx, accounts.ensure(tx, caller, now).id, "operator")

    account = await site.database.write(write)
    site.members.forget(account.id)
    return Response(_me(request, site, accounts.caller_of(account), account), headers=TELL_NOBODY)


@post(
    "/api/password", status_code=200, summary="Set a new password by a link", tags=["Account"], responses=BAD
)
async def password_by_link(
    data: JSONBody[PasswordLinkBody], request: Asking, site: TheSite
) -> Response[PasswordSet]:
    """All sessions end; the reply says the name to sign in with."""

    def look(connection: Connection) -> Account:
        link = links.look(connection, data.token, ("password",), now_us())
        return accounts.get(connection, link.owner or "")

    account = await site.database.read(look)
    accounts.caller_of(account)  # raises Blocked
    if account.name is None:
        raise LinkUsed("This link is for an account that has no name to sign in with.", param="token")
    hashed = await site.members.passwords.hash(data.password, account.name)

    def write(tx: Connection) -> None:
        links.use(tx, data.token, ("password",), now_us())
        accounts.set_password(tx, account.id, hashed)
        sessions.end_all(tx, account.id)

    await site.database.write(write)
    site.members.forget(account.id)
    return Response(PasswordSet(name=account.name), headers=TELL_NOBODY)
