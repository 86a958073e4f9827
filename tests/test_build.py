"""The composition root: what settings become."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from thinkwell.build import Model, prepare_model
from thinkwell.build.line import line_over, quotas_of
from thinkwell.errors import SetupError
from thinkwell.models.card import FieldsDialect
from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.null import UnlimitedLine
from thinkwell.settings import load_settings
from thinkwell.store.database import open_database
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.simulation.server import Options, SimulatedServer
from thinkwell.testing.site import scripted_card
from thinkwell.testing.upstream import ScriptedUpstream


async def prepared(data: Path, *assignments: str) -> Model:
    settings = await asyncio.to_thread(load_settings, data, {}, assignments)
    return await prepare_model(settings, lambda *_: None)


async def test_several_servers_of_one_model_are_replicas_of_one_pool(data: Path) -> None:
    fast = Options(profile="instant", slots=3)
    async with SimulatedServer(fast) as first, SimulatedServer(fast) as second:
        model = await prepared(
            data, f"engine.model={first.url}/v1", f"engine.replicas={second.url}/v1, {second.url}/v1"
        )
        assert [engine.name for engine in model.engines] == ["remote", "remote-2", "remote-3"]
        assert [engine.slots for engine in model.engines] == [3, 3, 3]
        assert len(model.beside) == 3
        for engine in model.engines:
            await engine.close()


async def test_a_replica_that_serves_another_model_stops_the_start_with_both_names(data: Path) -> None:
    async with (
        SimulatedServer(Options(profile="instant", model="one")) as first,
        SimulatedServer(Options(profile="instant", model="two")) as second,
    ):
        with pytest.raises(SetupError, match=r"'two'.*'one'"):
            await prepared(data, f"engine.model={first.url}/v1", f"engine.replicas={second.url}/v1")


async def test_a_replica_that_is_away_at_the_start_may_come_later(data: Path) -> None:
    async with SimulatedServer(Options(profile="instant")) as first:
        model = await prepared(data, f"engine.model={first.url}/v1", "engine.replicas=http://127.0.0.1:9/v1")
        assert [engine.health().state for engine in model.engines] == ["ready", "down"]
        for engine in model.engines:
            await engine.close()


async def test_the_card_of_a_server_is_checked_and_corrected_before_the_site_begins(data: Path) -> None:
    async with SimulatedServer(Options(profile="instant", model="deepseek-r1")) as server:
        model = await prepared(data, f"engine.model={server.url}/v1")
        for engine in model.engines:
            await engine.close()
    assert model.card.dialect == FieldsDialect()
    assert model.checked[0].endswith("and was corrected.")
    assert "The engine ends a thought at its budget." in model.checked


async def test_a_server_that_answers_nonsense_stops_the_start_with_a_sentence(data: Path) -> None:
    async with ScriptedUpstream("garbage") as server:
        with pytest.raises(SetupError, match=rf"{server.url} does not answer a first question\."):
            await prepared(data, f"engine.model={server.url}/v1")


async def test_the_line_has_a_place_behind_the_others_unless_it_has_no_order(data: Path) -> None:
    model = Model(scripted_card(), (ScriptedEngine(slots=1),))
    tiers = ("tiers.gold.weight=3", "tiers.gold.at_once=1", "tiers.visitor.tokens=5")
    settings = await asyncio.to_thread(load_settings, data, {}, tiers)
    schedule = line_over(settings, model)
    line = schedule.line
    assert isinstance(line, BehindLine)
    schedule.replicas["scripted"].ready = True
    for name, tier, behind in (("late", "visitor", True), ("b1", "gold", False), ("b2", "gold", False)):
        schedule.join(Ticket(id=name, person=name[0], tier=tier, behind=behind), 0.0)
    assert [grant.ticket.id for grant in schedule.grants(0.0)] == ["b1"]
    assert [one.id for one in schedule.in_order()] == ["b2", "late"]
    assert line.head() == Ticket(id="late", person="l", behind=True), "gold runs one at once of a person"
    assert line.first._weights["gold"] == line.second._weights["gold"] == 3
    database = await open_database(data)
    assert quotas_of(settings, database).rules("visitor").behind
    unordered = await asyncio.to_thread(load_settings, data, {}, (*tiers, "line.fair=false"))
    assert isinstance(line_over(unordered, model).line, UnlimitedLine)
    assert not quotas_of(unordered, database).rules("visitor").behind
    await database.close()
