"""Where people say whether their conversations may be used to train the site's models.

Owner's alone, and no until it is said. Knows no training: who exports asks people/consents.py.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, put
from litestar.params import JSONBody
from sqlalchemy.engine import Connection

from thinkwell.http.callers import known_caller
from thinkwell.http.doors.refusals import refusals
from thinkwell.http.site import TheSite
from thinkwell.http.wire.training import TrainingConsent, TrainingConsentBody
from thinkwell.http.wire.web import iso
from thinkwell.people import consents
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
BAD = refusals({400: "Refused", 403: "The request of a foreign page", 404: "The site does not know who asks"})
TELL_NOBODY = {"cache-control": "no-store"}


@get(
    "/api/me/training",
    summary="Whether one's conversations may train models",
    tags=["Account"],
    responses=BAD,
)
async def consent(request: Asking, site: TheSite) -> Response[TrainingConsent]:
    caller = await known_caller(request, site)
    since = await site.database.read(lambda connection: consents.since(connection, caller.id))
    return _told(since)


@put("/api/me/training", summary="Allow or forbid it", tags=["Account"], responses=BAD)
async def change_consent(
    data: JSONBody[TrainingConsentBody], request: Asking, site: TheSite
) -> Response[TrainingConsent]:
    """It holds from the next export on. What a model has learnt before cannot be taken out of it."""
    caller = await known_caller(request, site)

    def write(tx: Connection) -> int | None:
        if data.allowed:
            consents.allow(tx, caller.id, now_us())
        else:
            consents.withdraw(tx, caller.id)
        return consents.since(tx, caller.id)

    return _told(await site.database.write(write))


def _told(since: int | None) -> Response[TrainingConsent]:
    body = TrainingConsent(allowed=since is not None, since=None if since is None else iso(since))
    return Response(body, headers=TELL_NOBODY)
