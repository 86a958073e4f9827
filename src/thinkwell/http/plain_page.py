"""The plain page as HTML that needs no script: its frame, its form, what was asked and told. Everything that
somebody wrote, the model above all, is text and escaped. Knows no request and no turn that runs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from urllib.parse import urlencode

import msgspec

from thinkwell.conversations.tree import StoredMessage, Summary
from thinkwell.http.look import OUR_ICON
from thinkwell.http.pages import CONTENT_SECURITY_POLICY, SECURITY_HEADERS
from thinkwell.http.plain_receipt import ending, receipt_line
from thinkwell.http.words import LANGUAGES, TAGS, Words, direction_of
from thinkwell.values.file import File

MOST_QUESTION = 100_000  # as the app's (http/wire/web.py)
# A form must be sent to somewhere, and says then from which page it came.
POLICY = (
    CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'")
    .replace("script-src 'self'", "script-src 'none'")
    .replace("connect-src 'self'", "connect-src 'none'")
)
HEADERS = SECURITY_HEADERS | {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "content-type": "text/html; charset=utf-8",
    "x-accel-buffering": "no",
}


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """``language`` the page is in; ``chosen``, if a link chose it, so that links and forms keep it. ``icon``:
    the link to it. ``token`` shows that a form is ours."""

    site: str
    notice: str
    language: str
    chosen: bool
    offered: tuple[str, ...] = tuple(LANGUAGES)
    icon: str = OUR_ICON
    token: str = ""

    @property
    def words(self) -> Words:
        return LANGUAGES[self.language][1]

    def link(self, path: str) -> str:
        return escape(f"{path}?{urlencode({'lang': self.language})}" if self.chosen else path)


def head(page: Page, title: str) -> str:
    words = page.words
    return (
        f'<!doctype html><html lang="{TAGS[page.language]}" dir="{direction_of(page.language)}">'
        '<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · {escape(page.site)}</title>"
        f'{page.icon}<link rel="stylesheet" href="/plain.css">'
        f'</head><body><header><p class="site"><a href="{page.link("/plain")}">{escape(page.site)}</a></p>'
        f'<p class="small">{escape(words["composer.notice"])}</p></header><main><h1>{escape(title)}</h1>\n'
    )


def foot(page: Page) -> str:
    words = page.words
    languages = "".join(
        f'<li><a href="/plain?lang={code}" lang="{TAGS[code]}">{escape(LANGUAGES[code][0])}</a></li>'
        for code in page.offered
    )
    notice = f"<p>{escape(page.notice)}</p>" if page.notice else ""
    return (
        f'</main><footer>{notice}<p><a href="/">{escape(words["plain.full"])}</a></p>'
        f'<nav aria-label="{escape(words["plain.languages"])}"><ul>{languages}</ul></nav>'
        "</footer></body></html>\n"
    )


def ask_form(page: Page, conversation_id: str = "", question: str = "") -> str:
    """Begins a conversation, or goes on with one."""
    words = page.words
    label = words["plain.more"] if conversation_id else words["composer.label"]
    # A line break after <textarea> is not part of its text.
    return (
        f'<form class="ask" method="post" action="/plain">{_hidden(page, conversation=conversation_id)}'
        f'<label for="question">{escape(label)}</label><textarea id="question" name="question" rows="4"'
        f' required maxlength="{MOST_QUESTION}" dir="auto">\n{escape(question)}</textarea>'
        f"<button>{escape(words['action.send'])}</button></form>"
    )


def verbs_form(page: Page, conversation_id: str, turn_id: str) -> str:
    """What can be said to a turn that runs."""
    words = page.words
    buttons = "".join(
        f'<button name="do" value="{verb}">{escape(words[word])}</button>'
        for verb, word in (("answer_now", "action.answerNow"), ("stop", "action.stop"))
    )
    hidden = _hidden(page, conversation=conversation_id, turn=turn_id)
    return f'<form class="verbs" method="post" action="/plain">{hidden}{buttons}</form>'


def _hidden(page: Page, **values: str) -> str:
    fields = values | {"token": page.token, "lang": page.language if page.chosen else ""}
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
        if value
    )


def recent(page: Page, found: Sequence[Summary]) -> str:
    """Links to conversations; nothing for none."""
    if not found:
        return ""
    words = page.words
    items = "".join(
        f'<li><a dir="auto" href="{page.link(f"/plain/{one.id}")}">'
        f"{escape(one.title or words['nav.untitled'])}</a></li>"
        for one in found
    )
    title = escape(words["plain.recent"])
    return f'<nav aria-labelledby="recent"><h2 id="recent">{title}</h2><ul>{items}</ul></nav>'


def told(page: Page, messages: Sequence[StoredMessage]) -> str:
    """What was asked and answered, as it is stored."""
    shown: list[str] = []
    for role, found in groupby(messages, key=lambda message: message.role):
        if role == "user":
            shown += (question(page, message.content, message.files) for message in found)
        else:
            shown.append(_answer(page, list(found)))
    return "".join(shown)


def question(page: Page, text: str, files: Sequence[File] = ()) -> str:
    """Of files the names."""
    names = "".join(f'<p class="small"><bdi>{escape(file.name)}</bdi></p>' for file in files)
    return (
        f'<article class="asked"><h2>{escape(page.words["turn.you"])}</h2>'
        f'<div class="text" dir="auto">{escape(text)}</div>{names}</article>'
    )


def answer_begins(page: Page) -> str:
    return f'<article class="answer"><h2>{escape(page.words["turn.site"])}</h2>\n'


def thought_begins(page: Page, *, opened: bool) -> str:
    """The box is scrolled by keys, too, and so has a name."""
    name = escape(page.words["receipt.row.thought"])
    return (
        f'<details class="thought"{" open" if opened else ""}><summary>{name}</summary>'
        f'<div class="box" tabindex="0" role="region" aria-label="{name}"><div class="text" dir="auto">'
    )


THOUGHT_ENDS = "</div></div></details>\n"
ANSWER_TEXT_BEGINS, ANSWER_TEXT_ENDS = '<div class="text said" dir="auto">', "</div>\n"
ANSWER_ENDS = "</article>\n"


def note(text: str) -> str:
    return f'<p class="small">{escape(text)}</p>\n'


def _answer(page: Page, parts: Sequence[StoredMessage]) -> str:
    """One that was gone on with is one text, with a receipt for each part."""
    words = page.words
    *before, last = parts
    shown = [answer_begins(page)]
    if last.left_out:
        shown.append(note(words["plain.leftOut"]))
    for part in parts:
        if part.reasoning:
            shown += [thought_begins(page, opened=False), escape(part.reasoning), THOUGHT_ENDS]
    content = "".join(part.content for part in parts)
    if content:
        shown += [ANSWER_TEXT_BEGINS, escape(content), ANSWER_TEXT_ENDS]
    shown += (receipt_line(words, part.ending.receipt) for part in before if part.ending is not None)
    if last.ending is not None:
        shown.append(ending(words, last.ending, nothing=not content))
    elif last.status == "streaming":
        shown.append(note(words["plain.running"]))
    return "".join([*shown, ANSWER_ENDS])


def problem(page: Page, code: str, message: str = "", again: str = "") -> str:
    """Why something was not done; ``message`` is the site's own sentence, in English. ``again`` is when it
    may be asked again, where that is known."""
    words = page.words
    sentence = words.get(code) or words.get(f"error.{code}", words["error.other"])
    if again:
        sentence = words["error.againAt"].format(problem=sentence, when=again)
    detail = f'<small lang="en">{escape(message)}</small>' if message and message != sentence else ""
    return f'<p class="problem" role="alert">{escape(sentence)}{detail}</p>\n'
