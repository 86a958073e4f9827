"""The web app's own shapes. Times are ISO 8601 in UTC, so that a browser needs no arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thinkwell.conversations.tree import Status, StoredMessage, Summary
from thinkwell.http.wire.files import FileBodies, SiteFiles, WireFile, wire_file
from thinkwell.http.wire.thinking import MOST_BUDGET
from thinkwell.values.event import Failed, Finished, FinishReason, Stopped, StoppedBy
from thinkwell.values.receipt import Receipt
from thinkwell.values.thinking import Effort

MOST_CHARACTERS = 100_000
# Of what was said before in a temporary conversation: messages, and characters of all of them together.
MOST_HISTORY = 1_000
MOST_HISTORY_CHARACTERS = 1_000_000
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class SaidBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was said before in a temporary conversation. Nobody else has a voice in it."""

    role: Literal["user", "assistant"]
    text: Annotated[str, Meta(max_length=MOST_CHARACTERS)]
    files: FileBodies = []


class AskBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``content`` is the question; ``text`` is another name for it; ``files`` come with it, and may be all of
    it. ``effort`` says how much is to be thought (None: as the site does), ``budget`` the most tokens of it.
    ``full_thought`` asks not to have the thought shortened, whoever waits.

    ``go_on`` is the id of an answer that is not complete and is to be gone on with; in a temporary
    conversation any text: there it is the last one of the history.

    ``temporary``: no word of it is stored; what was said before comes along as ``history``.
    """

    content: Annotated[str, Meta(max_length=MOST_CHARACTERS)] | None = None
    text: Annotated[str, Meta(max_length=MOST_CHARACTERS)] | None = None
    files: FileBodies = []
    temporary: bool = False
    history: Annotated[list[SaidBody], Meta(max_length=MOST_HISTORY)] = []
    conversation_id: Id | None = None
    parent_id: Id | None = None
    regenerate: Id | None = None
    go_on: Id | None = None
    effort: Effort | None = None
    budget: Annotated[int, Meta(ge=0, le=MOST_BUDGET)] | None = None
    full_thought: bool = False


class ForkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The copy ends with ``message_id``. ``title`` None: as that of the conversation it is taken from."""

    message_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class WebErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str
    param: str | None = None
    retry_after: float | None = None


class WebError(msgspec.Struct, frozen=True):
    error: WebErrorBody


class WireMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``has_thought``: there is one to be read, which is not sent along."""

    id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    has_thought: bool
    status: Status
    turn_id: str | None
    error: WebErrorBody | None
    receipt: Receipt | None
    finish_reason: FinishReason | None
    stopped_by: StoppedBy | None
    left_out: int
    created_at: str
    files: list[WireFile] = []


class WireThought(msgspec.Struct, frozen=True, kw_only=True):
    thought: str


class WireSummary(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    head_id: str | None
    updated_at: str
    pinned: bool
    folder_id: str | None
    running_turn_id: str | None = None


class WireConversation(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    head_id: str | None
    updated_at: str
    messages: list[WireMessage]


class ConversationPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[WireSummary]
    next: str | None


class SiteModel(msgspec.Struct, frozen=True, kw_only=True):
    """``efforts`` and ``budgets`` (tokens): those that are worth offering to this caller, in rising order;
    none for a model that does not think."""

    id: str
    title: str
    thinks: bool
    efforts: tuple[Effort, ...]
    budgets: tuple[int, ...]
    licence: str
    context: int


class SiteInfo(msgspec.Struct, frozen=True, kw_only=True):
    """``languages``: those that the page is offered in, the first for whoever reads none of them.
    ``dictation``: questions may be spoken. ``made_by``: who answers here is no person."""

    name: str
    version: str
    notice: str | None
    languages: tuple[str, ...]
    model: SiteModel
    max_message_chars: int = MOST_CHARACTERS
    files: SiteFiles
    max_body_bytes: int
    dictation: bool
    made_by: Literal["ai"] = "ai"


def iso(time_us: int) -> str:
    return (
        datetime.fromtimestamp(time_us / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def wire_message(message: StoredMessage, *, has_thought: bool) -> WireMessage:
    end = message.ending
    return WireMessage(
        id=message.id,
        parent_id=message.parent_id,
        role=message.role,
        content=message.content,
        has_thought=has_thought,
        status=message.status,
        turn_id=message.turn_id,
        error=WebErrorBody(code=end.code, message=end.message) if isinstance(end, Failed) else None,
        receipt=end.receipt if end is not None else None,
        finish_reason=end.reason if isinstance(end, Finished) else None,
        stopped_by=end.by if isinstance(end, Stopped) else None,
        left_out=message.left_out,
        created_at=iso(message.created_at),
        files=[wire_file(file) for file in message.files],
    )


def wire_summary(summary: Summary, running_turn_id: str | None = None) -> WireSummary:
    values = msgspec.structs.asdict(summary) | {"updated_at": iso(summary.updated_at)}
    return WireSummary(**values, running_turn_id=running_turn_id)


def cursor(summary: Summary) -> str:
    return f"{summary.updated_at}-{summary.id}"


def parse_cursor(text: str) -> tuple[int, str] | None:
    """None for a cursor that is not one of ours."""
    at, _, conversation_id = text.partition("-")
    return (int(at), conversation_id) if at.isdecimal() and len(at) < 19 and conversation_id else None
