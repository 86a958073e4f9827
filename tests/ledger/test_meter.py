"""The meter: tokens by kind, and seconds by the given clock."""

from __future__ import annotations

from thinkwell.ledger.meter import Meter
from thinkwell.testing.clock import ManualClock
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.receipt import Shortening


async def test_a_receipt_says_what_was_used_and_how_long_each_part_took() -> None:
    clock = ManualClock()
    meter = Meter("t", "m", clock)
    meter.queued()
    await clock.advance(2)
    assert meter.started() == 2
    meter.prompt(10, 4)
    for event in (ReasoningDelta("a", 1), ReasoningDelta("b", 2), AnswerDelta("c", 1)):
        await clock.advance(1)
        meter.said(event, clock())
    await clock.advance(0.5)
    receipt = meter.receipt("finished")
    assert (receipt.usage.prompt, receipt.usage.cached) == (10, 4)
    assert (receipt.usage.reasoning, receipt.usage.answer) == (3, 1)
    assert receipt.usage.service == 6 + 8
    assert (receipt.waited_s, receipt.first_token_s, receipt.seconds) == (2, 3, 5.5)
    assert receipt.thinking_s == 1
    assert receipt.tokens_per_s == 1.5


async def test_a_turn_of_which_nothing_came_has_a_receipt_too() -> None:
    receipt = Meter("t", "m", ManualClock()).receipt("stopped")
    assert (receipt.usage.service, receipt.first_token_s, receipt.tokens_per_s) == (0, None, None)


def test_more_cached_than_asked_is_not_believed() -> None:
    meter = Meter("t", "m", ManualClock())
    meter.prompt(5, 9)
    assert meter.usage.cached == 5


async def test_what_a_turn_waited_in_between_is_told_apart_from_what_the_engine_took() -> None:
    clock = ManualClock()
    meter = Meter("t", "m", clock)
    meter.queued()
    await clock.advance(1)
    assert meter.started() == 1
    for _ in range(10):
        meter.said(ReasoningDelta("a", 1), clock())
        await clock.advance(0.1)
    meter.queued()
    await clock.advance(30)
    assert meter.started() == 31
    for _ in range(10):
        meter.said(ReasoningDelta("a", 1), clock())
        await clock.advance(0.1)
    receipt = meter.receipt("finished")
    assert (receipt.waited_s, receipt.gave_way_s, receipt.seconds) == (31, 30, 33)
    assert receipt.thinking_s == 1.9
    assert receipt.tokens_per_s == 10.0


def test_a_shortened_thought_is_on_the_receipt() -> None:
    meter = Meter("t", "m", ManualClock())
    assert meter.receipt("finished").shortened is None
    meter.shorten(200, 4096, 212)
    assert meter.receipt("finished").shortened == Shortening(budget=200, full=4096, waiting=212)
