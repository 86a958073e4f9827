"""For the operator: is it healthy, and why not; metrics. No text and no person in either."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec

from thinkwell import __version__
from thinkwell.engines.base import EngineState, state_of_pool
from thinkwell.http.site import TheSite

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


@get("/metrics", summary="Metrics for Prometheus", tags=["Operator"], media_type="text/plain")
async def metrics(site: TheSite) -> Response[bytes]:
    return Response(site.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
