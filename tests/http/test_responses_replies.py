"""How a turn is told in the Responses dialect, whatever happens in it, in however many pieces it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, strategies
from openai import omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from thinkwell.http.doors.responses_kept import Running
from thinkwell.http.doors.responses_replies import ResponsesPrinter
from thinkwell.http.sse import KEEP_ALIVE
from thinkwell.http.wire.responses import ResponsesRequest
from thinkwell.http.wire.responses_object import as_begun
from thinkwell.http.wire.responses_tools import tooling_of
from thinkwell.ledger.meter import Meter
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    Lengthened,
    Queued,
    ReasoningDelta,
    Shortened,
    Started,
    Stopped,
    ThoughtEnded,
    ToolCallDelta,
    TurnEnd,
    TurnEvent,
)
from thinkwell.values.message import Message
from thinkwell.values.receipt import Receipt
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

ANY_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
RECEIPT = Receipt(
    turn_id="t", model="m", usage=Usage(prompt=9, cached=4, reasoning=3, answer=2), ending="finished"
)
ENDINGS = ("response.completed", "response.incomplete", "response.failed")

TEXTS = strategies.sampled_from(["", "a", "four ", "\n", '"', "é", "</x>", "\u2028", "🙂"])
EVENTS: strategies.SearchStrategy[TurnEvent] = strategies.one_of(
    strategies.builds(ReasoningDelta, TEXTS),
    strategies.builds(AnswerDelta, TEXTS),
    strategies.builds(
        ToolCallDelta,
        strategies.integers(0, 2),
        TEXTS,
        id=strategies.sampled_from([None, "call_1", "call_2"]),
        name=strategies.sampled_from([None, "weather"]),
    ),
    strategies.sampled_from(
        [
            Queued(3, 12, "busy", 14.0),
            Started("m", "r", 1.0),
            Shortened(1, 2, 3),
            Lengthened(4),
            ThoughtEnded("person"),
        ]
    ),
)
ENDS: strategies.SearchStrategy[TurnEnd] = strategies.sampled_from(
    [
        Finished("stop", RECEIPT),
        Finished("length", RECEIPT),
        Finished("tool_calls", RECEIPT),
        Failed("engine_broken", "Broken.", RECEIPT),
        Stopped("person", RECEIPT),
    ]
)


def being_made(*, show: bool = True, sealed: bool = False) -> Running:
    asked = ResponsesRequest(model="m", input="?")
    caller = Caller(kind="visitor", id="v", person="v")
    request = TurnRequest(
        id="resp_7", caller=caller, model="m", messages=(Message("user", "?"),), thinking=Thinking(show=show)
    )
    live = LiveTurn(request, Meter("resp_7", "m", lambda: 0.0))
    response = as_begun(asked, tooling_of(None, None, None), "resp_7", 1)
    return Running(response, live, [], (lambda thought: f"sealed:{thought}") if sealed else None)


def frames(body: bytes) -> list[Any]:
    """The data of every frame; its name is its type."""
    found = []
    for frame in body.decode().split("\n\n"):
        if frame.startswith("event: "):
            name, data = frame.split("\n")
            found.append(json.loads(data.removeprefix("data: ")))
            assert found[-1]["type"] == name.removeprefix("event: ")
        else:
            assert not frame or frame.startswith(": ")
    return found


def told(
    running: Running, happened: Sequence[TurnEvent], cuts: Sequence[int] = (), **options: Any
) -> list[Any]:
    """``cuts`` are the places at which the log was published."""
    printer = ResponsesPrinter(running, **options)
    running.ended_at = 5
    edges = [0, *sorted({cut % len(happened) for cut in cuts} - {0}), len(happened)]
    return frames(b"".join(printer.print(happened[a:b]) for a, b in pairwise(edges)))


@given(
    strategies.lists(EVENTS, max_size=20),
    ENDS,
    strategies.lists(strategies.integers(0, 30), max_size=6),
    strategies.booleans(),
    strategies.booleans(),
)
def test_whatever_happens_events_are_numbered_balanced_and_ended_once(
    happened: list[TurnEvent], end: TurnEnd, cuts: list[int], show: bool, ours: bool
) -> None:
    events = told(being_made(show=show), [*happened, end], cuts, events=ours)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[0]["type"] == "response.created"
    assert [event["type"] for event in events if event["type"] in ENDINGS] == [events[-1]["type"]]
    types = [event["type"] for event in events]
    assert types.count("response.in_progress") == 1
    assert ours or "thinkwell" not in types

    items: list[Any] = []
    texts: dict[str, str] = {}
    open_items: set[str] = set()
    open_parts: set[str] = set()
    done: list[Any] = []
    for event in events:
        kind = event["type"]
        if kind == "response.output_item.added":
            assert event["output_index"] == len(items)
            assert event["item"]["status"] == "in_progress"
            items.append(event["item"])
            open_items.add(event["item"]["id"])
            texts[event["item"]["id"]] = ""
        elif kind == "response.output_item.done":
            open_items.remove(event["item"]["id"])
            assert event["item"]["id"] not in open_parts
            done.append((event["output_index"], event["item"]))
        elif kind == "response.content_part.added":
            assert event["item_id"] in open_items and event["item_id"] not in open_parts
            open_parts.add(event["item_id"])
        elif kind == "response.content_part.done":
            open_parts.remove(event["item_id"])
            assert event["part"]["text"] == texts[event["item_id"]]
        elif kind.endswith(".delta"):
            assert event["delta"]
            assert items[event["output_index"]]["id"] == event["item_id"] in open_items
            assert ("content_index" in event) is (event["item_id"] in open_parts)
            texts[event["item_id"]] += event["delta"]
        elif kind.endswith((".text.done", "_text.done", "arguments.done")):
            assert event.get("text", event.get("arguments")) == texts[event["item_id"]]
    assert not open_items and not open_parts
    final = events[-1]["response"]["output"]
    assert [item for _, item in sorted(done, key=lambda one: one[0])] == final
    said = "".join(event.text for event in happened if isinstance(event, AnswerDelta))
    assert "".join(p["text"] for item in final if item["type"] == "message" for p in item["content"]) == said
    calls = [item for item in final if item["type"] == "function_call"]
    assert len({item["call_id"] for item in calls}) == len(calls)
    assert any(item["type"] == "reasoning" for item in final) is (
        show and any(isinstance(event, ReasoningDelta) and bool(event.text) for event in happened)
    )


@given(strategies.lists(EVENTS, max_size=12), ENDS, strategies.booleans())
def test_streamed_and_whole_are_the_same_response(
    happened: list[TurnEvent], end: TurnEnd, show: bool
) -> None:
    events = told(being_made(show=show, sealed=True), [*happened, end])
    assert not isinstance(end, Failed) or events[-1]["type"] == "response.failed"
    if not isinstance(end, Failed):
        running = being_made(show=show, sealed=True)
        running.ended_at = 5
        whole = json.loads(ResponsesPrinter(running).whole([*happened, end], end))
        assert whole == events[-1]["response"]


@given(strategies.lists(EVENTS, max_size=8), ENDS)
def test_the_official_library_finds_every_event_well_formed(happened: list[TurnEvent], end: TurnEnd) -> None:
    state: Any = ResponseStreamState(input_tools=[], text_format=omit)
    for event in told(being_made(sealed=True), [*happened, end]):
        state.handle_event(ANY_EVENT.validate_python(event))


def test_every_field_that_the_official_type_demands_is_there() -> None:
    running = being_made()
    running.ended_at = 5
    said: list[TurnEvent] = [AnswerDelta("Four."), Finished("stop", RECEIPT)]
    whole = json.loads(ResponsesPrinter(running).whole(said, said[-1]))  # type: ignore[arg-type]
    Response.model_validate(whole)
    ours_alone = {"store", "thinkwell"}
    assert set(whole) - set(Response.model_fields) == ours_alone
    assert whole["usage"] == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 14,
    }


def test_a_sealed_thought_is_sealed_once_it_is_whole() -> None:
    events = told(
        being_made(sealed=True), [ReasoningDelta("a"), ReasoningDelta("b"), Finished("stop", RECEIPT)]
    )
    sealed = [event["item"]["encrypted_content"] for event in events if "item" in event]
    assert sealed == [None, "sealed:ab"]
    assert events[-1]["response"]["output"][0]["encrypted_content"] == "sealed:ab"


def test_a_hidden_thought_is_nowhere_in_the_stream() -> None:
    running = being_made(show=False, sealed=True)
    events = told(
        running, [AnswerDelta("a"), ReasoningDelta("secret"), AnswerDelta("b"), Finished("stop", RECEIPT)]
    )
    assert "secret" not in json.dumps(events)
    assert [item["content"][0]["text"] for item in events[-1]["response"]["output"]] == ["a", "b"]


def test_who_waits_is_told_so_in_the_dialects_own_words_first() -> None:
    happened = [
        Queued(2, 3),
        Queued(1, 3),
        Started("m", "r", 1.0),
        Queued(1, 1, "gave_way"),
        Started("m", "r", 2.0),
    ]
    events = told(being_made(), [*happened, Finished("stop", RECEIPT)])
    assert [event["type"] for event in events] == [
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.completed",
    ]
    assert [event["response"]["status"] for event in events] == [
        "queued",
        "queued",
        "in_progress",
        "completed",
    ]


async def test_the_news_of_the_line_are_comments_and_said_again_in_the_quiet() -> None:
    running = being_made()
    log = running.live.log
    printer = ResponsesPrinter(running)
    log.add(Queued(2, 3, "busy", 20.0, moved="lighter_first"))
    log.publish(1)
    await asyncio.sleep(0)
    assert b": waiting place=2 of=3 reason=busy expected_s=20 moved=lighter_first" in printer.print(
        log.since(0)
    )
    assert printer.quiet().startswith(b": waiting place=2 of=3 reason=busy expected_s=20 deadline=")
    log.add(Started("m", "r", 0.0))
    log.publish(2)
    printer.print(log.since(1))
    assert printer.quiet() == KEEP_ALIVE


def test_a_failure_before_a_word_is_a_true_status() -> None:
    reply = ResponsesPrinter(being_made()).failed(Failed("would_wait", "Later.", RECEIPT, 89.2))
    assert reply.status == 503
    assert (b"retry-after", b"90") in reply.headers
    assert json.loads(reply.body)["error"]["code"] == "would_wait"


def test_one_that_is_being_made_can_be_looked_at() -> None:
    running = being_made()
    log = running.live.log
    assert running.as_of_now().status == "in_progress"
    for event, status in (
        (Queued(1, 1), "queued"),
        (Started("m", "r", 0.0), "in_progress"),
        (AnswerDelta("a"), "in_progress"),
    ):
        log.add(event)
        log.publish(log.last_seq)
        assert running.as_of_now().status == status
    log.add(AnswerDelta("not yet published"))
    [item] = running.as_of_now().output
    assert item.content[0].text == "a"  # type: ignore[union-attr]
