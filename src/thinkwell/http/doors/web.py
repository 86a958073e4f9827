"""The web app's door: reading a conversation, asking, following a turn, stopping it, ending its thought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.engine import Connection

from thinkwell import __version__
from thinkwell.conversations import shelf, thoughts
from thinkwell.conversations.tree import StoredMessage, Summary
from thinkwell.conversations.version import version
from thinkwell.errors import Conflict, LogExpired
from thinkwell.http.callers import known_caller, new_visitor, web_caller
from thinkwell.http.described import Streams
from thinkwell.http.doors.asking import AnyAsked, ask_once, wish_of
from thinkwell.http.doors.refusals import refusals
from thinkwell.http.etags import has_it, tag_of
from thinkwell.http.idempotency import REPLAYED, AsHeader, mark_of
from thinkwell.http.made_by import MADE_BY_AI_HEADERS
from thinkwell.http.news import as_of_now
from thinkwell.http.site import Site, TheSite
from thinkwell.http.sse import EventStream
from thinkwell.http.wire.files import site_files
from thinkwell.http.wire.web import (
    AskBody,
    SiteInfo,
    SiteModel,
    WireConversation,
    wire_message,
    wire_summary,
)
from thinkwell.ledger import book
from thinkwell.models.card import PlainDialect, PromptedDialect
from thinkwell.reasoning import budgets
from thinkwell.turns import stored_log
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.log import TurnLog
from thinkwell.turns.pool import Pool
from thinkwell.values.event import TurnEvent
from thinkwell.values.thinking import Effort

Asking = Request[Any, Any, Any]
BAD = refusals(
    {
        400: "Refused",
        403: "The request of a foreign page",
        404: "No such thing, or not yours",
        409: "Busy with something else",
        503: "Not now; it says when",
    }
)
ASKED = BAD | refusals(
    {
        410: "What was asked under that Idempotency-Key is no longer kept",
        413: "Too large",
        422: "Something else was asked under that Idempotency-Key",
    }
)
# What a person is offered, in rising order; the finer steps between them are for programs.
OFFERED: tuple[Effort, ...] = ("none", "low", "medium", "high", "max")
encoder = msgspec.json.Encoder()


@get("/api/site", summary="What the page shows of this site", tags=["Web"], responses={400: BAD[400]})
async def site_info(request: Asking, site: TheSite) -> Response[SiteInfo]:
    """Also where a new visitor gets the cookie by which the site knows them again."""
    card = site.pool.card
    context = site.pool.engines[0].context or card.context
    caller, cookies = await web_caller(request, site), []
    if caller is None:
        caller, cookie = new_visitor(request, site)
        cookies.append(cookie)
    model = SiteModel(
        id=card.name,
        title=card.title,
        thinks=not isinstance(card.dialect, PlainDialect),
        efforts=_efforts(site.pool),
        budgets=budgets.offered(card, context, site.quotas.rules(caller.tier).most_thought),
        licence=card.licence,
        context=context,
    )
    info = SiteInfo(
        name=site.settings.site.name,
        version=__version__,
        notice=site.settings.site.notice or None,
        languages=site.look.offered,
        model=model,
        files=site_files(site.settings.files, sees=card.images is True),
        max_body_bytes=site.settings.http.max_body_bytes,
        dictation=site.settings.site.dictation,
    )
    return Response(info, cookies=cookies)


def _efforts(pool: Pool) -> tuple[Effort, ...]:
    """No thought at all is offered only where the model, or its engines, can do without."""
    card = pool.card
    if isinstance(card.dialect, PlainDialect):
        return ()
    told = isinstance(card.dialect, PromptedDialect) or card.switches.off or "none" in card.switches.efforts
    without = told or all(engine.limits_thought for engine in pool.engines)
    return OFFERED if without else OFFERED[1:]


def _written(site: Site, owner: str) -> list[str]:
    """Messages of theirs that are being written."""
    return [
        live.request.message_id
        for live in site.turns.running
        if live.owner == owner and live.request.message_id
    ]


@get(
    "/api/conversations/{conversation_id:str}",
    summary="A conversation",
    tags=["Web"],
    description="With an `ETag`; 304 to who has that already (`If-None-Match`).",
    responses=BAD | {304: ResponseSpec(None, description="It is as you have it")},
    response_headers=MADE_BY_AI_HEADERS,
)
async def read_conversation(
    conversation_id: FromPath[str], request: Asking, site: TheSite
) -> Response[WireConversation]:
    caller = await known_caller(request, site)
    written = _written(site, caller.id)

    def read(connection: Connection) -> tuple[str, Summary | None, list[tuple[StoredMessage, bool]]]:
        tag = tag_of(version(connection, conversation_id, caller.id, written))
        if has_it(request, tag):
            return tag, None, []
        found = shelf.summary(connection, conversation_id, caller.id)
        return tag, found, thoughts.without(connection, conversation_id)

    tag, found, messages = await site.database.read(read)
    if found is None:
        return Response(None, status_code=304, headers={"etag": tag})  # type: ignore[arg-type]
    summary = wire_summary(found)
    told = WireConversation(
        id=found.id,
        title=found.title,
        head_id=found.head_id,
        updated_at=summary.updated_at,
        messages=[wire_message(message, has_thought=thought) for message, thought in messages],
    )
    return Response(told, headers={"etag": tag})


@post("/api/turns", summary="Ask", tags=["Web"], responses=ASKED)
async def ask(
    data: JSONBody[AskBody], request: Asking, site: TheSite, idempotency_key: AsHeader = None
) -> Response[AnyAsked]:
    wish = wish_of(data, site)
    caller = await web_caller(request, site)
    cookies = []
    if caller is None:
        caller, cookie = new_visitor(request, site)
        cookies.append(cookie)
    asked, again = await ask_once(site, caller, wish, await mark_of(request))
    return Response(asked, headers={REPLAYED: "true"} if again else None, cookies=cookies)


@post("/api/turns/{turn_id:str}/stop", status_code=204, summary="Stop a turn", tags=["Web"], responses=BAD)
async def stop_turn(turn_id: FromPath[str], request: Asking, site: TheSite) -> None:
    caller = await known_caller(request, site)
    live = site.turns.find(turn_id, caller.id)
    if live is not None:
        live.stop("person")
        return
    await site.database.read(lambda connection: book.owned_entry(connection, turn_id, caller.id))


@post(
    "/api/turns/{turn_id:str}/answer_now",
    status_code=204,
    summary="End the thought of a turn, so that its answer comes",
    tags=["Web"],
    responses=BAD,
)
async def answer_now(turn_id: FromPath[str], request: Asking, site: TheSite) -> None:
    """Whoever ended it is told by a `thought_ended` event; 409 when there is no thought to end any more."""
    await site.conductor.answer_now(await _running_turn(turn_id, request, site))


@post(
    "/api/turns/{turn_id:str}/think_on",
    status_code=204,
    summary="Let a shortened thought go on",
    tags=["Web"],
    responses=BAD,
)
async def think_on(turn_id: FromPath[str], request: Asking, site: TheSite) -> None:
    """A `lengthened` event says how far; 409 when no thought could go on for longer."""
    site.conductor.think_on(await _running_turn(turn_id, request, site))


async def _running_turn(turn_id: str, request: Asking, site: Site) -> LiveTurn:
    """Raises NotFound, or Conflict for a turn that ended so long ago that it is no longer in memory."""
    caller = await known_caller(request, site)
    live = site.turns.find(turn_id, caller.id)
    if live is None:
        await site.database.read(lambda connection: book.owned_entry(connection, turn_id, caller.id))
        raise Conflict("That turn has ended.")
    return live


@get(
    "/api/turns/{turn_id:str}/events",
    summary="Follow a turn",
    operation_class=Streams,
    description="Server-sent events, numbered. Resume with `Last-Event-ID` or `after`; 204: nothing follows.",
    tags=["Web"],
    responses=BAD | refusals({410: "The log is no longer kept"}),
)
async def follow_turn(
    turn_id: FromPath[str],
    request: Asking,
    site: TheSite,
    after: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    last_event_id: Annotated[str | None, HeaderParameter(name="last-event-id", max_length=20)] = None,
) -> ASGIApp:
    caller = await known_caller(request, site)
    seen = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
    live = site.turns.find(turn_id, caller.id)
    log = live.log if live is not None else await _stored(site, turn_id, caller.id)
    if log.ended and seen >= log.last_seq:
        return _nothing_follows

    def prints(seq: int, events: Sequence[TurnEvent]) -> bytes:
        now = as_of_now(log, events)
        return b"".join([_print(number, event) for number, event in enumerate(now, start=seq + 1)])

    return EventStream(log, seen, prints, _reader_gone)


async def _stored(site: Site, turn_id: str, owner: str) -> TurnLog:
    """The log of a turn that is no longer in memory. Raises NotFound or LogExpired."""

    def read(connection: Connection) -> stored_log.Told | None:
        book.owned_entry(connection, turn_id, owner)
        return None if shelf.hides(connection, turn_id) else stored_log.read(connection, turn_id)

    told = await site.database.read(read)
    if told is None or not told.events:
        raise LogExpired(
            "The events of this turn are no longer kept. Read the conversation instead, if it was stored."
        )
    log = TurnLog()
    for event in told.events:
        log.add(event)
    log.publish(log.last_seq)
    return log


def _print(seq: int, event: TurnEvent) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (seq, encoder.encode(event))


def _reader_gone() -> None:
    """Nothing happens: the turn goes on, and the reader may come back."""


async def _nothing_follows(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
