"""The operators' door to the site itself: how it is now and was, what failed, settings, engines. Members have
a door of their own (members.py), and so has who is kept out (blocked.py). No text and no person is here."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.engine import Connection

from thinkwell.errors import NotFound
from thinkwell.http.callers import operator_caller
from thinkwell.http.site import Site, TheSite
from thinkwell.http.wire.operator import (
    MS_US,
    Counts,
    DrainBody,
    EngineNow,
    FailureRow,
    OperatorDays,
    OperatorErrors,
    OperatorNow,
    OperatorSettings,
    PowerNow,
    SettingShown,
    Slots,
    Speed,
    crowd_now,
    samples_of,
    sums_row,
    times,
)
from thinkwell.http.wire.web import WebError
from thinkwell.ledger import hours
from thinkwell.ledger.economics import FullHour, break_even, full_income
from thinkwell.ledger.histogram import merged
from thinkwell.ledger.hours import Sums
from thinkwell.ledger.spans import By, Part, parts, span_of
from thinkwell.settings.offpeak import zone_of
from thinkwell.settings.shown import shown
from thinkwell.turns.run import now_us
from thinkwell.turns.watch import EVERY_S, HOUR_S, RECENT_S, Watch, all_of

Asking = Request[Any, Any, Any]
BAD = {
    400: ResponseSpec(WebError, description="Refused"),
    401: ResponseSpec(WebError, description="Nobody is signed in"),
    403: ResponseSpec(WebError, description="Not an operator, or the request of a foreign page"),
    404: ResponseSpec(WebError, description="No such thing"),
    503: ResponseSpec(WebError, description="Not now; it says when"),
}
KEPT_BY_NOBODY = {"cache-control": "no-store"}


@get("/api/operator/now", summary="The site as it is now", tags=["Operator"], responses=BAD)
async def now(
    request: Asking, site: TheSite, since: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0
) -> Response[OperatorNow]:
    """With the samples that were taken after `since`, the `at` of the last one that is known."""
    await operator_caller(request, site)
    watch = site.watching.watch
    crowds, waits, first_tokens = watch.crowds(), watch.waits(), watch.first_tokens()
    latest = watch.samples[-1] if watch.samples else watch.look()
    everybody = all_of(crowds.values())
    body = OperatorNow(
        at=now_us() // MS_US,
        started_at=site.started_at * 1000,
        model=site.pool.card.name,
        all=crowd_now(everybody),
        tiers={tier: crowd_now(crowd) for tier, crowd in crowds.items()},
        slots=Slots(
            all=sum(engine.slots for engine in site.pool.engines),
            used=site.pool.dispatcher.running,
            utilisation=round(watch.utilisation(), 4),
        ),
        load=round(watch.parts.load(), 3),
        tokens_per_s=Speed(generated=round(latest.generated_per_s, 1), prompt=round(latest.prompt_per_s, 1)),
        first_token=times(first_tokens, merged(first_tokens.values())),
        wait=times(waits, merged(waits.values())),
        last_5_minutes=_counts(watch, RECENT_S),
        last_hour=_counts(watch, HOUR_S),
        engines=[engine_now(site, engine.name) for engine in site.pool.engines],
        power=_power(site),
        samples=samples_of(watch.since(since * MS_US + MS_US - 1), EVERY_S),
    )
    return Response(body, headers=KEPT_BY_NOBODY)


def _counts(watch: Watch, seconds: float) -> Counts:
    return Counts(failed=dict(watch.codes(seconds)), refused=dict(watch.refusals(seconds)))


def _power(site: Site) -> PowerNow:
    power = site.power
    kept = power.hours
    return PowerNow(
        watts=None if power.watts is None else round(power.watts, 1),
        measured=power.measured,
        about=power.about,
        utilisation=round(kept[-1].utilisation, 4) if kept else None,
    )


def engine_now(site: Site, name: str) -> EngineNow:
    """Raises NotFound."""
    engine = next((engine for engine in site.pool.engines if engine.name == name), None)
    if engine is None:
        raise NotFound("There is no such engine.")
    health, replica = engine.health(), site.watching.watch.parts.replicas[name]
    return EngineNow(
        name=name,
        state=health.state,
        reason=health.reason,
        restarts=health.restarts,
        slots=engine.slots,
        running=len(replica.running),
        draining=replica.draining,
    )


@get("/api/operator/days", summary="What was used, cost and waited", tags=["Operator"], responses=BAD)
async def days(
    request: Asking,
    site: TheSite,
    by: FromQuery[By] = "day",
    begin: Annotated[str | None, QueryParameter(name="from", max_length=10)] = None,
    end: Annotated[str | None, QueryParameter(name="to", max_length=10)] = None,
) -> Response[OperatorDays]:
    """Of the days `from` and `to` and those between (such as 2026-11-27, in the tariff's time zone); without
    them, of the last 30. Days and hours without a turn are there too."""
    await operator_caller(request, site)
    tariff, at = site.settings.tariff, now_us()
    await hours.add_up(site.database, at)

    def read(connection: Connection) -> tuple[list[Part], Sums]:
        span = span_of(begin, end, zone_of(tariff.time_zone), at, by)
        found = hours.read(connection, span.begin_us, span.end_us)
        return parts(found, span, by, at), hours.add(one.sums for one in found)

    items, total = await site.database.read(read)
    body = OperatorDays(
        by=by,
        zone=tariff.time_zone,
        currency=tariff.currency,
        items=[sums_row(part.name, part.sums, part.at) for part in items],
        total=sums_row("", total),
        break_even=_break_even(site, total),
    )
    return Response(body, headers=KEPT_BY_NOBODY)


def _break_even(site: Site, total: Sums) -> float | None:
    speed = site.power.full_speed
    if speed is None:
        return None
    income = full_income(total.due, total.service, speed.service)
    found = break_even(FullHour(income=income, busy=speed.busy, rest=speed.rest), site.settings.tariff)
    return None if found is None else round(float(found), 4)


@get("/api/operator/errors", summary="Turns that failed lately", tags=["Operator"], responses=BAD)
async def errors(request: Asking, site: TheSite) -> Response[OperatorErrors]:
    await operator_caller(request, site)
    watch = site.watching.watch
    items = [
        FailureRow(
            at=failure.at // MS_US,
            code=failure.code,
            model=failure.model,
            tier=failure.tier,
            engine=failure.engine,
        )
        for failure in reversed(watch.failures)
    ]
    body = OperatorErrors(
        items=items, last_5_minutes=_counts(watch, RECENT_S), last_hour=_counts(watch, HOUR_S)
    )
    return Response(body, headers=KEPT_BY_NOBODY)


@get("/api/operator/settings", summary="Every setting, and its source", tags=["Operator"], responses=BAD)
async def settings(request: Asking, site: TheSite) -> Response[OperatorSettings]:
    await operator_caller(request, site)
    items = [
        SettingShown(name=one.name, value=one.value, default=one.default, source=one.source, about=one.about)
        for one in shown(site.settings)
    ]
    return Response(OperatorSettings(items=items), headers=KEPT_BY_NOBODY)


@post(
    "/api/operator/engines/{name:str}/drain",
    status_code=200,
    summary="Give an engine no more turns, or again",
    tags=["Operator"],
    responses=BAD,
)
async def drain(name: FromPath[str], data: JSONBody[DrainBody], request: Asking, site: TheSite) -> EngineNow:
    """Turns that run there come to their end. It holds until the site is stopped."""
    await operator_caller(request, site)
    engine_now(site, name)
    site.pool.dispatcher.drain(name, on=data.on)
    return engine_now(site, name)
