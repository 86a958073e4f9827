"""ScriptedEngine: an Engine in process that plays scenarios. Knows no HTTP and no model.

It keeps the promise that the gateway must keep: over its slots it refuses and remembers. What a test
wants to see is counted; where a test wants to hold it there is a gate (see gates.py). Every step also
has a gate of its own, named by its number from "0", before it is played.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import assert_never

import msgspec

from thinkwell.engines.base import Abilities, Embedded, EngineHealth, EngineState, Take
from thinkwell.errors import (
    EngineBroken,
    EngineRefused,
    EngineStalled,
    EngineUnavailable,
    PromptTooLong,
    ThinkwellError,
)
from thinkwell.testing.clock import Clock, SystemClock
from thinkwell.testing.gates import Gates
from thinkwell.testing.scenario import STALLED_GATE, Fault, Scenario
from thinkwell.testing.scenarios import scenario
from thinkwell.values.engine import EngineCounters, EngineDelta, EnginePass


class ScriptedEngine:
    """Plays ``play`` for every pass, or the scenarios given to ``then`` first, one a pass."""

    def __init__(
        self,
        play: str | Scenario = "fields",
        *,
        slots: int = 2,
        context: int | None = 4096,
        name: str = "scripted",
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.context = context
        self.url: str | None = None
        self.gates = Gates()
        self.gates.hold(STALLED_GATE)
        self.asked: list[EnginePass] = []
        self.open = 0
        self.max_open = 0
        self.aborted = 0
        self.refused_over_slots = 0
        self.tokens_made = self.prompts_read = 0
        self.counts = True
        self.embeds = True
        self.ends_thoughts = False
        self.abilities = Abilities()
        self.checked: list[tuple[bool, int]] = []
        self.thoughts_ended = 0
        self.running: list[ScriptedPass] = []
        self._health = EngineHealth(state="ready")
        self._slots = slots
        self._watchers: list[Callable[[], None]] = []
        self._play = _find(play)
        self._next: deque[Scenario] = deque()
        self._clock = clock or SystemClock()

    def play(self, what: str | Scenario) -> None:
        """Play this from the next pass on."""
        self._play = _find(what)

    def then(self, *scenarios: str | Scenario) -> None:
        """Play these for the next passes, one each, before the standing one again."""
        self._next.extend(_find(what) for what in scenarios)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when ``condition`` holds, looked at whenever a pass opens, ends or comes to a gate."""
        await self.gates.until(condition)

    @property
    def slots(self) -> int:
        return self._slots

    @slots.setter
    def slots(self, slots: int) -> None:
        self._slots = slots
        self._tell()

    @property
    def limits_thought(self) -> bool:
        return True

    def found(self, *, limits_thought: bool, least_budget: int = 0) -> None:
        self.checked.append((limits_thought, least_budget))

    async def prompt(self, wanted: EnginePass) -> str | None:
        """It shows none."""
        return None

    def health(self) -> EngineHealth:
        return self._health

    def watch(self, changed: Callable[[], None]) -> None:
        self._watchers.append(changed)

    def die(self, reason: str = "the scripted engine was told to die") -> None:
        """Be down: later passes raise EngineUnavailable. Running ones go on as scripted."""
        self._become("down", reason)

    def be_starting(self, reason: str = "the model is being loaded") -> None:
        """Not ready yet, until ``revive``."""
        self._become("starting", reason)

    def revive(self) -> None:
        self._become("ready", restarts=1)

    async def start(self) -> None:
        """Nothing to do: it is ready from the first, or as the test said."""

    async def ready(self) -> None:
        await self.gates.until(lambda: self._health.state == "ready")

    async def close(self) -> None:
        self._become("down", "closed")

    def _become(self, state: EngineState, reason: str | None = None, *, restarts: int = 0) -> None:
        self._health = EngineHealth(state=state, reason=reason, restarts=self._health.restarts + restarts)
        self._tell()

    def _tell(self) -> None:
        for changed in self._watchers:
            changed()
        self.gates.changed()

    async def count_prompt(self, wanted: EnginePass) -> int | None:
        """A token for every four bytes of UTF-8, rounded up, and four for each message and tool."""
        said = sum(-(-len(message.content.encode("utf-8", "replace")) // 4) for message in wanted.messages)
        return said + 4 * (len(wanted.messages) + len(wanted.tools))

    async def counters(self) -> EngineCounters | None:
        """What it made since it was made. With ``counts`` False it does not tell."""
        return EngineCounters(prompt=self.prompts_read, generated=self.tokens_made) if self.counts else None

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Vectors of two numbers: characters and words. With ``embeds`` False it has none."""
        if not self.embeds:
            raise EngineRefused("the scripted engine has no embeddings")
        vectors = [[float(len(text)), float(len(text.split()))] for text in texts]
        return Embedded(vectors=vectors, tokens=sum(-(-len(text) // 4) for text in texts))

    def begin(self, wanted: EnginePass) -> ScriptedPass:
        return ScriptedPass(self, wanted)

    async def deltas(self, wanted: EnginePass) -> AsyncGenerator[EngineDelta, None]:
        """Play one scenario, cut at ``wanted.max_tokens`` and at ``wanted.stop`` as an engine would."""
        if self._health.state != "ready":
            raise EngineUnavailable(self._health.reason or "the engine is not ready")
        self.asked.append(wanted)
        if self.open >= self.slots:
            self.refused_over_slots += 1
            raise EngineRefused(f"asked for {self.open + 1} passes at once, but there are {self.slots} slots")
        script = self._next.popleft() if self._next else self._play
        self.open += 1
        self.max_open = max(self.max_open, self.open)
        self.gates.changed()
        ended = False
        read = 0
        try:
            async with aclosing(_cut(self._steps(script), wanted)) as deltas:
                async for delta in deltas:
                    self.tokens_made += delta.tokens
                    if delta.prompt_tokens is not None and not read:
                        read = delta.prompt_tokens - (delta.cached_tokens or 0)
                        self.prompts_read += read
                    ended = delta.finish is not None
                    yield delta
        except ThinkwellError:
            ended = True
            raise
        finally:
            self.open -= 1
            self.aborted += not ended
            self.gates.changed()

    async def _steps(self, script: Scenario) -> AsyncGenerator[EngineDelta, None]:
        first = True
        for number, step in enumerate(script.steps):
            await self.gates.come_to(str(number))
            if step.gate is not None:
                await self.gates.come_to(step.gate)
            elif step.pause_s is not None:
                await self._clock.sleep(step.pause_s)
            elif step.fault is not None:
                if step.fault == "stalls":
                    await self.gates.come_to(STALLED_GATE)
                raise _error(step.fault)
            else:
                delta = script.delta(step, first=first)
                first = False
                if delta is not None:
                    yield delta


class ScriptedPass:
    """A RunningPass. With ``engine.ends_thoughts`` it leaves out what is left of the thought when told to."""

    def __init__(self, engine: ScriptedEngine, wanted: EnginePass) -> None:
        self._engine = engine
        self._wanted = wanted
        self._answer_now = False

    async def run(self, take: Take) -> None:
        engine = self._engine
        engine.running.append(self)
        try:
            async with aclosing(engine.deltas(self._wanted)) as deltas:
                async for delta in deltas:
                    if self._answer_now and delta.reasoning and delta.finish is None:
                        continue
                    if not take((delta,)):
                        return
        finally:
            engine.running.remove(self)

    def close(self) -> None:
        """It is in this process: the cancelled task ends it."""

    async def end_thought(self) -> bool:
        if not self._engine.ends_thoughts:
            return False
        self._answer_now = True
        self._engine.thoughts_ended += 1
        return True


async def _cut(
    deltas: AsyncGenerator[EngineDelta, None], wanted: EnginePass
) -> AsyncGenerator[EngineDelta, None]:
    """End with ``length`` at the limit of tokens and with ``stop`` before a stop string."""
    left = wanted.max_tokens
    said = ""
    try:
        async for delta in deltas:
            if left is not None and delta.tokens > left:
                yield EngineDelta(finish="length")
                return
            said += delta.text
            at = min((i for i in (said.find(stop) for stop in wanted.stop) if i >= 0), default=-1)
            if at >= 0:
                keep = max(0, len(delta.text) - (len(said) - at))
                yield msgspec.structs.replace(delta, text=delta.text[:keep], finish="stop")
                return
            if left is not None:
                left -= delta.tokens
            yield delta
    finally:
        await deltas.aclose()


def _find(what: str | Scenario) -> Scenario:
    return scenario(what) if isinstance(what, str) else what


def _error(fault: Fault) -> ThinkwellError:
    match fault:
        case "dies":
            return EngineUnavailable("the scripted engine died")
        case "cut":
            return EngineBroken("the stream was cut before its end")
        case "garbage":
            return EngineBroken("the engine sent something that cannot be understood")
        case "stalls":
            return EngineStalled("the engine stopped sending")
        case "refuses":
            return EngineRefused("the scripted engine refuses")
        case "too_long":
            return PromptTooLong("the prompt is over the context")
        case _ as never:
            assert_never(never)
