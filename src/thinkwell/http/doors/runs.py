"""The operators' door to training runs: which there are, how far they are, what they measured.

Nothing is begun or ended here: a run is a command (docs/training.md), perhaps on another machine. Its
folder (docs/runs.md) is read in a thread, since a long one takes a while.
"""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from thinkwell.http.callers import operator_caller
from thinkwell.http.doors.operator import BAD, KEPT_BY_NOBODY
from thinkwell.http.site import TheSite
from thinkwell.http.wire.runs import OperatorTraining, RunShown, run_row, run_shown

Asking = Request[Any, Any, Any]


@get("/api/operator/training", summary="Training runs", tags=["Operator"], responses=BAD)
async def runs(request: Asking, site: TheSite) -> Response[OperatorTraining]:
    """Those in the folders of runs, the last written first."""
    await operator_caller(request, site)
    items = await asyncio.to_thread(site.runs.all, run_row)
    body = OperatorTraining(folders=[str(root) for root in site.runs.roots], items=items)
    return Response(body, headers=KEPT_BY_NOBODY)


@get("/api/operator/training/{name:str}", summary="One training run", tags=["Operator"], responses=BAD)
async def run(name: FromPath[str], request: Asking, site: TheSite) -> Response[RunShown]:
    """With curves of at most 400 points, and the tables of its evaluations."""
    await operator_caller(request, site)
    return Response(await asyncio.to_thread(site.runs.one, name, run_shown), headers=KEPT_BY_NOBODY)
