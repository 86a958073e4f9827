"""The arithmetic of a run of steps, the first lasting ``first`` seconds and each next ``growth`` longer."""

from __future__ import annotations

from math import sqrt


def span(steps: int, first: float, growth: float) -> float:
    """Seconds that ``steps`` steps last together."""
    return steps * (first + growth * (steps - 1) / 2)


def steps_within(seconds: float, first: float, growth: float, *, at_most: int) -> int:
    """Whole steps that end within ``seconds``, and no more than ``at_most``."""
    if span(at_most, first, growth) <= seconds:
        return at_most
    if growth == 0:
        steps = int(seconds / first)
    else:
        half = first - growth / 2
        steps = int((sqrt(half * half + 2 * growth * seconds) - half) / growth)
    # Rounding must never let a step end after the time that was given.
    while steps and span(steps, first, growth) > seconds:
        steps -= 1
    return min(steps, at_most)
