"""Shapes of the list of conversations: what of it changes, folders, what a search asks for and finds."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.conversations.folders import MOST_NAME, Folder
from thinkwell.conversations.search import Hit, Place, Where
from thinkwell.conversations.shelf import Change
from thinkwell.http.wire.web import Id, WireSummary, iso

MOST_QUERY = 500


class ChangeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. ``folder_id`` null: out of its folder."""

    title: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    head_id: Id | None = None
    pinned: bool | None = None
    folder_id: Id | UnsetType | None = UNSET

    def change(self) -> Change:
        return Change(title=self.title, head_id=self.head_id, pinned=self.pinned, folder_id=self.folder_id)


class FolderBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=MOST_NAME)]


class WireFolder(msgspec.Struct, frozen=True, kw_only=True):
    """``count``: conversations in it."""

    id: str
    name: str
    count: int


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """``items``: those that are in no folder and not pinned, newest first; ``next`` goes on with them."""

    pinned: list[WireSummary]
    folders: list[WireFolder]
    items: list[WireSummary]
    next: str | None


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """``restore_s``: for so many seconds it can be brought back."""

    restore_s: int


class SearchBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``query``: words, all of which are to be there; between quotation marks a phrase. ``before``: ``next``
    of the page before."""

    query: Annotated[str, Meta(max_length=MOST_QUERY)]
    thoughts: bool = False
    folder_id: Id | None = None
    before: Annotated[str, Meta(max_length=80, pattern=r"^\d{1,18}(-\d{1,18}-\d{1,18})?$")] | None = None


class WirePart(msgspec.Struct, frozen=True):
    """``hit``: it is what was searched for."""

    text: str
    hit: bool


class WireHit(msgspec.Struct, frozen=True, kw_only=True):
    """``message_id`` null: of the title."""

    conversation_id: str
    message_id: str | None
    title: str
    where: Where
    at: str
    snippet: list[WirePart]


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """``count``: how many were found, of which this is a page; ``more``: there are older ones besides."""

    items: list[WireHit]
    count: int
    more: bool
    next: str | None


def wire_folder(folder: Folder) -> WireFolder:
    return WireFolder(id=folder.id, name=folder.name, count=folder.count)


def wire_hit(hit: Hit) -> WireHit:
    return WireHit(
        conversation_id=hit.conversation_id,
        message_id=hit.message_id,
        title=hit.title,
        where=hit.where,
        at=iso(hit.at),
        snippet=[WirePart(part.text, part.hit) for part in hit.snippet],
    )


def place_text(place: Place) -> str:
    after = "" if place.after is None else f"-{place.after[0]}-{place.after[1]}"
    return f"{place.newest}{after}"


def parse_place(text: str) -> Place:
    """Of the pattern of SearchBody."""
    newest, *after = map(int, text.split("-"))
    return Place(newest, (after[0], after[1]) if after else None)
