"""Power: the meter is read while turns run, and each turn that is closed has its share of all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from thinkwell.cli.serve import ready_text
from thinkwell.http.site import Site
from thinkwell.ledger.economics import cost_of
from thinkwell.ledger.meter import Meter
from thinkwell.ledger.meters import Assumed, NoMeter
from thinkwell.ledger.supply import Supply
from thinkwell.testing.clock import ManualClock
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.power import EVERY_S, IDLE_EVERY_S, Power
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta
from thinkwell.values.message import Message
from thinkwell.values.receipt import Energy
from thinkwell.values.turn import TurnRequest

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")
JOULE = 1_000_000
HOUR_US = 3_600_000_000


class FixedMeter:
    """Every time it is read, so much was spent; None: it cannot be read."""

    def __init__(self, joules: float | None) -> None:
        self.joules = joules
        self.reads = 0

    async def spent(self) -> int | None:
        self.reads += 1
        return None if self.joules is None else round(self.joules * JOULE)


class House:
    """Live turns, a meter and a clock, all by hand."""

    def __init__(self, meter: FixedMeter | NoMeter, assumed: Assumed | None = None, slots: int = 4) -> None:
        self.clock = ManualClock(start=100.0)
        self.turns = LiveTurns(keep_s=0.0)
        self.hour = 5 * HOUR_US
        supply = Supply(meter, assumed, "measured with a fake")
        self.power = Power(self.turns, supply, lambda: slots, lambda: self.hour, self.clock)

    def joins(self, name: str) -> LiveTurn:
        live = LiveTurn(
            TurnRequest(id=name, caller=CALLER, model="m", messages=(Message("user", "?"),)),
            Meter(name, "m", self.clock),
        )
        live.meter.queued()
        self.turns.add(live)
        return live

    def starts(self, name: str) -> LiveTurn:
        live = self.joins(name)
        live.meter.started()
        return live

    def says(self, live: LiveTurn, tokens: int) -> None:
        live.meter.said(AnswerDelta("x", tokens), self.clock())

    def ends(self, live: LiveTurn) -> Energy:
        energy = self.power.settle(live)
        self.turns.ended(live)
        return energy

    async def seconds(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.power.tick()


def joules(energy: Energy) -> float:
    assert energy.microjoules is not None
    return energy.microjoules / JOULE


async def test_turns_share_what_was_spent_while_they_ran_by_what_they_were_given() -> None:
    house = House(FixedMeter(40))
    a, b, waits = house.starts("a"), house.starts("b"), house.joins("waits")
    house.says(a, 30)
    house.says(b, 10)
    await house.seconds(1)
    energies = [house.ends(live) for live in (a, b, waits)]
    assert [joules(energy) for energy in energies] == [30, 10, 0]
    assert [energy.machine_us for energy in energies] == [750_000, 250_000, 0]
    assert [energy.measured for energy in energies] == [True, True, True]


async def test_all_that_was_measured_is_somebodys_or_idle_whenever_turns_come_and_go() -> None:
    meter = FixedMeter(7.000001)
    house = House(meter, Assumed.watts(30))
    given = 0
    lives: list[LiveTurn] = []
    for step in range(60):
        if step % 3 == 0:
            lives.append(house.starts(f"turn-{step}"))
        for number, live in enumerate(lives):
            house.says(live, 1 + number)
        await house.clock.advance(0.17)
        if step % 5 == 4 and lives:
            given += house.ends(lives.pop(0)).microjoules or 0
        if step % 2 == 0:
            await house.seconds(0.33)
    given += sum(house.ends(live).microjoules or 0 for live in lives)
    await house.seconds(5)
    [hour] = house.power.hours
    assert hour.estimated == 0
    assert hour.measured == meter.reads * 7_000_001
    assert given + hour.idle == hour.measured
    assert hour.busy_us + hour.rest_us == round((60 * 0.17 + 30 * 0.33 + 5) * JOULE)


async def test_a_turn_that_is_settled_twice_is_told_the_same() -> None:
    house = House(FixedMeter(10))
    live = house.starts("a")
    house.says(live, 10)
    await house.seconds(1)
    assert house.power.settle(live) is house.power.settle(live)


async def test_a_turn_that_is_being_closed_works_no_more() -> None:
    house = House(FixedMeter(10))
    closing, other = house.starts("closing"), house.starts("other")
    house.says(closing, 10)
    house.says(other, 10)
    await house.seconds(1)
    assert joules(house.power.settle(closing)) == 5
    house.says(other, 10)
    await house.seconds(1)  # the database has not answered yet
    assert joules(house.ends(other)) == 15
    house.turns.ended(closing)
    await house.seconds(1)
    assert house.power.hours[-1].idle == 10 * JOULE


async def test_a_turn_that_gives_way_has_no_part_while_it_waits() -> None:
    house = House(FixedMeter(12))
    a, b = house.starts("a"), house.starts("b")
    house.says(a, 10)
    house.says(b, 10)
    await house.seconds(1)
    house.says(a, 10)
    a.meter.queued()
    house.says(b, 30)
    await house.seconds(1)
    house.says(b, 10)
    await house.seconds(1)
    assert joules(house.ends(a)) == 6 + 3
    assert joules(house.ends(b)) == 6 + 9 + 12


async def test_what_was_spent_before_the_first_question_is_idle() -> None:
    house = House(FixedMeter(20))
    await house.clock.advance(3)
    live = house.starts("late")
    house.says(live, 5)
    await house.seconds(1)
    energy = house.ends(live)
    assert (joules(energy), energy.machine_us) == (5, JOULE)
    hour = house.power.hours[-1]
    assert (hour.idle, hour.rest_us, hour.utilisation) == (15 * JOULE, 3 * JOULE, 0.25)


async def test_a_turn_between_two_readings_has_an_estimate_that_the_next_reading_makes_good() -> None:
    house = House(FixedMeter(10), Assumed.watts(20))
    first = house.starts("first")
    house.says(first, 10)
    await house.clock.advance(0.5)
    early = house.ends(first)
    assert (joules(early), early.measured, early.machine_us) == (10, False, 500_000)
    await house.seconds(0.5)
    second = house.starts("second")
    house.says(second, 5)
    await house.clock.advance(0.25)
    later = house.ends(second)
    assert (joules(later), later.measured) == (2.5, True)  # half the tokens, at 5 J for those of the first
    await house.seconds(0.75)
    hour = house.power.hours[-1]
    assert 12_500_000 + hour.idle == hour.measured == 20 * JOULE


async def test_without_a_meter_the_energy_is_estimated_and_without_a_power_only_the_time_is_known() -> None:
    house = House(NoMeter(), Assumed.watts(24, 6))
    live = house.starts("a")
    house.says(live, 10)
    await house.seconds(2)
    assert house.ends(live) == Energy(microjoules=48 * JOULE, measured=False, machine_us=2 * JOULE)
    await house.seconds(1)
    hour = house.power.hours[-1]
    assert (hour.measured, hour.estimated, hour.idle) == (0, 54 * JOULE, 6 * JOULE)
    assert (house.power.measured, house.power.watts) == (False, 6)

    nothing = House(NoMeter())
    live = nothing.starts("a")
    await nothing.seconds(2)
    assert nothing.ends(live) == Energy(microjoules=None, measured=False, machine_us=2 * JOULE)
    assert (nothing.power.measured, nothing.power.watts) == (None, None)


async def test_a_meter_that_is_lost_and_found_again_is_told_once_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    meter = FixedMeter(10)
    house = House(meter)
    with caplog.at_level(logging.WARNING):
        for meter.joules in (10, None, None, 10, 10):
            await house.seconds(1)
    assert [record.getMessage() for record in caplog.records] == [
        "energy: estimated: the meter cannot be read",
        "energy: measured with a fake",
    ]


async def test_the_meter_is_read_often_while_turns_run_and_seldom_else() -> None:
    meter = FixedMeter(1)
    house = House(meter)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(house.power.run(house.clock.sleep))
        await house.clock.slept_on()
        await house.clock.advance(IDLE_EVERY_S - EVERY_S)
        assert meter.reads == 0
        await house.clock.advance(EVERY_S)
        assert meter.reads == 1
        live = house.starts("a")
        await house.clock.advance(2)
        assert meter.reads == 5
        house.ends(live)
        await house.clock.advance(EVERY_S)
        assert meter.reads == 6
        await house.clock.advance(IDLE_EVERY_S - EVERY_S)
        assert meter.reads == 6
        running.cancel()


async def test_a_meter_that_breaks_does_not_break_the_site(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FixedMeter):
        async def spent(self) -> int | None:
            await super().spent()
            raise RuntimeError("a fault of a library")

    meter = Broken(1)
    house = House(meter, Assumed.watts(10))
    live = house.starts("a")
    house.says(live, 10)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(house.power.run(house.clock.sleep))
        await house.clock.slept_on()
        await house.clock.advance(20)
        assert meter.reads > 1
        running.cancel()
    assert "energy could not be shared" in caplog.text
    assert house.ends(live).measured is False


async def test_hours_tell_how_much_of_the_time_and_of_the_slots_was_used() -> None:
    house = House(FixedMeter(10), slots=4)
    a, b = house.starts("a"), house.starts("b")
    await house.seconds(10)
    house.ends(a)
    house.ends(b)
    await house.seconds(10)
    [hour] = house.power.hours
    assert (hour.utilisation, hour.slot_utilisation) == (0.5, 0.25)
    house.hour += HOUR_US + 17
    await house.seconds(1)
    assert [hour.began_us for hour in house.power.hours] == [5 * HOUR_US, 6 * HOUR_US]


async def test_full_speed_is_the_best_minute_without_a_rest() -> None:
    house = House(FixedMeter(2))
    await house.seconds(10)
    live = house.starts("a")
    for tokens in (10, 50, 20):
        for _ in range(60):
            house.says(live, tokens)
            await house.seconds(1)
    full = house.power.full_speed
    assert full is not None
    assert (full.service, full.busy, full.rest) == (100 * 3600, 7200 * JOULE, 720 * JOULE)


async def test_of_turns_that_were_never_settled_nothing_is_kept() -> None:
    house = House(FixedMeter(10))
    live = house.starts("a")
    await house.seconds(1)
    house.turns.ended(live)
    await house.seconds(1)
    assert house.power.hours[-1].idle == 20 * JOULE


SETTINGS = ("energy.watts=24", "energy.measure=false", "tariff.kwh=0.3", "tariff.hardware_hour=1.2")


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine) -> AsyncIterator[Site]:
    async with running_site(data, engine, assignments=SETTINGS) as running:
        yield running.site


async def begin(site: Site) -> LiveTurn:
    said = (Message("user", "?"),)
    request = TurnRequest(id=site.new_id("turn"), caller=CALLER, model="scripted", messages=said)
    return await site.conductor.begin(site.tasks, request)


async def test_turns_of_a_site_share_by_their_tokens_whatever_the_clock_says(
    site: Site, engine: ScriptedEngine
) -> None:
    meter = FixedMeter(10)
    power = Power(site.turns, Supply(meter, None, "fake"), lambda: 2, lambda: HOUR_US)
    engine.gates.hold("3")
    lives = [await begin(site) for _ in range(2)]
    await engine.until(lambda: engine.gates.waiting("3") == 2)
    assert lives[0].meter.service == lives[1].meter.service > 0
    await power.tick()
    first, second = (power.settle(live).microjoules or 0 for live in lives)
    assert first > 0 and abs(first - second) < first / 10  # each worked for a moment since
    engine.gates.release("3")
    for live in lives:
        await live.over()
    await power.tick()
    [hour] = power.hours
    assert first + second + hour.idle == hour.measured == 20 * JOULE


async def test_energy_and_cost_are_on_the_receipt_and_in_the_entry(site: Site) -> None:
    end = await (await begin(site)).over()
    energy = end.receipt.energy
    assert energy is not None and energy.microjoules is not None and energy.microjoules > 0
    assert energy.measured is False
    assert energy.machine_us > 0
    assert end.receipt.cost == cost_of(energy, site.settings.tariff) is not None
    await site.conductor.settled()
    query = text("SELECT energy, cost FROM entries")
    rows = await site.database.read(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in rows] == [(energy.microjoules, end.receipt.cost)]


async def test_the_operator_is_told_at_the_start_where_energy_comes_from(site: Site) -> None:
    assert site.power.about == "estimated at 24 W (energy.watts), since energy.measure is off"
    assert f"energy  {site.power.about}\n" in ready_text(site, "http://127.0.0.1:1")
