"""Who may read the metrics: certain networks, and operators. Nobody else, whatever they send."""

from __future__ import annotations

from typing import Any

from litestar import Request

from thinkwell.errors import Forbidden
from thinkwell.http.callers import api_caller, client_address, web_caller
from thinkwell.http.site import Site
from thinkwell.people.addresses import parse_address
from thinkwell.settings.rooms import networks

# What a proxy adds. Behind one that the settings do not name, everybody has its address.
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


async def check_metrics(request: Request[Any, Any, Any], site: Site) -> None:
    """Raises Forbidden, NotAuthenticated for a key that does not hold, Blocked, or StoreError."""
    if _near(request, site) or await of_operator(request, site):
        return
    raise Forbidden(
        "The metrics are for the networks of the setting http.metrics_from, and for operators: signed in, "
        "or with a key of theirs."
    )


def _near(request: Request[Any, Any, Any], site: Site) -> bool:
    peer = request.client.host if request.client else None
    proxied = any(request.headers.get(name) is not None for name in FORWARDED)
    if proxied and not site.sign_in.proxies.listed(peer):
        return False
    address = parse_address(client_address(request, site))
    allowed = networks(site.settings.http.metrics_from)
    return address is not None and any(address in network for network in allowed)


def has_key(request: Request[Any, Any, Any]) -> bool:
    """Or what stands in the place of one."""
    return "authorization" in request.headers or "x-api-key" in request.headers


async def of_operator(request: Request[Any, Any, Any], site: Site) -> bool:
    """By a session, or a key that is not bound to doors. Raises NotAuthenticated, Blocked."""
    if has_key(request):
        caller = await api_caller(request, site, None)
        if caller.key is not None:
            account = await site.members.accounts.find(caller.id)
            return caller.key.doors is None and account is not None and account.operator
    member = await web_caller(request, site)
    return member is not None and member.operator
