"""Thoughts are cut when the load says so, before they start and while they run; who reads them is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulated_site import ask, heard, site_over

from thinkwell.scheduling.base import Ticket
from thinkwell.testing.simulation.server import Options
from thinkwell.testing.simulation.text import words
from thinkwell.turns.forecast import LoadForecast
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import Finished, Shortened
from thinkwell.values.receipt import Shortening

FAST = Options(profile="laptop", slots=1, speed=20)


def at_most(tokens: int | None) -> object:
    def budget(forecast: LoadForecast, ticket: Ticket, full: int, now: float) -> int | None:
        return tokens

    return budget


async def test_under_load_a_thought_starts_with_a_smaller_budget_and_the_answer_says_so(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoadForecast, "thought_budget", at_most(40))
    async with site_over(data, FAST) as (site, _):
        live = await ask(site, "anybody", "[[tags think=300 answer=20]]")
        end = await live.over()
        assert isinstance(end, Finished)
        answer, thought = spoken_text(live.log.since(0))
        assert answer == "".join(words(0, 20))
        assert 30 <= len(thought.split()) <= 40
        assert end.receipt.shortened == Shortening(budget=40, full=3992, waiting=0)
        assert [event.budget for event in live.log.since(0) if isinstance(event, Shortened)] == [40]


async def test_a_running_thought_is_ended_when_the_load_comes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thinkwell.turns.speech.LOOK_AT_LOAD_S", 0.0)
    ended_at: list[int] = []

    def cut(forecast: LoadForecast, ticket: Ticket, has: int, said: int, now: float) -> int | None:
        if said < 100:
            return None
        ended_at.append(said)
        return said

    monkeypatch.setattr(LoadForecast, "cut", cut)
    async with site_over(data, FAST) as (site, _):
        live = await ask(site, "anybody", "[[tags think=900 answer=20]]")
        await heard(live, 200)
        end = await live.over()
        assert isinstance(end, Finished)
        answer, _ = spoken_text(live.log.since(0))
        assert answer == "".join(words(0, 20))
        assert end.receipt.shortened is not None
        budget = end.receipt.shortened.budget
        assert budget == ended_at[0]
        assert end.receipt.usage.reasoning <= budget * 1.01 + 8


async def test_who_asks_for_a_full_thought_gets_it_whatever_the_load(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoadForecast, "thought_budget", at_most(40))
    monkeypatch.setattr(LoadForecast, "cut", lambda *_: 40)
    async with site_over(data, FAST) as (site, _):
        live = await ask(site, "anybody", "[[tags think=300 answer=20]]", full_thought=True)
        end = await live.over()
        assert end.receipt.usage.reasoning == 298  # the two tags count to the answer
        assert end.receipt.shortened is None


async def test_while_nobody_waits_no_thought_is_cut(data: Path) -> None:
    async with site_over(data, FAST) as (site, _):
        for _ in range(3):
            end = await (await ask(site, "anybody", "[[tags think=100 answer=20]]")).over()
            assert end.receipt.usage.reasoning == 98  # the two tags count to the answer
            assert end.receipt.shortened is None
