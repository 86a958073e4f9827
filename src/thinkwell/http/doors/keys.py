"""A member's API keys, for the page: made, listed, changed, revoked. No key can do any of it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.engine import Connection

from thinkwell.http.callers import member_caller
from thinkwell.http.doors.refusals import FOR_MEMBERS, refusals
from thinkwell.http.site import TheSite
from thinkwell.http.wire.keys import (
    ChangeKeyBody,
    KeyList,
    NewKey,
    NewKeyBody,
    WireKey,
    changes_of,
    wire_key,
    wish_of,
)
from thinkwell.people import accounts, keys
from thinkwell.people.keys import Key, Spent
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
NOT_FOUND = refusals({404: "No such key, or not yours"})
CONFLICT = refusals({409: "Too many keys, or a revoked one"})
SECRET = {"cache-control": "no-store"}


@get("/api/keys", summary="One's own API keys, newest first", tags=["Web"], responses=FOR_MEMBERS)
async def list_keys(request: Asking, site: TheSite) -> KeyList:
    caller = await member_caller(request, site)

    def read(connection: Connection) -> list[WireKey]:
        found = keys.by_owner(connection, caller.id)
        spent = keys.spent(connection, caller.id)
        return [wire_key(key, spent.get(key.id, Spent())) for key in found]

    items = await site.database.read(read)
    return KeyList(items=items, currency=site.settings.tariff.currency, most=keys.MOST_KEYS)


@post(
    "/api/keys",
    summary="Make an API key",
    description="The reply has the key's text, which is never shown again.",
    tags=["Web"],
    responses=FOR_MEMBERS | CONFLICT,
)
async def create_key(data: JSONBody[NewKeyBody], request: Asking, site: TheSite) -> Response[NewKey]:
    caller = await member_caller(request, site)
    now = now_us()

    def create(tx: Connection) -> tuple[Key, str]:
        accounts.ensure(tx, caller, now)
        return keys.create(tx, caller.id, wish_of(data), now)

    made, text = await site.database.write(create)
    site.members.accounts.forget(caller.id)  # whom the sign-in proxy names may have an account only now
    return Response(NewKey(key=text, item=wire_key(made, Spent())), headers=SECRET)


@patch(
    "/api/keys/{key_id:str}",
    summary="Change what a key may do",
    tags=["Web"],
    responses=FOR_MEMBERS | NOT_FOUND | CONFLICT,
)
async def change_key(
    key_id: FromPath[str], data: JSONBody[ChangeKeyBody], request: Asking, site: TheSite
) -> WireKey:
    caller = await member_caller(request, site)
    changes = changes_of(data)

    def change(tx: Connection) -> WireKey:
        changed = keys.change(tx, key_id, caller.id, changes, now_us())
        return wire_key(changed, keys.spent(tx, caller.id).get(key_id, Spent()))

    site.keyring.forget(key_id)
    try:
        return await site.database.write(change)
    finally:
        site.keyring.forget(key_id)


@delete(
    "/api/keys/{key_id:str}",
    summary="Revoke a key, for ever",
    tags=["Web"],
    responses=FOR_MEMBERS | NOT_FOUND,
)
async def revoke_key(key_id: FromPath[str], request: Asking, site: TheSite) -> None:
    caller = await member_caller(request, site)
    site.keyring.forget(key_id)
    try:
        await site.database.write(lambda tx: keys.revoke(tx, key_id, caller.id, now_us()))
    finally:
        site.keyring.forget(key_id)
