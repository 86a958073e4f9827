"""What a training run measured, step by step: a file of lines that grows -> a few curves of few points.

Only what was added is read, so much at a time, and what is kept does not grow with the file: where a curve
has many points, neighbours become one, their mean. Knows the lines of ``metrics.jsonl`` and no folder.
"""

from __future__ import annotations

import math
import os
import re
from typing import Any, BinaryIO

import msgspec

CHUNK = 1 << 20
MOST_POINTS = 400
MOST_CURVES = 24
MOST_STAGES = 8
SPEED = "tokens_per_s"
CURVES = frozenset({"loss", "reward", "length", "whole", "entropy", "mismatch", "distance"})
# The parts of a reward have the names of their functions.
_PART = re.compile(r"reward_[a-z0-9_]{1,40}")
_STAGE = re.compile(r"[a-z0-9_-]{1,32}")
_MOST = 2**53
_TAIL = 256


class Curve:
    """At most ``MOST_POINTS`` points. ``at`` are steps, growing."""

    def __init__(self) -> None:
        self._at: list[int] = []
        self._sums: list[float] = []
        self._counts: list[int] = []
        self._width = 1

    def add(self, at: int, value: float) -> None:
        if self._counts and self._counts[-1] < self._width:
            self._at[-1] = at
            self._sums[-1] += value
            self._counts[-1] += 1
            return
        if len(self._at) >= MOST_POINTS:
            self._halve()
            return self.add(at, value)
        self._at.append(at)
        self._sums.append(value)
        self._counts.append(1)

    def _halve(self) -> None:
        self._at = self._at[1::2]
        self._sums = [one + two for one, two in zip(self._sums[::2], self._sums[1::2], strict=True)]
        self._counts = [one + two for one, two in zip(self._counts[::2], self._counts[1::2], strict=True)]
        self._width *= 2

    @property
    def at(self) -> list[int]:
        return list(self._at)

    @property
    def values(self) -> list[float]:
        return [total / count for total, count in zip(self._sums, self._counts, strict=True)]


class Stage:
    """``done`` of ``steps``; 0 where it is not known how many there will be."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.done = 0
        self.steps = 0
        self.tokens = 0.0
        self.seconds = 0.0
        self.curves: dict[str, Curve] = {}

    @property
    def speed(self) -> float | None:
        return self.tokens / self.seconds if self.seconds > 0 else None

    def add(self, line: dict[str, Any]) -> bool:
        """False where it is none of a step after the last."""
        step = _whole(line.get("step"))
        if step is None or step < self.done:
            return False
        self.done = step + 1
        self.steps = _whole(line.get("steps")) or self.steps
        tokens, seconds = (max(0.0, _number(line.get(name)) or 0.0) for name in ("tokens", "seconds"))
        self.tokens += tokens
        self.seconds += seconds
        for name, value in line.items():
            if name in CURVES or _PART.fullmatch(name):
                self._point(name, step, _number(value))
        self._point(SPEED, step, tokens / seconds if seconds > 0 else None)
        return True

    def _point(self, name: str, step: int, value: float | None) -> None:
        if value is not None and math.isfinite(value) and (name in self.curves or self._room):
            self.curves.setdefault(name, Curve()).add(step, value)

    @property
    def _room(self) -> bool:
        return len(self.curves) < MOST_CURVES


class Metrics:
    """``unread``: lines that are none. ``behind``: there is more in the file than was read yet."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.stages: dict[str, Stage] = {}
        self.unread = 0
        self.behind = False
        self._offset = 0
        self._tail = b""
        self._skipping = False

    def read(self, file: BinaryIO, budget: int) -> int:
        """What was added since, about ``budget`` bytes of it at most; how many were read. A file that is
        another one by now is read from its beginning. A last line that is not whole waits."""
        if not self._goes_on(file):
            self._begin()
        spent = 0
        self.behind = True
        while spent < budget:
            file.seek(self._offset)
            chunk = file.read(CHUNK)
            spent += len(chunk)
            self._take(chunk)
            if len(chunk) < CHUNK:
                self.behind = False
                break
        return spent

    def _goes_on(self, file: BinaryIO) -> bool:
        if os.fstat(file.fileno()).st_size < self._offset:
            return False
        file.seek(self._offset - len(self._tail))
        return file.read(len(self._tail)) == self._tail

    def _take(self, chunk: bytes) -> None:
        end = chunk.rfind(b"\n") + 1
        if end == 0 and len(chunk) == CHUNK:
            # A line as long as that is none of ours: it is left out up to its end.
            self.unread += not self._skipping
            self._skipping, end = True, len(chunk)
        elif end:
            lines = chunk[: end - 1].split(b"\n")
            for line in lines[1:] if self._skipping else lines:
                self._line(line)
            self._skipping = False
        if end:
            self._offset += end
            self._tail = chunk[max(0, end - _TAIL) : end]

    def _line(self, text: bytes) -> None:
        try:
            line = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, ValueError):
            line = None
        name = line.get("stage") if isinstance(line, dict) else None
        if not isinstance(name, str) or not _STAGE.fullmatch(name) or not self._stage(name).add(line):
            self.unread += 1

    def _stage(self, name: str) -> Stage:
        found = self.stages.get(name)
        if found is None:
            found = Stage(name)
            if len(self.stages) < MOST_STAGES:
                self.stages[name] = found
        return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _MOST else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _MOST else None
