"""Shapes of a person's rights: erasing everything, how long what is kept, proof of what was deleted."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.account import Password
from thinkwell.http.wire.web import iso
from thinkwell.settings import Settings
from thinkwell.turns.deletions import Deletion
from thinkwell.turns.erasing import Erased

CONFIRM = "erase"


class EraseBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``confirm`` is the word ``erase``. ``password``, where the account has one."""

    confirm: Annotated[str, Meta(max_length=20, description="The word `erase`")] = ""
    password: Password | None = None


class ErasedAll(msgspec.Struct, frozen=True, kw_only=True):
    erased: list[Erased]


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """For who asks. ``conversation_days`` since a conversation's last change; null: for ever."""

    conversation_days: int | None
    log_hours: int
    response_hours: int
    network_hours: int = 24


def kept_for(settings: Settings, *, member: bool) -> Retention:
    return Retention(
        conversation_days=(settings.people.member_days or None) if member else settings.people.visitor_days,
        log_hours=settings.turns.keep_log_hours,
        response_hours=settings.turns.keep_response_hours,
    )


class WireDeletion(msgspec.Struct, frozen=True, kw_only=True):
    """``before``: what was older than that; null of an erasure. ``left``: what the same rule still found."""

    at: str
    rule: str
    kind: str
    before: str | None
    count: int
    digest: str
    left: int


class DeletionPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[WireDeletion]
    next: str | None


def wire_deletion(found: Deletion) -> WireDeletion:
    return WireDeletion(
        at=iso(found.at),
        rule=found.rule,
        kind=found.kind,
        before=None if found.before is None else iso(found.before),
        count=found.count,
        digest=found.digest,
        left=found.left,
    )


def parse_number(text: str | None) -> int | None:
    """Raises BadRequest for a cursor that is not ours."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadRequest("That is no cursor of this site; take `next` of the page before.", param="before")
    return int(text)
