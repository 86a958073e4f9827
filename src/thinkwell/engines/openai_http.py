"""OpenAIEngine: any server that speaks the OpenAI HTTP protocol. Knows its paths and what it is good for.

It does not know how bytes travel (connection.py), how requests and replies are shaped (request.py,
reply.py), what refusals mean (refusals.py), or who asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

import msgspec

from thinkwell.engines.base import EngineHealth
from thinkwell.engines.board import HealthBoard
from thinkwell.engines.connection import ReplyStream, ServerConnection
from thinkwell.engines.reply import ReplyReader
from thinkwell.engines.request import body_of, messages_of
from thinkwell.engines.server import (
    DEFAULT_SLOTS,
    EngineTimeouts,
    ServerAddress,
    ServerFacts,
    ServerKind,
    facts_from,
)
from thinkwell.engines.sse import SseEvent
from thinkwell.errors import (
    EngineBroken,
    EngineError,
    EngineRefused,
    EngineStalled,
    EngineUnavailable,
    SetupError,
)
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.message import Message

_Shape = TypeVar("_Shape")


class OpenAIEngine:
    """An Engine. ``kind``, ``slots`` and ``context`` are learned at ``start``, or at the first success."""

    def __init__(self, name: str, server: ServerAddress, timeouts: EngineTimeouts | None = None) -> None:
        self._name = name
        self._server = server
        self._facts = ServerFacts(model=server.model)
        self._probed = False
        self._connection = ServerConnection(server, timeouts or EngineTimeouts())
        self._board = HealthBoard(EngineHealth(state="starting", reason="not asked yet"))

    @property
    def name(self) -> str:
        return self._name

    @property
    def url(self) -> str | None:
        return self._server.root

    @property
    def slots(self) -> int:
        return self._server.slots or self._facts.slots or DEFAULT_SLOTS

    @property
    def context(self) -> int | None:
        return self._server.context or self._facts.context

    @property
    def kind(self) -> ServerKind:
        return self._facts.kind

    @property
    def model(self) -> str | None:
        """The model's id at the server, where it is known."""
        return self._server.model or self._facts.model

    @property
    def limits_thought(self) -> bool:
        """Only of servers that are known to; another may ignore the field without a word."""
        return self.kind in ("llama.cpp", "vllm")

    def health(self) -> EngineHealth:
        """As the last pass or probe left it."""
        return self._board.health

    def watch(self, changed: Callable[[], None]) -> None:
        self._board.watch(changed)

    async def ready(self) -> None:
        """It is what ``start`` found; one that is down may come back while the site runs."""

    async def start(self) -> None:
        """Learn what the server is. One that cannot be reached yet is no error: ``health`` says so.

        Raises SetupError when the server does not accept the key, or names no model and none was given.
        """
        await self.probe()

    async def probe(self) -> EngineHealth:
        """Ask the server how it is, and the first time what it is. Raises SetupError as ``start`` does."""
        try:
            await (self._connection.ask("GET", "/health") if self._probed else self._learn())
        except EngineRefused:
            pass  # it answers: many servers have no /health
        except EngineError as problem:
            self._board.become(EngineHealth(state="down", reason=problem.message))
            return self._board.health
        self._board.become(EngineHealth(state="ready"))
        return self._board.health

    async def answers(self, within_s: float) -> bool:
        """Whether the server says something to ``GET /health`` in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._connection.ask("GET", "/health")
        except EngineRefused:
            return True
        except (EngineError, TimeoutError):
            return False
        return True

    async def stream(self, wanted: EnginePass) -> AsyncGenerator[EngineDelta, None]:
        """As the protocol says. The connection is closed with the generator, which aborts the pass."""
        try:
            reply = await self._begin(wanted)
        except (EngineUnavailable, EngineStalled) as problem:
            self._board.become(EngineHealth(state="down", reason=problem.message))
            raise
        prefill = wanted.messages[-1].content if wanted.continue_last else ""
        reader = ReplyReader(prefill, secret=self._server.key)
        try:
            while not reader.ended and (events := await _next(reply, reader)) is not None:
                for event in events:
                    if (delta := reader.read(event)) is not None:
                        yield delta
            last = reader.close()
            self._board.become(EngineHealth(state="ready"))
            yield last
        except EngineStalled as problem:
            self._board.become(EngineHealth(state="down", reason=problem.message))
            raise
        finally:
            reply.close()

    async def count_prompt(self, messages: tuple[Message, ...]) -> int | None:
        """By the server's own template and vocabulary; llama.cpp and vLLM can tell. Raises EngineError."""
        ask = self._connection.ask
        wish: dict[str, object] = {"messages": messages_of(messages)}
        if self.kind == "llama.cpp":
            prompt = _read(await ask("POST", "/apply-template", wish), _Rendered).prompt
            wish = {"content": prompt, "add_special": True, "parse_special": True}
            return len(_read(await ask("POST", "/tokenize", wish), _Tokens).tokens)
        if self.kind == "vllm":
            try:
                return _read(await ask("POST", "/tokenize", {"model": self.model, **wish}), _Count).count
            except (EngineRefused, EngineBroken):
                return None
        return None

    async def close(self) -> None:
        self._board.become(EngineHealth(state="down", reason="closed"))
        await self._connection.close()

    async def _begin(self, wanted: EnginePass) -> ReplyStream:
        if not self._probed:
            try:
                await self._learn()
            except SetupError as problem:
                raise EngineRefused(problem.message) from None
        body = body_of(wanted, model=self.model or "", kind=self.kind, whole_text=self._server.whole_text)
        return await self._connection.begin("/v1/chat/completions", body)

    async def _learn(self) -> None:
        models = await self._told("/v1/models")
        props = await self._told("/props")
        self._facts = facts_from(models, props, self._server.model)
        if self.model is None:
            raise SetupError(
                f"The server at {self._server.root} names no model; add its id to the address after a '#'."
            )
        self._probed = True

    async def _told(self, path: str) -> bytes | None:
        """None where the server refuses the question. Raises SetupError when it is for want of a key."""
        try:
            return await self._connection.ask("GET", path)
        except EngineRefused as problem:
            if path == "/v1/models" and problem.param == "key":
                raise SetupError(
                    f"The server at {self._server.root} does not accept the key; set the right one."
                ) from None
            return None


async def _next(reply: ReplyStream, reader: ReplyReader) -> list[SseEvent] | None:
    """A connection lost after the engine said that it had finished is an end like any other."""
    try:
        return await reply.next()
    except EngineError:
        if reader.finish is None:
            raise
        return None


class _Rendered(msgspec.Struct):
    prompt: str


class _Tokens(msgspec.Struct):
    tokens: list[int]


class _Count(msgspec.Struct):
    count: int


def _read(body: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except (ValueError, RecursionError):
        raise EngineBroken("The engine's answer could not be read.") from None
