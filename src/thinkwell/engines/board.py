"""HealthBoard: an engine's health as last seen, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Callable

from thinkwell.engines.base import EngineHealth


class HealthBoard:
    def __init__(self, health: EngineHealth) -> None:
        self.health = health
        self._watchers: list[Callable[[], None]] = []

    def watch(self, changed: Callable[[], None]) -> None:
        self._watchers.append(changed)

    def become(self, health: EngineHealth) -> None:
        """Watchers are told of changes only."""
        if health != self.health:
            self.health = health
            for changed in self._watchers:
                changed()
