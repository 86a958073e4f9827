"""The engine of ``bench web``: pours what it is told to, at the pace that it is told, and says when.

In the bench's own process, so that a token's way to the screen is timed by one clock. Knows no page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence

import msgspec

from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.values.engine import EngineDelta, EnginePass

SLOTS = 16
CONTEXT = 4_000_000
BREATH = 64  # tokens between two breaths of what comes as fast as it can

WORDS = (
    *("the", "well", "was", "dug", "where", "two", "paths", "meet", "so", "people", "asked", "what", "lies"),
    *("under", "a", "stone", "and", "how", "deep", "water", "stands", "in", "spring", "while", "somebody"),
    *("counts", "each", "rope", "that", "holds", "one", "bucket", "nobody", "minds", "time", "it", "takes"),
)


class Pour(msgspec.Struct, frozen=True):
    """Tokens at ``rate`` a second; 0: as fast as they are taken."""

    tokens: Sequence[str]
    rate: float = 0.0
    thought: bool = False


class Gate(msgspec.Struct, frozen=True):
    """Waits here while the bench holds the gate of that name (testing/gates.py)."""

    name: str


Part = Pour | Gate
Script = Callable[[EnginePass], Iterable[Part]]


def prose(characters: int, seed: int = 0) -> str:
    """Plain words in paragraphs, without any Markdown."""

    def words() -> Iterator[str]:
        length = number = 0
        while length < characters:
            word = WORDS[(seed + number * 7 + number // len(WORDS)) % len(WORDS)]
            word += ".\n\n" if number % 80 == 79 else " "
            length += len(word)
            number += 1
            yield word

    return "".join(words())[:characters]


def tokens(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


class PouringEngine(ScriptedEngine):
    """``script`` says what a pass is made of; ``last_at`` is when its last token was handed on (s, epoch)."""

    def __init__(self, script: Script) -> None:
        super().__init__(slots=SLOTS, context=CONTEXT)
        self.script = script
        self.last_at = 0.0

    async def deltas(self, wanted: EnginePass) -> AsyncGenerator[EngineDelta, None]:
        self.asked.append(wanted)
        for part in self.script(wanted):
            if isinstance(part, Gate):
                await self.gates.come_to(part.name)
                continue
            began = time.monotonic()
            for number, token in enumerate(part.tokens):
                await _pace(began, number, part.rate)
                self.last_at = time.time()
                if part.thought:
                    yield EngineDelta(reasoning=token, tokens=1)
                else:
                    yield EngineDelta(text=token, tokens=1)
        await self.gates.come_to("end")
        yield EngineDelta(finish="stop", prompt_tokens=8)


async def _pace(began: float, number: int, rate: float) -> None:
    if rate > 0:
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
    elif number % BREATH == 0:
        await asyncio.sleep(0)
