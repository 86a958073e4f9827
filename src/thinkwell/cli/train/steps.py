"""A line a step, rewritten in place on a terminal: tokens a second, time left, spend."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from thinkwell.training.config import CostConfig
from thinkwell.training.spend import spend_of

EVERY_S = 10.0  # between two plain lines


class StepLines:
    """``with StepLines(cost) as lines: lines.step(metrics)``."""

    def __init__(self, cost: CostConfig) -> None:
        self._cost = cost
        self._live = sys.stderr.isatty()
        self._began = time.monotonic()
        self._told = 0.0
        self._seconds = 0.0
        self._tokens = 0
        self._steps = 0

    def __enter__(self) -> StepLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and self._steps:
            sys.stderr.write("\n")

    def step(self, line: dict[str, Any]) -> None:
        self._seconds += line["seconds"]
        self._tokens += line["tokens"]
        self._steps += 1
        now, last = time.monotonic(), line["step"] + 1 == line["steps"]
        if not self._live and not last and self._told and now - self._told < EVERY_S:
            return
        self._told = now
        text = self.text(line)
        sys.stderr.write(f"\r\x1b[K{text}" if self._live else f"{text}\n")
        sys.stderr.flush()

    def text(self, line: dict[str, Any]) -> str:
        done, steps = line["step"] + 1, line["steps"]
        left = (steps - done) * self._seconds / self._steps
        parts = [f"{line['stage']} {done}/{steps}"]
        for name, form in (("loss", ".3f"), ("reward", ".3f"), ("length", ".0f")):
            if name in line:
                parts.append(f"{name} {line[name]:{form}}")
        parts.append(f"{self._tokens / max(self._seconds, 1e-9):.0f} tokens/s")
        parts.append(f"{_span(left)} left")
        spend = spend_of(time.monotonic() - self._began, self._cost)
        if spend.money:
            parts.append(f"{spend.money:.2f} {spend.currency}")
        if spend.kwh:
            parts.append(f"{spend.kwh:.3f} kWh")
        return "  ".join(parts)


def lines_of() -> Callable[[int, int], None]:
    """What is told how many of how many answers are there: a line that is rewritten on a terminal, else one
    every ten seconds."""
    began = told = time.monotonic()
    live = sys.stderr.isatty()

    def tell(done: int, count: int) -> None:
        nonlocal told
        now = time.monotonic()
        if not live and done < count and now - told < EVERY_S:
            return
        told = now
        left = _span((count - done) * (now - began) / done)
        text = f"{done} of {count} answers  {left} left"
        end = "\n" if done == count else ""
        sys.stderr.write(f"\r\x1b[K{text}{end}" if live else f"{text}\n")
        sys.stderr.flush()

    return tell


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
