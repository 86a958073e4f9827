"""What one may still use, and one's own cap, for the page. No key can do any of it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, put
from litestar.params import JSONBody
from sqlalchemy.engine import Connection

from thinkwell.admission.spent import Cap, store_cap
from thinkwell.errors import BadRequest
from thinkwell.http.callers import member_caller, web_caller
from thinkwell.http.doors.refusals import FOR_MEMBERS
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.quota import CapBody, QuotaInfo, WireKeyBudget, key_budgets, quota_info
from thinkwell.people import accounts, keys
from thinkwell.turns.run import now_us
from thinkwell.values.caller import Caller

Asking = Request[Any, Any, Any]
NOBODY = Caller(kind="visitor", id="", person="")


@get("/api/me/quota", summary="What one may still use, and when it begins anew", tags=["Account"])
async def my_quota(request: Asking, site: TheSite) -> QuotaInfo:
    return await _info(site, await web_caller(request, site))


@put(
    "/api/me/cap",
    summary="Bound what one uses oneself",
    description="Reached, it refuses what is asked until the window begins anew. It may be no higher than "
    "the tier's quota; null takes it away.",
    tags=["Account"],
    responses=FOR_MEMBERS,
)
async def change_cap(data: JSONBody[CapBody], request: Asking, site: TheSite) -> QuotaInfo:
    caller = await member_caller(request, site)
    # Read again: the framework takes what stands in quotes for a number too.
    data = msgspec.json.decode(await request.body(), type=CapBody)
    rules = site.quotas.rules(caller.tier)
    for name, wish, quota in (("tokens", data.tokens, rules.tokens), ("money", data.money, rules.money)):
        if wish is not None and quota and wish > quota:
            raise BadRequest(f"{name}: your cap can be no higher than your quota, {quota}.", param=name)
    await site.quotas.left(caller)  # what is read later has the new one
    cap = Cap(data.tokens, data.money)

    def store(tx: Connection) -> None:
        store_cap(tx, accounts.ensure(tx, caller, now_us()).id, cap)

    await site.database.write(store)
    site.quotas.capped(caller.id, cap)
    site.members.forget(caller.id)
    return await _info(site, caller)


async def _info(site: Site, caller: Caller | None) -> QuotaInfo:
    quotas = site.quotas
    rules = quotas.rules(NOBODY.tier if caller is None else caller.tier)
    if caller is None:
        return quota_info(quotas.unused(NOBODY), rules, quotas.currency, [])
    left = await quotas.left(caller)
    budgets: list[WireKeyBudget] = []
    if caller.kind == "member":
        owner = caller.id
        budgets = await site.database.read(lambda connection: _budgets(connection, owner))
    return quota_info(left, rules, quotas.currency, budgets)


def _budgets(connection: Connection, owner: str) -> list[WireKeyBudget]:
    return key_budgets(keys.by_owner(connection, owner), keys.spent(connection, owner))
