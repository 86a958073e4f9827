"""Asking a started engine a few short questions, within bounds of time. Knows not what they are for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from thinkwell.engines.base import Engine
from thinkwell.errors import EngineBroken, EngineError, EngineRefused, Refused, SetupError
from thinkwell.values.engine import EngineDelta, EnginePass

WITHIN_S = 20.0  # for each question


class Questions(Protocol):
    def next_pass(self) -> EnginePass | None:
        """The next question, or None."""

    def feed(self, delta: EngineDelta) -> bool:
        """False: enough was heard."""

    def refused(self) -> None:
        """The engine refused the question, though it had answered one before."""


async def put(engine: Engine, questions: Questions, within_s: float = WITHIN_S) -> str | None:
    """Ask all. Returns why the engine could not be asked, where it is away or busy; None otherwise.

    Raises SetupError where it refuses the very first question, or answers it with what nobody can read.
    """
    answered = False

    def take(deltas: Sequence[EngineDelta]) -> bool:
        return all([questions.feed(delta) for delta in deltas])

    while (wanted := questions.next_pass()) is not None:
        try:
            async with asyncio.timeout(within_s):
                await engine.begin(wanted).run(take)
        except TimeoutError:
            pass  # what was heard by then was heard
        except (EngineRefused, EngineBroken, Refused) as problem:
            if not answered and problem.retry_after_s is None:
                where = f"The engine at {engine.url}" if engine.url else "The engine"
                raise SetupError(f"{where} does not answer a first question. {problem.message}") from None
            if not answered:
                return problem.message
            questions.refused()
        except EngineError as problem:
            return problem.message
        answered = True
    return None
