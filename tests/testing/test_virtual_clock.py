"""Clocks that tests move: in order, and without waiting."""

import asyncio
import time

import pytest

from thinkwell.testing.clock import ManualClock, SystemClock, run_virtual


async def test_sleepers_wake_in_the_order_of_their_time():
    clock = ManualClock(start=10.0)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now()))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper("late", 3))
        tasks.create_task(sleeper("early", 1))
        await clock.slept_on(2)
        await clock.advance(0.5)
        assert woken == []
        await clock.advance(5)
    assert woken == [("early", 11.0), ("late", 13.0)]
    assert clock() == 15.5


async def test_what_a_waking_sleeper_starts_can_sleep_within_the_same_advance():
    clock = ManualClock()

    async def ticks(count: int) -> float:
        for _ in range(count):
            await clock.sleep(1)
        return clock.now()

    task = asyncio.ensure_future(ticks(5))
    await clock.slept_on()
    await clock.advance(10)
    assert await task == 5


async def test_a_cancelled_sleeper_is_forgotten():
    clock = ManualClock()
    task = asyncio.ensure_future(clock.sleep(1))
    await clock.slept_on()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert clock.sleepers == 0
    await clock.advance(2)


async def test_the_system_clock_goes_on_by_itself():
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    assert clock.now() >= before


def test_hours_of_virtual_time_pass_in_seconds():
    async def main() -> tuple[float, list[str]]:
        loop = asyncio.get_running_loop()
        order: list[str] = []

        async def after(seconds: float, name: str) -> None:
            await asyncio.sleep(seconds)
            order.append(name)

        await asyncio.gather(after(7200, "two hours"), after(60, "a minute"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        return loop.time(), order

    began = time.monotonic()
    seconds, order = run_virtual(main())
    assert seconds == pytest.approx(3 * 3600)
    assert order == ["a minute", "two hours"]
    assert time.monotonic() - began < 5
