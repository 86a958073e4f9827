"""``bench nat``: in small, every figure comes, everybody is served, and work makes somebody of its own."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from thinkwell.cli.bench.nat import ARMS, ONE_ADDRESS, NatPlan, measure, people
from thinkwell.cli.bench.nat_rows import rows
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import ServerAddress
from thinkwell.testing.simulation.server import Options, SimulatedServer
from thinkwell.testing.site import running_site
from thinkwell.testing.site_time import run_in_site_time

SMALL = NatPlan(visitors=12, seconds=12.0, before=4.0, others=2.4)


@pytest.mark.timeout(240)
def test_a_small_run_serves_all_and_reads_every_figure(tmp_path: Path) -> None:
    report = measure(SMALL, tmp_path)
    assert report.figures.keys() == rows(SMALL.visitors).keys()
    values = {name: found.value for name, found in report.figures.items()}
    assert all(value is not None for value in values.values())
    for arm in ("apart", "together", "unproven"):
        assert values[f"nat_served_{arm}"] == SMALL.visitors
    # Who comes while others wait is asked for work, whatever the address.
    assert min(values["nat_worked_apart"] or 0, values["nat_worked_together"] or 0) > 0
    # A cookie for each question is worth no more than one for all of them.
    assert abs((values["nat_crowd_answers"] or 0) - (values["nat_crowd_answers_honest"] or 0)) <= 2
    assert (report.bench, report.setup["visitors"]) == ("nat", 12)


def test_the_same_people_come_at_the_same_moments_in_every_arm() -> None:
    arms = {arm: people(SMALL, arm) for arm in ARMS}
    moments = {arm: [person.at for person in measured] for arm, (measured, _) in arms.items()}
    assert all(found == moments["apart"] for found in moments.values())
    assert len({person.address for person in arms["apart"][0]}) == SMALL.visitors
    assert {person.address for person in arms["together"][0]} == {ONE_ADDRESS}
    assert [person.proves for person in arms["unproven"][0]] == [False] * SMALL.visitors
    assert arms["apart"][1] == arms["together"][1] == arms["unproven"][1]
    # The crowd's peer: as many questions at the same moments, from one browser.
    peer = [person for person in arms["crowd"][1] if person.asks_as]
    assert [person.at for person in peer] == moments["crowd"]
    assert len({(person.address, person.asks_as) for person in peer}) == 1


def test_in_site_time_only_sleep_takes_time_and_threads_and_sockets_take_none(tmp_path: Path) -> None:
    async def ask() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with SimulatedServer(Options(profile="laptop")) as engine:
            address = ServerAddress(url=engine.url)
            async with running_site(tmp_path, OpenAIEngine("remote", address)) as running:
                started = loop.time()
                async with aiohttp.ClientSession(running.url) as session:
                    async with session.get("/api/site") as reply:
                        status = reply.status
                    await asyncio.to_thread(time.sleep, 0.01)
                    assert loop.time() - started < 0.01
                    await asyncio.sleep(10)
        return loop.time() - began, status

    passed, status = run_in_site_time(ask())
    assert (round(passed / 10), status) == (1, 200)
