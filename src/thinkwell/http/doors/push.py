"""Where a browser says that it wants to be told when an answer is ready (Web Push). Owner's alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Request, Response, delete, get, put
from litestar.params import JSONBody
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, NotFound
from thinkwell.http.callers import known_caller
from thinkwell.http.doors.refusals import refusals
from thinkwell.http.site import TheSite
from thinkwell.http.wire.push import PushOffer, SubscriptionBody
from thinkwell.people import subscriptions
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
BAD = refusals(
    {
        400: "Refused",
        403: "The request of a foreign page",
        404: "The site sends none, or does not know who asks",
    }
)


@get("/api/push", summary="Whether the site sends Web Push", tags=["Web"])
async def offer(site: TheSite) -> PushOffer:
    return PushOffer(key=None if site.pushing is None else site.pushing.vapid.public_key)


@put("/api/me/push", status_code=204, summary="Be told by Web Push", tags=["Web"], responses=BAD)
async def subscribe(data: JSONBody[SubscriptionBody], request: Asking, site: TheSite) -> Response[None]:
    """Again whenever the page is opened: one that is not heard of for 90 days is forgotten."""
    caller = await known_caller(request, site)
    if site.pushing is None:
        raise NotFound("This site sends no Web Push.")
    if not site.pushing.may_be_told(data.endpoint):
        raise BadRequest(
            "That is no address of a push service that this site writes to. Its operator names them in "
            "push.hosts.",
            param="endpoint",
        )

    def write(tx: Connection) -> None:
        subscriptions.subscribe(tx, caller.id, data.endpoint, now_us())

    await site.database.write(write)
    return Response(None, status_code=204)


@delete("/api/me/push", summary="Be told no longer", tags=["Web"], responses=BAD)
async def unsubscribe(data: JSONBody[SubscriptionBody], request: Asking, site: TheSite) -> None:
    caller = await known_caller(request, site)
    await site.database.write(partial(_unsubscribe, caller.id, data.endpoint))


def _unsubscribe(owner: str, endpoint: str, tx: Connection) -> None:
    subscriptions.unsubscribe(tx, owner, endpoint)
