"""How busy the site is, for everybody: no cookie, no person, the same answer for all."""

from __future__ import annotations

import math

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec

from thinkwell.engines.base import state_of_pool
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.operator import MS_US
from thinkwell.http.wire.status import Status, StatusNow, Wait, Word, wait_of
from thinkwell.http.wire.web import WebError
from thinkwell.ledger.histogram import merged
from thinkwell.turns.run import now_us

HEADERS = {"cache-control": "public, max-age=10", "access-control-allow-origin": "*"}
HALF = 0.5
SENTENCES: dict[Word, str] = {
    "quiet": "There is room: an answer starts at once.",
    "busy": "Many are asking, but nobody has to wait.",
    "full": "People wait in line.",
    "starting": "The model is being loaded; questions wait for it in line.",
    "down": "The model is not running; questions wait for it in line.",
}


@get(
    "/api/status",
    summary="How busy the site is now and was by hour",
    tags=["Web"],
    responses={503: ResponseSpec(WebError, description="Not now; it says when")},
)
async def status(site: TheSite) -> Response[Status]:
    """Of the last seven days. Of an hour in which fewer than five turns ended nothing is told, and of its
    tiers only where that holds of none of them."""
    at = now_us()
    hours, week = await site.watching.week.read(at)
    body = Status(
        at=at // MS_US,
        name=site.settings.site.name,
        model=site.pool.card.name,
        now=_now(site),
        energy_measured=site.power.measured,
        hours=hours,
        week=week,
    )
    return Response(body, headers=HEADERS)


def _now(site: Site) -> StatusNow:
    watch, dispatcher = site.watching.watch, site.pool.dispatcher
    slots = sum(engine.slots for engine in site.pool.engines)
    wait = wait_of(merged(watch.waits().values()), merged(watch.first_tokens().values()))
    word = _word(site, slots)
    sentence = SENTENCES[word]
    if word == "full" and wait is not None:
        sentence = f"People wait in line, of late {_seconds(wait)}."
    latest = watch.samples[-1] if watch.samples else None
    return StatusNow(
        word=word,
        sentence=sentence,
        running=dispatcher.running,
        waiting=dispatcher.waiting,
        slots=slots,
        utilisation=round(watch.utilisation(), 2),
        tokens_per_s=0.0 if latest is None else round(latest.generated_per_s),
        wait=wait,
    )


def _word(site: Site, slots: int) -> Word:
    state = state_of_pool(site.pool.engines)
    if state != "ready":
        return "starting" if state == "starting" else "down"
    dispatcher = site.pool.dispatcher
    if dispatcher.waiting:
        return "full"
    return "quiet" if dispatcher.running < HALF * slots else "busy"


def _seconds(wait: Wait) -> str:
    seconds = math.ceil(wait.p50_ms / 1000)
    return "about a second" if seconds <= 1 else f"about {seconds} seconds"
