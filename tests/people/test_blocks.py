"""Who is kept out: visitors and networks, for as long as an operator says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from thinkwell.errors import BadRequest, Blocked, NotFound
from thinkwell.people.blocks import Blocks, open_blocks
from thinkwell.people.networks import DAY_US, GRACE_US, forget_unreachable
from thinkwell.store.database import Database, open_database
from thinkwell.values.caller import Caller

VISITOR, NETWORK = "visitor:AAAAAAAAAAAA", "network:" + 32 * "a"
HOUR_US = 3_600_000_000


class Days:
    def __init__(self) -> None:
        self.now = 20_000 * DAY_US + 5 * HOUR_US

    def __call__(self) -> int:
        return self.now


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    found = await open_database(data)
    yield found
    await found.close()


def caller(person: str = "visitor:BBBBBBBBBBBB", networks: tuple[str, ...] = (), **more: object) -> Caller:
    return Caller(kind="visitor", id=person, person=person, networks=networks, **more)  # type: ignore[arg-type]


async def test_a_block_holds_until_its_time_is_over(database: Database) -> None:
    clock = Days()
    blocks = Blocks(b"secret", database, clock)
    await blocks.add(VISITOR, "for flooding", hours=2)
    with pytest.raises(Blocked, match="for flooding"):
        blocks.let_in(caller(VISITOR))
    assert blocks.let_in(caller()) == caller() and blocks.let_in(None) is None
    clock.now += 2 * HOUR_US
    assert blocks.let_in(caller(VISITOR)) == caller(VISITOR)
    assert blocks.all == []
    with pytest.raises(NotFound):
        await blocks.remove(VISITOR)


async def test_a_network_keeps_out_whoever_comes_from_it_narrow_or_wide(database: Database) -> None:
    blocks = Blocks(b"secret", database, Days())
    await blocks.add(NETWORK, "an attack")
    for one in (
        caller(networks=("network:b", NETWORK, "network:c")),
        caller(group=NETWORK),
        caller(NETWORK),
    ):
        with pytest.raises(Blocked, match="an attack"):
            blocks.let_in(one)
    blocks.let_in(caller(networks=("network:b",)))


async def test_a_network_is_kept_out_for_a_day_at_most_since_its_name_is_of_a_day(database: Database) -> None:
    clock = Days()
    blocks = Blocks(b"secret", database, clock)
    day = clock.now - clock.now % DAY_US
    assert (await blocks.add(NETWORK, "x")).until == day + DAY_US + GRACE_US
    assert (await blocks.add(NETWORK, "x", hours=100)).until == day + DAY_US + GRACE_US
    assert (await blocks.add(NETWORK, "x", hours=1)).until == clock.now + HOUR_US
    clock.now = day + DAY_US + GRACE_US
    forgotten = await database.write(lambda tx: forget_unreachable(tx, clock.now))
    assert forgotten["blocks"] == [NETWORK]
    assert (await open_blocks(b"secret", database, clock)).all == []


async def test_blocks_are_there_after_a_restart_until_they_are_lifted(database: Database) -> None:
    clock = Days()
    blocks = Blocks(b"secret", database, clock)
    await blocks.add(VISITOR, "first")
    clock.now += 1
    await blocks.add(VISITOR, "second")
    await blocks.add(NETWORK, "third")
    again = await open_blocks(b"secret", database, clock)
    assert {(block.subject, block.why) for block in again.all} == {(VISITOR, "second"), (NETWORK, "third")}
    await again.remove(VISITOR)
    again.let_in(caller(VISITOR))
    assert [block.subject for block in (await open_blocks(b"secret", database, clock)).all] == [NETWORK]


@pytest.mark.parametrize(
    "subject",
    ["", "visitor:", "visitor:short", "network:XYZ", "member:AAAAAAAAAAAA", f"{VISITOR}\n", "'; --"],
)
async def test_what_is_no_visitor_and_no_network_is_not_kept_out(database: Database, subject: str) -> None:
    blocks = Blocks(b"secret", database, Days())
    with pytest.raises(BadRequest):
        await blocks.add(subject, "x")
    assert blocks.all == []


async def test_the_hash_of_a_person_is_one_of_this_site(database: Database) -> None:
    here, there = Blocks(b"secret", database, Days()), Blocks(b"other", database, Days())
    assert here.hash_of(VISITOR) == here.hash_of(VISITOR) != there.hash_of(VISITOR)
    assert "AAAA" not in here.hash_of(VISITOR)
