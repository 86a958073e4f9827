"""Is the site healthy, and why not; metrics, for those who may read them. No text and no person in either."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec

from thinkwell import __version__
from thinkwell.engines.base import EngineState, state_of_pool
from thinkwell.http.scrapers import check_metrics
from thinkwell.http.site import TheSite
from thinkwell.http.wire.web import WebError

Status = Literal["ok", "starting", "degraded"]
STATUSES: dict[EngineState, Status] = {"ready": "ok", "starting": "starting", "down": "degraded"}


class EngineReport(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    state: EngineState
    reason: str | None
    restarts: int
    slots: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """``ok``: questions are answered. ``starting`` and ``degraded``: they wait in line, and why.
    ``checked`` is what was found of the model and its engines at the start."""

    status: Status
    version: str
    model: str
    engines: list[EngineReport]
    checked: list[str]
    running: int
    waiting: int


@get(
    "/health",
    summary="Is the site healthy",
    tags=["Operator"],
    responses={503: ResponseSpec(Health, description="Not answering now, with the reason")},
)
async def health(site: TheSite) -> Response[Health]:
    engines = []
    for engine in site.pool.engines:
        state = engine.health()
        engines.append(
            EngineReport(
                name=engine.name,
                state=state.state,
                reason=state.reason,
                restarts=state.restarts,
                slots=engine.slots,
            )
        )
    status = STATUSES[state_of_pool(site.pool.engines)]
    report = Health(
        status=status,
        version=__version__,
        model=site.pool.card.name,
        engines=engines,
        checked=list(site.pool.checked),
        running=site.pool.dispatcher.running,
        waiting=site.pool.dispatcher.waiting,
    )
    return Response(report, status_code=200 if status == "ok" else 503, headers={"cache-control": "no-store"})


@get(
    "/metrics",
    summary="Metrics for Prometheus",
    tags=["Operator"],
    media_type="text/plain",
    responses={
        401: ResponseSpec(WebError, description="A key that does not hold"),
        403: ResponseSpec(WebError, description="Not from a network that may, and not an operator's"),
    },
)
async def metrics(request: Request[Any, Any, Any], site: TheSite) -> Response[bytes]:
    """From the networks of the setting http.metrics_from; from elsewhere for operators, by their session or
    a key that is not bound to doors."""
    await check_metrics(request, site)
    return Response(site.watching.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
