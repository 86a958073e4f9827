"""EmbeddedEngine: llama.cpp in a child process, kept alive. Knows when to restart, and nothing of passes.

One task lives from ``start`` to ``close`` and reads from top to bottom in ``_supervise``: a life of the
child is begun, watched until it ends or hangs, and followed by a pause that doubles from life to life.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from thinkwell.engines.base import Abilities, Embedded, EngineHealth, RunningPass, Take
from thinkwell.engines.board import HealthBoard
from thinkwell.engines.embedded.process import ChildProcess, EmbeddedModel
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.errors import EngineUnavailable, SetupError
from thinkwell.models.adapter import check_adapter
from thinkwell.models.gguf import read_header
from thinkwell.values.engine import EngineCounters, EngineDelta, EnginePass


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, and numbers of times.

    A child is asked for its health every ``probe_every_s``; after ``probes_missed`` unanswered asks of
    ``probe_within_s`` each, while no token came, it counts as hung. A life that lasted ``settled_s``
    sets the pause back to ``first_pause_s``. Before it was ever ready, ``first_tries`` lives are enough.
    """

    start_within_s: float = 600.0
    probe_every_s: float = 5.0
    probe_within_s: float = 5.0
    probes_missed: int = 3
    first_pause_s: float = 0.2
    longest_pause_s: float = 30.0
    settled_s: float = 60.0
    first_tries: int = 3


class EmbeddedEngine:
    """An Engine. ``clock`` gives monotonic seconds and ``sleep`` waits; both serve the restarts."""

    def __init__(
        self,
        model: EmbeddedModel,
        patience: Patience | None = None,
        timeouts: EngineTimeouts | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._patience = patience or Patience()
        self._timeouts = timeouts or EngineTimeouts()
        self._clock = clock
        self._sleep = sleep
        self._board = HealthBoard(EngineHealth(state="starting"))
        self._inner: OpenAIEngine | None = None
        self._child: ChildProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # ready, or never to be again
        self._fatal: SetupError | None = None
        self._was_ready = False
        self._found = True, 0
        self._last_token = 0.0

    @property
    def name(self) -> str:
        return self._model.alias

    @property
    def url(self) -> str | None:
        return self._inner.url if self._inner else None

    @property
    def slots(self) -> int:
        return self._model.slots

    @property
    def limits_thought(self) -> bool:
        return self._found[0]

    @property
    def abilities(self) -> Abilities:
        return self._inner.abilities if self._inner else Abilities()

    def found(self, *, limits_thought: bool, least_budget: int = 0) -> None:
        """Holds for lives to come as well."""
        self._found = limits_thought, least_budget
        self._tell_found()

    def _tell_found(self) -> None:
        if self._inner is not None:
            self._inner.found(limits_thought=self._found[0], least_budget=self._found[1])

    @property
    def context(self) -> int | None:
        return self._model.context

    @property
    def pid(self) -> int | None:
        """The child's process id, while it is ready."""
        return self._child.pid if self._child and self._inner else None

    def health(self) -> EngineHealth:
        return self._board.health

    def watch(self, changed: Callable[[], None]) -> None:
        self._board.watch(changed)

    async def start(self) -> None:
        """Begin to supervise; returns at once. Raises SetupError for a file that is no model, or adapter."""
        try:
            await asyncio.to_thread(_check_files, self._model)
        except SetupError as problem:
            self._give_up(problem, 0)
            raise
        if self._task is None:
            self._task = asyncio.create_task(self._supervise(), name=f"engine {self.name}")

    async def ready(self) -> None:
        """Wait until the engine is ready, now or after a restart. Raises SetupError when it never will be."""
        await self._settled.wait()
        if self._fatal is not None:
            raise SetupError(self._fatal.message)

    def begin(self, wanted: EnginePass) -> EmbeddedPass:
        return EmbeddedPass(self, wanted)

    async def prompt(self, wanted: EnginePass) -> str | None:
        """Raises EngineUnavailable while there is no child to ask."""
        return await self.living().prompt(wanted)

    async def count_prompt(self, wanted: EnginePass) -> int | None:
        """Raises EngineUnavailable while there is no child to ask."""
        return await self.living().count_prompt(wanted)

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Raises EngineUnavailable while there is no child to ask."""
        return await self.living().embed(texts)

    async def counters(self) -> EngineCounters | None:
        """Raises EngineUnavailable while there is no child to ask."""
        return await self.living().counters()

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._board.become(EngineHealth(state="down", reason="closed", restarts=self._board.health.restarts))
        self._fatal = self._fatal or SetupError("The engine was closed before it was ready.")
        self._settled.set()

    def heard(self) -> None:
        """A token came: whoever speaks does not hang."""
        self._last_token = self._clock()

    def living(self) -> OpenAIEngine:
        """Raises EngineUnavailable while there is no child to ask."""
        if self._inner is None:
            why = self._board.health.reason
            raise EngineUnavailable(f"The engine is not ready{f': {why}' if why else ''}.", retry_after_s=1)
        return self._inner

    async def _supervise(self) -> None:
        patience = self._patience
        restarts = 0
        pause = patience.first_pause_s
        reason: str | None = None
        while True:
            began = self._clock()
            reason = await self._one_life(restarts, reason)
            if self._fatal is None and not self._was_ready and restarts + 1 >= patience.first_tries:
                self._fatal = SetupError(f"The engine does not start: {reason}.")
            if self._fatal is not None:
                return self._give_up(self._fatal, restarts)
            if self._clock() - began >= patience.settled_s:
                pause = patience.first_pause_s
            restarts += 1
            self._board.become(
                EngineHealth(
                    state="down", reason=f"{reason}; restart {restarts} in {pause:g} s", restarts=restarts
                )
            )
            await self._sleep(pause)
            pause = min(2 * pause, patience.longest_pause_s)

    def _give_up(self, why: SetupError, restarts: int) -> None:
        self._fatal = why
        self._board.become(EngineHealth(state="down", reason=why.message, restarts=restarts))
        self._settled.set()

    async def _one_life(self, restarts: int, last_end: str | None) -> str:
        """From spawning to the end of the child; says why it ended."""
        self._board.become(EngineHealth(state="starting", reason=last_end, restarts=restarts))
        child: ChildProcess | None = None
        inner: OpenAIEngine | None = None
        try:
            child = await ChildProcess.spawn(self._model)
            await child.announced(self._patience.start_within_s)
            address = ServerAddress(
                url=child.url,
                model=self._model.alias,
                slots=self._model.slots,
                context=self._model.context,
                whole_text=True,
            )
            inner = OpenAIEngine(self.name, address, self._timeouts)
            await inner.start()
            if inner.health().state != "ready":
                return f"the engine process began and then failed: {inner.health().reason}"
            self._child, self._inner, self._was_ready = child, inner, True
            self._tell_found()
            self._board.become(EngineHealth(state="ready", restarts=restarts))
            self._settled.set()
            return await self._watch(child, inner)
        except EngineUnavailable as problem:
            return problem.message
        except SetupError as problem:
            if not self._was_ready:
                self._fatal = problem
            return problem.message.rstrip(".")
        finally:
            self._child = self._inner = None
            self._settled.clear()
            if child is not None:
                await child.end()
            if inner is not None:
                await inner.close()

    async def _watch(self, child: ChildProcess, inner: OpenAIEngine) -> str:
        """Wait until the child ends, or end it when it hangs; says why."""
        patience = self._patience
        ended = asyncio.create_task(child.ended())
        try:
            missed = 0
            while True:
                asked_at = self._clock()
                done, _ = await asyncio.wait({ended}, timeout=patience.probe_every_s)
                if done:
                    return await child.how_it_ended()
                if await inner.answers(patience.probe_within_s) or self._last_token >= asked_at:
                    missed = 0
                    continue
                missed += 1
                if missed >= patience.probes_missed:
                    child.kill()
                    silent_s = missed * (patience.probe_every_s + patience.probe_within_s)
                    return f"the engine process hung for about {silent_s:g} s and was ended"
        finally:
            ended.cancel()
            await asyncio.wait({ended})


def _check_files(model: EmbeddedModel) -> None:
    """From the headers, before a process is begun. Raises SetupError."""
    base = read_header(model.path)
    for path in model.adapters:
        check_adapter(path, base)


class EmbeddedPass:
    """A RunningPass of whichever child lives when it is run."""

    def __init__(self, engine: EmbeddedEngine, wanted: EnginePass) -> None:
        self._engine = engine
        self._wanted = wanted
        self._inner: RunningPass | None = None

    async def run(self, take: Take) -> None:
        engine = self._engine
        inner = self._inner = engine.living().begin(self._wanted)

        def heard(deltas: Sequence[EngineDelta]) -> bool:
            engine.heard()
            return take(deltas)

        await inner.run(heard)

    def close(self) -> None:
        if self._inner is not None:
            self._inner.close()

    async def end_thought(self) -> bool:
        return self._inner is not None and await self._inner.end_thought()
