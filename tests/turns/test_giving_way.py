"""Long turns give way, and turns whose replica is lost go on elsewhere: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

from simulated_site import ask, heard, site_over

from thinkwell.testing.simulation.server import Options
from thinkwell.testing.simulation.text import words
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import Finished, Queued, Started, TurnEvent


async def told_to_wait(live: LiveTurn) -> None:
    seq = 0
    while events := await live.log.after(seq):
        for number, event in events:
            seq = number
            if isinstance(event, Queued):
                return
    raise AssertionError("it never had to wait")


def kinds(live: LiveTurn) -> list[TurnEvent]:
    return [event for event in live.log.since(0) if isinstance(event, Queued | Started)]


async def test_a_long_turn_gives_way_and_says_what_it_would_have_said(data: Path) -> None:
    async with site_over(data, Options(profile="laptop", slots=1, speed=20)) as (site, servers):
        long = await ask(site, "heavy", "[[think=0 answer=400]]")
        await heard(long, 200)
        short = await ask(site, "light", "[[think=0 answer=9 stall=3]]")
        await told_to_wait(long)
        short.stop("person")
        end = await long.over()
        assert isinstance(end, Finished)
        answer, _ = spoken_text(long.log.since(0))
        assert answer == "".join(words(0, 400))
        assert end.receipt.usage.answer == 400
        reasons = [event.reason for event in kinds(long) if isinstance(event, Queued)]
        assert set(reasons) == {"gave_way"}
        assert sum(isinstance(event, Started) for event in kinds(long)) == 2
        assert 0 < end.receipt.gave_way_s <= end.receipt.waited_s
        assert (site.pool.dispatcher.running, site.pool.dispatcher.waiting) == (0, 0)
        assert servers[0].driver.stats.max_running == 1


async def test_a_thought_that_gives_way_goes_on_as_a_thought(data: Path) -> None:
    async with site_over(data, Options(profile="laptop", slots=1, speed=20)) as (site, _):
        long = await ask(site, "heavy", "[[tags think=300 answer=20]]")
        await heard(long, 200)
        short = await ask(site, "light", "[[think=0 answer=9 stall=3]]")
        await told_to_wait(long)
        short.stop("person")
        end = await long.over()
        answer, thought = spoken_text(long.log.since(0))
        whole = words(0, 300)
        assert thought.split() == "".join(whole[1:-1]).split()
        assert answer == "".join(words(0, 20))
        assert end.receipt.gave_way_s > 0


async def test_a_turn_whose_replica_dies_goes_on_on_another(data: Path) -> None:
    options = Options(profile="laptop", slots=2, speed=20)
    async with site_over(data, options, options) as (site, servers):
        live = await ask(site, "anybody", "[[think=0 answer=600]]")
        await heard(live, 100)
        [busy] = [server for server in servers if server.driver.stats.running]
        await busy.__aexit__()
        end = await live.over()
        assert isinstance(end, Finished)
        answer, _ = spoken_text(live.log.since(0))
        assert answer == "".join(words(0, 600))
        replicas = [event.replica for event in kinds(live) if isinstance(event, Started)]
        assert len(replicas) == 2
        assert replicas[0] != replicas[1]
        assert end.receipt.usage.answer == 600


async def test_a_turn_that_is_stopped_while_it_gives_way_keeps_what_was_said(data: Path) -> None:
    async with site_over(data, Options(profile="laptop", slots=1, speed=20)) as (site, _):
        long = await ask(site, "heavy", "[[think=0 answer=400]]")
        await heard(long, 200)
        other = await ask(site, "light", "[[think=0 answer=9 stall=3]]")
        await told_to_wait(long)
        long.stop("person")
        end = await long.over()
        answer, _ = spoken_text(long.log.since(0))
        assert answer == "".join(words(0, end.receipt.usage.answer))
        other.stop("person")
        await other.over()
        assert (site.pool.dispatcher.running, site.pool.dispatcher.waiting) == (0, 0)


async def test_without_fairness_whoever_came_first_is_served_first_and_nobody_gives_way(data: Path) -> None:
    fast = Options(profile="laptop", slots=1, speed=20)
    async with site_over(data, fast, settings=("line.fair=false",)) as (site, _):
        first = await ask(site, "heavy", "[[think=0 answer=300]]")
        await heard(first, 100)
        turns = [await ask(site, person, "[[think=0 answer=3]]") for person in ("heavy", "heavy", "light")]
        ends = [await live.over() for live in (first, *turns)]
        assert [end.receipt.gave_way_s for end in ends] == [0, 0, 0, 0]
        waits = [end.receipt.waited_s for end in ends[1:]]
        assert waits == sorted(waits)
