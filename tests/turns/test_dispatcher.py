"""The dispatcher: never more turns than slots, no leaked counts, nobody forgotten when an engine goes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.errors import EngineUnavailable
from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.round_robin import RoundRobinLine
from thinkwell.testing.clock import run_virtual
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.turns.dispatcher import Dispatcher


def ticket(name: str, person: str | None = None) -> Ticket:
    return Ticket(id=name, person=person or name)


def ignore(position: int, waiting: int, reason: str) -> None:
    return None


async def test_a_lease_is_given_at_once_while_there_is_room() -> None:
    dispatcher = Dispatcher(RoundRobinLine(), [ScriptedEngine(slots=2)], patience_s=1)
    async with AsyncExitStack() as leases:
        for name in "ab":
            await leases.enter_async_context(dispatcher.lease(ticket(name), ignore))
        assert (dispatcher.running, dispatcher.waiting) == (2, 0)
    assert (dispatcher.running, dispatcher.waiting) == (0, 0)


def test_who_waits_is_told_the_place_at_once_and_as_it_changes() -> None:
    async def main() -> None:
        dispatcher = Dispatcher(RoundRobinLine(), [ScriptedEngine(slots=1)], patience_s=1)
        places: dict[str, list[tuple[int, int]]] = {name: [] for name in "abc"}
        done = []

        async def turn(name: str) -> None:
            async with dispatcher.lease(ticket(name), lambda *place: places[name].append(place[:2])):
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
        dispatcher = Dispatcher(RoundRobinLine(), [ScriptedEngine(slots=1)], patience_s=1)

        async def turn(name: str) -> None:
            async with dispatcher.lease(ticket(name), ignore):
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
        dispatcher = Dispatcher(RoundRobinLine(), [engine], patience_s=2)
        turns: list[asyncio.Task[None]] = []
        most = running = 0

        async def turn(name: str, person: str, seconds: float) -> None:
            nonlocal most, running
            try:
                async with dispatcher.lease(ticket(name, person), ignore):
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
        dispatcher = Dispatcher(RoundRobinLine(), [engine], patience_s=60)
        engine.die()
        told: list[str] = []

        async def turn() -> None:
            async with dispatcher.lease(ticket("a"), lambda *place: told.append(place[2])):
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
        dispatcher = Dispatcher(RoundRobinLine(), [engine], patience_s=60)
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
    async with dispatcher.lease(ticket(name), ignore):
        pass
