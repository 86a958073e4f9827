"""Tools, shapes of answers, pictures and thoughts at the OpenAI door: what reaches the engine, what comes back."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from thinkwell.http.wire.images import MOST_PIXELS, image_of
from thinkwell.testing.scenario import call
from thinkwell.testing.scenarios import calling, saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site, scripted_card
from thinkwell.values.message import Image
from thinkwell.values.tool import AnswerShape, Tool, ToolCall, ToolChoice

QUESTION = {"role": "user", "content": "How is the weather?"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "Looks", "parameters": SCHEMA, "strict": True},
}
BARE = {"type": "function", "function": {"name": "bare"}}


async def post(client: aiohttp.ClientSession, *messages: Any, **fields: Any) -> tuple[int, Any]:
    body = {"model": "scripted", "messages": messages or [QUESTION]} | fields
    async with client.post("/v1/chat/completions", json=body) as reply:
        return reply.status, await reply.json()


async def streamed(client: aiohttp.ClientSession, **fields: Any) -> list[Any]:
    """The data of all frames but the last, which says that there are no more."""
    body = {"model": "scripted", "messages": [QUESTION], "stream": True} | fields
    async with client.post("/v1/chat/completions", json=body) as reply:
        text = await reply.text()
    data = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    assert data.pop() == "[DONE]"
    return [json.loads(one) for one in data]


# -- tools ---------------------------------------------------------------------------------------

CHOICES: list[tuple[Any, Any, ToolChoice | None]] = [
    (None, None, None),
    ("auto", None, ToolChoice(mode="auto")),
    ("none", None, ToolChoice(mode="none")),
    ("required", None, ToolChoice(mode="required")),
    ("required", False, ToolChoice(mode="required", at_once=False)),
    (None, False, ToolChoice(mode="auto", at_once=False)),
    (None, True, ToolChoice(mode="auto", at_once=True)),
    ({"type": "function", "function": {"name": "bare"}}, None, ToolChoice(mode="named", name="bare")),
]


@pytest.mark.parametrize(("choice", "at_once", "asked"), CHOICES)
async def test_tools_and_the_choice_among_them_reach_the_engine(
    client: aiohttp.ClientSession, engine: ScriptedEngine, choice: Any, at_once: Any, asked: ToolChoice | None
) -> None:
    fields = {"tool_choice": choice, "parallel_tool_calls": at_once}
    status, _ = await post(client, tools=[TOOL, BARE], **{k: v for k, v in fields.items() if v is not None})
    assert status == 200
    [wanted] = engine.asked
    assert wanted.tools == (
        Tool(name="look", description="Looks", parameters=SCHEMA, strict=True),
        Tool(name="bare"),
    )
    assert wanted.tool_choice == asked


@pytest.mark.parametrize(
    "fields", [{}, {"tools": []}, {"tools": None}, {"tool_choice": "none"}, {"tool_choice": "auto"}]
)
async def test_without_tools_there_is_nothing_to_choose(
    client: aiohttp.ClientSession, engine: ScriptedEngine, fields: Any
) -> None:
    assert (await post(client, parallel_tool_calls=True, **fields))[0] == 200
    assert (engine.asked[0].tools, engine.asked[0].tool_choice) == ((), None)


async def test_tool_calls_come_whole(client: aiohttp.ClientSession, engine: ScriptedEngine) -> None:
    engine.play("calls_tools")
    _, body = await post(client, tools=[TOOL])
    [choice] = body["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["reasoning_content"] == "I look it up."
    assert choice["message"]["tool_calls"] == [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city": "Київ"}'},
        },
        {"id": "call_2", "type": "function", "function": {"name": "get_time", "arguments": "{}"}},
    ]
    assert body["usage"]["completion_tokens"] == 6


async def test_tool_calls_stream_in_pieces_of_one_index_each(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(
        calling(
            call('{"a"', ":1}", name="look", id="c1"), call("{}", name="bare", id="c2", index=1), text="Well."
        )
    )
    chunks = await streamed(client, tools=[TOOL])
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    pieces = [piece for delta in deltas for piece in delta.get("tool_calls", [])]
    assert pieces == [
        {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"a"'}},
        {"index": 0, "function": {"arguments": ":1}"}},
        {"index": 1, "id": "c2", "type": "function", "function": {"name": "bare", "arguments": ""}},
        {"index": 1, "function": {"arguments": "{}"}},
    ]
    assert "".join(delta.get("content", "") for delta in deltas) == "Well."
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


async def test_calls_and_their_results_go_back_to_the_engine_with_the_thought_that_led_to_them(
    data: Path, engine: ScriptedEngine
) -> None:
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": "look", "arguments": "{}"}} for n in (1, 2)
    ]
    async with (
        running_site(data, engine, scripted_card(replay="keep")) as site,
        aiohttp.ClientSession(site.url) as client,
    ):
        status, _ = await post(
            client,
            QUESTION,
            {"role": "assistant", "content": None, "tool_calls": calls, "reasoning_content": "I look."},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "Rain"}]},
            {"role": "tool", "tool_call_id": "c1", "content": "Sun", "name": "look"},
            tools=[TOOL],
        )
    assert status == 200
    _, called, second, first = engine.asked[0].messages
    assert called.tool_calls == (ToolCall("c1", "look", "{}"), ToolCall("c2", "look", "{}"))
    assert called.reasoning == "I look."
    assert [(m.role, m.tool_call_id, m.content) for m in (second, first)] == [
        ("tool", "c2", "Rain"),
        ("tool", "c1", "Sun"),
    ]


async def test_an_answer_may_be_sent_back_as_it_came(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    """Also as clients' own objects write it, with every field that they know, most of them empty."""
    engine.then("calls_tools")
    _, body = await post(client, tools=[TOOL])
    message = body["choices"][0]["message"]
    results = [{"role": "tool", "tool_call_id": one["id"], "content": "x"} for one in message["tool_calls"]]
    empty = {"annotations": [], "audio": None, "function_call": None, "tool_call_id": None, "name": None}
    for sent in (message, message | empty):
        status, body = await post(client, QUESTION, sent, *results, tools=[TOOL])
        assert status == 200, body
    assert [m.role for m in engine.asked[-1].messages] == ["user", "assistant", "tool", "tool"]


# -- the shape of the answer ---------------------------------------------------------------------

SHAPES: list[tuple[Any, AnswerShape | None]] = [
    (None, None),
    ({"type": "text"}, None),
    ({"type": "json_object"}, AnswerShape()),
    ({"type": "json_schema", "json_schema": {"name": "any"}}, AnswerShape(name="any")),
    (
        {
            "type": "json_schema",
            "json_schema": {"name": "city", "description": "x", "schema": SCHEMA, "strict": True},
        },
        AnswerShape(name="city", schema=SCHEMA, strict=True),
    ),
]


@pytest.mark.parametrize(("asked", "shape"), SHAPES)
async def test_the_shape_of_the_answer_reaches_the_engine(
    client: aiohttp.ClientSession, engine: ScriptedEngine, asked: Any, shape: AnswerShape | None
) -> None:
    assert (await post(client, response_format=asked))[0] == 200
    assert engine.asked[0].shape == shape


# -- pictures ------------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + head
        + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    )


def jpeg(width: int, height: int) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif\0\0\0\0"
    return (
        b"\xff\xd8"
        + exif
        + b"\xff\xff\xc2\x00\x11\x08"
        + struct.pack(">HH", height, width)
        + b"\x03"
        + bytes(9)
    )


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\x24\0\0\0WEBP" + kind + struct.pack("<I", len(rest)) + rest


def webp_lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def webp_lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14))


def webp_extended(width: int, height: int) -> bytes:
    return webp(b"VP8X", bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


MAKERS = {"png": [png], "jpeg": [jpeg], "gif": [gif], "webp": [webp_lossy, webp_lossless, webp_extended]}
KINDS = [(kind, make) for kind, makers in MAKERS.items() for make in makers]


def encoded(file: bytes) -> str:
    return base64.b64encode(file).decode()


def picture(file: bytes, said: str = "image/png", **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{said};base64,{encoded(file)}"} | more}


@pytest.fixture
async def seeing(data: Path, engine: ScriptedEngine) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        running_site(data, engine, scripted_card(images=True)) as site,
        aiohttp.ClientSession(site.url) as client,
    ):
        yield client


@pytest.mark.parametrize(("kind", "make"), KINDS)
async def test_a_picture_reaches_the_engine_by_what_it_is(
    seeing: aiohttp.ClientSession, engine: ScriptedEngine, kind: str, make: Any
) -> None:
    file = make(640, 480)
    content = [
        {"type": "text", "text": "What "},
        picture(file, detail="low"),
        {"type": "text", "text": "is this?"},
    ]
    status, body = await post(seeing, {"role": "user", "content": content})
    assert status == 200, body
    message = engine.asked[0].messages[0]
    assert message.content == "What is this?"
    assert message.parts == ("What ", Image(f"image/{kind}", encoded(file)), "is this?")


@pytest.mark.parametrize("make", [make for _, make in KINDS if make not in (webp_lossy, webp_lossless, gif)])
def test_a_picture_that_unpacks_to_gigabytes_is_refused(make: Any) -> None:
    side = 16_000
    assert side * side > MOST_PIXELS
    with pytest.raises(Exception, match="16000 x 16000"):
        image_of(encoded(make(side, side)), "x")


BAD_PICTURES: list[tuple[str, Any, str]] = [
    ("an address", "https://example.org/x.png", "fetches nothing"),
    ("a plain address", "http://169.254.169.254/latest/meta-data", "fetches nothing"),
    ("a file", "file:///etc/passwd", "fetches nothing"),
    ("nothing", "", "fetches nothing"),
    ("a page", "data:text/html;base64,AAAA", "data:image/png"),
    ("no base64", "data:image/png,abc", "data:image/png"),
    ("bad base64", "data:image/png;base64,@@@@", "not base64"),
    ("cut base64", "data:image/png;base64," + encoded(png(9, 9))[:-1], "not base64"),
    ("base64 beyond ASCII", "data:image/png;base64,éééé", "not base64"),
    ("base64 on lines", "data:image/png;base64," + encoded(png(9, 9))[:8] + "\n" + encoded(png(9, 9))[8:], "not base64"),
    ("an empty file", "data:image/png;base64,", "no picture"),
    ("a script in vectors", "data:image/svg+xml;base64," + encoded(b"<svg onload=alert(1)>"), "no picture"),
    ("a page in disguise", "data:image/png;base64," + encoded(b"<script>"), "no picture"),
    ("a picture without points", "data:image/png;base64," + encoded(png(0, 9)), "no picture"),
    ("a cut head", "data:image/png;base64," + encoded(png(9, 9)[:20]), "no picture"),
    ("a JPEG without a frame", "data:image/jpeg;base64," + encoded(b"\xff\xd8\xff\xd9\x00\x02" * 4), "no picture"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "why"), [row[1:] for row in BAD_PICTURES], ids=[row[0] for row in BAD_PICTURES]
)
async def test_what_is_no_picture_is_refused_with_its_place(
    client: aiohttp.ClientSession, engine: ScriptedEngine, url: str, why: str
) -> None:
    content = [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": url}}]
    status, body = await post(client, {"role": "user", "content": content})
    assert (status, body["error"]["param"]) == (400, "messages[0].content[1].image_url.url")
    assert why in body["error"]["message"]
    assert engine.asked == []


async def test_pictures_come_from_the_user_and_are_not_too_many(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    one = picture(png(9, 9))
    status, body = await post(client, {"role": "system", "content": [one]}, QUESTION)
    assert (status, body["error"]["param"]) == (400, "messages[0].content[0]")
    status, body = await post(client, {"role": "user", "content": [one] * 51})
    assert (status, body["error"]["param"]) == (400, "messages")
    assert engine.asked == []


async def test_a_model_that_reads_no_pictures_says_so(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, scripted_card(images=False)) as site,
        aiohttp.ClientSession(site.url) as client,
    ):
        status, body = await post(client, {"role": "user", "content": [picture(png(9, 9))]})
    assert (status, body["error"]["code"]) == (400, "bad_request")
    assert "no pictures" in body["error"]["message"]
    assert engine.asked == []


# -- the thought ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{"reasoning": {"exclude": True}}, {"include_reasoning": False}])
async def test_a_thought_that_is_not_wanted_is_counted_and_not_sent(
    client: aiohttp.ClientSession, engine: ScriptedEngine, fields: Any
) -> None:
    engine.play(saying("Four.", reasoning=("Two and ", "two.")))
    _, body = await post(client, **fields)
    assert "reasoning" not in json.dumps(body["choices"])
    assert body["usage"]["completion_tokens_details"] == {"reasoning_tokens": 2}
    chunks = await streamed(client, stream_options={"include_usage": True}, **fields)
    assert "Two" not in json.dumps(chunks)
    assert chunks[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 2}


async def test_effort_and_budget_reach_the_engine_in_every_spelling(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four."))
    for fields in (
        {"thinking_budget": 7},
        {"thinking": {"type": "enabled", "budget_tokens": 7}},
        {"reasoning": {"max_tokens": 7}, "reasoning_effort": "low"},
    ):
        assert (await post(client, **fields))[0] == 200
        assert engine.asked[-1].thinking_budget == 7
    for fields in (
        {"reasoning_effort": "none"},
        {"enable_thinking": False},
        {"chat_template_kwargs": {"thinking": False}},
    ):
        assert (await post(client, **fields))[0] == 200
        assert engine.asked[-1].thinking_budget == 0


async def test_usage_is_told_in_both_spellings(client: aiohttp.ClientSession, engine: ScriptedEngine) -> None:
    engine.play("fields")  # 12 tokens of prompt, 4 of them cached
    _, body = await post(client)
    usage = body["usage"]
    assert usage["prompt_tokens_details"] == {"cached_tokens": 4}
    assert (usage["prompt_cache_hit_tokens"], usage["prompt_cache_miss_tokens"]) == (4, 8)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] == 16


async def test_sampling_reaches_the_engine(client: aiohttp.ClientSession, engine: ScriptedEngine) -> None:
    await post(client, top_k=0, min_p=0.05, top_p=0.9, seed=7, stop=["a", "b"], temperature=0)
    sampling = engine.asked[0].sampling
    assert (sampling.top_k, sampling.min_p, sampling.top_p) == (-1, 0.05, 0.9)
    assert (sampling.seed, sampling.temperature, engine.asked[0].stop) == (7, 0.0, ("a", "b"))


HARMLESS: dict[str, Any] = {
    "n": 1,
    "logit_bias": {},
    "logprobs": False,
    "top_logprobs": 0,
    "modalities": ["text"],
    "service_tier": "auto",
    "verbosity": "medium",
    "store": False,
    "user": "u",
    "metadata": {"a": "b"},
    "safety_identifier": "s",
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
}


async def test_what_changes_nothing_is_taken(client: aiohttp.ClientSession, engine: ScriptedEngine) -> None:
    assert (await post(client, **HARMLESS))[0] == 200
    assert (await post(client, **dict.fromkeys(HARMLESS)))[0] == 200
    assert engine.asked[0] == engine.asked[1]


@pytest.mark.parametrize("play", ["plain", "refuses"])
@pytest.mark.parametrize("stream", [False, True])
async def test_replies_say_what_may_still_be_asked_and_what_the_request_was(
    client: aiohttp.ClientSession, engine: ScriptedEngine, stream: bool, play: str
) -> None:
    engine.play(play)
    body = {"model": "scripted", "messages": [QUESTION], "stream": stream}
    async with client.post("/v1/chat/completions", json=body) as reply:
        text = await reply.text()
    assert reply.headers["x-request-id"].startswith("chatcmpl-")
    assert play == "refuses" or reply.headers["x-request-id"] in text
    limit, remaining = (int(reply.headers[f"x-ratelimit-{name}-requests"]) for name in ("limit", "remaining"))
    assert remaining == limit - 1
    assert reply.headers["x-ratelimit-reset-requests"] == "0s"
