"""Hours: added up once, the same as the entries they come from, and without a person."""

from __future__ import annotations

from functools import partial
from itertools import count
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, insert, select
from sqlalchemy.engine import Connection

from thinkwell.ledger import hours
from thinkwell.ledger.histogram import BOUNDS, DAY_MS, Histogram, bucket_of, decoded, merged, middle_of
from thinkwell.ledger.hours import HOUR_US, SETTLED_US
from thinkwell.store import tables
from thinkwell.store.database import open_database

BASE = 480_000 * HOUR_US
numbers = count()


def entry(closed_at: int | None, **changes: object) -> dict[str, object]:
    """A row of ``entries``."""
    return {
        "turn_id": f"turn_{next(numbers)}",
        "owner": "visitor:o",
        "person": "visitor:p",
        "model": "m",
        "opened_at": BASE,
        "closed_at": closed_at,
        "ending": "finished",
        "prompt_tokens": 10,
        "cached_tokens": 4,
        "reasoning_tokens": 20,
        "answer_tokens": 5,
        "tier": "visitor",
        "price": 7,
        "due": 3,
        "cost": 2,
        "energy": 900,
        "waited_ms": 50,
        "first_token_ms": 200,
        **changes,
    }


entries = st.lists(
    st.builds(
        lambda minutes, model, tier, ending, known, waited, first: entry(
            BASE + minutes * 60_000_000,
            model=model,
            tier=tier,
            ending=ending,
            cost=2 if known else None,
            energy=900 if known else None,
            waited_ms=waited,
            first_token_ms=first,
        ),
        st.integers(0, 10 * 60),
        st.sampled_from(["m", "n"]),
        st.sampled_from(["visitor", "member"]),
        st.sampled_from(["finished", "failed", "stopped"]),
        st.booleans(),
        st.integers(0, 2 * DAY_MS),
        st.none() | st.integers(0, 2 * DAY_MS),
    ),
    min_size=1,
    max_size=40,
)


def fresh() -> Connection:
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine, [tables.entries, tables.hours])
    return engine.connect()


def keep_all(tx: Connection, now_us: int) -> int:
    """As ``add_up`` does."""
    kept = 0
    while found := hours.first_over(tx, now_us):
        hours.keep(tx, found)
        kept += 1
    return kept


def kept_rows(connection: Connection) -> list[tuple[object, ...]]:
    order = (tables.hours.c.hour, tables.hours.c.model, tables.hours.c.tier)
    return [tuple(row) for row in connection.execute(select(tables.hours).order_by(*order))]


@settings(max_examples=30)
@given(rows=entries, moments=st.lists(st.integers(0, 12 * 60), max_size=4))
def test_hours_add_up_to_the_entries_whenever_they_are_added_up(
    rows: list[dict[str, object]], moments: list[int]
) -> None:
    with fresh() as tx:
        tx.execute(insert(tables.entries), rows)
        before = hours.read(tx, BASE, BASE + 24 * HOUR_US)
        for minutes in sorted(moments):
            keep_all(tx, BASE + minutes * 60_000_000)
        after = hours.read(tx, BASE, BASE + 24 * HOUR_US)
        assert [(one.hour, one.model, one.tier) for one in before] == [
            (one.hour, one.model, one.tier) for one in after
        ]
        for one, same in zip(before, after, strict=True):
            assert plain(one.sums) == plain(same.sums)
        everything = hours.add(one.sums for one in after)
    assert everything.turns == len(rows)
    assert everything.failed == sum(row["ending"] == "failed" for row in rows)
    assert everything.stopped == sum(row["ending"] == "stopped" for row in rows)
    assert everything.cost == sum(row["cost"] or 0 for row in rows)  # type: ignore[misc]
    assert everything.energy == sum(row["energy"] or 0 for row in rows)  # type: ignore[misc]
    assert everything.uncached_tokens == 6 * len(rows)
    assert everything.waits.counts == counted([row["waited_ms"] for row in rows])
    assert everything.first_tokens.counts == counted([row["first_token_ms"] for row in rows])


def plain(sums: hours.Sums) -> list[object]:
    counts = [getattr(sums, name) for name in hours.COUNTS]
    return [*counts, sums.waits.encoded(), sums.first_tokens.encoded()]


def counted(values: list[object]) -> list[int]:
    histogram = Histogram()
    for value in values:
        if isinstance(value, int):
            histogram.add(bucket_of(value))
    return histogram.counts


def test_an_hour_is_kept_once_and_never_changed_again() -> None:
    with fresh() as tx:
        tx.execute(insert(tables.entries), [entry(BASE + 5), entry(BASE + 6, tier="member")])
        over = BASE + HOUR_US + SETTLED_US
        found = hours.first_over(tx, over)
        assert keep_all(tx, over) == 1
        rows = kept_rows(tx)
        hours.keep(tx, found)  # of another run that began at the same time
        tx.execute(delete(tables.entries))
        assert keep_all(tx, over + 5 * HOUR_US) == 0
        assert kept_rows(tx) == rows and len(rows) == 2
        assert hours.add(one.sums for one in hours.read(tx, BASE, BASE + HOUR_US)).turns == 2


def test_an_hour_waits_a_little_for_entries_that_come_late() -> None:
    with fresh() as tx:
        tx.execute(insert(tables.entries), [entry(BASE + 5)])
        assert keep_all(tx, BASE + HOUR_US + SETTLED_US - 1) == 0
        tx.execute(insert(tables.entries), [entry(BASE + HOUR_US - 1)])
        assert keep_all(tx, BASE + HOUR_US + SETTLED_US) == 1
        assert hours.read(tx, BASE, BASE + HOUR_US)[0].sums.turns == 2


def test_the_running_hour_and_those_not_kept_yet_are_read_as_well() -> None:
    with fresh() as tx:
        tx.execute(insert(tables.entries), [entry(BASE + n * HOUR_US) for n in range(4)] + [entry(None)])
        keep_all(tx, BASE + 2 * HOUR_US + SETTLED_US)
        assert len(kept_rows(tx)) == 2
        read = hours.read(tx, BASE, BASE + 4 * HOUR_US)
        assert [one.hour for one in read] == [BASE + n * HOUR_US for n in range(4)]
        assert [one.hour for one in hours.read(tx, BASE + HOUR_US, BASE + 3 * HOUR_US)] == [
            BASE + HOUR_US,
            BASE + 2 * HOUR_US,
        ]


async def test_a_site_that_was_away_catches_up_with_every_hour(tmp_path: Path) -> None:
    database = await open_database(tmp_path)
    try:
        rows = [entry(BASE + day * 24 * HOUR_US) for day in range(5)]
        await database.write(lambda tx: tx.execute(insert(tables.entries), rows))
        now = BASE + 100 * 24 * HOUR_US
        assert await hours.add_up(database, now) == 5
        assert await hours.add_up(database, now) == 0
        found = await database.read(partial(hours.read, from_us=0, to_us=now))
        assert [one.sums.turns for one in found] == [1] * 5
    finally:
        await database.close()


def test_no_person_is_in_it() -> None:
    names = {column.name for column in tables.hours.columns}
    assert not names & {"owner", "person", "turn_id", "key_id", "message_id"}
    assert names == {"hour", "model", "tier", *hours.COUNTS, "waits", "first_tokens"}


def test_hours_are_added_up_by_whatever_is_asked() -> None:
    found = [
        hours.Hour(BASE, "m", "visitor", hours.Sums(turns=1, price=5)),
        hours.Hour(BASE, "n", "visitor", hours.Sums(turns=2, price=6)),
        hours.Hour(BASE + HOUR_US, "m", "visitor", hours.Sums(turns=4, price=7)),
    ]
    by_model = hours.by(found, lambda one: one.model)
    assert {name: (sums.turns, sums.price) for name, sums in by_model.items()} == {"m": (5, 12), "n": (2, 6)}


# -- histograms ----------------------------------------------------------------------------------


@given(st.integers(0, 3 * DAY_MS))
def test_a_bucket_holds_what_lies_between_its_bounds(milliseconds: int) -> None:
    bucket = bucket_of(milliseconds)
    if bucket < len(BOUNDS):
        assert milliseconds <= BOUNDS[bucket]
        assert bucket == 0 or milliseconds > BOUNDS[bucket - 1]
        assert abs(middle_of(bucket) - milliseconds) <= max(1, 0.19 * milliseconds)
    else:
        assert milliseconds > DAY_MS


@given(
    st.lists(st.integers(0, DAY_MS), min_size=1, max_size=60),
    st.floats(0, 100, allow_nan=False),
)
def test_a_percentile_is_that_of_the_values_to_within_a_bucket(values: list[int], percent: float) -> None:
    histogram = Histogram(counted(list(values)))
    rank = max(1, -(-len(values) * percent // 100))
    exact = sorted(values)[int(rank) - 1]
    found = histogram.percentile(percent)
    assert found is not None and bucket_of(found) == bucket_of(exact)


@given(st.lists(st.lists(st.integers(0, 2 * DAY_MS), max_size=20), max_size=5))
def test_histograms_add_up_and_come_back_from_their_bytes(several: list[list[int]]) -> None:
    one = merged(decoded(Histogram(counted(list(values))).encoded()) for values in several)
    assert one.counts == counted([value for values in several for value in values])


def test_nothing_has_no_percentile() -> None:
    assert Histogram().percentile(50) is None
    assert msgspec.msgpack.decode(Histogram([0, 0]).encoded()) == []


def test_the_middle_of_a_bucket_lies_in_it() -> None:
    for bucket in range(len(BOUNDS) + 1):
        assert bucket_of(middle_of(bucket)) == min(bucket, len(BOUNDS) - 1)
