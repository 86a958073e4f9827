"""The lives of a site: starts it, kills it when told to, starts it again. Knows no accounts."""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType

import msgspec

from thinkwell.cli.bench.wire_field import SITE_SLOTS, Field, proved
from thinkwell.cli.bench.wire_load import Broken, Door, fetch
from thinkwell.cli.bench.wire_processes import site
from thinkwell.testing.process import SiteProcess

PRICES = {"prompt": 3, "cached": 1, "reasoning": 2, "answer": 5}
_SET = tuple(part for kind, price in PRICES.items() for part in ("--set", f"prices.default.{kind}={price}"))
# A kill comes so long after it was decided at most; and of those that start, some are killed again so soon.
SOON_S = 0.05
AGAIN = 0.3
START_S = 1.5
# How long a broken reply waits to hear that its site is dead, before it counts as a fault.
NEWS_S = 20.0
_RUNNING = re.compile(rb"^thinkwell_turns_running (\S+)", re.MULTILINE)


class Life(msgspec.Struct, frozen=True):
    number: int
    door: Door


class Lives:
    """``async with``: the first life; the last one is ended in order."""

    def __init__(self, here: Field, drawn: random.Random) -> None:
        self._here = here
        self._drawn = drawn
        self._stack = AsyncExitStack()
        self._process: SiteProcess | None = None
        self._now: Life | None = None
        self._changed = asyncio.Condition()
        self._killing: asyncio.Task[None] | None = None
        self._wanted = 0
        self._marks = 1
        self.kills = 0

    async def __aenter__(self) -> Lives:
        await self._start(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._killing is not None:
            self._killing.cancel()
            await asyncio.wait({self._killing})
        await self._stack.aclose()

    async def up(self) -> Life:
        """The present life, once there is one. Raises what kept it from starting."""
        async with self._changed:
            while self._now is None:
                if self._killing is not None and self._killing.done():
                    self._killing.result()
                await self._changed.wait()
            return self._now

    async def gone(self, life: Life) -> None:
        """Return when ``life`` is over. Raises Broken where it goes on: what broke was no death."""
        try:
            async with asyncio.timeout(NEWS_S), self._changed:
                await self._changed.wait_for(lambda: self._now is None or self._now.number != life.number)
        except TimeoutError:
            raise Broken("A reply broke off, and the site lives.") from None

    def kill_soon(self) -> None:
        self._wanted += 1
        if self._killing is None or self._killing.done():
            self._killing = asyncio.create_task(self._kill_all())

    async def settled(self) -> None:
        """All kills are done, and no turn runs. Raises Broken when that does not come."""
        if self._killing is not None:
            await self._killing
        at = (await self.up()).door
        for _ in range(6_000):
            found = _RUNNING.search(await fetch(at.host, at.port, "/metrics"))
            if found is not None and float(found[1]) == 0:
                return
            await asyncio.sleep(0.01)
        raise Broken("The site still runs turns whose readers are gone.")

    async def _kill_all(self) -> None:
        try:
            while self._wanted:
                self._wanted -= 1
                await asyncio.sleep(self._drawn.uniform(0, SOON_S))
                await self._kill()
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _kill(self) -> None:
        assert self._process is not None and self._now is not None
        number = self._now.number
        await self._process.kill()
        self.kills += 1
        async with self._changed:
            self._now = None
            self._changed.notify_all()
        await self._stack.aclose()
        while self._drawn.random() < AGAIN:
            await self._die_young()
        await self._start(number + 1)

    async def _die_young(self) -> None:
        """Killed while it starts, perhaps while it settles what the last one left."""
        try:
            async with asyncio.timeout(self._drawn.uniform(0, START_S)), self._site() as running:
                await running.kill()
        except TimeoutError:
            pass  # a start that is cancelled is killed (testing/process.py)
        self.kills += 1

    async def _start(self, number: int) -> None:
        running = await self._stack.enter_async_context(self._site())
        host, port = running.ready.url.removeprefix("http://").split(":")
        door = Door(name="thinkwell", host=host, port=int(port), model=running.ready.model, own_usage=True)
        if number == 0:
            door = await proved(door)
            self._marks = door.thought_marks
        self._process = running
        async with self._changed:
            self._now = Life(number, msgspec.structs.replace(door, thought_marks=self._marks))
            self._changed.notify_all()

    def _site(self) -> AbstractAsyncContextManager[SiteProcess]:
        here = self._here
        return site(here.cores.gateway, here.folder / "site", here.engine, "--slots", str(SITE_SLOTS), *_SET)
