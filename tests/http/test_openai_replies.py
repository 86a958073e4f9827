"""How a turn is told at the OpenAI door: its log is written here by hand, and the clock is ours."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thinkwell.http import replies, sse
from thinkwell.http.doors.openai_replies import ChatPrinter
from thinkwell.ledger.meter import Meter
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.log import TurnLog
from thinkwell.values.caller import Caller
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    Queued,
    ReasoningDelta,
    Shortened,
    Started,
    TurnEvent,
)
from thinkwell.values.message import Message
from thinkwell.values.receipt import Receipt, Shortening
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

RECEIPT = Receipt(turn_id="t", model="m", usage=Usage(), ending="finished")
COMMENT = re.compile(rb": waiting place=(\d+) of=(\d+) reason=(\w+)(?: (.*))? deadline=(\S+Z)\n\n")


def streamed(live: LiveTurn, *, events: bool = False) -> replies.Streamed:
    return replies.Streamed(live, ChatPrinter(live, events=events))


def whole_reply(live: LiveTurn) -> replies.Whole:
    return replies.Whole(live, ChatPrinter(live))


class Told:
    """A turn whose log a test writes, and its one reader."""

    def __init__(self) -> None:
        self.now = 100.0
        caller = Caller(kind="visitor", id="v", person="v")
        request = TurnRequest(id="t", caller=caller, model="m", messages=(Message("user", "?"),))
        self.live = LiveTurn(request, Meter("t", "m", lambda: self.now))
        self.live.log = TurnLog(lambda: self.now)
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def happens(self, *events: TurnEvent) -> None:
        """In one commit, as the journal does it."""
        for event in events:
            self.live.log.add(event)
        self.live.log.publish(self.live.log.last_seq)

    async def sent(self) -> dict[str, Any]:
        return await self._sent.get()

    async def body(self) -> bytes:
        return bytes((await self.sent())["body"])

    async def receive(self) -> dict[str, Any]:
        return await asyncio.Future()

    async def send(self, message: Any) -> None:
        await self._sent.put(message)


@asynccontextmanager
async def reading(told: Told, reply: replies.Streamed | replies.Whole) -> AsyncIterator[None]:
    task = asyncio.create_task(reply({"type": "http"}, told.receive, told.send))  # type: ignore[typeddict-item, arg-type]
    yield
    await task


@pytest.fixture
def told() -> Told:
    return Told()


def chunks(body: bytes) -> list[Any]:
    """The data of every frame, of any name."""
    lines = [line for line in body.decode().splitlines() if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


async def test_who_waits_is_told_again_with_the_time_that_is_left_and_not_only_kept_alive(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.01)
    async with reading(told, streamed(told.live)):
        told.happens(Queued(3, 12, "busy", 20.0, 60.0, "lighter_first"))
        assert (await told.sent())["status"] == 200
        first = COMMENT.fullmatch(await told.body())
        told.now += 15
        while (again := COMMENT.fullmatch(await told.body())) and again[4] == b"expected_s=20 p90_s=60":
            pass  # said before our clock went on
        assert first and again
        assert first[4] == b"expected_s=20 p90_s=60 moved=lighter_first"
        assert again[4] == b"expected_s=5 p90_s=45"
        told.happens(Finished("stop", RECEIPT))


async def test_a_deadline_is_after_the_frame_that_comes_next_even_if_that_is_late(told: Told) -> None:
    async with reading(told, streamed(told.live)):
        before = datetime.now(UTC)
        told.happens(Queued(1, 1))
        await told.sent()
        said = COMMENT.fullmatch(await told.body())
        assert said
        deadline = datetime.fromisoformat(said[5].decode())
        wait = deadline - before
        assert timedelta(seconds=2 * sse.KEEP_ALIVE_S) <= wait < timedelta(seconds=2 * sse.KEEP_ALIVE_S + 5)
        told.happens(Finished("stop", RECEIPT))


async def test_who_does_not_wait_is_kept_alive_without_words(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.01)
    async with reading(told, streamed(told.live)):
        told.happens(Queued(1, 1), Started("m", "r", 1.0))
        await told.sent()
        await told.body()
        assert await told.body() == sse.KEEP_ALIVE
        told.happens(Finished("stop", RECEIPT))


@pytest.mark.parametrize("events", [False, True])
async def test_a_turn_that_gave_way_goes_on_in_the_message_that_it_began(told: Told, events: bool) -> None:
    async with reading(told, streamed(told.live, events=events)):
        told.happens(
            Started("m", "r", 0.0),
            ReasoningDelta("Hm", 1),
            Queued(2, 3, "gave_way", 8.0, 20.0),
            Started("m", "r2", 8.0),
            ReasoningDelta("m.", 1),
            AnswerDelta("So.", 1),
            Finished("stop", RECEIPT),
        )
    await told.sent()
    body = await told.body()
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(body) if chunk["choices"]]
    assert [delta for delta in deltas if "role" in delta] == [{"role": "assistant", "content": ""}]
    assert "".join(delta.get("reasoning", "") for delta in deltas) == "Hmm."
    assert "".join(delta.get("content", "") for delta in deltas) == "So."
    news = [chunk["thinkwell"] for chunk in chunks(body) if not chunk["choices"]]
    assert [next(iter(one)) for one in news] == (["started", "queued", "started"] if events else [])
    assert (b": waiting place=2 of=3 reason=gave_way expected_s=8 p90_s=20 " in body) is not events
    assert body.count(b"event: thinkwell\n") == len(news)


async def test_a_shortened_thought_is_told_when_it_is_cut_and_on_the_receipt(told: Told) -> None:
    short = Shortening(budget=256, full=2048, waiting=212)
    receipt = Receipt(turn_id="t", model="m", usage=Usage(), ending="finished", shortened=short)
    async with reading(told, streamed(told.live, events=True)):
        told.happens(Started("m", "r", 0.0), Shortened(256, 2048, 212))
        told.happens(AnswerDelta("So.", 1), Finished("stop", receipt))
    assert (await told.sent())["status"] == 200
    said = [chunk["thinkwell"] for chunk in chunks(await told.body()) if "thinkwell" in chunk]
    plain = {"budget": 256, "full": 2048, "waiting": 212}
    assert said[1] == {"shortened": plain}
    assert said[-1]["receipt"]["shortened"] == plain


@pytest.mark.parametrize("before", [(), (Queued(3, 12, "busy", 90.0),), (Started("m", "r", 0.0),)])
@pytest.mark.parametrize("whole", [False, True])
async def test_who_would_not_wait_so_long_gets_a_true_status_and_the_time_to_come_back(
    told: Told, whole: bool, before: tuple[TurnEvent, ...]
) -> None:
    refused = Failed("would_wait", "About 90 s.", RECEIPT, retry_after_s=89.2)
    async with reading(told, whole_reply(told.live) if whole else streamed(told.live)):
        told.happens(*before, refused)
    start = await told.sent()
    assert start["status"] == 503
    assert (b"retry-after", b"90") in start["headers"]
    assert json.loads(await told.body())["error"]["code"] == "would_wait"


async def test_a_failure_that_knows_no_time_still_says_when_to_try_again(told: Told) -> None:
    async with reading(told, whole_reply(told.live)):
        told.happens(Failed("engine_unavailable", "Down.", RECEIPT))
    assert (b"retry-after", b"30") in (await told.sent())["headers"]


async def test_who_has_waited_is_told_of_a_failure_in_the_stream(told: Told) -> None:
    async with reading(told, streamed(told.live)):
        told.happens(Queued(3, 12))
        assert (await told.sent())["status"] == 200
        await told.body()
        told.happens(Failed("engine_unavailable", "Down.", RECEIPT))
    assert chunks(await told.body())[-1]["error"]["code"] == "engine_unavailable"
