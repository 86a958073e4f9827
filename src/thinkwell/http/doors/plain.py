"""The plain way in: pages that need no script, for whoever has none. Slower, since no work can be proven
there: who asks here shares the part of their network.

A question is sent by a form, and answered with the address of its conversation (303), where the answer
comes as HTML while it is made: to load that page again reads on, and never asks twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape
from typing import Any, Literal, cast
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.types import ASGIApp
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.tree import StoredMessage, Summary, path_to
from thinkwell.errors import BadRequest, Conflict, Forbidden, OverQuota, ThinkwellError, TooLarge
from thinkwell.http import plain_page as html
from thinkwell.http.callers import check_same_origin, known_caller, new_visitor, web_caller
from thinkwell.http.errors import as_ours, error_reply
from thinkwell.http.pages import SECURITY_HEADERS
from thinkwell.http.plain_page import Page
from thinkwell.http.plain_style import STYLE
from thinkwell.http.plain_telling import Telling, moment
from thinkwell.http.site import Site, TheSite
from thinkwell.http.sse import EventStream
from thinkwell.http.words import language_of
from thinkwell.ledger import book
from thinkwell.turns.ask import Ask
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller

Asking = Request[Any, Any, Any]
MOST_RECENT = 10
A_MINUTE_S = 60
FORM = "application/x-www-form-urlencoded"
STREAM_HEADERS = [(name.encode(), value.encode()) for name, value in html.HEADERS.items()]


class PlainForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``do`` other than to ask is done to ``turn``."""

    do: Literal["ask", "answer_now", "stop"] = "ask"
    question: str = ""
    conversation: str = ""
    turn: str = ""
    token: str = ""
    lang: str = ""


class _Stale(Forbidden):
    """Of a form that nobody can say is ours."""


@get("/plain", include_in_schema=False)
async def plain(request: Asking, site: TheSite) -> ASGIApp:
    return await _reply(request, site, partial(_entry, request, site))


@get("/plain/{conversation_id:str}", include_in_schema=False)
async def conversation(conversation_id: FromPath[str], request: Asking, site: TheSite) -> ASGIApp:
    return await _reply(request, site, partial(_conversation, conversation_id, request, site))


@post("/plain", include_in_schema=False)
async def ask(request: Asking, site: TheSite) -> ASGIApp:
    return await _reply(request, site, partial(_do, request, site))


@get("/plain.css", include_in_schema=False)
async def style(site: TheSite) -> Response[str]:
    css = STYLE + site.look.plain_colours
    return Response(css, media_type="text/css", headers={"cache-control": "no-cache"} | SECURITY_HEADERS)


async def _reply(
    request: Asking, site: Site, answer: Callable[[Page], Awaitable[ASGIApp]], page: Page | None = None
) -> ASGIApp:
    """Whatever goes wrong is told as a page as well."""
    page = page or _page(site, request, request.query_params.get("lang"))
    try:
        return await answer(page)
    except Exception as problem:  # noqa: BLE001  the boundary of a request: any error becomes an answer
        return _refusal(request, page, as_ours(problem, request.url.path))


def _page(site: Site, request: Asking, lang: str | None) -> Page:
    language = language_of(lang, request.headers.get("accept-language", ""), site.look.offered)
    return Page(
        site=site.settings.site.name,
        notice=site.settings.site.notice,
        language=language,
        chosen=lang in site.look.offered,
        offered=site.look.offered,
        icon=site.look.icon,
    )


def _refusal(request: Asking, page: Page, problem: ThinkwellError, form: str = "") -> ASGIApp:
    status, headers, _ = error_reply(request.url.path, problem)
    word = "plain.stale" if isinstance(problem, _Stale) else problem.code
    back = f'<p><a href="{page.link("/plain")}">{escape(page.words["plain.back"])}</a></p>'
    after_s = problem.retry_after_s
    # Sooner than in a minute it is another answer of theirs that is waited for, and nobody knows that well.
    again = moment(after_s) if isinstance(problem, OverQuota) and after_s and after_s > A_MINUTE_S else ""
    said = html.problem(page, word, problem.message, again)
    body = html.head(page, page.words["plain.title"]) + said + (form or back) + html.foot(page)
    return _whole(request, body, status=status, headers=headers)


def _whole(
    request: Asking,
    body: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    cookies: list[Cookie] | None = None,
) -> ASGIApp:
    page: Response[bytes] = Response(
        body.encode("utf-8", "replace"),
        status_code=status,
        headers=html.HEADERS | (headers or {}),
        cookies=cookies,
        media_type=html.HEADERS["content-type"],
    )
    return cast(ASGIApp, page.to_asgi_response(None, request))


async def _entry(request: Asking, site: Site, page: Page) -> ASGIApp:
    """Also where a new visitor gets the cookie by which the site knows them again."""
    cookies: list[Cookie] = []
    found: list[Summary] = []
    caller = await web_caller(request, site)
    if caller is None:
        caller, cookie = new_visitor(request, site)
        cookies.append(cookie)
    else:
        owner = caller.id
        found = await site.database.read(lambda connection: shelf.page(connection, owner, None))
    page = _signed(site, page, caller)
    words = page.words
    body = (
        html.head(page, words["welcome.title"])
        + html.note(words["plain.lead"])
        + _share(site, page, caller)
        + html.ask_form(page)
        + html.recent(page, found[:MOST_RECENT])
        + html.foot(page)
    )
    return _whole(request, body, cookies=cookies)


def _signed(site: Site, page: Page, caller: Caller) -> Page:
    return msgspec.structs.replace(page, token=site.visitors.form_token(caller))


def _share(site: Site, page: Page, caller: Caller) -> str:
    shares = caller.kind == "visitor" and caller.group is not None
    return html.note(page.words["plain.share"]) if shares and site.visitors.is_asked_for_work(caller) else ""


async def _conversation(conversation_id: str, request: Asking, site: Site, page: Page) -> ASGIApp:
    """With an answer that is still being made, the page ends when it does."""
    caller = await known_caller(request, site)
    page = _signed(site, page, caller)

    def read(connection: Connection) -> tuple[Summary, list[StoredMessage]]:
        found = shelf.summary(connection, conversation_id, caller.id)
        return found, path_to(shelf.tree(connection, conversation_id), found.head_id)

    found, path = await site.database.read(read)
    after = html.ask_form(page, conversation_id) + html.foot(page)
    before = html.head(page, found.title or page.words["nav.untitled"])
    live = _live(site, path, caller)
    if live is None:
        return _whole(request, before + html.told(page, path) + after)
    before += (
        html.told(page, path[:-1])
        + _share(site, page, live.request.caller)
        + html.answer_begins(page)
        + html.verbs_form(page, conversation_id, live.request.id)
    )
    telling = Telling(page, live.log, before, after)
    return EventStream(live.log, 0, telling.print, _reader_gone, telling.quiet, STREAM_HEADERS)


def _live(site: Site, path: list[StoredMessage], caller: Caller) -> LiveTurn | None:
    """The turn that writes the last message; None when it has ended."""
    last = path[-1] if path else None
    if last is None or last.status != "streaming" or last.turn_id is None:
        return None
    return site.turns.find(last.turn_id, caller.id)


def _reader_gone() -> None:
    """Nothing happens: the turn goes on, and the reader may come back."""


async def _do(request: Asking, site: Site, page: Page) -> ASGIApp:
    form = await _form(request)
    page = _page(site, request, form.lang or None)
    return await _reply(request, site, partial(_done, request, site, form), page)


async def _form(request: Asking) -> PlainForm:
    """Raises BadRequest, also for fields that are not in our forms, or are there twice."""
    if not request.headers.get("content-type", "").startswith(FORM):
        raise BadRequest("Send the fields of the form on this page.")
    fields = list((await request.form()).multi_items())
    if len(dict(fields)) < len(fields):
        raise BadRequest("A field of the form is there twice.")
    try:
        form = msgspec.convert(dict(fields), PlainForm)
    except msgspec.ValidationError as problem:
        raise BadRequest(f"That is not the form of this page: {problem}.") from problem
    return msgspec.structs.replace(form, question=form.question.replace("\r\n", "\n").strip())


async def _done(request: Asking, site: Site, form: PlainForm, page: Page) -> ASGIApp:
    caller = await web_caller(request, site)
    _check_ours(request, site, caller, form.token)
    cookies: list[Cookie] = []
    if form.do != "ask":
        caller = await known_caller(request, site)
        await _tell(site, caller, form)
        return _see(request, page, form.conversation, cookies)
    if caller is None:
        caller, cookie = new_visitor(request, site)
        cookies.append(cookie)
    try:
        conversation_id = await _asked(site, caller, form)
    except ThinkwellError as problem:
        # What was typed is not lost.
        again = html.ask_form(_signed(site, page, caller), form.conversation, form.question)
        return _refusal(request, page, problem, again)
    return _see(request, page, conversation_id, cookies)


def _check_ours(request: Asking, site: Site, caller: Caller | None, token: str) -> None:
    """By what the browser says of the page that the form is on; one that says nothing must have been given
    the form by us. Raises Forbidden."""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        check_same_origin(request)
    elif caller is None or not site.visitors.form_holds(token, caller):
        raise _Stale("This form is too old, or it came from another page. Ask again here.")


async def _asked(site: Site, caller: Caller, form: PlainForm) -> str:
    """The conversation that the question is in. Raises Refused."""
    if not form.question:
        raise BadRequest("The question is empty.", param="question")
    if len(form.question) > html.MOST_QUESTION:
        raise TooLarge(f"A question has at most {html.MOST_QUESTION} characters.", param="question")
    head: str | None = None
    if form.conversation:
        found = await site.database.read(
            lambda connection: shelf.summary(connection, form.conversation, caller.id)
        )
        head = found.head_id
    asked = await site.asker.ask(
        site.tasks,
        caller,
        Ask(content=form.question, conversation_id=form.conversation or None, parent_id=head),
    )
    return asked.conversation_id


async def _tell(site: Site, caller: Caller, form: PlainForm) -> None:
    """Raises NotFound. A turn that is over, or past its thought, is left as it is."""
    live = site.turns.find(form.turn, caller.id)
    if live is None:
        await site.database.read(lambda connection: book.owned_entry(connection, form.turn, caller.id))
    elif form.do == "stop":
        live.stop("person")
    else:
        try:
            await site.conductor.answer_now(live)
        except Conflict:
            return


def _see(request: Asking, page: Page, conversation_id: str, cookies: list[Cookie]) -> ASGIApp:
    path = f"/plain/{quote(conversation_id, safe='')}" if conversation_id else "/plain"
    where = f"{path}?lang={page.language}" if page.chosen else path
    return _whole(request, "", status=303, headers={"location": where}, cookies=cookies)
