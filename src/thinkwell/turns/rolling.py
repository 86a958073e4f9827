"""Rolling: what was noted in the last minutes, in slots of time; the oldest makes room. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Rolling(Generic[T]):
    """``slots`` of ``slot_s`` seconds, each with a T of its own; times are of one monotonic clock."""

    def __init__(self, make: Callable[[], T], slots: int, slot_s: float) -> None:
        self._make = make
        self._slots: deque[tuple[int, T]] = deque(maxlen=slots)
        self._slot_s = slot_s

    def current(self, now: float) -> T:
        """Where to note what happens now."""
        number = int(now / self._slot_s)
        if not self._slots or self._slots[-1][0] < number:
            self._slots.append((number, self._make()))
        return self._slots[-1][1]

    def within(self, now: float, seconds: float | None = None) -> list[T]:
        """Those of the last ``seconds``, the running slot among them; None: as many as are kept."""
        most = self._slots.maxlen or 0
        slots = most if seconds is None else min(most, round(seconds / self._slot_s))
        after = int(now / self._slot_s) - slots
        return [one for number, one in self._slots if number > after]
