"""Networks: keyed hashes whose key lives for a day, and what is left of yesterday."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, insert, select
from sqlalchemy.engine import Connection

from thinkwell.errors import SetupError
from thinkwell.people.networks import (
    DAY_S,
    DAY_US,
    FILE_NAME,
    GRACE_S,
    DayKey,
    Networks,
    day_of,
    forget_unreachable,
    new_key,
    open_networks,
    read_day_key,
)
from thinkwell.store.database import Database, open_database
from thinkwell.store.tables import blocks, idempotency, responses

NOON = 20_000.5 * DAY_S
MIDNIGHT = 20_001.0 * DAY_S
HOME = "203.0.113.7"
AWAY = "198.51.100.9"


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def networks_at(clock: Clock, path: Path = Path("unused")) -> Networks:
    return Networks(path, new_key(day_of(clock())), clock)


def test_the_key_is_made_once_a_day_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    made = read_day_key(path, "2026-11-27")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"day": "2026-11-27", "key": made.key}
    assert len(bytes.fromhex(made.key)) == 32
    assert read_day_key(path, "2026-11-27") == made


def test_yesterdays_key_is_nowhere_any_more(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    old = read_day_key(path, "2026-11-27")
    place = path.stat().st_ino
    new = read_day_key(path, "2026-11-28")
    assert new.key != old.key
    assert path.stat().st_ino == place  # written over, not beside
    assert all(old.key not in file.read_text() for file in tmp_path.rglob("*"))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"day":"2026-11-27","key":"zz"}', b"\xff" * 90])
def test_a_damaged_key_is_replaced_and_keeps_its_mode(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(damage)
    path.chmod(0o644)
    made = read_day_key(path, "2026-11-27")
    assert read_day_key(path, "2026-11-27") == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="network_key"):
        read_day_key(tmp_path / "nowhere" / FILE_NAME, "2026-11-27")


def test_prefixes_are_hashed_apart_and_in_parallel() -> None:
    networks = networks_at(Clock(NOON))
    assert [len(networks.of(address).networks) for address in (HOME, "2001:db8::1", None)] == [2, 3, 1]
    home, next_door = networks.of(HOME).networks, networks.of("203.0.113.8").networks
    assert home[0] != next_door[0]
    assert home[1] == next_door[1]
    one, other = networks.of("2001:db8:1:200::1"), networks.of("2001:db8:1:2ff::1")
    assert one.networks[0] != other.networks[0]
    assert (one.household, one.group) == (other.household, other.group) == one.networks[1:]
    assert networks.of(HOME).household == networks.of(HOME).group == home[1]


@given(st.one_of(st.ip_addresses().map(str), st.text(max_size=40)))
def test_no_address_is_left_in_a_hash(address: str) -> None:
    for name in networks_at(Clock(NOON)).of(address).networks:
        prefix, _, digest = name.partition(":")
        assert (prefix, len(digest), set(digest) <= set("0123456789abcdef")) == ("network", 32, True)


def test_nobody_can_tell_yesterdays_hashes() -> None:
    """Not with all that the site knows today: neither the hashes nor the key are in any of it."""
    clock = Clock(NOON)
    key = new_key(day_of(NOON))
    networks = Networks(Path("unused"), key, clock)
    yesterday = networks.of(HOME).networks
    clock.now = MIDNIGHT + GRACE_S
    today = networks.of(HOME).networks
    assert not set(yesterday) & set(today)
    assert networks.of(HOME).networks == today
    left = repr(vars(networks))
    assert key.key not in left
    assert repr(bytes.fromhex(key.key)) not in left
    assert not any(name in left for name in yesterday)


def test_a_clock_that_is_set_back_makes_a_new_key_too() -> None:
    clock = Clock(NOON)
    networks = networks_at(clock)
    before = networks.of(HOME)
    clock.now -= DAY_S
    assert networks.of(HOME) != before


def test_who_asked_just_before_midnight_is_the_same_just_after_it() -> None:
    clock = Clock(MIDNIGHT - 60)
    networks = networks_at(clock)
    late = networks.of_keyless(HOME)
    clock.now = MIDNIGHT + GRACE_S - 1
    assert networks.of_keyless(HOME) == late
    assert networks.of(HOME) != late  # but is counted with today's
    assert networks.of_keyless(AWAY) == networks.of(AWAY)
    clock.now = MIDNIGHT + GRACE_S
    assert networks.of_keyless(HOME) == networks.of(HOME) != late


@pytest.mark.parametrize("asked_at", [NOON, MIDNIGHT - GRACE_S - 1])
def test_who_asked_long_before_midnight_is_new_after_it(asked_at: float) -> None:
    clock = Clock(asked_at)
    networks = networks_at(clock)
    early = networks.of_keyless(HOME)
    clock.now = MIDNIGHT + 1
    assert networks.of_keyless(HOME) != early


def test_after_days_of_silence_nothing_of_the_last_one_holds() -> None:
    clock = Clock(MIDNIGHT - 1)
    networks = networks_at(clock)
    late = networks.of_keyless(HOME)
    clock.now = MIDNIGHT + DAY_S
    assert networks.of_keyless(HOME) != late


async def test_the_file_follows_at_midnight(tmp_path: Path) -> None:
    clock = Clock(NOON)
    networks = await open_networks(tmp_path, clock)
    path = tmp_path / FILE_NAME
    old = await asyncio.to_thread(path.read_text)
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(networks.keep())
        clock.now = MIDNIGHT + 1
        today = networks.of(HOME)  # the first use wakes the keeper
        while (kept := await asyncio.to_thread(path.read_text)) == old:
            await asyncio.sleep(0)
        keeping.cancel()
    assert json.loads(kept)["day"] == day_of(MIDNIGHT)
    again = await open_networks(tmp_path, clock)
    assert again.of(HOME) == today


async def test_a_site_that_starts_again_on_the_same_day_knows_its_callers(tmp_path: Path) -> None:
    clock = Clock(NOON)
    first = await open_networks(tmp_path, clock)
    again = await open_networks(tmp_path, clock)
    assert again.of_keyless(HOME) == first.of_keyless(HOME)
    clock.now = MIDNIGHT
    assert (await open_networks(tmp_path, clock)).of_keyless(HOME) != first.of_keyless(AWAY)


def test_a_key_of_another_length_is_none(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(json.dumps({"day": "2026-11-27", "key": "00"}))
    assert read_day_key(path, "2026-11-27") != DayKey("2026-11-27", "00")


def add(table: Table, values: dict[str, Any], tx: Connection) -> None:
    tx.execute(insert(table).values(values))


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await open_database(data)
    yield opened
    await opened.close()


async def test_what_nobody_can_reach_is_deleted_and_nothing_else(database: Database) -> None:
    today_us = 20_001 * DAY_US
    rows = [("old", "network:a", today_us - 1), ("new", "network:b", today_us), ("theirs", "visitor:a", 1)]
    async with asyncio.timeout(10):
        for name, owner, at in rows:
            row = {"id": name, "owner": owner, "body": b"", "size": 0, "created_at": at, "used_at": at}
            key = {"owner": owner, "key": name, "body_hash": "", "turn_id": "", "created_at": at}
            block = {"subject": owner, "why": "", "created_at": at}
            for table, values in ((responses, row), (idempotency, key), (blocks, block)):
                await database.write(partial(add, table, values))

        # Within the grace yesterday's callers are still there, and only the day before is over.
        soon = await database.write(lambda tx: forget_unreachable(tx, today_us + 1))
        assert soon == {"responses": [], "idempotency": [], "blocks": []}
        later = today_us + GRACE_S * 1_000_000
        gone = await database.write(lambda tx: forget_unreachable(tx, later))
        assert gone == {"responses": ["old"], "idempotency": ["old"], "blocks": ["network:a"]}
        again = await database.write(lambda tx: forget_unreachable(tx, later))
        assert not any(again.values())
        left = await database.read(
            lambda connection: connection.execute(select(responses.c.id)).scalars().all()
        )
    assert sorted(left) == ["new", "theirs"]
