"""One's own statement, for the page: receipts newest first, added up, and all of them as a file."""

from __future__ import annotations

import asyncio
from datetime import UTC
from functools import partial
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.types import ASGIApp
from sqlalchemy.engine import Connection

from thinkwell.http.callers import web_caller
from thinkwell.http.described import IsCsv, IsJsonFile
from thinkwell.http.files import as_file
from thinkwell.http.site import Site, TheSite
from thinkwell.http.statement_files import Pages, csv_pieces, json_pieces
from thinkwell.http.wire.receipts import (
    Filter,
    ReceiptPage,
    Summary,
    cursor,
    parse_cursor,
    wire_group,
    wire_line,
)
from thinkwell.http.wire.web import WebError, iso
from thinkwell.ledger import statement
from thinkwell.ledger.statement import MOST_SUMS, By, Chosen, Group, Line, Place, Sums
from thinkwell.settings.offpeak import zone_of
from thinkwell.turns.run import now_us

Asking = Request[Any, Any, Any]
BAD = {
    400: ResponseSpec(WebError, description="Refused"),
    403: ResponseSpec(WebError, description="Kept out by an operator"),
    503: ResponseSpec(WebError, description="Not now; it says when"),
}
# Owns nothing: what is asked for somebody who is not known.
NOBODY = ""


async def asked_filter(
    first: Annotated[str | None, QueryParameter(name="from", max_length=10)] = None,
    last: Annotated[str | None, QueryParameter(name="to", max_length=10)] = None,
    model: Annotated[str | None, QueryParameter(max_length=200)] = None,
    conversation: Annotated[str | None, QueryParameter(max_length=64)] = None,
    key: Annotated[str | None, QueryParameter(max_length=64)] = None,
    zone: Annotated[str, QueryParameter(max_length=64)] = "UTC",
) -> Filter:
    """The days ``from`` and ``to`` are both included, in ``zone``."""
    return Filter(first=first, last=last, model=model, conversation=conversation, key=key, zone=zone)


FILTERED = {"asked": Provide(asked_filter)}
Asked = NamedDependency[Filter]


async def _chosen(asked: Filter, request: Asking, site: Site) -> Chosen:
    """Raises BadRequest."""
    caller = await web_caller(request, site)
    # Zones are read from the disk.
    return await asyncio.to_thread(asked.chosen, NOBODY if caller is None else caller.id)


@get(
    "/api/receipts",
    summary="Receipts of one's own turns, newest first",
    description="`from` and `to` are days, both included, in `zone`. `before` is `next` of the page before.",
    tags=["Web"],
    responses=BAD,
    dependencies=FILTERED,
)
async def list_receipts(
    asked: Asked,
    request: Asking,
    site: TheSite,
    before: Annotated[str | None, QueryParameter(max_length=100)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> ReceiptPage:
    place = parse_cursor(before)
    chosen = await _chosen(asked, request, site)
    found = await site.database.read(lambda connection: statement.page(connection, chosen, place, limit + 1))
    shown = found[:limit]
    following = cursor(shown[-1].place) if len(found) > limit else None
    return ReceiptPage(items=[wire_line(line) for line in shown], next=following)


@get(
    "/api/receipts/summary",
    summary="Receipts of one's own turns, added up",
    description="By day (newest first), model, conversation or key (dearest first); at most 1,000 groups.",
    tags=["Web"],
    responses=BAD,
    dependencies=FILTERED,
)
async def summary(
    asked: Asked, request: Asking, site: TheSite, by: Annotated[By, QueryParameter()] = "day"
) -> Summary:
    chosen = await _chosen(asked, request, site)

    def read(connection: Connection) -> tuple[Sums, list[Group]]:
        whole = statement.total(connection, chosen)
        if by == "day":
            zone = UTC if asked.zone == "UTC" else zone_of(asked.zone)
            return whole, statement.days(connection, chosen, zone)
        return whole, statement.groups(connection, chosen, by)

    whole, groups = await site.database.read(read)
    return Summary(
        by=by,
        zone=asked.zone,
        currency=site.settings.tariff.currency,
        total=whole,
        items=[wire_group(group) for group in groups[:MOST_SUMS]],
        more=len(groups) > MOST_SUMS,
    )


@get(
    "/api/receipts.csv",
    operation_class=IsCsv,
    summary="All receipts of one's own turns as a table",
    description="RFC 4180 in UTF-8; amounts are numbers of the currency. Filtered as the list is.",
    tags=["Web"],
    responses=BAD,
    dependencies=FILTERED,
)
async def receipts_csv(asked: Asked, request: Asking, site: TheSite) -> ASGIApp:
    pages = _pages(await _chosen(asked, request, site), site)
    return as_file("receipts.csv", b"text/csv; charset=utf-8; header=present", csv_pieces(pages))


@get(
    "/api/receipts.json",
    operation_class=IsJsonFile,
    summary="All receipts of one's own turns, as they were signed",
    description="`site`, `made_at` and `items`, as the list has them. Filtered as the list is.",
    tags=["Web"],
    responses=BAD,
    dependencies=FILTERED,
)
async def receipts_json(asked: Asked, request: Asking, site: TheSite) -> ASGIApp:
    pages = _pages(await _chosen(asked, request, site), site)
    pieces = json_pieces(pages, site.settings.site.name, iso(now_us()))
    return as_file("receipts.json", b"application/json", pieces)


def _pages(chosen: Chosen, site: Site) -> Pages:
    async def pages(before: Place | None, limit: int) -> list[Line]:
        return await site.database.read(partial(_page, chosen, before, limit))

    return pages


def _page(chosen: Chosen, before: Place | None, limit: int, connection: Connection) -> list[Line]:
    return statement.page(connection, chosen, before, limit)
