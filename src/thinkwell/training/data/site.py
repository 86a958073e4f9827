"""Rows from the conversations of a site's own people who say yes now (people/consents.py).

Of each conversation the first question and its answer, as they were shown last: what follows is not to be
understood alone. No name, no id and no file goes along, contacts become placeholders, and the order says
nothing of who wrote what. Temporary conversations are nowhere to be read. Every read names the owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.tree import StoredMessage, Summary, path_to
from thinkwell.people import consents
from thinkwell.training.data.placeholders import without_contacts
from thinkwell.training.languages import likeliest
from thinkwell.training.loops import loops
from thinkwell.training.rows import Row
from thinkwell.values.event import Finished


class FromSite(msgspec.Struct, kw_only=True):
    people: int = 0
    conversations: int = 0
    rows: list[Row] = []
    dropped: Counter[str] = msgspec.field(default_factory=Counter)

    def text(self) -> str:
        reasons = "".join(f"\n  {number:>6} {why}" for why, number in self.dropped.most_common())
        return (
            f"{self.people} people let their conversations be used: {self.conversations} conversations, "
            f"{len(self.rows)} rows.{reasons}"
        )


def from_site(connection: Connection) -> FromSite:
    """As of now: who has withdrawn is not read. To be made anew for every run, and kept no longer than it."""
    found = FromSite()
    for owner in consents.consenting(connection):
        found.people += 1
        for summary in _conversations(connection, owner):
            found.conversations += 1
            path = path_to(shelf.owned_tree(connection, summary.id, owner), summary.head_id)
            why = why_not(path)
            if why is None:
                found.rows.append(row_of(*path[:2]))
            else:
                found.dropped[why] += 1
    found.rows.sort(key=lambda row: row.digest)
    return found


def _conversations(connection: Connection, owner: str) -> Iterator[Summary]:
    before: tuple[int, str] | None = None
    while True:
        found = shelf.page(connection, owner, before)
        yield from found[: shelf.PAGE]
        if len(found) <= shelf.PAGE:
            return
        last = found[shelf.PAGE - 1]
        before = last.updated_at, last.id


def why_not(path: list[StoredMessage]) -> str | None:
    """Why a conversation gives no row."""
    if len(path) < 2 or (path[0].role, path[1].role) != ("user", "assistant"):
        return "no answer"
    question, answer = path[:2]
    if question.files:
        return "the question came with files, which its answer speaks of"
    whole = isinstance(answer.ending, Finished) and answer.ending.reason == "stop"
    if answer.status != "complete" or not whole:
        return "the answer did not come to its end"
    if not question.content.strip() or not answer.content.strip():
        return "empty"
    return "goes round in circles" if loops(answer.content) or loops(answer.reasoning or "") else None


def row_of(question: StoredMessage, answer: StoredMessage) -> Row:
    prompt = without_contacts(question.content.strip())
    return Row(
        prompt=prompt,
        answer=without_contacts(answer.content.strip()),
        trace=without_contacts((answer.reasoning or "").strip()),
        task="site",
        language=likeliest(prompt),
        source="site",
    )
