"""Searching one's own conversations: what is asked, what is found, and the interface of what finds it.

What is to be found is in the table search_texts, in whatever database; how it is found is the database's:
``sqlite_search.py`` has SQLite's full-text index.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.conversations.snippets import Part

PAGE = 20
# Looked at together and put in order: the newest that are found. Older ones come after all of these.
WINDOW = 300
# So much newer weighs as much as one step of how well something fits.
DAY_US = 86_400_000_000
STEP_US = 90 * DAY_US

Cleaned = Literal["was_clean", "clean", "not_yet"]
Where = Literal["title", "question", "answer", "thought"]


class Place(msgspec.Struct, frozen=True):
    """How far somebody has read: in the window whose newest text is ``newest``, behind the hit with this
    score and text; None: at its beginning."""

    newest: int
    after: tuple[int, int] | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """``folder_id`` None: everywhere. ``place`` None: from the beginning."""

    query: str
    thoughts: bool = False
    folder_id: str | None = None
    place: Place | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """``message_id`` None: the title is the hit. ``at`` in microseconds since 1970."""

    conversation_id: str
    message_id: str | None
    title: str
    where: Where
    at: int
    snippet: list[Part]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """``count``: hits of this window; ``more``: there are older ones besides. ``next``: where to go on."""

    hits: list[Hit]
    count: int
    more: bool
    next: Place | None


class Search(Protocol):
    def find(self, connection: Connection, owner: str, wanted: Wanted) -> Found:
        """The best and newest of what ``owner`` has; nothing of anybody else's, nothing that is deleted.
        Any query is allowed; one without a word finds nothing."""

    def clean(self, tx: Connection, steps: int) -> Cleaned:
        """Remove from the index's own files what the words of deleted texts left there; a step takes a few
        milliseconds."""


def score_of(fits: float, at_us: int) -> int:
    """Higher is earlier in the list. Does not depend on when one looks, so that pages of a list join."""
    return round(1_000_000 * (fits + at_us / STEP_US))
