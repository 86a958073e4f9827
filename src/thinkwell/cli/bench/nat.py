"""``bench nat``: three hundred people behind one address of a provider, and the same people on their own.

A whole site with its doors, line and forecast, over HTTP, before the simulated engine; all of it, people
included, in virtual time, in which what this machine computes takes none. Others from elsewhere ask
for about what the machine can do, so that with these the line grows. Each arm is a site of its own with the
same people at the same moments; only their addresses, and whether they do the work, differ.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Literal

import aiohttp
import msgspec
from sqlalchemy import select

from thinkwell.cli.bench.nat_people import Person, Street, Waited, easier
from thinkwell.cli.bench.nat_rows import rows
from thinkwell.cli.bench.report import Report, figures, this_machine
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import ServerAddress
from thinkwell.http.site import Site
from thinkwell.store.tables import entries
from thinkwell.testing.simulation.server import Options, SimulatedServer
from thinkwell.testing.site import running_site
from thinkwell.testing.site_time import run_in_site_time

Arm = Literal["apart", "together", "unproven", "crowd"]
ARMS: tuple[Arm, ...] = ("apart", "together", "unproven", "crowd")
ONE_ADDRESS = "203.0.113.7"
OTHER_ADDRESS = "192.0.2.7"
PROFILE = "laptop"  # four at once, about 2.3 of these answers a second
ANSWERS_S = 2.3
SETTINGS = ("people.proxy_addresses=127.0.0.1",)


class NatPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``visitors`` come over ``seconds``, after ``before`` seconds in which the others alone were there.

    ``others`` a second ask from elsewhere from the beginning until the last visitor came.
    """

    visitors: int = 300
    seconds: float = 300.0
    before: float = 60.0
    others: float = 2.2
    seed: int = 1


class Told(msgspec.Struct, frozen=True):
    """What became of an arm: of those who are measured, of all others, and who of the first was served."""

    measured: list[Waited]
    others: list[Waited]
    served: int


def measure(plan: NatPlan, folder: Path) -> Report:
    """``folder`` is empty. Runs an event loop of its own. Raises ClickException."""
    readings: dict[str, list[float]] = {}
    for arm in ARMS:
        told = run_in_site_time(_play(plan, arm, folder / arm))
        readings |= _crowd(plan, told) if arm == "crowd" else _waits(arm, told)
    for name, arm in (("", "together"), ("_unproven", "unproven")):
        ratio = readings[f"nat_wait_p95_{arm}_s"][0] / max(0.1, readings["nat_wait_p95_apart_s"][0])
        readings[f"nat_wait_p95_ratio{name}"] = [ratio]
    readings["nat_load"] = [(plan.others + plan.visitors / plan.seconds) / ANSWERS_S]
    setup: dict[str, str | int | float] = {**msgspec.structs.asdict(plan), "profile": PROFILE}
    return Report(
        bench="nat", machine=this_machine(), setup=setup, figures=figures(rows(plan.visitors), readings)
    )


# -- who asks ----------------------------------------------------------------------------------------


def people(plan: NatPlan, arm: Arm) -> tuple[list[Person], list[Person]]:
    """(who is measured, all others): the same moments in every arm.

    In the crowd's arm the first are one person with a cookie for each question, and as many questions at the
    same moments come from one other browser.
    """
    drawn = random.Random(plan.seed)
    end = plan.before + plan.seconds
    times = sorted(drawn.uniform(plan.before, end) for _ in range(plan.visitors))
    others = [
        Person(at=drawn.uniform(0, end), address=f"10.{n >> 8 & 255}.{n & 255}.7", proves=False)
        for n in range(round(plan.others * end))
    ]
    proves = arm in ("apart", "together")
    measured = [
        Person(
            at=at,
            address=f"198.{18 + (n >> 8)}.{n & 255}.7" if arm == "apart" else ONE_ADDRESS,
            proves=proves,
        )
        for n, at in enumerate(times)
    ]
    if arm == "crowd":
        others += [Person(at=at, address=OTHER_ADDRESS, proves=False, asks_as="one") for at in times]
    return measured, others


async def _play(plan: NatPlan, arm: Arm, data: Path) -> Told:
    measured, others = people(plan, arm)
    async with SimulatedServer(Options(profile=PROFILE, over="queue")) as simulated:
        address = ServerAddress(url=simulated.url)
        async with running_site(data, OpenAIEngine("remote", address), assignments=SETTINGS) as running:
            running.site.visitors.proofs.draw = easier
            # A connection for each request: one kept open may be closed by either side at any moment.
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            timeout = aiohttp.ClientTimeout(total=None)
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar) as session:
                street = Street(running.url, session, plan.seed)
                async with asyncio.TaskGroup() as tasks:
                    asked = [tasks.create_task(street.ask(person)) for person in (*measured, *others)]
            found = [task.result() for task in asked]
            served = await _finished(running.site)
    first = found[: len(measured)]
    return Told(first, found[len(measured) :], sum(one.turn in served for one in first))


async def _finished(site: Site) -> set[str]:
    """Turns with a whole answer, when none runs any more."""
    for live in site.turns.running:
        await live.over()
    await site.conductor.settled()
    finished = select(entries.c.turn_id).where(entries.c.ending == "finished")
    return await site.database.read(lambda connection: set(connection.execute(finished).scalars()))


# -- what became of them -----------------------------------------------------------------------------


def _waits(arm: Arm, told: Told) -> dict[str, list[float]]:
    waits = [one.waited_s for one in told.measured]
    worked = [one.worked_s for one in told.measured if one.worked_s is not None]
    found = {
        f"nat_served_{arm}": [float(told.served)],
        f"nat_wait_p50_{arm}_s": [median(waits)],
        f"nat_wait_p95_{arm}_s": [p95(waits)],
    }
    if arm != "unproven":
        found[f"nat_worked_{arm}"] = [float(len(worked))]
        found[f"nat_work_p95_{arm}_s"] = [p95(worked)] if worked else []
        found[f"nat_others_p95_{arm}_s"] = [p95([one.waited_s for one in told.others])]
    return found


def _crowd(plan: NatPlan, told: Told) -> dict[str, list[float]]:
    """Answers that began while all of them asked: what comes later, nobody lacks."""
    end = plan.before + plan.seconds
    one = [waited for waited in told.others if waited.person.asks_as]
    rest = [waited.waited_s for waited in told.others if not waited.person.asks_as]
    crowd, honest = (float(sum(each.started_at < end for each in side)) for side in (told.measured, one))
    return {
        "nat_others_p95_crowd_s": [p95(rest)],
        "nat_crowd_answers": [crowd],
        "nat_crowd_answers_honest": [honest],
        "nat_crowd_ratio": [crowd / honest] if honest else [],
    }


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
