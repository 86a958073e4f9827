"""Tiers in a whole site over simulated engines: weight, turns at once, thoughts, and what happens over quota."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from simulated_site import heard, request, site_over

from thinkwell.admission.tiers import HOUR_US, window_at
from thinkwell.errors import OverQuota, TooManyAtOnce, WouldWait
from thinkwell.http.site import Site
from thinkwell.testing.simulation.server import Options
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.run import now_us
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.event import Finished, Queued, Started

ONE = Options(profile="laptop", slots=1, speed=20)
TWO = Options(profile="laptop", slots=2, speed=20)
# Holds a slot until it is stopped, and says a word first.
HOLDS = "[[think=0 answer=9 stall=3]]"
SHORT = "[[think=0 answer=30]]"
# Any turn uses that up; of windows so long that none turns while a test runs.
USED_UP = ("tiers.visitor.tokens=40", "tiers.visitor.window_hours=8784")
NO_PAUSE = "line.give_way=false"


async def ask(site: Site, person: str, says: str, tier: str = "visitor", **more: Any) -> LiveTurn:
    asked = request(site, person, says)
    caller = msgspec.structs.replace(asked.caller, tier=tier)
    asked = msgspec.structs.replace(asked, caller=caller, **more)
    return await site.conductor.begin(site.tasks, asked)


async def heard_of(live: LiveTurn, kind: type, **values: object) -> Any:
    """The first event of that kind, with those values."""
    seq = 0
    while events := await live.log.after(seq):
        for number, event in events:
            seq = number
            if isinstance(event, kind) and all(getattr(event, k) == v for k, v in values.items()):
                return event
    raise AssertionError(f"{kind.__name__} never came")


async def out_of_quota(site: Site, person: str) -> None:
    assert isinstance(await (await ask(site, person, SHORT)).over(), Finished)
    assert (await site.quotas.left(request(site, person, "").caller)).tokens.left == 0  # type: ignore[union-attr]


def waits(live: LiveTurn) -> list[Queued]:
    return [event for event in live.log.since(0) if isinstance(event, Queued)]


async def in_order_of_their_end(lives: dict[str, LiveTurn]) -> list[str]:
    """On one slot, also the order in which they started."""
    ended: list[str] = []

    async def over(name: str, live: LiveTurn) -> None:
        await live.over()
        ended.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name, live in lives.items():
            tasks.create_task(over(name, live))
    return ended


# -- what a tier gives -------------------------------------------------------------------------------


async def test_a_tier_gets_the_part_that_its_weight_says(data: Path) -> None:
    settings = ("tiers.gold.weight=3", NO_PAUSE)
    async with site_over(data, ONE, settings=settings) as (site, _):
        holds = await ask(site, "first", HOLDS)
        await heard_of(holds, Started)
        lives = {}
        for number in range(9):
            for tier in ("visitor", "gold"):
                lives[f"{tier}{number}"] = await ask(site, f"{tier}{number}", SHORT, tier)
        holds.stop("person")
        order = await in_order_of_their_end(lives)
    gold = sum(name.startswith("gold") for name in order[:8])
    assert gold in (6, 7), "three of four, and the one who held the slot was a visitor"


async def test_of_one_person_no_more_turns_run_at_once_than_the_tier_says(data: Path) -> None:
    async with site_over(data, TWO, settings=("tiers.visitor.at_once=1", NO_PAUSE)) as (site, _):
        first = await ask(site, "anna", HOLDS)
        await heard_of(first, Started)
        second = await ask(site, "anna", HOLDS)
        await heard_of(second, Queued)
        assert (site.pool.dispatcher.running, site.pool.dispatcher.waiting) == (1, 1)
        await (await ask(site, "boris", SHORT)).over()  # there is room for others
        assert site.pool.dispatcher.waiting == 1
        first.stop("person")
        await heard_of(second, Started)
        second.stop("person")
        await second.over()


async def test_over_the_most_that_may_run_and_wait_the_next_is_refused_in_that_tier_alone(data: Path) -> None:
    settings = ("tiers.visitor.most_live=2", "tiers.gold.weight=1", NO_PAUSE)
    async with site_over(data, ONE, settings=settings) as (site, _):
        lives = [await ask(site, "anna", HOLDS), await ask(site, "anna", HOLDS)]
        with pytest.raises(TooManyAtOnce, match="You have 2 questions") as why:
            await ask(site, "anna", SHORT)
        assert why.value.retry_after_s is not None
        lives += [
            await ask(site, "boris", HOLDS),
            *[await ask(site, "carl", HOLDS, "gold") for _ in range(3)],
        ]
        lives[0].stop("person")
        await lives[0].over()
        lives.append(await ask(site, "anna", HOLDS))
        for live in lives:
            live.stop("person")
            await live.over()
        await site.conductor.settled()


async def test_a_thought_is_as_long_as_the_tier_allows_and_the_receipt_names_the_site(data: Path) -> None:
    settings = ("tiers.visitor.most_thought=50", "tiers.gold.weight=1")
    async with site_over(data, TWO, settings=settings) as (site, _):
        says = "[[tags think=200 answer=20]]"
        cut, whole = await ask(site, "anna", says), await ask(site, "boris", says, "gold")
        ends = [await cut.over(), await whole.over()]
        assert all(isinstance(end, Finished) for end in ends)
        assert [end.receipt.thought_ended for end in ends] == ["site", None]
        assert [end.receipt.tier for end in ends] == ["visitor", "gold"]
        lengths = [len(spoken_text(live.log.since(0))[1].split()) for live in (cut, whole)]
        assert 40 <= lengths[0] <= 50 < 190 <= lengths[1]
        assert spoken_text(cut.log.since(0))[0] == spoken_text(whole.log.since(0))[0]


# -- over quota --------------------------------------------------------------------------------------


async def test_out_of_quota_one_is_served_at_once_while_the_machine_has_room(data: Path) -> None:
    async with site_over(data, TWO, settings=USED_UP) as (site, _):
        await out_of_quota(site, "anna")
        live = await ask(site, "anna", SHORT)
        end = await live.over()
        assert isinstance(end, Finished)
        assert end.receipt.behind
        assert waits(live) == []


async def test_out_of_quota_one_waits_behind_the_others_and_is_told_so_with_the_time(data: Path) -> None:
    async with site_over(data, ONE, settings=(*USED_UP, NO_PAUSE)) as (site, _):
        await out_of_quota(site, "anna")
        holds = await ask(site, "boris", HOLDS)
        await heard_of(holds, Started)
        behind = await ask(site, "anna", SHORT)
        told = await heard_of(behind, Queued)
        resets_s = (window_at(now_us(), 8784)[1] - now_us()) / 1e6
        assert (told.position, told.behind, told.moved) == (1, True, None)
        assert told.resets_s == pytest.approx(resets_s, abs=5)
        others = {name: await ask(site, name, SHORT) for name in ("carl", "dora", "emil")}
        moved = await heard_of(behind, Queued, moved="within_quota")
        assert moved.behind
        assert moved.position > 1
        holds.stop("person")
        order = await in_order_of_their_end({"anna": behind} | others)
        assert order[-1] == "anna"
        ends = {name: await live.over() for name, live in ({"anna": behind} | others).items()}
        assert {name for name, end in ends.items() if end.receipt.behind} == {"anna"}
        assert not any(event.behind for live in others.values() for event in waits(live))


async def test_a_turn_that_runs_out_of_quota_gives_way_to_one_within_and_goes_on_later(data: Path) -> None:
    async with site_over(data, ONE, settings=USED_UP) as (site, _):
        await out_of_quota(site, "anna")
        behind = await ask(site, "anna", "[[think=0 answer=150]]")
        await heard(behind, 100)
        within = await ask(site, "boris", SHORT)
        order = await in_order_of_their_end({"anna": behind, "boris": within})
        assert order == ["boris", "anna"]
        assert {event.reason for event in waits(behind)} == {"gave_way"}
        assert all(event.behind for event in waits(behind))
        assert (await behind.over()).receipt.usage.answer == 150


class AtTheEndOfAWindow:
    """A clock by which the window ends three seconds after it is first read: time enough to ask in."""

    def __init__(self) -> None:
        self.begun = now_us()
        self.end = window_at(self.begun, 8784)[1]

    def __call__(self) -> int:
        return self.end - 3_000_000 + now_us() - self.begun


async def test_when_the_window_turns_one_stands_among_the_others_and_is_told_so(data: Path) -> None:
    async with site_over(data, ONE, settings=(*USED_UP, NO_PAUSE)) as (site, _):
        clock = AtTheEndOfAWindow()
        clock.begun += HOUR_US  # long before the end, for now
        site.quotas._now_us = clock
        await out_of_quota(site, "anna")
        holds = await ask(site, "boris", HOLDS)
        await heard_of(holds, Started)
        clock.begun = now_us()
        behind = await ask(site, "anna", SHORT)
        assert (await heard_of(behind, Queued)).resets_s <= 3.0
        heavy = [await ask(site, "carl", "[[think=0 answer=60]]") for _ in range(2)]
        forgiven = await heard_of(behind, Queued, behind=False)
        assert forgiven.resets_s is None
        holds.stop("person")
        order = await in_order_of_their_end({"anna": behind, "carl1": heavy[0], "carl2": heavy[1]})
        assert order[-1] == "carl2", "among the others it is her turn before his second"


async def test_where_nobody_waits_in_order_nobody_is_said_to_go_behind(data: Path) -> None:
    async with site_over(data, ONE, settings=(*USED_UP, "line.fair=false")) as (site, _):
        await out_of_quota(site, "anna")
        holds = await ask(site, "boris", HOLDS)
        await heard_of(holds, Started)
        first, second = await ask(site, "anna", SHORT), await ask(site, "carl", SHORT)
        assert not (await heard_of(first, Queued)).behind
        holds.stop("person")
        assert await in_order_of_their_end({"anna": first, "carl": second}) == ["anna", "carl"]
        assert not (await first.over()).receipt.behind


async def test_who_would_rather_come_back_is_told_when_the_quota_begins_anew(data: Path) -> None:
    async with site_over(data, ONE, settings=(*USED_UP, NO_PAUSE)) as (site, _):
        await out_of_quota(site, "anna")
        holds = await ask(site, "boris", HOLDS)
        await heard_of(holds, Started)
        with pytest.raises(WouldWait, match="Your quota is used up") as why:
            await ask(site, "anna", SHORT, max_wait_s=0.0)
        left_s = (window_at(now_us(), 8784)[1] - now_us()) / 1e6
        assert why.value.retry_after_s == pytest.approx(left_s, abs=5)
        assert site.pool.dispatcher.waiting == 0
        holds.stop("person")
        await holds.over()


async def test_where_the_operator_says_so_one_is_refused_until_the_window_turns(data: Path) -> None:
    settings = (
        "tiers.visitor.tokens=400",
        "tiers.visitor.window_hours=8784",
        "tiers.visitor.when_over=refuse",
    )
    async with site_over(data, ONE, settings=settings) as (site, servers):
        cut = await ask(site, "anna", "[[think=0 answer=500]]")
        end = await cut.over()
        assert isinstance(end, Finished)
        assert end.reason == "length", "it was cut to what was left"
        assert 300 < end.receipt.usage.service <= 400
        with pytest.raises(OverQuota, match="It begins anew at") as why:
            await ask(site, "anna", SHORT)
        left_s = (window_at(now_us(), 8784)[1] - now_us()) / 1e6
        assert why.value.retry_after_s == pytest.approx(left_s, abs=5)
        asked = servers[0].driver.stats.max_running
        assert isinstance(await (await ask(site, "boris", SHORT)).over(), Finished)
        assert (asked, site.turns.count) == (1, 0)


async def test_two_questions_at_once_are_not_thought_to_be_longer_than_they_are(data: Path) -> None:
    """The bound that no prompt passes is its bytes: several times what it is."""
    quota = ("tiers.visitor.tokens=2000", "tiers.visitor.window_hours=8784")
    async with site_over(data, TWO, settings=quota) as (site, _):
        long = "A question of some length. " * 100 + SHORT  # 2,721 bytes, 681 tokens
        first, second = [await ask(site, "anna", long, max_tokens=200) for _ in range(2)]
        assert not (first.behind or second.behind)
        ends = [await live.over() for live in (first, second)]
        assert all(end.receipt.usage.prompt < 800 for end in ends)


@pytest.mark.parametrize("how", ["finished", "stopped", "stopped in line", "failed", "refused by its engine"])
async def test_whatever_becomes_of_a_turn_nothing_stays_set_aside_and_what_it_used_is_counted(
    data: Path, how: str
) -> None:
    quota = (
        "tiers.visitor.tokens=100000",
        "tiers.visitor.window_hours=8784",
        "tiers.visitor.when_over=refuse",
        NO_PAUSE,
    )
    async with site_over(data, ONE, settings=quota) as (site, _):
        caller = request(site, "anna", "").caller
        holds = await ask(site, "boris", HOLDS) if how == "stopped in line" else None
        says = {"finished": SHORT, "failed": "[[think=0 answer=50 die=10]]"}.get(how, HOLDS)
        says = "[[status=400]]" if how.startswith("refused") else says
        live = await ask(site, "anna", says)
        left = await site.quotas.left(caller)
        assert left.tokens is not None
        assert (left.tokens.used, left.live) == (0, 1)
        assert left.tokens.held > 0
        if how == "stopped":
            await heard_of(live, Started)
        if how.startswith("stopped"):
            live.stop("person")
        end = await live.over()
        if holds is not None:
            holds.stop("person")
            await holds.over()
        await site.conductor.settled()
        left = await site.quotas.left(caller)
        assert left.tokens is not None
        assert (left.tokens.used, left.tokens.held, left.live) == (end.receipt.usage.service, 0, 0)
        assert site.quotas._holds == {}


async def test_a_question_that_is_refused_after_it_was_let_in_holds_nothing(data: Path) -> None:
    settings = ("tiers.visitor.tokens=100000", "tiers.visitor.when_over=refuse", NO_PAUSE)
    async with site_over(data, ONE, settings=settings) as (site, _):
        holds = await ask(site, "boris", HOLDS)
        await heard_of(holds, Started)
        with pytest.raises(WouldWait):
            await ask(site, "anna", SHORT, max_wait_s=0.0)
        left = await site.quotas.left(request(site, "anna", "").caller)
        assert left.tokens is not None
        assert (left.tokens.held, left.live) == (0, 0)
        assert [*site.quotas._holds] == [holds.request.id]
        holds.stop("person")
        await holds.over()
