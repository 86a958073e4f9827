"""Hours of the site: what turns used, cost and waited, by hour, model and tier. No person in it.

An hour that is over is added up once, from the entries that were closed in it, and kept for ever in the table
``hours``; later the entries may lose their persons, or go. The hours since then are added up as they are
asked for. Money is in millionths, energy in microjoules; what is not known of them counts as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, case, func, insert, literal, select
from sqlalchemy.engine import Connection

from thinkwell.ledger.histogram import BOUNDS, Histogram, decoded, merged
from thinkwell.store.database import Database
from thinkwell.store.tables import entries, hours
from thinkwell.values.usage import weighted

HOUR_US = 3_600_000_000
# An entry may come to the database a little after its hour: the journal goes before, the database follows.
SETTLED_US = 120_000_000

Key = TypeVar("Key", bound=Hashable)


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """``turns`` that were closed, those among them that ``failed`` or were ``stopped``, and what they took.

    ``waits`` in line, and ``first_tokens`` from admission to the first token, of those that had one.
    """

    turns: int = 0
    failed: int = 0
    stopped: int = 0
    uncached_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    price: int = 0
    due: int = 0
    cost: int = 0
    energy: int = 0
    waits: Histogram = msgspec.field(default_factory=Histogram)
    first_tokens: Histogram = msgspec.field(default_factory=Histogram)

    @property
    def service(self) -> int:
        """Weighted tokens."""
        return weighted(self.uncached_tokens, self.reasoning_tokens + self.answer_tokens)


COUNTS = tuple(name for name in Sums.__struct_fields__ if name not in ("waits", "first_tokens"))


class Hour(msgspec.Struct, frozen=True):
    """``hour`` is when it began, in microseconds."""

    hour: int
    model: str
    tier: str
    sums: Sums


async def add_up(database: Database, now_us: int) -> int:
    """Keep the hours that are over and were not yet kept; how many with turns those were. Raises StoreError.

    What takes long is read, hour by hour, so that nobody's turn waits for it.
    """
    kept = 0
    while found := await database.read(partial(first_over, now_us=now_us)):
        await database.write(partial(keep, found=found))
        kept += 1
    return kept


def first_over(connection: Connection, now_us: int) -> list[Hour]:
    """The first hour with turns that is over and not kept, by model and tier; empty: there is none."""
    begin = _kept_until(connection)
    hour = next(_hours_with_turns(connection, begin, hour_of(now_us - SETTLED_US)), None)
    return [] if hour is None else _counted(connection, hour)


def keep(tx: Connection, found: list[Hour]) -> None:
    """Without effect for an hour that is kept already."""
    if found and found[0].hour >= _kept_until(tx):
        tx.execute(insert(hours), [_row(one) for one in found])


def read(connection: Connection, from_us: int, to_us: int) -> list[Hour]:
    """Hours that began in the time given, by model and tier, in order; the running one as far as it is."""
    begin = _kept_until(connection)
    kept = select(hours).where(hours.c.hour >= from_us, hours.c.hour < to_us)
    found = [_kept(row) for row in connection.execute(kept)]
    for hour in _hours_with_turns(connection, max(begin, from_us), to_us):
        found += _counted(connection, hour)
    return sorted(found, key=lambda one: (one.hour, one.model, one.tier))


def hour_of(at_us: int) -> int:
    return at_us - at_us % HOUR_US


def add(several: Iterable[Sums]) -> Sums:
    """One sum of them all."""
    some = list(several)
    counts: dict[str, Any] = {name: sum(getattr(one, name) for one in some) for name in COUNTS}
    return Sums(
        **counts,
        waits=merged(one.waits for one in some),
        first_tokens=merged(one.first_tokens for one in some),
    )


def by(found: Iterable[Hour], key: Callable[[Hour], Key]) -> dict[Key, Sums]:
    """Added up by what ``key`` says of each, in the order in which they come."""
    groups: dict[Key, list[Sums]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one.sums)
    return {name: add(several) for name, several in groups.items()}


# -- rows ----------------------------------------------------------------------------------------


def _kept_until(connection: Connection) -> int:
    """From when on no hour is kept."""
    last = connection.scalar(select(func.max(hours.c.hour)))
    return 0 if last is None else int(last) + HOUR_US


def _hours_with_turns(connection: Connection, begin: int, end: int) -> Iterator[int]:
    """From one to the next by the index: hours without turns cost nothing."""
    while begin < end:
        earliest = select(func.min(entries.c.closed_at)).where(
            entries.c.closed_at >= begin, entries.c.closed_at < end
        )
        found = connection.scalar(earliest)
        if found is None:
            return
        yield hour_of(found)
        begin = hour_of(found) + HOUR_US


def _kept(row: Any) -> Hour:
    values: dict[str, Any] = {name: getattr(row, name) for name in COUNTS}
    sums = Sums(**values, waits=decoded(row.waits), first_tokens=decoded(row.first_tokens))
    return Hour(row.hour, row.model, row.tier, sums)


def _row(one: Hour) -> dict[str, Any]:
    return {
        "hour": one.hour,
        "model": one.model,
        "tier": one.tier,
        **{name: getattr(one.sums, name) for name in COUNTS},
        "waits": one.sums.waits.encoded(),
        "first_tokens": one.sums.first_tokens.encoded(),
    }


def _counted(connection: Connection, hour: int) -> list[Hour]:
    """From the entries, in one pass: they are grouped by both buckets as well, and then put together."""
    e = entries.c
    waited, first = _bucket(e.waited_ms), case((e.first_token_ms.isnot(None), _bucket(e.first_token_ms)))
    query = (
        select(e.model, e.tier, waited.label("waited"), first.label("first"), *_sums())
        .where(e.closed_at >= hour, e.closed_at < hour + HOUR_US)
        .group_by(e.model, e.tier, waited, first)
    )
    groups: dict[tuple[str, str], list[Sums]] = {}
    for row in connection.execute(query):
        counts: dict[str, Any] = {name: int(getattr(row, name)) for name in COUNTS}
        waits, first_tokens = Histogram(), Histogram()
        waits.add(row.waited, counts["turns"])
        if row.first is not None:
            first_tokens.add(row.first, counts["turns"])
        groups.setdefault((row.model, row.tier), []).append(
            Sums(**counts, waits=waits, first_tokens=first_tokens)
        )
    return [Hour(hour, model, tier, add(several)) for (model, tier), several in sorted(groups.items())]


def _sums() -> list[ColumnElement[Any]]:
    e = entries.c

    def total(of: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(of), 0)

    def those(ending: str) -> ColumnElement[Any]:
        return total(case((e.ending == ending, 1), else_=0))

    sums = {
        "turns": func.count(),
        "failed": those("failed"),
        "stopped": those("stopped"),
        "uncached_tokens": total(e.prompt_tokens - e.cached_tokens),
        "cached_tokens": total(e.cached_tokens),
        "reasoning_tokens": total(e.reasoning_tokens),
        "answer_tokens": total(e.answer_tokens),
        "price": total(e.price),
        "due": total(e.due),
        "cost": total(e.cost),
        "energy": total(e.energy),
    }
    return [sums[name].label(name) for name in COUNTS]


def _bucket(column: ColumnElement[Any], first: int = 0, last: int = len(BOUNDS)) -> ColumnElement[Any]:
    """``bucket_of`` in SQL that every database has: the search among the bounds, written out."""
    if first == last:
        return literal(first)
    middle = (first + last) // 2
    return case(
        (column <= BOUNDS[middle], _bucket(column, first, middle)), else_=_bucket(column, middle + 1, last)
    )
