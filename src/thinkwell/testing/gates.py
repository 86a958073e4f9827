"""Gates: named places where a fake waits while a test holds them. No time passes, no sleeps."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable


class Gates:
    """A gate is open unless held. All who come to a held gate wait there until it is released."""

    def __init__(self) -> None:
        self._held: dict[str, asyncio.Event] = {}
        self._waiting: Counter[str] = Counter()
        self._watchers: list[asyncio.Future[None]] = []

    def hold(self, name: str) -> None:
        self._held.setdefault(name, asyncio.Event())

    def release(self, name: str) -> None:
        """Open the gate, for those who wait and those who come."""
        event = self._held.pop(name, None)
        if event is not None:
            event.set()

    def waiting(self, name: str) -> int:
        return self._waiting[name]

    async def come_to(self, name: str) -> None:
        """Called by the fake: wait here if the gate is held."""
        event = self._held.get(name)
        if event is None:
            return
        self._waiting[name] += 1
        self.changed()
        try:
            await event.wait()
        finally:
            self._waiting[name] -= 1
            self.changed()

    async def reached(self, name: str, count: int = 1) -> None:
        """Return when ``count`` wait at the gate."""
        await self.until(lambda: self._waiting[name] >= count)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when ``condition`` holds; it is looked at again whenever something changes."""
        while not condition():
            watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher

    def changed(self) -> None:
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)
