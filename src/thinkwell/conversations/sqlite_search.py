"""Search by SQLite's full-text index (FTS5), which triggers of the database keep along with search_texts.

Every word in the index has its owner's number before it, so that what others have changes neither what is
found nor in what order nor how long it takes. In what is asked of the index there are such words alone, each
between quotation marks: nothing that somebody writes is ever its syntax.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, select, text
from sqlalchemy.engine import Connection, Row

from thinkwell.conversations.search import PAGE, WINDOW, Cleaned, Found, Hit, Place, Wanted, Where, score_of
from thinkwell.conversations.searchwords import Phrase, phrases_of
from thinkwell.conversations.snippets import snippet
from thinkwell.store.tables import messages, search_scopes

NOTHING = Found(hits=[], count=0, more=False, next=None)
# What a thought says fits less than what was said to somebody.
THOUGHT = 0.5
# Pages of the index that one step of cleaning writes.
STEP_PAGES = 64

# In this order: the index finds, the rest looks whose it is.
CANDIDATES = """
SELECT texts.id, texts.message_id, texts.conversation_id, texts.said,
       CASE WHEN :thoughts THEN texts.thought ELSE '' END AS thought,
       conversations.title, conversations.updated_at, messages.role, messages.created_at
FROM search_index
CROSS JOIN search_texts AS texts ON texts.id = search_index.rowid
CROSS JOIN conversations ON conversations.id = texts.conversation_id
LEFT JOIN messages ON messages.id = texts.message_id
WHERE search_index MATCH :asked AND search_index.rowid <= :newest
  AND conversations.owner = :owner AND conversations.deleted_at IS NULL
  AND (:folder IS NULL OR conversations.folder_id = :folder)
ORDER BY search_index.rowid DESC LIMIT :most
"""
NEWEST = 2**62


class SqliteSearch:
    def find(self, connection: Connection, owner: str, wanted: Wanted) -> Found:
        phrases = phrases_of(wanted.query)
        scopes = connection.scalars(
            select(search_scopes.c.scope)
            .where(search_scopes.c.owner == owner)
            .order_by(search_scopes.c.scope)
        ).all()
        if not phrases or not scopes:
            return NOTHING
        place = wanted.place or Place(NEWEST)
        rows = connection.execute(
            text(CANDIDATES),
            {
                "asked": _asked(phrases, scopes, thoughts=wanted.thoughts),
                "thoughts": wanted.thoughts,
                "newest": place.newest,
                "owner": owner,
                "folder": wanted.folder_id,
                "most": WINDOW + 1,
            },
        ).all()
        window, more = rows[:WINDOW], len(rows) > WINDOW
        ranked = [(_score(row, phrases), row.id, row) for row in window]
        ranked.sort(key=lambda one: one[:2], reverse=True)
        left = [one for one in ranked if place.after is None or one[:2] < place.after]
        shown = left[:PAGE]
        following: Place | None = None
        if len(left) > PAGE:
            following = Place(window[0].id, shown[-1][:2])
        elif more:
            following = Place(rows[WINDOW].id)
        hits = _hits(connection, [row for _, _, row in shown], phrases)
        return Found(hits=hits, count=len(window), more=more, next=following)

    def clean(self, tx: Connection, steps: int) -> Cleaned:
        """A merge of the index's parts leaves out what was deleted; only then it is in none of its pages."""
        left = tx.exec_driver_sql("SELECT count FROM search_leftovers").scalar_one()
        if not left:
            return "was_clean"
        for _ in range(steps):
            before = _changes(tx)
            tx.exec_driver_sql(
                "INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)", (-STEP_PAGES,)
            )
            if _changes(tx) - before < 2:  # as SQLite's manual says: nothing was left to merge
                tx.exec_driver_sql("UPDATE search_leftovers SET count = 0")
                return "clean"
        return "not_yet"


def _changes(tx: Connection) -> int:
    return int(tx.exec_driver_sql("SELECT total_changes()").scalar_one())


def _asked(phrases: Sequence[Phrase], scopes: Sequence[int], *, thoughts: bool) -> str:
    columns = "{said thought}" if thoughts else "{said}"
    one = (" AND ".join(_phrase(phrase, scope) for phrase in phrases) for scope in scopes)
    return f"{columns} : ({' OR '.join(f'({each})' for each in one)})"


def _phrase(phrase: Phrase, scope: int) -> str:
    words = " ".join(f"{scope}x{word}" for word in phrase.words)
    return f'"{words}" *' if phrase.open else f'"{words}"'


def _score(row: Row[Any], phrases: Sequence[Phrase]) -> int:
    """Often is better than once, but not by much; in few words is better than in many."""
    fits = 0.0
    for column, weight in ((row.said, 1.0), (row.thought, THOUGHT)):
        words = f" {column} "
        times = sum(math.log2(1 + phrase.times_in(words)) for phrase in phrases)
        fits += weight * times / (len(phrases) * math.log2(2 + len(words) / 1_000))
    return score_of(fits, row.created_at or row.updated_at)


def _hits(connection: Connection, rows: Sequence[Row[Any]], phrases: Sequence[Phrase]) -> list[Hit]:
    places = [_where(row, phrases) for row in rows]
    ids = [row.message_id for row in rows if row.message_id is not None]
    thought = [row.message_id for row, where in zip(rows, places, strict=True) if where == "thought"]
    # A thought may be long, and most hits are not in one.
    shown = case((messages.c.id.in_(thought), messages.c.reasoning), else_=messages.c.content)
    written = connection.execute(select(messages.c.id, shown).where(messages.c.id.in_(ids)))
    texts = {id: text or "" for id, text in written}
    hits = []
    for row, where in zip(rows, places, strict=True):
        hits.append(
            Hit(
                conversation_id=row.conversation_id,
                message_id=row.message_id,
                title=row.title,
                where=where,
                at=row.created_at or row.updated_at,
                snippet=snippet(texts.get(row.message_id, row.title), phrases),
            )
        )
    return hits


def _where(row: Row[Any], phrases: Sequence[Phrase]) -> Where:
    """Where most of it is: in the thought only what is not as much in the answer."""
    if row.message_id is None:
        return "title"
    said, thought = (
        sum(1 for phrase in phrases if phrase.times_in(f" {words} ")) for words in (row.said, row.thought)
    )
    if thought > said:
        return "thought"
    return "question" if row.role == "user" else "answer"
