"""The engine as an enemy, over real HTTP: whatever it sends ends in one typed error or in an ordinary end.

Nothing hangs, nothing is counted beyond what was asked for, and nothing of one reply reaches the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from raw_server import Exchange, RawServer

from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.engines.streams import stream
from thinkwell.errors import EngineBroken, EngineError, EngineStalled, EngineUnavailable
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.message import Message

WANTED = EnginePass(messages=(Message("user", "Why?"),), max_tokens=50)
QUICK = EngineTimeouts(connect_s=5, silent_s=0.2, ask_s=5)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest_asyncio.fixture
async def engine(server: RawServer) -> AsyncIterator[OpenAIEngine]:
    made = OpenAIEngine("there", ServerAddress(url=server.url), QUICK)
    await made.start()
    yield made
    await made.close()


async def ask(engine: OpenAIEngine, wanted: EnginePass = WANTED) -> list[EngineDelta]:
    async with asyncio.timeout(10):
        return [delta async for delta in stream(engine, wanted)]


def text_of(deltas: list[EngineDelta]) -> str:
    return "".join(delta.text for delta in deltas)


def said(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **more}


def framed(data: object) -> bytes:
    event = b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"
    return f"{len(event):x}\r\n".encode() + event + b"\r\n"


def reply(*texts: str) -> bytes:
    """A whole reply, as bytes on the wire."""
    events = [*(said(text) for text in texts), said(None, "stop"), b"[DONE]"]
    return HEAD + b"".join(framed(event) for event in events) + b"0\r\n\r\n"


def raw(data: bytes) -> Callable[[Exchange], Any]:
    async def send(x: Exchange) -> None:
        x.writer.write(data)
        with contextlib.suppress(ConnectionError):
            await x.writer.drain()
        x.hang_up = True

    return send


# ---- cut anywhere


@pytest.mark.parametrize("hard", [False, True])
async def test_a_connection_closed_at_any_byte_is_an_end_or_one_error(
    server: RawServer, engine: OpenAIEngine, hard: bool
) -> None:
    whole = reply("Be", "cause")
    finished = whole.index(b'"finish_reason": "stop"')
    for cut in range(0, len(whole), 7 if hard else 1):

        async def send(x: Exchange, part: bytes = whole[:cut]) -> None:
            x.writer.write(part)
            await x.writer.drain()
            x.hang_up = True
            if hard:
                x.reset()

        server.chat(send)
        try:
            deltas = await ask(engine)
        except (EngineBroken, EngineUnavailable):
            assert cut <= len(whole) - len(framed(b"[DONE]")) or hard
            continue
        assert (text_of(deltas), deltas[-1].finish, cut > finished) == ("Because", "stop", True)
    server.chat(raw(reply("well", " again")))
    assert text_of(await ask(engine)) == "well again"


# ---- nothing of one reply reaches the next

LEAKS = [
    framed(said("LEAK")),
    framed(said("LEAK")) + b"0\r\n\r\n",
    reply("LEAK"),
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: " + json.dumps(said("LEAK")).encode(),
    b"\r\n\r\n",
    b"\x00LEAK",
]


@pytest.mark.parametrize("leak", LEAKS, ids=[str(i) for i in range(len(LEAKS))])
async def test_late_bytes_never_reach_the_next_reply(
    server: RawServer, engine: OpenAIEngine, leak: bytes
) -> None:
    """Some come with the end of the reply, the rest when the next question was asked."""
    for split in range(1, len(leak) + 1):
        held = b""

        async def send(x: Exchange, split: int = split) -> None:
            nonlocal held
            rest, held = held, b""
            if rest:  # the connection was used again: now or never
                x.writer.write(rest + reply("own"))
            else:
                x.writer.write(reply("own") + leak[:split])
                held = leak[split:]
            with contextlib.suppress(ConnectionError):
                await x.writer.drain()

        server.chat(send)
        for _ in range(2):
            with contextlib.suppress(EngineError):
                assert text_of(await ask(engine)) == "own"
        held = b""


async def test_late_bytes_on_a_kept_connection_are_seen_before_it_is_used_again(
    server: RawServer, engine: OpenAIEngine
) -> None:
    came = asyncio.Event()

    async def send(x: Exchange) -> None:
        x.writer.write(reply("own"))
        await x.writer.drain()
        came.set()
        x.writer.write(reply("LEAK"))
        await x.writer.drain()

    server.chat(send)
    for _ in range(20):
        assert text_of(await ask(engine)) == "own"


async def test_what_follows_the_end_of_a_reply_is_not_said(server: RawServer, engine: OpenAIEngine) -> None:
    after = framed(said("LEAK")) + framed(b"[DONE]") + framed({"error": {"message": "LEAK"}})
    server.chat(raw(reply("own")[: -len(b"0\r\n\r\n")] + after + b"0\r\n\r\n"))
    assert text_of(await ask(engine)) == "own"


async def test_a_body_longer_than_it_said_ends_where_it_said(server: RawServer, engine: OpenAIEngine) -> None:
    body = b"data: " + json.dumps(said("own", "stop")).encode() + b"\n\ndata: [DONE]\n\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    server.chat(raw(head.encode() + body + b"data: LEAK\n\n"))
    for _ in range(2):
        assert text_of(await ask(engine)) == "own"


# ---- what never ends


async def _until_gone(x: Exchange, *blocks: bytes, every_s: float = 0.0) -> None:
    x.hang_up = True
    with contextlib.suppress(ConnectionError):
        while not x.writer.is_closing():
            for block in blocks:
                x.writer.write(block)
                await x.writer.drain()
                await asyncio.sleep(every_s)


async def test_a_stream_without_an_end_ends_at_what_was_asked_for(
    server: RawServer, engine: OpenAIEngine
) -> None:
    gone = asyncio.Event()

    async def send(x: Exchange) -> None:
        x.writer.write(HEAD)
        await _until_gone(x, framed(said("on and on ")))
        gone.set()

    server.chat(send)
    deltas = await ask(engine)
    assert (sum(delta.tokens for delta in deltas), deltas[-1].finish) == (50, "length")
    async with asyncio.timeout(5):
        await gone.wait()


SAYS_NOTHING: list[tuple[tuple[bytes, ...], float]] = [
    ((framed(said("")),), 0.0),
    ((framed({"choices": []}),), 0.0),
    ((framed(said("")),), 0.05),
    ((b"5\r\n: hi\n\r\n",), 0.05),
    ((b"1\r\n\n\r\n",), 0.0),
    (tuple(f"1\r\n{chr(c)}\r\n".encode() for c in b"data: {"), 0.02),
    ((framed({"usage": {"completion_tokens": 5}}),), 0.05),
]


@pytest.mark.parametrize(("blocks", "every_s"), SAYS_NOTHING, ids=[str(i) for i in range(len(SAYS_NOTHING))])
async def test_a_stream_that_says_nothing_is_given_up(
    server: RawServer, engine: OpenAIEngine, blocks: tuple[bytes, ...], every_s: float
) -> None:
    async def send(x: Exchange) -> None:
        x.writer.write(HEAD)
        await _until_gone(x, *blocks, every_s=every_s)

    server.chat(send)
    with pytest.raises((EngineStalled, EngineBroken)) as caught:
        await ask(engine)
    assert type(caught.value) in (EngineStalled, EngineBroken)


HEADS: list[tuple[bytes, tuple[bytes, ...], float, type[EngineError]]] = [
    (b"HTTP/1.1 200 OK\r\n", (b"X-More: " + b"a" * 500 + b"\r\n",), 0.0, EngineBroken),
    (b"HTTP/1.1 200 OK\r\nX-Long: ", (b"a" * 1000,), 0.0, EngineBroken),
    (b"", (b"HTTP/1.1 100 Continue\r\n\r\n",), 0.0, EngineBroken),
    (b"", (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",), 0.02, EngineStalled),
    (b"HTTP/1.1 200 OK\r\nX-Drip: ", (b"a",), 0.02, EngineStalled),
    (b"", (b"H",), 0.02, EngineBroken),
]


@pytest.mark.parametrize(
    ("first", "blocks", "every_s", "ours"), HEADS, ids=[str(i) for i in range(len(HEADS))]
)
async def test_a_head_that_never_ends_does_end(
    server: RawServer,
    engine: OpenAIEngine,
    first: bytes,
    blocks: tuple[bytes, ...],
    every_s: float,
    ours: type[EngineError],
) -> None:
    async def send(x: Exchange) -> None:
        x.writer.write(first)
        await _until_gone(x, *blocks, every_s=every_s)

    server.chat(send)
    with pytest.raises(ours):
        await ask(engine)
    server.chat(raw(reply("well again")))
    assert text_of(await ask(engine)) == "well again"


# ---- counts that contradict what is said

COUNTS: list[tuple[list[dict[str, Any]], int]] = [
    # Totals by the engine's own word, up to what was asked for.
    ([said("a", usage={"completion_tokens": 10**9})], 50),
    ([said("a", usage={"completion_tokens": 3}), said("b", usage={"completion_tokens": 60})], 50),
    ([said("a"), said("b"), said(None, "stop", usage={"completion_tokens": 10**9})], 50),
    # Going back, or too few: never less than was counted.
    ([said("a", usage={"completion_tokens": 9}), said("b", usage={"completion_tokens": 2})], 9),
    ([said("a", timings={"predicted_n": 7}), said("b", timings={"predicted_n": 0})], 7),
    ([said("a"), said("b"), said("c"), said(None, "stop", usage={"completion_tokens": 0})], 3),
    # Twice, and in the wrong order.
    ([said("a", timings={"predicted_n": 1})] * 5, 1),
    ([said("b", timings={"predicted_n": 2}), said("a", timings={"predicted_n": 1})], 2),
]


@pytest.mark.parametrize(("chunks", "tokens"), COUNTS, ids=[str(i) for i in range(len(COUNTS))])
async def test_counts_are_believed_within_reason(
    server: RawServer, engine: OpenAIEngine, chunks: list[dict[str, Any]], tokens: int
) -> None:
    events = [*chunks, said(None, "stop"), b"[DONE]"]
    server.chat(raw(HEAD + b"".join(framed(event) for event in events) + b"0\r\n\r\n"))
    deltas = await ask(engine)
    assert sum(delta.tokens for delta in deltas) == tokens
    assert all(delta.tokens >= 0 for delta in deltas)


@pytest.mark.parametrize(
    "usage",
    [
        {"completion_tokens": -1},
        {"completion_tokens": 1e300},
        {"completion_tokens": "5"},
        {"prompt_tokens": []},
    ],
)
async def test_counts_that_are_none_break_the_reply(
    server: RawServer, engine: OpenAIEngine, usage: dict[str, Any]
) -> None:
    server.chat(raw(HEAD + framed(said("a", usage=usage)) + framed(b"[DONE]") + b"0\r\n\r\n"))
    with pytest.raises(EngineBroken):
        await ask(engine)


# ---- texts and tools


async def test_html_and_control_characters_are_text_and_replacements(
    server: RawServer, engine: OpenAIEngine
) -> None:
    attack = "<script>alert(1)</script>\x1b[2J\x00\x9b31m\ud800\u2028"
    server.chat(raw(reply(attack)))
    assert text_of(await ask(engine)) == "<script>alert(1)</script>\ufffd[2J\ufffd\ufffd31m\ufffd\u2028"


def called(**call: Any) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": [call]}}]}


@pytest.mark.parametrize(
    "call",
    [
        {"index": 10**5, "function": {"name": "f"}},
        {"index": -1, "function": {"name": "f"}},
        {"index": "0"},
        {"index": 0, "function": "f"},
        {"index": 0, "function": {"arguments": {"a": 1}}},
    ],
)
async def test_absurd_tool_calls_break_the_reply(
    server: RawServer, engine: OpenAIEngine, call: dict[str, Any]
) -> None:
    server.chat(raw(HEAD + framed(called(**call)) + framed(b"[DONE]") + b"0\r\n\r\n"))
    with pytest.raises(EngineBroken):
        await ask(engine)


async def test_long_names_are_cut_and_arguments_are_any_text(server: RawServer, engine: OpenAIEngine) -> None:
    name = "n" * 500_000
    first = called(index=0, id="i" * 9999, function={"name": name, "arguments": "not {json\x00"})
    events = [first, called(index=0, function={"arguments": '"]}'}), said(None, "tool_calls"), b"[DONE]"]
    server.chat(raw(HEAD + b"".join(framed(event) for event in events) + b"0\r\n\r\n"))
    deltas = await ask(engine)
    pieces = [piece for delta in deltas for piece in delta.tool_calls]
    assert (len(pieces[0].name or ""), len(pieces[0].id or "")) == (256, 256)
    assert "".join(piece.arguments for piece in pieces) == 'not {json\ufffd"]}'
    assert deltas[-1].finish == "tool_calls"


async def test_calls_without_an_end_end_at_what_was_asked_for(
    server: RawServer, engine: OpenAIEngine
) -> None:
    async def send(x: Exchange) -> None:
        x.writer.write(HEAD)
        await _until_gone(x, framed(called(index=3, function={"name": "f", "arguments": "["})))

    server.chat(send)
    deltas = await ask(engine)
    assert (sum(delta.tokens for delta in deltas), deltas[-1].finish) == (50, "length")


async def test_an_event_over_a_megabyte_breaks_the_reply(server: RawServer, engine: OpenAIEngine) -> None:
    server.chat(raw(HEAD + framed(said("x" * (1 << 20)))))
    with pytest.raises(EngineBroken):
        await ask(engine)
