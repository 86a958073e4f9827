"""The log: numbered without gaps, and a reader sees only what is published."""

from __future__ import annotations

import asyncio

import pytest

from thinkwell.turns.log import TurnLog
from thinkwell.values.event import AnswerDelta, Finished
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

END = Finished("stop", Receipt(turn_id="t", model="m", usage=Usage(), ending="finished"))


async def test_a_reader_waits_for_what_is_published_and_no_more() -> None:
    log = TurnLog()
    reading = asyncio.ensure_future(log.after(0))
    log.add(AnswerDelta("a", 1))
    log.add(AnswerDelta("b", 1))
    await asyncio.sleep(0)
    assert not reading.done()
    log.publish(1)
    assert await reading == [(1, AnswerDelta("a", 1))]
    log.publish(2)
    assert await log.after(1) == [(2, AnswerDelta("b", 1))]


async def test_after_the_end_nothing_follows() -> None:
    log = TurnLog()
    log.add(END)
    assert not log.ended
    log.publish(1)
    assert log.ended
    assert await log.after(0) == [(1, END)]
    assert await log.after(1) == []
    assert await log.after(99) == []
    with pytest.raises(AssertionError):
        log.add(AnswerDelta("late"))


def test_the_log_knows_how_old_the_news_is_that_its_readers_have() -> None:
    now = [10.0]
    log = TurnLog(lambda: now[0])
    assert log.latest is None
    log.add(AnswerDelta("a", 1))
    log.add(AnswerDelta("b", 1))
    log.publish(1)
    now[0] = 14.0
    assert log.latest == AnswerDelta("a", 1)
    assert log.latest_age_s == 4.0
    log.publish(1)  # nothing new
    assert log.latest_age_s == 4.0
    log.publish(2)
    assert (log.latest, log.latest_age_s) == (AnswerDelta("b", 1), 0.0)
