"""Readers and an engine for the machine of the books: every token has a mark, and both ends count them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp

from thinkwell.testing.scenario import Scenario, Step, end, fault, gate, say, think
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.values.engine import EngineDelta, EnginePass

THOUGHT, ANSWER = "^", "~"
_DIRECTED = re.compile(r"<<(\w+) (\d+) (\d+) (\w+)>>")


def direction(name: str, thoughts: int, answers: int, *, fails: bool) -> str:
    """What a question says, so that the engine knows what to do."""
    return f"How many? <<{name} {thoughts} {answers} {'dies' if fails else 'ends'}>>"


class DirectedEngine(ScriptedEngine):
    """Plays what the question says, a gate ``NAME-0``, ``NAME-1`` … before every token and the end."""

    def __init__(self, slots: int) -> None:
        super().__init__(slots=slots)
        self.made: Counter[str] = Counter()
        self.started: set[str] = set()

    async def deltas(self, wanted: EnginePass) -> AsyncGenerator[EngineDelta, None]:
        name, script = _script(wanted.messages[-1].content)
        self._next.appendleft(script)
        self.started.add(name)
        self.gates.changed()
        async with contextlib.aclosing(super().deltas(wanted)) as deltas:
            async for delta in deltas:
                self.made[name] += delta.tokens
                yield delta


def _script(question: str) -> tuple[str, Scenario]:
    found = _DIRECTED.search(question)
    assert found is not None
    name, thoughts, answers, how = found[1], int(found[2]), int(found[3]), found[4]
    steps: list[Step] = []
    for place in range(thoughts + answers):
        steps += [gate(f"{name}-{place}"), think(THOUGHT) if place < thoughts else say(ANSWER)]
    steps += [gate(f"{name}-{thoughts + answers}"), fault("cut") if how == "dies" else end()]
    return name, Scenario(
        name=name, about="Made by a test", steps=tuple(steps), prompt_tokens=7, cached_tokens=2
    )


def _texts(told: dict[str, Any]) -> list[str]:
    """Of an event of ours, or of a chunk as OpenAI's clients read it (which has every thought twice)."""
    deltas = [choice["delta"] for choice in told.get("choices", ())] or [told]
    return [delta.get(name) or "" for delta in deltas for name in ("text", "content", "reasoning_content")]


class Reader:
    """Reads one reply in a task of its own; ``tokens`` counts marks, ``seq`` is the last event's number."""

    def __init__(self, url: str, seq: int = 0) -> None:
        self._url = url
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.tokens = 0
        self.seq = seq
        self.usage: tuple[int, int, int, int] | None = None
        self.ending: str | None = None
        self.over = False
        self.replayed = False
        self.refused = 0

    def ask(self, session: aiohttp.ClientSession, method: str, **more: Any) -> Reader:
        self._task = asyncio.create_task(self._read(session, method, more))
        return self

    async def _read(self, session: aiohttp.ClientSession, method: str, more: dict[str, Any]) -> None:
        try:
            async with session.request(method, self._url, **more) as reply:
                # A turn of which nothing was said before it failed is told by the status.
                self.refused = reply.status if reply.status >= 400 else 0
                assert reply.status in (200, 204, 502, 503), (reply.status, await reply.text())
                self.replayed = reply.headers.get("idempotent-replayed") == "true"
                async for line in reply.content:
                    self._take(line.decode().strip())
        except aiohttp.ClientError:
            pass  # the site died
        finally:
            self.over = True
            self._tell()

    def _take(self, line: str) -> None:
        if line.startswith("id: "):
            assert int(line[4:]) == self.seq + 1, "an event is missing, or came twice"
            self.seq += 1
        if not line.startswith("data: {"):
            return
        told = json.loads(line[6:])
        self.tokens += sum(text.count(THOUGHT) + text.count(ANSWER) for text in _texts(told))
        if told.get("receipt"):
            usage = told["receipt"]["usage"]
            self.ending = told["type"]
            self.usage = (usage["prompt"], usage["cached"], usage["reasoning"], usage["answer"])
        elif told.get("usage"):
            self._take_usage(told["usage"])
        self._tell()

    def _take_usage(self, usage: dict[str, Any]) -> None:
        thought = usage["completion_tokens_details"]["reasoning_tokens"]
        self.usage = (
            usage["prompt_tokens"],
            usage["prompt_tokens_details"]["cached_tokens"],
            thought,
            usage["completion_tokens"] - thought,
        )

    def _tell(self) -> None:
        self._changed.set()

    async def until(self, tokens: int) -> None:
        """So many were read, or the reply is over."""
        while self.tokens < tokens and not self.over:
            self._changed.clear()
            await self._changed.wait()

    async def ended(self) -> None:
        assert self._task is not None
        await self._task

    async def leave(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})
