"""OpenAIEngine: any server that speaks the OpenAI HTTP protocol. Knows its paths and what it is good for.

It does not know how bytes travel (connection.py), how requests and replies are shaped (request.py,
reply.py), what refusals mean (refusals.py), or who asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from thinkwell.engines.base import Abilities, Embedded, EngineHealth
from thinkwell.engines.board import HealthBoard
from thinkwell.engines.connection import EventReply, ServerConnection
from thinkwell.engines.counters import NAMES, PATH, counters_of
from thinkwell.engines.embeddings import embedded_of
from thinkwell.engines.openai_pass import OpenAIPass
from thinkwell.engines.reply import ReplyReader
from thinkwell.engines.request import body_of, prompt_of, spared_by
from thinkwell.engines.server import (
    DEFAULT_SLOTS,
    EngineTimeouts,
    ServerAddress,
    ServerFacts,
    ServerKind,
    facts_from,
    strict_thinking,
)
from thinkwell.errors import (
    BadRequest,
    EngineBroken,
    EngineError,
    EngineRefused,
    EngineStalled,
    EngineUnavailable,
    SetupError,
)
from thinkwell.values.engine import EngineCounters, EnginePass
from thinkwell.values.message import Image

_Shape = TypeVar("_Shape")

READY = EngineHealth(state="ready")
# A stream that says nothing, by pings or by empty chunks, has stalled after so many times ``silent_s``.
SAYS_NOTHING = 5
# What servers say of a model without embeddings: llama.cpp, and those that do not know the path.
_NO_EMBEDDINGS = ("support embeddings", "status 404", "status 405", "status 501", "Pooling type")


class OpenAIEngine:
    """An Engine. ``kind``, ``slots`` and ``context`` are learned at ``start``, or at the first success."""

    def __init__(self, name: str, server: ServerAddress, timeouts: EngineTimeouts | None = None) -> None:
        self._name = name
        self._server = server
        self._facts = ServerFacts(model=server.model)
        self._probed = False
        self._found: tuple[bool, int] | None = None
        self._timeouts = timeouts or EngineTimeouts()
        self._connection = ServerConnection(server, self._timeouts)
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
        return self._facts.holds_budget

    @property
    def abilities(self) -> Abilities:
        return self._facts.abilities

    def found(self, *, limits_thought: bool, least_budget: int = 0) -> None:
        """Also for when the server comes back as another process."""
        self._found = limits_thought, least_budget
        self._facts = msgspec.structs.replace(
            self._facts, holds_budget=limits_thought, least_budget=least_budget
        )

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
        self._board.become(READY)
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

    def begin(self, wanted: EnginePass) -> OpenAIPass:
        return OpenAIPass(self, wanted)

    async def prompt(self, wanted: EnginePass) -> str | None:
        """llama.cpp shows it. Raises EngineError."""
        if self.kind != "llama.cpp":
            return None
        wish = prompt_of(wanted, self._facts)
        return _read(await self._connection.ask("POST", "/apply-template", wish), _Rendered).prompt

    async def count_prompt(self, wanted: EnginePass) -> int | None:
        """By the server's own template and vocabulary; llama.cpp and vLLM can tell. Raises EngineError."""
        if any(isinstance(part, Image) for message in wanted.messages for part in message.parts):
            return None
        ask = self._connection.ask
        if self.kind == "llama.cpp":
            prompt = await self.prompt(wanted) or ""
            wish = {"content": prompt, "add_special": True, "parse_special": True}
            return len(_read(await ask("POST", "/tokenize", wish), _Tokens).tokens)
        if self.kind == "vllm":
            wish = {"model": self.model, **prompt_of(wanted, self._facts)}
            try:
                return _read(await ask("POST", "/tokenize", wish), _Count).count
            except (EngineRefused, EngineBroken):
                return None
        return None

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Vectors by ``/v1/embeddings``, in the order of the texts. Raises EngineError."""
        body = {"model": self.model or "", "input": list(texts), "encoding_format": "float"}
        try:
            answer = await self._connection.ask("POST", "/v1/embeddings", body)
        except EngineRefused as problem:
            if any(mark in problem.message for mark in _NO_EMBEDDINGS):
                raise EngineRefused("The engine runs a model that makes no embeddings.") from None
            raise
        return embedded_of(answer, len(texts))

    async def close(self) -> None:
        self._board.become(EngineHealth(state="down", reason="closed"))
        await self._connection.close()

    # -- what its passes need ---------------------------------------------------------------------

    async def send(self, wanted: EnginePass) -> EventReply:
        """Ask. Raises EngineError, or PromptTooLong."""
        if not self._probed:
            try:
                await self._learn()
            except SetupError as problem:
                raise EngineRefused(problem.message) from None
        if wanted.tools and self._facts.abilities.tools is False:
            raise BadRequest(
                "This model cannot call tools: its template has no place for them.", param="tools"
            )
        facts = self._facts
        while True:
            body = body_of(wanted, facts, whole_text=self._server.whole_text)
            try:
                reply = await self._connection.begin("/v1/chat/completions", body)
            except EngineRefused as problem:
                spared = spared_by(problem.message, body)
                if spared is None:
                    raise
                facts = msgspec.structs.replace(
                    facts,
                    spared=facts.spared | {spared},
                    holds_budget=facts.holds_budget and spared != "thinking_token_budget",
                )
            else:
                self._facts = facts  # remembered where it helped, not for what a prompt made it say
                return reply

    def reader(self, wanted: EnginePass) -> ReplyReader:
        prefill = wanted.messages[-1].content if wanted.continue_last else ""
        return ReplyReader(prefill, secret=self._server.key, most=wanted.max_tokens)

    @property
    def longest_nothing_s(self) -> float:
        return SAYS_NOTHING * self._timeouts.silent_s

    def seen(self, problem: EngineError | None) -> None:
        """How a pass went says how the engine is."""
        if problem is None:
            self._board.become(READY)
        elif isinstance(problem, EngineUnavailable | EngineStalled):
            self._board.become(EngineHealth(state="down", reason=problem.message))

    async def counters(self) -> EngineCounters | None:
        """Asks only servers of a kind that counts. Raises EngineError."""
        if self.kind not in NAMES:
            return None
        try:
            return counters_of(self.kind, await self._connection.ask("GET", PATH))
        except EngineRefused:
            return None

    async def end_thought(self, reply_id: str) -> bool:
        """llama.cpp alone can be told to end the thought of a reply that runs."""
        if self.kind != "llama.cpp":
            return False
        wish = {"id": reply_id, "action": "reasoning_end"}
        try:
            answer = await self._connection.ask("POST", "/v1/chat/completions/control", wish)
            return _read(answer, _Done).success
        except EngineError:
            return False

    async def _learn(self) -> None:
        models = await self._told("/v1/models")
        props = await self._told("/props")
        facts = facts_from(models, props, self._server.model)
        if facts.kind == "sglang":
            info = await self._told("/server_info") or await self._told("/get_server_info")
            facts = msgspec.structs.replace(facts, holds_budget=strict_thinking(info))
        self._facts = facts
        if self._found is not None:
            limits_thought, least_budget = self._found
            self.found(limits_thought=limits_thought, least_budget=least_budget)
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


class _Rendered(msgspec.Struct):
    prompt: str


class _Tokens(msgspec.Struct):
    tokens: list[int]


class _Count(msgspec.Struct):
    count: int


class _Done(msgspec.Struct):
    success: bool = True


def _read(body: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except (ValueError, RecursionError):
        raise EngineBroken("The engine's answer could not be read.") from None
