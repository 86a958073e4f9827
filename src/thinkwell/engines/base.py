"""Engine: a server that runs a model and speaks the OpenAI HTTP protocol. Knows no turns and no people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Protocol

import msgspec

from thinkwell.values.engine import EngineCounters, EngineDelta, EnginePass

EngineState = Literal["starting", "ready", "down"]

# Takes deltas as they come, several where they came at once; False: close the pass, nothing more is wanted.
Take = Callable[[Sequence[EngineDelta]], bool]


class EngineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """``reason`` says in one sentence why the engine is not ready; ``restarts`` counts since the start."""

    state: EngineState
    reason: str | None = None
    restarts: int = 0


def state_of_pool(engines: Iterable[Engine]) -> EngineState:
    """As good as its best replica: one that is ready is enough."""
    states = {engine.health().state for engine in engines}
    return "ready" if "ready" in states else "starting" if "starting" in states else "down"


class Embedded(msgspec.Struct, frozen=True, kw_only=True):
    """A vector for every text, in their order; ``tokens`` is what was read."""

    vectors: list[list[float]]
    tokens: int


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine tells of itself and its model; None: it does not.

    It can be offered ``tools``; it reads ``images``.
    """

    tools: bool | None = None
    images: bool | None = None


class RunningPass(Protocol):
    """One pass of an engine, made by ``Engine.begin``. It is run once."""

    async def run(self, take: Take) -> None:
        """Run it, and hand every delta to ``take`` at once, from the event loop, without a task between.

        Ends after the delta whose ``finish`` is set, or when ``take`` says False; then, and when it is
        cancelled, the pass is aborted in the engine. What ``take`` raises comes out here. Raises
        EngineUnavailable (not reachable, died), EngineRefused (answered with an error), PromptTooLong,
        BadRequest (asks for what this model has not), EngineBroken (cut or unreadable reply) or EngineStalled
        (silent, or saying nothing, for longer than the time-outs).
        """

    def close(self) -> None:
        """Abort it in the engine at once, from wherever called. The task that runs it is to be cancelled."""

    async def end_thought(self) -> bool:
        """Make the engine end the thought that it is writing; the answer follows in the same pass.

        False: it cannot, or there is none to end. Then the pass is to be closed and continued.
        """


class Engine(Protocol):
    """One replica. ``slots`` is how many passes it runs at once; nobody may ask for more."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str | None:
        """Base address, or None while it has none."""

    @property
    def slots(self) -> int: ...

    @property
    def context(self) -> int | None:
        """Tokens of prompt and output that one pass may hold, where the engine told."""

    @property
    def limits_thought(self) -> bool:
        """It ends a thought at the budget that its pass names."""

    @property
    def abilities(self) -> Abilities: ...

    def found(self, *, limits_thought: bool, least_budget: int = 0) -> None:
        """A check found that it ``limits_thought``, or does not, and which budget ends one at once."""

    def health(self) -> EngineHealth: ...

    def watch(self, changed: Callable[[], None]) -> None:
        """``changed`` is called after each change of ``health()`` or ``slots``, from the event loop."""

    def begin(self, wanted: EnginePass) -> RunningPass:
        """A pass that is about to run; nothing is asked before ``run``."""

    async def prompt(self, wanted: EnginePass) -> str | None:
        """The rendered prompt; None where the engine does not show it."""

    async def count_prompt(self, wanted: EnginePass) -> int | None:
        """Tokens of the rendered prompt, tools included; None where the engine cannot tell."""

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Raises EngineRefused where the engine has no embeddings, and EngineError as ``run`` does."""

    async def counters(self) -> EngineCounters | None:
        """What it counted itself; None where it does not tell. Raises EngineError."""

    async def start(self) -> None:
        """Begin; returns at once or when ready. Raises SetupError for what only the operator can mend."""

    async def ready(self) -> None:
        """Wait until the engine is ready for the first time. Raises SetupError when it never will be."""

    async def close(self) -> None:
        """End it, and every pass with it. Idempotent."""
