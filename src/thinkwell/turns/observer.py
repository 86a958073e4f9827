"""Observer: told how each turn ended. The null sibling is told nothing."""

from __future__ import annotations

from typing import Protocol

from thinkwell.values.receipt import Receipt


class Observer(Protocol):
    def ended(self, receipt: Receipt, code: str | None) -> None:
        """``code`` is the error's code where the turn failed."""


class NoObserver:
    def ended(self, receipt: Receipt, code: str | None) -> None:
        return None
