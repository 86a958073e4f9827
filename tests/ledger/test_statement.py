"""A person's statement: days of time zones, and how the database finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, insert
from sqlalchemy.engine import Connection

from thinkwell.ledger import statement
from thinkwell.ledger.statement import Chosen, Sums, day_begins, day_ends
from thinkwell.store.tables import entries, metadata
from thinkwell.values.usage import Usage

HOUR_US = 3_600_000_000
OWN = Chosen(owner="me")
ZURICH = ZoneInfo("Europe/Zurich")
Read = Callable[[Connection], object]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    engine = create_engine(f"sqlite:///{tmp_path / 'book.sqlite3'}")
    metadata.create_all(engine)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def add(connection: Connection, *times: int) -> None:
    rows = [
        {"turn_id": f"t{at}", "owner": "me", "person": "me", "model": "m", "opened_at": at, "receipt": b"{}"}
        for at in times
    ]
    connection.execute(insert(entries), rows)


def test_days_are_those_of_the_zone_also_when_clocks_change(connection: Connection) -> None:
    """In autumn Zurich has a day of 25 hours, in spring one of 23."""
    autumn = at("2026-10-24T22:00+00:00")
    spring = at("2026-03-28T23:00+00:00")
    assert day_begins(date(2026, 10, 25), ZURICH) == autumn
    assert day_ends(date(2026, 10, 25), ZURICH) == autumn + 25 * HOUR_US
    assert day_begins(date(2026, 3, 29), ZURICH) == spring
    assert day_ends(date(2026, 3, 29), ZURICH) == spring + 23 * HOUR_US
    add(connection, autumn - 1, autumn, autumn + 25 * HOUR_US - 1, autumn + 25 * HOUR_US)
    add(connection, spring - 1, spring, spring + 23 * HOUR_US)
    found = {group.name: group.sums.turns for group in statement.days(connection, OWN, ZURICH)}
    assert found == {
        "2026-10-26": 1,
        "2026-10-25": 2,
        "2026-10-24": 1,
        "2026-03-30": 1,
        "2026-03-29": 1,
        "2026-03-28": 1,
    }


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham"]
)
def test_a_day_has_the_turns_between_its_begin_and_its_end(connection: Connection, zone: str) -> None:
    where = UTC if zone == "UTC" else ZoneInfo(zone)
    days = [date(2026, 3, day) for day in range(1, 32)] + [date(2026, 4, day) for day in range(1, 15)]
    for day in days:
        add(connection, day_begins(day, where), day_ends(day, where) - 1)
    found = {group.name: group.sums.turns for group in statement.days(connection, OWN, where)}
    assert found == {day.isoformat(): 2 for day in days}


amounts = st.integers(0, 10**12)
known = st.none() | amounts
sums = st.builds(
    Sums,
    turns=amounts,
    usage=st.builds(Usage, prompt=amounts, cached=amounts, reasoning=amounts, answer=amounts),
    price=amounts,
    free=amounts,
    due=amounts,
    refunded=amounts,
    cost=known,
    energy=known,
)


@given(one=sums, two=sums, three=sums)
def test_sums_add_up_in_any_order_and_nothing_is_not_zero(one: Sums, two: Sums, three: Sums) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Sums() == one
    whole = msgspec.to_builtins(one + two)
    for name in ("turns", "price", "free", "due", "refunded"):
        assert whole[name] == getattr(one, name) + getattr(two, name)
    assert ((one + two).cost is None) == (one.cost is None and two.cost is None)


BEFORE = (at("2026-11-27T12:00+00:00"), "turn_5")
PLANS: dict[str, tuple[Read, str]] = {
    "the first page": (lambda c: statement.page(c, OWN, None, 51), "entries_by_owner (owner=?)"),
    "a later page": (
        lambda c: statement.page(c, OWN, BEFORE, 51),
        "entries_by_owner (owner=? AND opened_at<?)",
    ),
    "a month": (
        lambda c: statement.page(c, msgspec.structs.replace(OWN, since_us=1, until_us=2), None, 51),
        "entries_by_owner (owner=? AND opened_at>? AND opened_at<?)",
    ),
    "a conversation": (
        lambda c: statement.page(c, msgspec.structs.replace(OWN, conversation="c"), None, 51),
        "sqlite_autoindex_entries_1 (turn_id=?)",
    ),
    "the total": (lambda c: statement.total(c, OWN), "entries_by_owner (owner=?)"),
    "days": (lambda c: statement.days(c, OWN, ZURICH), "entries_by_owner (owner=?)"),
    "models": (lambda c: statement.groups(c, OWN, "model"), "entries_by_owner (owner=?)"),
    "conversations": (lambda c: statement.groups(c, OWN, "conversation"), "entries_by_owner (owner=?)"),
    "keys": (lambda c: statement.groups(c, OWN, "key"), "entries_by_owner (owner=?)"),
}


@pytest.mark.parametrize(("read", "index"), PLANS.values(), ids=PLANS)
def test_a_statement_is_found_by_an_index_and_no_table_is_gone_through(
    connection: Connection, read: Read, index: str
) -> None:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(connection, "before_cursor_execute")
    def hear(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    read(connection)
    [(query, parameters)] = asked
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", parameters)]
    assert index in plan[0]
    assert not any(step.startswith("SCAN") for step in plan), plan
