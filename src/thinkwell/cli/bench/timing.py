"""Asks over HTTP and keeps the time of every piece that comes; reads the pieces when all have come.

Nothing is parsed while the clock runs, so that the bench takes as little as it can from what it measures.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import click
import msgspec

from thinkwell.engines.sse import DONE, SseReader


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """One streamed answer; times in seconds of one monotonic clock.

    ``head`` counts the deltas that came in the same piece as the first one: their time is not known.
    ``first_answer`` is the first piece that was no thought (None: all was thought).
    """

    sent: float
    first: float
    last: float
    first_answer: float | None
    tokens: int
    head: int

    @property
    def first_ms(self) -> float:
        return 1000 * (self.first - self.sent)


def rate(answer: Timed) -> float | None:
    """Tokens per second after the first piece; None where most of them came in that one."""
    if 2 * answer.head > answer.tokens or answer.last <= answer.first:
        return None
    return (answer.tokens - answer.head) / (answer.last - answer.first)


def whole_rate(answers: list[Timed]) -> float:
    """Tokens per second of answers that ran beside each other, from the first question to the last token.

    The wait for first tokens is in it: what is held up somewhere and then let go at once gains nothing.
    """
    seconds = max(answer.last for answer in answers) - min(answer.sent for answer in answers)
    return sum(answer.tokens for answer in answers) / seconds


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None


class _Usage(msgspec.Struct):
    completion_tokens: int


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None


async def ask_streamed(
    session: aiohttp.ClientSession,
    url: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> Timed:
    """Raises ClickException where the answer is an error or ends before its end."""
    pieces: list[tuple[float, bytes]] = []
    sent = time.perf_counter()
    request = session.post(f"{url}/v1/chat/completions", json={**body, "stream": True}, headers=headers)
    async with request as reply:
        async for piece in reply.content.iter_any():
            pieces.append((time.perf_counter(), piece))
    if reply.status != 200:
        raise click.ClickException(_sentence(url, reply.status, b"".join(piece for _, piece in pieces)))
    return _read(url, sent, pieces)


async def ask_whole(session: aiohttp.ClientSession, url: str, body: Mapping[str, Any]) -> int:
    """Tokens of an answer that comes in one piece. Raises ClickException."""
    async with session.post(f"{url}/v1/chat/completions", json=body) as reply:
        answer = await reply.read()
    if reply.status != 200:
        raise click.ClickException(_sentence(url, reply.status, answer))
    usage = msgspec.json.decode(answer, type=_Chunk).usage
    return usage.completion_tokens if usage else 0


def _read(url: str, sent: float, pieces: list[tuple[float, bytes]]) -> Timed:
    reader = SseReader()
    decode = msgspec.json.Decoder(_Chunk).decode
    first = last = first_answer = None
    tokens = head = 0
    for at, piece in pieces:
        for event in reader.feed(piece):
            if event.data == DONE:
                continue
            chunk = decode(event.data)
            if chunk.usage is not None:
                tokens = chunk.usage.completion_tokens
            delta = chunk.choices[0].delta if chunk.choices else None
            if delta is None or not (delta.content or delta.reasoning_content):
                continue
            first = at if first is None else first
            head += at == first
            last = at
            if delta.content and first_answer is None:
                first_answer = at
    if first is None or last is None or not tokens:
        said = b"".join(piece for _, piece in pieces)
        raise click.ClickException(_sentence(url, 200, said[-300:]))
    return Timed(sent=sent, first=first, last=last, first_answer=first_answer, tokens=tokens, head=head)


def _sentence(url: str, status: int, said: bytes) -> str:
    return f"{url} did not answer as it should ({status}): {said[:300].decode('utf-8', 'replace')}"
