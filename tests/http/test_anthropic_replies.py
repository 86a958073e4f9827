"""How a turn is told at the Anthropic door: its events are written here by hand."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell import errors
from thinkwell.http.doors.anthropic_replies import PING, MessagesPrinter
from thinkwell.http.errors import STATUS, error_reply
from thinkwell.http.wire.anthropic_replies import MessagesError
from thinkwell.ledger.meter import Meter
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    Queued,
    ReasoningDelta,
    Shortened,
    Started,
    Stopped,
    ThoughtEnded,
    ToolCallDelta,
    TurnEvent,
)
from thinkwell.values.message import Message
from thinkwell.values.receipt import Receipt
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

USAGE = Usage(prompt=10, cached=4, reasoning=2, answer=3)
RECEIPT = Receipt(turn_id="msg_1", model="m", usage=USAGE, ending="finished")
STARTED = Started("m", "r", 0.0)
END = Finished("stop", RECEIPT)


def sign(thought: str) -> str:
    return f"signed:{thought}"


def printer(*, show: bool = True, events: bool = False) -> MessagesPrinter:
    request = TurnRequest(
        id="msg_1",
        caller=Caller(kind="visitor", id="v", person="v"),
        model="m",
        messages=(Message("user", "?"),),
        thinking=Thinking(show=show),
    )
    live = LiveTurn(request, Meter("msg_1", "m", lambda: 0.0))
    live.meter.prompt(10, 4)
    return MessagesPrinter(live, sign, "req_1", events=events)


def frames(stream: bytes) -> list[Any]:
    """The data of every event; its name is its type."""
    found = []
    for frame in stream.decode().split("\n\n"):
        if frame and not frame.startswith(":"):
            name, data = frame.split("\n")
            found.append(json.loads(data.removeprefix("data: ")))
            assert name == f"event: {found[-1]['type']}"
    return found


def streamed(*events: TurnEvent, **how: bool) -> list[Any]:
    return frames(printer(**how).print(events))


def blocks(told: list[Any]) -> list[dict[str, Any]]:
    """What a client puts together. Fails where the stream is not as Anthropic's."""
    kinds = [event["type"] for event in told if event["type"] not in ("ping", "thinkwell")]
    assert kinds.count("message_start") <= 1
    if "message_start" in kinds:
        assert kinds[0] == "message_start"
    assert kinds[-1] in ("message_stop", "error")
    assert kinds.count("message_stop") + kinds.count("error") == 1
    if kinds[-1] == "message_stop":
        assert kinds[-2] == "message_delta" and kinds.count("message_delta") == 1
    built: list[dict[str, Any]] = []
    opened = False
    for event in told:
        kind = event["type"]
        if kind == "content_block_start":
            assert not opened and event["index"] == len(built)
            opened = True
            built.append(event["content_block"] | {"json": ""})
        elif kind == "content_block_delta":
            assert opened and event["index"] == len(built) - 1
            delta = dict(event["delta"])
            fits = {
                "text_delta": ("text", "text"),
                "thinking_delta": ("thinking", "thinking"),
                "signature_delta": ("thinking", "signature"),
                "input_json_delta": ("tool_use", "json"),
            }
            of, field = fits[delta.pop("type")]
            assert built[-1]["type"] == of
            [piece] = delta.values()
            built[-1][field] += piece
        elif kind == "content_block_stop":
            assert opened and event["index"] == len(built) - 1
            opened = False
    assert not opened
    for block in built:
        if text := block.pop("json"):
            block["input"] = as_object(text)
    return built


def as_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"INVALID_JSON": text}


def test_a_thought_an_answer_and_two_calls_are_four_blocks() -> None:
    told = streamed(
        STARTED,
        ReasoningDelta("Hm", 1),
        ReasoningDelta(".", 1),
        AnswerDelta("I ", 1),
        AnswerDelta("look.", 1),
        ToolCallDelta(0, "", "t1", "look", 1),
        ToolCallDelta(0, '{"at"', tokens=1),
        ToolCallDelta(0, ":1}", tokens=1),
        ToolCallDelta(1, "{}", "t2", "listen", 1),
        Finished("tool_calls", RECEIPT),
    )
    assert blocks(told) == [
        {"type": "thinking", "thinking": "Hm.", "signature": "signed:Hm."},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": 1}},
        {"type": "tool_use", "id": "t2", "name": "listen", "input": {}},
    ]
    assert [event["type"] for event in told][:3] == ["message_start", "ping", "content_block_start"]
    start = told[0]["message"]
    assert (start["id"], start["role"], start["content"], start["stop_reason"]) == (
        "msg_1",
        "assistant",
        [],
        None,
    )
    assert start["usage"] == {
        "input_tokens": 6,
        "output_tokens": 0,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 0,
    }
    assert told[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}
    assert told[-2]["usage"] == {
        "input_tokens": 6,
        "output_tokens": 5,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 0,
        "output_tokens_details": {"thinking_tokens": 2},
    }
    assert told[-2]["thinkwell"]["receipt"]["turn_id"] == "msg_1"


def test_a_thought_that_is_not_shown_is_an_empty_block_with_a_signature() -> None:
    said = (STARTED, ReasoningDelta("Secret", 1), AnswerDelta("So.", 1), END)
    empty = {"type": "thinking", "thinking": "", "signature": "signed:"}
    assert blocks(streamed(*said, show=False)) == [empty, {"type": "text", "text": "So."}]
    whole = printer(show=False).whole(said, END)
    assert b"Secret" not in whole
    assert json.loads(whole)["content"][0] == empty


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (END, "end_turn"),
        (Finished("length", RECEIPT), "max_tokens"),
        (Finished("tool_calls", RECEIPT), "tool_use"),
        (Stopped("operator", RECEIPT), "end_turn"),
    ],
)
def test_the_reason_of_the_end_is_told(end: Finished | Stopped, reason: str) -> None:
    assert streamed(AnswerDelta("So.", 1), end)[-2]["delta"]["stop_reason"] == reason
    assert json.loads(printer().whole([AnswerDelta("So.", 1)], end))["stop_reason"] == reason


def test_a_turn_that_gave_way_goes_on_in_the_message_that_it_began() -> None:
    told = printer().print(
        (
            STARTED,
            ReasoningDelta("Hm", 1),
            Queued(2, 3, "gave_way", 8.0, 20.0),
            STARTED,
            ReasoningDelta("m.", 1),
            END,
        )
    )
    assert b": waiting place=2 of=3 reason=gave_way expected_s=8 p90_s=20 " in told
    assert blocks(frames(told)) == [{"type": "thinking", "thinking": "Hmm.", "signature": "signed:Hmm."}]


def test_news_come_as_events_to_those_who_asked() -> None:
    news: tuple[TurnEvent, ...] = (
        Queued(3, 12, "busy", 14.0),
        STARTED,
        Shortened(256, 2048, 9),
        ThoughtEnded("load"),
    )
    told = streamed(*news, END, events=True)
    assert [next(iter(event["thinkwell"])) for event in told[:4]] == [
        "queued",
        "started",
        "shortened",
        "thought_ended",
    ]
    assert told[0]["thinkwell"]["queued"]["position"] == 3
    comments = printer().print(news)
    assert frames(comments) == [] and comments.count(b"\n\n") == 3


def test_quiet_times_are_pings_and_to_those_who_wait_news() -> None:
    one = printer()
    assert one.quiet() == PING
    one._live.log.add(Queued(3, 12, "busy", 14.0))
    one._live.log.publish(1)
    assert one.quiet().startswith(b": waiting place=3 of=12")


def test_a_failure_in_the_stream_closes_what_is_open_and_ends_it() -> None:
    one = printer()
    told = frames(one.print((ReasoningDelta("Hm", 1), Failed("engine_stalled", "It is silent.", RECEIPT))))
    assert blocks(told) == [{"type": "thinking", "thinking": "Hm", "signature": "signed:Hm"}]
    assert told[-1] == {
        "type": "error",
        "error": {"type": "timeout_error", "message": "It is silent."},
        "request_id": "req_1",
        "thinkwell": {"code": "engine_stalled", "param": None},
    }


def test_a_failure_before_a_word_has_a_true_status() -> None:
    reply = printer().failed(Failed("engine_unavailable", "Down.", RECEIPT))
    assert reply.status == 529
    assert dict(reply.headers) == {b"retry-after": b"30"}
    body = json.loads(reply.body)
    assert (body["type"], body["error"]["type"], body["request_id"]) == ("error", "overloaded_error", "req_1")
    assert printer().failed(Failed("would_wait", "90 s.", RECEIPT, 89.2)).headers == (
        (b"retry-after", b"90"),
    )
    assert printer().failed(Failed("engine_broken", "Cut.", RECEIPT)).status == 502


def test_an_engine_that_goes_back_to_a_call_is_told_of_not_mended() -> None:
    told = streamed(
        ToolCallDelta(0, "{", "t1", "a"),
        ToolCallDelta(1, "{", "t2", "b"),
        ToolCallDelta(0, "}"),
        AnswerDelta("x"),
        END,
    )
    assert told[-1]["type"] == "error" and told[-1]["thinkwell"]["code"] == "engine_broken"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", {}),
        ('{"a": 1}', {"a": 1}),
        ("[1]", {"INVALID_JSON": "[1]"}),
        ('{"a', {"INVALID_JSON": '{"a'}),
        ("[" * 100_000, {"INVALID_JSON": "[" * 100_000}),
    ],
)
def test_the_input_of_a_call_is_an_object_whatever_the_model_wrote(arguments: str, told: Any) -> None:
    body = json.loads(printer().whole([ToolCallDelta(0, arguments, "t1", "f")], END))
    assert body["content"] == [{"type": "tool_use", "id": "t1", "name": "f", "input": told}]


def test_a_call_without_an_id_gets_one() -> None:
    assert blocks(streamed(ToolCallDelta(0, "{}", None, "f"), END))[0]["id"] == "toolu_msg_1_0"
    assert (
        json.loads(printer().whole([ToolCallDelta(0, "{}", None, "f")], END))["content"][0]["id"]
        == "toolu_msg_1_0"
    )


def test_a_call_whose_id_comes_late_keeps_the_one_it_began_with() -> None:
    said = [ToolCallDelta(0, "{", None, "f"), ToolCallDelta(0, "}", "t", "f")]
    whole = json.loads(printer().whole(said, END))["content"]
    assert (
        whole
        == blocks(streamed(*said, END))
        == [{"type": "tool_use", "id": "toolu_msg_1_0", "name": "f", "input": {}}]
    )


def all_errors() -> list[type[errors.ThinkwellError]]:
    found = [errors.ThinkwellError]
    for error in found:
        found += error.__subclasses__()
    return found


@pytest.mark.parametrize("error", all_errors())
def test_every_error_has_a_status_and_a_type_that_anthropics_clients_know(
    error: type[errors.ThinkwellError],
) -> None:
    status, headers, body = error_reply(
        "/v1/messages", error("Why.", param="x", retry_after_s=1.5), anthropic=True
    )
    assert status == (529 if STATUS[error.code] == 503 else STATUS[error.code])
    assert headers["retry-after"] == "2"
    assert isinstance(body, MessagesError)
    assert body.thinkwell.code == error.code
    kinds = {
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        413: "request_too_large",
        429: "rate_limit_error",
    }
    kinds |= {504: "timeout_error", 529: "overloaded_error"}
    assert body.error.type == kinds.get(status, "api_error" if status >= 500 else "invalid_request_error")
    without = error_reply("/v1/messages", error("Why."), anthropic=True)[1]
    assert ("retry-after" in without) is (status == 529)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
spoken = st.lists(
    st.builds(ReasoningDelta, words, st.just(1))
    | st.builds(AnswerDelta, words, st.just(1))
    | st.builds(
        ToolCallDelta, st.integers(0, 3), st.sampled_from(["", "{}"]), st.none() | st.just("t"), st.just("f")
    )
    | st.just(STARTED)
    | st.just(Queued(1, 1))
    | st.just(ThoughtEnded("person")),
    max_size=25,
)
ends = st.sampled_from(
    [END, Finished("length", RECEIPT), Stopped("operator", RECEIPT), Failed("error", "No.", RECEIPT)]
)


@given(said=spoken, end=ends, cuts=st.sets(st.integers(0, 25)), show=st.booleans(), events=st.booleans())
def test_any_sequence_of_events_is_a_well_formed_message_however_it_is_cut(
    said: list[Any], end: Any, cuts: set[int], show: bool, events: bool
) -> None:
    everything = [*said, end]
    one = printer(show=show, events=events)
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(everything)), len(everything)]
    stream = b"".join(one.print(everything[a:b]) for a, b in pairwise(edges))
    told = frames(stream)
    built = blocks(told)
    if told[-1]["type"] == "message_stop":
        whole = json.loads(printer(show=show).whole(everything, end))
        assert whole["content"] == built
        assert whole["usage"] == told[-2]["usage"]
