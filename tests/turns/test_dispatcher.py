"""The dispatcher: never more turns than slots, no leaked counts, nobody forgotten when an engine goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.errors import EngineUnavailable
from thinkwell.scheduling.base import Cost, Line, Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.testing.clock import run_virtual
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.standing import Standing, Tell
from thinkwell.values.event import Queued


def ticket(name: str, person: str | None = None, *, behind: bool = False) -> Ticket:
    return Ticket(id=name, person=person or name, behind=behind)


def ignore(event: Queued) -> None:
    return None


def dispatcher_over(
    *engines: ScriptedEngine,
    patience_s: float = 1,
    rules: Rules | None = None,
    line: Callable[[Cost], Line] = FairLine,
) -> Dispatcher:
    schedule = PoolSchedule(
        line,
        [Replica(engine.name, engine.slots) for engine in engines],
        Router([engine.name for engine in engines], cache_blocks=64, block_tokens=128),
        rules=rules,
    )
    return Dispatcher(schedule, engines, patience_s)


@asynccontextmanager
async def lease(
    dispatcher: Dispatcher, mine: Ticket, tell: Tell = ignore, resets_s: float | None = None
) -> AsyncIterator[Standing]:
    async with dispatcher.standing(mine, tell, resets_s) as standing:
        await standing.its_turn()
        yield standing


async def test_a_lease_is_given_at_once_while_there_is_room() -> None:
    dispatcher = dispatcher_over(ScriptedEngine(slots=2), patience_s=1)
    async with AsyncExitStack() as leases:
        for name in "ab":
            await leases.enter_async_context(lease(dispatcher, ticket(name)))
        assert (dispatcher.running, dispatcher.waiting) == (2, 0)
    assert (dispatcher.running, dispatcher.waiting) == (0, 0)


def test_who_waits_is_told_the_place_at_once_and_as_it_changes() -> None:
    async def main() -> None:
        dispatcher = dispatcher_over(ScriptedEngine(slots=1), patience_s=1)
        places: dict[str, list[tuple[int, int]]] = {name: [] for name in "abc"}
        done = []

        async def turn(name: str) -> None:
            async with lease(
                dispatcher, ticket(name), lambda q: places[name].append((q.position, q.waiting))
            ):
                await asyncio.sleep(10)
                done.append(name)

        async with asyncio.TaskGroup() as tasks:
            for name in "abc":
                tasks.create_task(turn(name))
        assert done == ["a", "b", "c"]
        assert places == {"a": [], "b": [(1, 1), (1, 2)], "c": [(2, 2), (1, 1)]}

    run_virtual(main())


def test_a_waiting_turn_that_is_stopped_leaves_the_line() -> None:
    async def main() -> None:
        dispatcher = dispatcher_over(ScriptedEngine(slots=1), patience_s=1)

        async def turn(name: str) -> None:
            async with lease(dispatcher, ticket(name)):
                await asyncio.sleep(10)

        first, second = asyncio.ensure_future(turn("a")), asyncio.ensure_future(turn("b"))
        await asyncio.sleep(1)
        second.cancel()
        await asyncio.wait({second})
        assert (dispatcher.running, dispatcher.waiting) == (1, 0)
        await first
        assert (dispatcher.running, dispatcher.waiting) == (0, 0)

    run_virtual(main())


STEPS = st.lists(
    st.tuples(st.sampled_from(["turn", "cancel", "die", "revive"]), st.integers(0, 5), st.floats(0.1, 3)),
    max_size=25,
)


@given(steps=STEPS, slots=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_no_schedule_of_cancellations_and_outages_leaks_a_count(
    steps: list[tuple[str, int, float]], slots: int
) -> None:
    async def main() -> None:
        engine = ScriptedEngine(slots=slots)
        dispatcher = dispatcher_over(engine, patience_s=2)
        turns: list[asyncio.Task[None]] = []
        most = running = 0

        async def turn(name: str, person: str, seconds: float) -> None:
            nonlocal most, running
            try:
                async with lease(dispatcher, ticket(name, person)):
                    running += 1
                    most = max(most, running)
                    try:
                        await asyncio.sleep(seconds)
                    finally:
                        running -= 1
            except EngineUnavailable:
                pass

        for number, (step, which, seconds) in enumerate(steps):
            if step == "turn":
                turns.append(asyncio.ensure_future(turn(str(number), str(which % 3), seconds)))
            elif step == "cancel" and turns:
                turns[which % len(turns)].cancel()
            elif step == "die":
                engine.die()
            elif step == "revive":
                engine.revive()
            if which % 2:
                await asyncio.sleep(seconds / 2)
        engine.revive()
        if turns:
            await asyncio.wait(turns)
        assert most <= slots
        assert (dispatcher.running, dispatcher.waiting) == (0, 0)

    run_virtual(main())


def test_turns_wait_for_an_engine_that_comes_back_and_are_told_what_they_wait_for() -> None:
    async def main() -> None:
        engine = ScriptedEngine()
        dispatcher = dispatcher_over(engine, patience_s=60)
        engine.die()
        told: list[str] = []

        async def turn() -> None:
            async with lease(dispatcher, ticket("a"), lambda place: told.append(place.reason)):
                pass

        waiting = asyncio.ensure_future(turn())
        await asyncio.sleep(30)
        engine.be_starting()
        await asyncio.sleep(10)
        assert not waiting.done()
        engine.revive()
        await waiting
        assert told == ["engine_down", "engine_starting"]

    run_virtual(main())


def test_turns_are_told_when_the_engine_stays_away_and_new_ones_are_told_at_once() -> None:
    async def main() -> None:
        engine = ScriptedEngine()
        dispatcher = dispatcher_over(engine, patience_s=60)
        engine.die("it burned")
        for patience in (60, 0):
            began = asyncio.get_running_loop().time()
            with pytest.raises(EngineUnavailable, match="it burned") as caught:
                await _hold(dispatcher, "a")
            assert asyncio.get_running_loop().time() - began == pytest.approx(patience)
            assert caught.value.retry_after_s
        engine.revive()
        await _hold(dispatcher, "b")
        assert (dispatcher.running, dispatcher.waiting) == (0, 0)

    run_virtual(main())


async def _hold(dispatcher: Dispatcher, name: str) -> None:
    async with lease(dispatcher, ticket(name)):
        pass


def test_a_long_turn_gives_way_to_a_person_who_has_nothing_and_goes_on_after_them() -> None:
    async def main() -> None:
        engine = ScriptedEngine(slots=1)
        dispatcher = dispatcher_over(engine, rules=Rules(quantum_tokens=10, least_lead=100))
        told: list[Queued] = []
        order: list[str] = []

        async def long() -> None:
            async with lease(dispatcher, ticket("long", "heavy"), told.append) as standing:
                standing.progressed(100)
                while not standing.asked_to_pause:
                    await asyncio.sleep(0.1)
                standing.pause()
                await standing.its_turn()
                order.append("long")

        async def short() -> None:
            async with lease(dispatcher, ticket("short", "light")):
                order.append("short")
                await asyncio.sleep(5)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(long())
            await asyncio.sleep(1)
            tasks.create_task(short())
        assert order == ["short", "long"]
        assert [(place.position, place.reason) for place in told] == [(1, "gave_way")]
        assert (dispatcher.running, dispatcher.waiting) == (0, 0)

    run_virtual(main())


def test_a_turn_that_lost_its_replica_comes_before_all_who_wait_and_they_are_told_why() -> None:
    async def main() -> None:
        first, second = ScriptedEngine(slots=1, name="one"), ScriptedEngine(slots=1, name="two")
        dispatcher = dispatcher_over(first, second, patience_s=60)
        told: list[Queued] = []
        order: list[str] = []

        async def turn(name: str, *, loses: bool = False) -> None:
            tell = told.append if name == "waits" else ignore
            async with lease(dispatcher, ticket(name), tell) as standing:
                await asyncio.sleep(10)
                if loses:
                    first.die()
                    standing.lost(away=False)
                    await standing.its_turn()
                    await asyncio.sleep(10)
                order.append(name)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(turn("lost", loses=True))
            await asyncio.sleep(1)
            tasks.create_task(turn("other"))
            tasks.create_task(turn("waits"))
        assert order == ["other", "lost", "waits"]
        assert [(place.position, place.moved) for place in told] == [(1, None), (2, "came_back"), (1, None)]

    run_virtual(main())


def test_a_place_that_rises_is_told_with_the_reason() -> None:
    async def main() -> None:
        dispatcher = dispatcher_over(ScriptedEngine(slots=1))
        told: list[Queued] = []

        async def turn(name: str, person: str) -> None:
            tell = told.append if name == "mine" else ignore
            async with lease(dispatcher, ticket(name, person), tell) as standing:
                await asyncio.sleep(10)
                standing.progressed(50)

        async with asyncio.TaskGroup() as tasks:
            for name, person in (("first", "me"), ("mine", "me"), ("lighter", "you")):
                tasks.create_task(turn(name, person))
                await asyncio.sleep(1)
        assert [(place.position, place.moved) for place in told] == [
            (1, None),
            (2, "lighter_first"),
            (1, None),
        ]

    run_virtual(main())


def test_a_replica_that_drains_gets_no_more_turns() -> None:
    async def main() -> None:
        first, second = ScriptedEngine(slots=4, name="one"), ScriptedEngine(slots=4, name="two")
        dispatcher = dispatcher_over(first, second)
        dispatcher.drain("one")
        async with AsyncExitStack() as leases:
            for name in "abcd":
                standing = await leases.enter_async_context(dispatcher.standing(ticket(name), ignore))
                assert (await standing.its_turn()).name == "two"

    run_virtual(main())


def test_whoever_could_start_now_is_not_told_to_wait_and_asking_leaves_no_trace() -> None:
    async def main() -> None:
        dispatcher = dispatcher_over(ScriptedEngine(slots=1))
        assert dispatcher.expected_wait(ticket("a")) == 0.0
        async with lease(dispatcher, ticket("a")):
            assert dispatcher.expected_wait(ticket("b")) is None
            assert dispatcher.waiting == 0

    run_virtual(main())


def test_an_engine_that_could_not_be_reached_is_left_alone_for_a_moment() -> None:
    async def main() -> None:
        dispatcher = dispatcher_over(ScriptedEngine(slots=2))  # it says that it is ready all the time
        clock = asyncio.get_running_loop().time
        async with lease(dispatcher, ticket("a")) as standing:
            standing.lost(away=True)
            began = clock()
            await standing.its_turn()
            assert 1.0 <= clock() - began <= 1.5
            standing.lost(away=False)
            again = clock()
            await standing.its_turn()
            assert clock() == again

    run_virtual(main())


# -- behind the others -------------------------------------------------------------------------------


class Rush:
    """A pool of one slot with the line of two parts, and what each who waits there was told."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.dispatcher = dispatcher_over(ScriptedEngine(slots=1), line=BehindLine, rules=rules)
        self.told: dict[str, list[Queued]] = {}
        self.order: list[str] = []

    async def turn(
        self, name: str, seconds: float = 10, *, person: str | None = None, resets_s: float | None = None
    ) -> None:
        tell = self.told.setdefault(name, []).append
        mine = ticket(name, person, behind=resets_s is not None)
        async with lease(self.dispatcher, mine, tell, resets_s) as standing:
            self.order.append(name)
            standing.progressed(50)
            await asyncio.sleep(seconds)


def test_who_goes_behind_is_told_so_with_the_time_and_stands_among_the_others_from_then_on() -> None:
    async def main() -> None:
        rush = Rush()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(rush.turn("runs", 20))
            await asyncio.sleep(1)
            tasks.create_task(rush.turn("over", resets_s=10.0))
            await asyncio.sleep(1)
            for name in ("a", "b"):
                tasks.create_task(rush.turn(name, person="heavy"))
        told = rush.told["over"]
        assert rush.order == ["runs", "a", "over", "b"], "after the first of each who is within"
        assert (told[0].position, told[0].behind, told[0].resets_s) == (1, True, 10.0)
        behind = [event for event in told if event.behind]
        assert all(event.resets_s is not None for event in behind)
        assert [event.moved for event in behind if event.position > 1][:1] == ["within_quota"]
        forgiven = told[len(behind) :]
        assert forgiven
        assert all(not event.behind and event.resets_s is None for event in forgiven)
        assert not any(event.behind for name in "ab" for event in rush.told[name])
        assert (rush.dispatcher._behind, rush.dispatcher.waiting) == ({}, 0)

    run_virtual(main())


def test_it_is_told_within_a_second_of_the_moment() -> None:
    async def main() -> None:
        rush = Rush()
        clock = asyncio.get_running_loop().time
        at: list[float] = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(rush.turn("runs", 1000))
            await asyncio.sleep(1)
            began = clock()

            def tell(event: Queued) -> None:
                if not event.behind:
                    at.append(clock() - began)

            async def over() -> None:
                async with lease(rush.dispatcher, ticket("over", behind=True), tell, 500.0):
                    pass

            tasks.create_task(over())
        assert 500.0 <= at[0] <= 501.0

    run_virtual(main())


def test_who_leaves_before_is_not_remembered() -> None:
    async def main() -> None:
        rush = Rush()
        runs = asyncio.ensure_future(rush.turn("runs", 100))
        await asyncio.sleep(1)
        left = [asyncio.ensure_future(rush.turn(f"over{n}", resets_s=50.0)) for n in range(20)]
        await asyncio.sleep(1)
        assert len(rush.dispatcher._behind) == 20
        for task in left:
            task.cancel()
        await asyncio.wait(left)
        assert rush.dispatcher._behind == {}
        await runs
        assert rush.order == ["runs"]

    run_virtual(main())


def test_who_lost_their_machine_waits_before_the_others_and_is_not_said_to_be_behind() -> None:
    async def main() -> None:
        engine = ScriptedEngine(slots=1)
        dispatcher = dispatcher_over(engine, line=BehindLine, patience_s=100)
        told: list[Queued] = []
        order: list[str] = []

        async def turn(name: str, resets_s: float | None, tell: Tell) -> None:
            mine = ticket(name, behind=resets_s is not None)
            async with lease(dispatcher, mine, tell, resets_s) as standing:
                if name == "over":
                    await asyncio.sleep(10)
                    standing.lost(away=True)
                    await standing.its_turn()
                order.append(name)
                await asyncio.sleep(5)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(turn("over", 1000.0, told.append))
            await asyncio.sleep(1)
            tasks.create_task(turn("within", None, ignore))
        assert order == ["over", "within"]
        assert {(event.position, event.behind, event.resets_s) for event in told} == {(1, False, None)}

    run_virtual(main())


def test_a_turn_whose_time_came_while_it_ran_waits_among_the_others_after_a_pause() -> None:
    async def main() -> None:
        rush = Rush(Rules(quantum_tokens=10, least_lead=100))
        told: list[Queued] = []

        async def over() -> None:
            mine = ticket("over", behind=True)
            async with lease(rush.dispatcher, mine, told.append, 5.0) as standing:
                standing.progressed(100)
                while not standing.asked_to_pause:
                    await asyncio.sleep(0.1)
                standing.pause()
                await standing.its_turn()
                rush.order.append("over")

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(over())
            await asyncio.sleep(6)
            tasks.create_task(rush.turn("within", 5))
        assert rush.order == ["within", "over"]
        assert [(event.reason, event.behind) for event in told] == [("gave_way", False)]

    run_virtual(main())


@given(
    resets=st.lists(st.none() | st.floats(0.1, 40), min_size=1, max_size=20),
    cancelled=st.sets(st.integers(0, 19), max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_any_who_go_behind_are_served_and_forgiven_no_sooner_than_said(
    resets: list[float | None], cancelled: set[int]
) -> None:
    async def main() -> None:
        rush = Rush()
        clock = asyncio.get_running_loop().time
        forgiven: dict[int, float] = {}

        async def turn(number: int, resets_s: float | None) -> None:
            began = clock()

            def tell(event: Queued) -> None:
                assert resets_s is not None or not event.behind
                if resets_s is not None and not event.behind:
                    forgiven.setdefault(number, clock() - began - resets_s)

            mine = ticket(str(number), f"p{number % 4}", behind=resets_s is not None)
            async with lease(rush.dispatcher, mine, tell, resets_s):
                rush.order.append(str(number))
                await asyncio.sleep(3)

        turns = [asyncio.ensure_future(turn(number, resets_s)) for number, resets_s in enumerate(resets)]
        await asyncio.sleep(1)
        for number in cancelled:
            if number < len(turns):
                turns[number].cancel()
        await asyncio.wait(turns)
        assert all(task.cancelled() or task.exception() is None for task in turns)
        assert all(late >= 0.0 for late in forgiven.values())
        assert (rush.dispatcher._behind, rush.dispatcher.waiting, rush.dispatcher.running) == ({}, 0, 0)

    run_virtual(main())
