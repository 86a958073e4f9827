"""Adapters swapped under people who ask, with deaths in between: no turn is dropped, and none has two of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thinkwell.http.site import Site
from thinkwell.testing.scenario import fault
from thinkwell.testing.shelf import AdapterEngine, ScriptedShelf, names_itself
from thinkwell.testing.site import running_site, scripted_card
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.run import MOST_LOSSES
from thinkwell.turns.smoke import Smoke
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta, Finished, ReasoningDelta, Started
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

BASE = scripted_card(name="base", continues=True)
NAMES = ("one", "two", "three")


@asynccontextmanager
async def site_with(data: Path) -> AsyncIterator[tuple[Site, ScriptedShelf]]:
    shelf = ScriptedShelf(BASE, NAMES)
    shelf.made["base"] = AdapterEngine("base", name="base")
    async with running_site(data, shelf.made["base"], BASE, shelf=shelf) as running:
        yield running.site, shelf


async def ask(site: Site, number: int) -> LiveTurn:
    asked = TurnRequest(
        id=site.new_id("turn"),
        caller=Caller(kind="visitor", id=f"v{number % 5}", person=f"v{number % 5}"),
        model="base",
        messages=(Message("user", f"Question {number}"),),
    )
    return await site.conductor.begin(site.tasks, asked)


def words_of(live: LiveTurn) -> set[str]:
    events = live.log.since(0)
    said = "".join(event.text for event in events if isinstance(event, ReasoningDelta | AnswerDelta))
    return set(said.split())


async def check_whole(live: LiveTurn) -> None:
    """It came to its end, in words of one adapter, and the receipt names that one."""
    end = await live.over()
    assert isinstance(end, Finished), end
    assert words_of(live) == {end.receipt.model}
    started = [event.model for event in live.log.since(0) if isinstance(event, Started)]
    assert started[-1] == end.receipt.model


Act = tuple[str, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "load", "share", "complete", "rollback", "break", "turn over"]),
        st.integers(0, 100),
    ),
    min_size=5,
    max_size=30,
)


def bearable(acts: list[Act]) -> list[Act]:
    """A turn that lost its engine more often than this fails, and rightly: so many cuts, whoever meets them."""
    breaks = [place for place, (what, _) in enumerate(acts) if what == "break"]
    return [one for place, one in enumerate(acts) if place not in breaks[MOST_LOSSES:]]


async def act(site: Site, shelf: ScriptedShelf, what: str, number: int) -> LiveTurn | None:
    adapters = site.adapters
    trial = adapters.candidate
    if what == "ask":
        return await ask(site, number)
    if what == "load" and trial is None:
        await adapters.load(NAMES[number % len(NAMES)], [Smoke(prompt="Who?")])
    elif what == "share" and trial is not None:
        adapters.set_share(number / 100)
    elif what == "complete" and trial is not None:
        await adapters.complete()
    elif what == "rollback" and trial is not None:
        await adapters.roll_back()
    elif what == "break":
        alias = sorted(shelf.made)[number % len(shelf.made)]
        shelf.made[alias].then(names_itself(shelf.made[alias].word, fault("cut"), words=number % 3))
    else:
        for _ in range(number % 20):
            await asyncio.sleep(0)  # so far, and no further, everybody else comes
    return None


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_is_swapped_when_every_turn_ends_whole(
    tmp_path_factory: pytest.TempPathFactory, new_database: Path, acts: list[Act]
) -> None:
    data = tmp_path_factory.mktemp("data")
    (data / new_database.name).write_bytes(new_database.read_bytes())

    async def main() -> None:
        async with site_with(data) as (site, shelf):
            asked = [await act(site, shelf, *one) for one in bearable(acts)]
            for live in asked:
                if live is not None:
                    await check_whole(live)
            await site.adapters.settled()
            there = {engine.name for engine in site.pool.engines}
            for alias, engine in shelf.made.items():
                assert engine.open_at_close == (None if alias in there else 0)
            assert len(there) == 1 + (site.adapters.candidate is not None)

    asyncio.run(main())


async def test_thirty_swaps_under_load_drop_and_mix_nothing(data: Path) -> None:
    rng = random.Random(7)
    async with site_with(data) as (site, _):
        asked: list[LiveTurn] = []
        over = asyncio.Event()

        async def keep_asking(first: int) -> None:
            number = first
            while not over.is_set():
                live = await ask(site, number)
                asked.append(live)
                await live.over()
                number += 10

        async with asyncio.TaskGroup() as people:
            for person in range(6):
                people.create_task(keep_asking(person))
            for swap in range(30):
                await site.adapters.load(NAMES[swap % len(NAMES)], [Smoke(prompt="Who?")])
                site.adapters.set_share(rng.random())
                asked.append(mine := await ask(site, swap))
                await mine.over()
                await (site.adapters.roll_back() if swap % 4 == 3 else site.adapters.complete())
            over.set()
        for live in asked:
            await check_whole(live)
        await site.adapters.settled()
        assert len(asked) > 60 and len({words_of(live).pop() for live in asked}) == 4
