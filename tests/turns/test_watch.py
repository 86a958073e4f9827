"""The rolling view of a site: who is there, how fast it goes, how long people waited, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import NotFound, OverQuota, TooManyAtOnce
from thinkwell.ledger.meter import Meter
from thinkwell.testing.clock import ManualClock
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.observer import Observers, Unmoved, tells_refusals
from thinkwell.turns.rolling import Rolling
from thinkwell.turns.watch import MOST_FAILURES, MOST_REFUSED, Crowd, Parts, Watch
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta, Failed, Finished, ReasoningDelta
from thinkwell.values.turn import TurnRequest


class Scene:
    """A watch over turns that a test makes up. Its times of day are those of its clock, from 1970 on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.turns = LiveTurns(0)
        engine = ScriptedEngine(slots=4)
        parts = Parts(self.turns, cast(Any, None), (engine,), {}, lambda: 0.5)
        self.watch = Watch(parts, lambda: round(self.clock() * 1e6), self.clock)
        self.made = 0

    def turn(self, person: str, tier: str = "visitor") -> LiveTurn:
        self.made += 1
        caller = Caller(kind="visitor", id=person, person=person, tier=tier, group="network:g")
        request = TurnRequest(id=f"t{self.made}", caller=caller, model="m", messages=())
        live = LiveTurn(request, Meter(request.id, "m", self.clock))
        live.meter.queued()
        self.turns._running[request.id] = live
        return live

    def end(self, live: LiveTurn, code: str | None = None) -> None:
        del self.turns._running[live.request.id]
        if code is None:
            self.watch.ended(live, Finished("stop", live.meter.receipt("finished")))
        else:
            self.watch.ended(live, Failed(code, "SECRET", live.meter.receipt("failed")))


async def test_people_are_counted_once_however_many_turns_they_have() -> None:
    scene = Scene()
    scene.turn("a").meter.started("e")
    scene.turn("a")
    scene.turn("b")
    scene.turn("c", "member").meter.started("e")
    assert scene.watch.crowds() == {
        "member": Crowd(people_running=1, running=1),
        "visitor": Crowd(people_running=1, people_waiting=1, running=1, waiting=2),
    }
    sample = scene.watch.look()
    assert sample.crowd == Crowd(people_running=2, people_waiting=1, running=2, waiting=2)
    assert (sample.slots, sample.load) == (4, 0.5)


async def test_tokens_a_second_count_each_token_once_whether_its_turn_ended_or_not() -> None:
    scene = Scene()
    live = scene.turn("a")
    live.meter.started("e")
    scene.watch.look()
    live.meter.prompt(10, 4)
    live.meter.said(ReasoningDelta("x", 6), scene.clock())
    await scene.clock.advance(2)
    sample = scene.watch.look()
    assert (sample.generated_per_s, sample.prompt_per_s) == (3, 3)
    live.meter.said(AnswerDelta("x", 4), scene.clock())
    scene.end(live)
    await scene.clock.advance(2)
    assert scene.watch.look().generated_per_s == 2
    await scene.clock.advance(2)
    assert scene.watch.look().generated_per_s == 0


async def test_percentiles_are_of_the_last_five_minutes_by_tier() -> None:
    scene = Scene()
    for tier, wait_s in (("visitor", 10), ("member", 1)):
        live = scene.turn(tier, tier)
        await scene.clock.advance(wait_s)
        live.meter.started("e")
        live.meter.said(AnswerDelta("x", 1), scene.clock())
        scene.end(live)
    waits, first = scene.watch.waits(), scene.watch.first_tokens()
    assert {tier: histogram.total for tier, histogram in waits.items()} == {"member": 1, "visitor": 1}
    assert 8_400 < (waits["visitor"].percentile(50) or 0) < 11_900
    assert 840 < (first["member"].percentile(50) or 0) < 1_190
    await scene.clock.advance(290)
    assert scene.watch.waits()
    await scene.clock.advance(30)
    assert scene.watch.waits() == scene.watch.first_tokens() == {}


async def test_failures_are_kept_without_text_and_person_and_with_the_engine() -> None:
    scene = Scene()
    scene.end(scene.turn("a"), "engine_unavailable")
    live = scene.turn("b", "member")
    live.meter.started("first")
    live.meter.queued()
    live.meter.started("second")
    scene.end(live, "engine_stalled")
    never_started, lost = scene.watch.failures
    assert (never_started.engine, never_started.tier) == (None, "visitor")
    assert (lost.code, lost.engine, lost.tier, lost.model) == ("engine_stalled", "second", "member", "m")
    assert "SECRET" not in str(scene.watch.failures)
    assert scene.watch.codes(300) == Counter({"engine_unavailable": 1, "engine_stalled": 1})
    await scene.clock.advance(301)
    assert scene.watch.codes(300) == Counter() and scene.watch.codes(3600).total() == 2
    for _ in range(2 * MOST_FAILURES):
        scene.end(scene.turn("a"), "engine_stalled")
    assert len(scene.watch.failures) == MOST_FAILURES
    assert scene.watch.look().failed == 2 + 2 * MOST_FAILURES


async def test_who_was_refused_for_a_quota_is_remembered_for_an_hour() -> None:
    scene = Scene()

    def refuse(person: str, why: Any) -> None:
        caller = scene.turn(person).request.caller
        scene.watch.refused(caller, why)

    refuse("a", OverQuota("x"))
    await scene.clock.advance(60)
    refuse("a", OverQuota("x"))
    refuse("a", TooManyAtOnce("x"))
    refuse("b", NotFound("x"))
    found = {one.code: one for one in scene.watch.turned()}
    assert set(found) == {"over_quota", "too_many_at_once"}
    assert (found["over_quota"].times, found["over_quota"].at) == (2, round(scene.clock() * 1e6))
    await scene.clock.advance(3601)
    assert scene.watch.turned() == []
    for number in range(MOST_REFUSED + 10):
        refuse(f"p{number}", OverQuota("x"))
    assert len(scene.watch.turned()) == MOST_REFUSED
    assert scene.watch.turned()[0].person == f"p{MOST_REFUSED + 9}"


async def test_requests_that_were_turned_away_are_counted_by_code() -> None:
    scene = Scene()
    scene.watch.turned_away("not_found")
    scene.watch.turned_away("not_found")
    assert scene.watch.refusals(300) == Counter({"not_found": 2})
    assert scene.watch.look().refused == 2 and scene.watch.look().refused == 0


async def test_half_an_hour_of_samples_is_kept() -> None:
    scene = Scene()
    for _ in range(1000):
        await scene.clock.advance(2)
        scene.watch.look()
    assert len(scene.watch.samples) == 900
    at = scene.watch.samples[-3].at
    assert [sample.at for sample in scene.watch.since(at)] == [s.at for s in list(scene.watch.samples)[-2:]]
    assert scene.watch.since(0)[0].at == scene.watch.samples[0].at


async def test_use_of_the_slots_is_that_of_the_last_five_minutes() -> None:
    scene = Scene()
    assert scene.watch.utilisation() == 0
    for _ in range(500):
        scene.watch.look()
    live = scene.turn("a")
    live.meter.started("e")
    for _ in range(75):
        scene.watch.look()
    assert scene.watch.utilisation() == pytest.approx(0.125)


# -- slots of time -------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=30), st.floats(0, 100, allow_nan=False))
def test_what_was_noted_is_found_as_long_as_it_is_recent(moments: list[float], later: float) -> None:
    rolling: Rolling[list[float]] = Rolling(list, slots=5, slot_s=2)
    moments.sort()
    for moment in moments:
        rolling.current(moment).append(moment)
    now = (moments[-1] if moments else 0) + later
    found = [moment for slot in rolling.within(now) for moment in slot]
    assert found == [moment for moment in moments if int(now / 2) - int(moment / 2) < 5]
    one = [moment for slot in rolling.within(now, 2) for moment in slot]
    assert one == [moment for moment in moments if int(moment / 2) == int(now / 2)]


# -- observers -----------------------------------------------------------------------------------


class Failing(Unmoved):
    def ended(self, live: LiveTurn, end: Any) -> None:
        raise RuntimeError


class Noting(Unmoved):
    def __init__(self) -> None:
        self.noted: list[Any] = []

    def ended(self, live: LiveTurn, end: Any) -> None:
        self.noted.append(end)

    def refused(self, caller: Caller, why: Any) -> None:
        self.noted.append((caller.person, why.code))


async def test_an_observer_that_fails_harms_neither_the_turn_nor_the_others() -> None:
    scene, noting = Scene(), Noting()
    observers = Observers([Failing(), noting, scene.watch])
    live = scene.turn("a")
    end = Finished("stop", live.meter.receipt("finished"))
    for tell in (observers.begun, observers.asked, observers.answered, observers.closing):
        cast(Callable[[LiveTurn], None], tell)(live)
    observers.leased(live, "e")
    observers.ended(live, end)
    assert noting.noted == [end]


async def test_who_admits_turns_tells_whom_it_refused() -> None:
    class Door:
        def __init__(self) -> None:
            self.observer = Noting()

        @tells_refusals
        async def begin(self, tasks: Any, request: TurnRequest, *, why: Exception | None = None) -> str:
            if why is not None:
                raise why
            return request.id

    door, request = Door(), Scene().turn("a").request
    assert await door.begin(None, request) == "t1"
    with pytest.raises(OverQuota):
        await door.begin(None, request, why=OverQuota("x"))
    with pytest.raises(ValueError, match="x"):
        await door.begin(None, request, why=ValueError("x"))
    assert door.observer.noted == [("a", "over_quota")]
