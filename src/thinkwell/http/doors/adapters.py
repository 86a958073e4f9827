"""The operators' door to adapters: which one answers, and how another takes its place while the site runs.

Files are taken from the folder `adapters` in the data folder, by name, and from nowhere else.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import JSONBody

from thinkwell.errors import Forbidden
from thinkwell.http.callers import operator_caller
from thinkwell.http.doors.operator import BAD, KEPT_BY_NOBODY
from thinkwell.http.scrapers import has_key, of_operator
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.adapters import (
    AdapterNow,
    Candidate,
    CandidateBody,
    OperatorAdapters,
    ShareBody,
    adapter_now,
    smoke_result,
)
from thinkwell.turns.serving import Served

Asking = Request[Any, Any, Any]


async def _check_operator(request: Asking, site: Site) -> None:
    """Signed in, or with a key: what trains an adapter publishes it from a command. Raises as they do."""
    if not has_key(request):
        await operator_caller(request, site)
    elif not await of_operator(request, site):
        raise Forbidden(
            "This is for the operators of the site, and keys of theirs that are not bound to doors."
        )


@get("/api/operator/adapters", summary="Which adapters answer", tags=["Operator"], responses=BAD)
async def adapters(request: Asking, site: TheSite) -> Response[OperatorAdapters]:
    """The one of now, the one on trial, and how their turns went."""
    await _check_operator(request, site)
    return Response(await _now(site), headers=KEPT_BY_NOBODY)


@post(
    "/api/operator/adapters/candidate",
    status_code=200,
    summary="Load an adapter beside the one of now",
    tags=["Operator"],
    responses=BAD,
)
async def candidate(data: JSONBody[CandidateBody], request: Asking, site: TheSite) -> Candidate:
    """It is asked the prompts in `smoke`, and only where every answer contains what it should is it kept,
    with no share of the turns yet."""
    await _check_operator(request, site)
    tried = await site.adapters.load(data.name, [one.as_smoke() for one in data.smoke])
    return Candidate(
        passed=tried.passed,
        smoke=[smoke_result(one) for one in tried.smoked],
        checked=list(tried.checked),
        ready_ms=round(1000 * tried.ready_s),
        took_ms=round(1000 * tried.seconds),
        adapters=await _now(site),
    )


@post(
    "/api/operator/adapters/share",
    status_code=200,
    summary="How many turns the adapter on trial gets",
    tags=["Operator"],
    responses=BAD,
)
async def share(data: JSONBody[ShareBody], request: Asking, site: TheSite) -> OperatorAdapters:
    """Of the turns that begin from now on. All of one conversation go to the same one."""
    await _check_operator(request, site)
    site.adapters.set_share(data.percent / 100)
    return await _now(site)


@post(
    "/api/operator/adapters/complete",
    status_code=200,
    summary="Answer with the adapter on trial from now on",
    tags=["Operator"],
    responses=BAD,
)
async def complete(request: Asking, site: TheSite) -> OperatorAdapters:
    """Turns that run end where they began. It holds after a new start, too."""
    await _check_operator(request, site)
    await site.adapters.complete()
    return await _now(site)


@post(
    "/api/operator/adapters/rollback",
    status_code=200,
    summary="Give up the adapter on trial",
    tags=["Operator"],
    responses=BAD,
)
async def rollback(request: Asking, site: TheSite) -> OperatorAdapters:
    """Turns that run on it end there."""
    await _check_operator(request, site)
    await site.adapters.roll_back()
    return await _now(site)


async def _now(site: Site) -> OperatorAdapters:
    there = site.adapters
    return OperatorAdapters(
        current=_one(site, there.current),
        candidate=None if there.candidate is None else _one(site, there.candidate),
        percent=round(100 * there.share, 3),
        retiring=[_one(site, one) for one in there.retiring],
        past=[_one(site, one) for one in there.past],
        available=[] if there.shelf is None else await there.shelf.names(),
    )


def _one(site: Site, served: Served) -> AdapterNow:
    replicas = site.watching.watch.parts.replicas.values()
    return adapter_now(served, sum(len(one.running) for one in replicas if one.label == served.label))
