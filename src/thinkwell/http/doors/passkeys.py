"""The door of passkeys: sign up with one, sign in with one, and the list of one's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, WrongSignIn
from thinkwell.http.callers import check_not_kept_out, member_caller
from thinkwell.http.doors.account import BAD, signed_in
from thinkwell.http.sign_in import check_not_named, check_sign_up, join, network_of
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.account import Me
from thinkwell.http.wire.passkeys import (
    BeginBody,
    Begun,
    NewPasskeyBody,
    PasskeyList,
    PasskeySignIn,
    PasskeySignUp,
    WirePasskey,
    wire_passkey,
)
from thinkwell.people import accounts, passkeys
from thinkwell.people.accounts import Account
from thinkwell.people.names import check_name
from thinkwell.people.passkeys import NOT_THAT_ONE, Party
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]


@post("/api/passkeys", status_code=200, summary="Begin with a passkey", tags=["Account"], responses=BAD)
async def begin(data: JSONBody[BeginBody], request: Asking, site: TheSite) -> Begun:
    """What the browser asks the device. Good once, for five minutes."""
    check_not_named(request, site)
    party, open_ones = _party(request, site), site.members.ceremonies
    if data.purpose == "sign_in":
        name, ceremony = open_ones.begin("sign_in", party)
        return Begun(ceremony=name, options=await passkeys.ask_to_prove(ceremony))
    if data.purpose == "sign_up":
        if data.name is None:
            raise BadRequest("Choose a name.", param="name")
        wanted = check_name(data.name)
        await site.database.read(lambda connection: accounts.check_free(connection, wanted))
        name, ceremony = open_ones.begin("sign_up", party, wanted)
        return Begun(ceremony=name, options=await passkeys.ask_to_make(ceremony, wanted, []))
    caller = await member_caller(request, site)

    def look(connection: Connection) -> tuple[Account, list[str]]:
        return accounts.get(connection, caller.id), [
            one.id for one in passkeys.by_owner(connection, caller.id)
        ]

    account, known = await site.database.read(look)
    name, ceremony = open_ones.begin("add", party, caller.id)
    options = await passkeys.ask_to_make(ceremony, account.name or site.settings.site.name, known)
    return Begun(ceremony=name, options=options)


def _party(request: Asking, site: Site) -> Party:
    """The site's address as it was set, else as the browser has it. What it signed for another host is not
    taken, and a passkey is the host's: who passes requests on from elsewhere gets none that is good here."""
    address = site.settings.site.url.rstrip("/") or request.headers.get("origin", "")
    host = urlsplit(address).hostname
    if not host:
        raise BadRequest("Passkeys are for browsers: the request names no origin.")
    return Party(host, address, site.settings.site.name)


@post("/api/passkeys/sign_up", summary="Become a member with a passkey", tags=["Account"], responses=BAD)
async def sign_up(data: JSONBody[PasskeySignUp], request: Asking, site: TheSite) -> Response[Me]:
    check_not_named(request, site)
    check_not_kept_out(request, site)
    kinds = check_sign_up(site, data.invite)
    new = await passkeys.made(site.members.ceremonies.take(data.ceremony, "sign_up"), data.credential)
    site.members.sign_ups.begin("", network_of(request, site), known=True)
    name = new.about or ""

    def write(tx: Connection) -> Account:
        now = now_us()
        account = join(tx, name, data.invite, kinds, now, password=None)
        passkeys.add(tx, account.id, new, data.called, now)
        return account

    account = await site.database.write(write)
    return await signed_in(request, site, account, data.take_history)


@post(
    "/api/passkeys/sign_in",
    status_code=200,
    summary="Sign in with a passkey",
    tags=["Account"],
    responses=BAD,
)
async def sign_in(data: JSONBody[PasskeySignIn], request: Asking, site: TheSite) -> Response[Me]:
    check_not_named(request, site)
    ceremony = site.members.ceremonies.take(data.ceremony, "sign_in")
    passkey_id = passkeys.id_of(data.credential)
    passkey = await site.database.read(lambda connection: passkeys.find(connection, passkey_id))
    if passkey is None:
        raise WrongSignIn(NOT_THAT_ONE)
    owner, known = passkey.owner, passkey.id
    count = await passkeys.proven(ceremony, data.credential, passkey)

    def write(tx: Connection) -> Account:
        passkeys.used(tx, known, count, now_us())
        return accounts.get(tx, owner)

    account = await site.database.write(write)
    return await signed_in(request, site, account, data.take_history)


@get("/api/me/passkeys", summary="One's passkeys", tags=["Account"], responses=BAD)
async def list_passkeys(request: Asking, site: TheSite) -> PasskeyList:
    caller = await member_caller(request, site)
    found = await site.database.read(lambda connection: passkeys.by_owner(connection, caller.id))
    return PasskeyList(items=[wire_passkey(one) for one in found])


@post("/api/me/passkeys", summary="Keep another passkey", tags=["Account"], responses=BAD)
async def add_passkey(data: JSONBody[NewPasskeyBody], request: Asking, site: TheSite) -> WirePasskey:
    check_not_named(request, site)
    caller = await member_caller(request, site)
    new = await passkeys.made(site.members.ceremonies.take(data.ceremony, "add"), data.credential)
    if new.about != caller.id:
        raise BadRequest("Somebody else began this. Begin again.", param="ceremony")
    made = await site.database.write(lambda tx: passkeys.add(tx, caller.id, new, data.called, now_us()))
    return wire_passkey(made)


@delete("/api/me/passkeys/{passkey_id:str}", summary="Remove a passkey", tags=["Account"], responses=BAD)
async def remove_passkey(passkey_id: FromPath[str], request: Asking, site: TheSite) -> None:
    """409 for the last way to sign in."""
    caller = await member_caller(request, site)
    await site.database.write(lambda tx: passkeys.remove(tx, caller.id, passkey_id))
