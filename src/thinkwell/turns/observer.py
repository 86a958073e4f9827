"""Observer: told how each turn ended. Metrics are one."""

from __future__ import annotations

from typing import Protocol

from thinkwell.values.receipt import Receipt


class Observer(Protocol):
    def ended(self, receipt: Receipt, code: str | None) -> None:
        """``code`` is the error's code where the turn failed."""
