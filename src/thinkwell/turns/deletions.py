"""Proof of what was deleted: by which rule, how much, and a digest over the ids of it. No id itself.

Who kept the ids of what was theirs (an export has them) can make the digest again: SHA-256 over the ids,
sorted, each with a line break after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.store.tables import deletions

PAGE = 100


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """``before`` is the time before which things were too old, None for an erasure. ``left`` is what the same
    rule still found afterwards: 0, unless it was broken off."""

    at: int
    rule: str
    kind: str
    before: int | None
    count: int
    digest: str
    left: int


class Digest:
    """Over ids that come in order, some at a time."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0

    def with_(self, ids: Iterable[str]) -> Digest:
        """This one goes on being what it was."""
        more = Digest()
        more._hash, more.count = self._hash.copy(), self.count
        for name in ids:
            more._hash.update(name.encode() + b"\n")
            more.count += 1
        return more

    @property
    def text(self) -> str:
        return self._hash.hexdigest()


def digest_of(ids: Iterable[str]) -> str:
    return Digest().with_(sorted(ids)).text


def note(tx: Connection, proof: Deletion, number: int | None = None) -> int:
    """Write it down, in the transaction that deletes; in the place of ``number``, where that goes on."""
    values = msgspec.structs.asdict(proof)
    if number is not None:
        tx.execute(update(deletions).where(deletions.c.id == number).values(values))
        return number
    key = tx.execute(insert(deletions).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def page(connection: Connection, before: int | None = None) -> list[tuple[int, Deletion]]:
    """Up to PAGE + 1 with their numbers, newest first, before a number."""
    query = select(deletions).order_by(deletions.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(deletions.c.id < before)
    found = []
    for row in connection.execute(query).mappings():
        values = {name: row[name] for name in Deletion.__struct_fields__}
        found.append((int(row["id"]), Deletion(**values)))
    return found
