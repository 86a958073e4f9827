"""The public page: for everybody, without a cookie, and never about one person."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from sqlalchemy import insert
from tests.conftest import visitor
from tests.http.test_account_door import ask, call
from tests.ledger.test_hours import entry

from thinkwell.errors import StoreUnavailable
from thinkwell.http.week import Week
from thinkwell.http.wire.status import FEW, hour_rows
from thinkwell.ledger.histogram import Histogram
from thinkwell.ledger.hours import HOUR_US, SETTLED_US, Hour, Sums, hour_of
from thinkwell.store import tables
from thinkwell.store.database import Database
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.turns.run import now_us

PERSONAL = ("visitor:", "member:", "named:", "network:", "turn_", "conv_", "SECRETQUESTION")


async def test_the_page_is_public_and_may_be_kept_for_some_seconds(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await ask(client, "SECRETQUESTION")
    await running.site.power.tick()
    async with (
        visitor(running.url) as anybody,
        anybody.get("/api/status", headers={"Origin": "https://other.example"}) as reply,
    ):
        assert reply.status == 200
        assert "set-cookie" not in reply.headers
        assert reply.headers["cache-control"] == "public, max-age=10"
        text = await reply.text()
        found = await reply.json()
    assert not any(word in text for word in PERSONAL)
    assert len(found["hours"]) == 168 and found["model"] == "scripted"
    assert found["energy_measured"] is running.site.power.measured
    assert found["now"]["word"] == "quiet" and found["now"]["wait"] is None  # one turn says too much


async def test_a_cookie_or_a_key_changes_nothing(running: RunningSite, client: aiohttp.ClientSession) -> None:
    await ask(client)
    await running.site.power.tick()
    mine = await call(client, "GET", "/api/status", Authorization="Bearer tw_nonsense")
    async with visitor(running.url) as other:
        others = await call(other, "GET", "/api/status")
    for volatile in ("at",):
        mine.pop(volatile), others.pop(volatile)
    assert mine == others


async def test_it_says_how_busy_the_site_is(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    await call(client, "GET", "/api/site")
    engine.gates.hold("0")
    asked = [asyncio.create_task(ask(client)) for _ in range(5)]
    while running.site.pool.dispatcher.waiting < 3:
        await asyncio.sleep(0)
    now = (await call(client, "GET", "/api/status"))["now"]
    assert (now["word"], now["running"], now["waiting"], now["slots"]) == ("full", 2, 3, 2)
    engine.gates.release("0")
    await asyncio.gather(*asked)
    now = (await call(client, "GET", "/api/status"))["now"]
    assert now["word"] == "quiet" and now["wait"]["p50_ms"] <= now["wait"]["p90_ms"]
    engine.die()
    assert (await call(client, "GET", "/api/status"))["now"]["word"] == "down"
    engine.be_starting()
    assert (await call(client, "GET", "/api/status"))["now"]["word"] == "starting"


async def test_hours_that_are_over_are_told(running: RunningSite, client: aiohttp.ClientSession) -> None:
    running_hour = hour_of(now_us() - SETTLED_US)
    rows = [entry(running_hour - 2 * HOUR_US + n, energy=1_000_000) for n in range(FEW)]
    rows += [entry(running_hour + n) for n in range(9)]
    await running.site.database.write(lambda tx: tx.execute(insert(tables.entries), rows))
    found = await call(client, "GET", "/api/status")
    told = [row for row in found["hours"] if row["made"] is not None]
    assert [row["at"] for row in told] == [(running_hour - 2 * HOUR_US) // 1000]
    assert found["hours"][-1]["at"] == (running_hour - HOUR_US) // 1000
    made = told[0]["made"]
    assert (made["answers"], made["prompt_tokens"], made["generated_tokens"], made["energy_j"]) == (
        5,
        50,
        125,
        5,
    )
    assert told[0]["tiers"] == {"visitor": made}
    assert found["week"] == made


def hour(number: int, tier: str, turns: int) -> Hour:
    waits = Histogram()
    waits.add(10, turns)
    sums = Sums(turns=turns, answer_tokens=turns * 7, waits=waits, first_tokens=waits)
    return Hour(number * HOUR_US, "m", tier, sums)


def test_few_turns_are_not_broken_down() -> None:
    found = [
        hour(0, "visitor", FEW - 1),
        hour(1, "visitor", FEW),
        hour(1, "member", FEW - 1),
        hour(2, "visitor", FEW),
        hour(2, "member", FEW),
    ]
    rows, week = hour_rows(found, 0, 4 * HOUR_US)
    assert rows[0].made is None and rows[0].tiers is None
    assert rows[1].made is not None and rows[1].made.answers == 2 * FEW - 1
    assert rows[1].tiers is None  # what is left of the sum would be the few
    assert rows[2].tiers is not None and set(rows[2].tiers) == {"visitor", "member"}
    assert rows[3].made is None
    assert week.answers == 4 * FEW - 1  # without those of which nothing is told


async def test_the_week_is_read_once_an_hour(running: RunningSite) -> None:
    reads = 0

    class Counting(Week):
        async def _anew(self, end: int, now_us: int) -> Any:
            nonlocal reads
            reads += 1
            if reads == 2:
                raise StoreUnavailable("locked")
            return await super()._anew(end, now_us)

    database: Database = running.site.database
    week = Counting(database)
    now = hour_of(now_us()) + SETTLED_US
    first = await asyncio.gather(*(week.read(now + number) for number in range(5)))
    assert reads == 1 and all(one is first[0] for one in first)
    assert await week.read(now + HOUR_US) is first[0]  # the database was locked, and what is known is told
    assert await week.read(now + HOUR_US) is not first[0]
    assert reads == 3
