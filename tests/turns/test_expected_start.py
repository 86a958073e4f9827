"""Who waits is told when they start, and whoever would rather not wait is told when to come back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from simulated_site import ask, heard, request, site_over

from thinkwell.errors import WouldWait
from thinkwell.testing.simulation.server import Options
from thinkwell.turns.live import LiveTurn
from thinkwell.values.event import Queued

SLOW = Options(profile="laptop", slots=1, speed=5)


async def told_a_time(live: LiveTurn) -> Queued:
    seq = 0
    while events := await live.log.after(seq):
        for number, event in events:
            seq = number
            if isinstance(event, Queued) and event.expected_s is not None:
                return event
    raise AssertionError("it was never told a time")


async def test_who_waits_is_told_a_time_of_which_half_are_sooner_and_nine_of_ten(data: Path) -> None:
    async with site_over(data, SLOW, settings=("line.give_way=false",)) as (site, _):
        await heard(await ask(site, "first", "[[think=0 answer=900]]"), 50)
        second = await ask(site, "second", "[[think=0 answer=200]]")
        third = await ask(site, "third", "[[think=0 answer=200]]")
        sooner, later = await told_a_time(second), await told_a_time(third)
        for told in (sooner, later):
            assert told.expected_s is not None and told.p90_s is not None
            assert 0 <= told.expected_s <= told.p90_s


async def test_whoever_would_rather_not_wait_is_told_when_to_come_back_and_leaves_nothing(data: Path) -> None:
    async with site_over(data, SLOW) as (site, _):
        impatient = msgspec.structs.replace(request(site, "hasty", "[[think=0 answer=9]]"), max_wait_s=0.0)
        end = await (await site.conductor.begin(site.tasks, impatient)).over()
        assert end.receipt.usage.answer == 9

        await heard(await ask(site, "first", "[[think=0 answer=900]]"), 50)
        again = msgspec.structs.replace(request(site, "hasty", "?"), max_wait_s=0.0)
        with pytest.raises(WouldWait) as refused:
            await site.conductor.begin(site.tasks, again)
        assert refused.value.retry_after_s is not None and refused.value.retry_after_s >= 1
        assert site.pool.dispatcher.waiting == 0

        patient = msgspec.structs.replace(request(site, "patient", "[[think=0 answer=9]]"), max_wait_s=3600.0)
        live = await site.conductor.begin(site.tasks, patient)
        assert (await live.over()).receipt.usage.answer == 9
