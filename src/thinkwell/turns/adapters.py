"""Adapters: which one a running site answers with, and how another takes its place while people ask.

An engine cannot be given an adapter while it runs, so a second one is begun beside it; of the model below,
both map the same pages. The new one answers the smoke prompts, then a share of the turns that begin, then all
or none of them. An engine that gets no new turns ends with the last of its own: a turn that gave way, or
whose engine is just being begun again, goes on where it began. Knows no HTTP and no folder.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.errors import BadRequest, Conflict, EngineError, SetupError
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue
from thinkwell.scheduling.canary import Canary
from thinkwell.turns.check import Checked, check_card
from thinkwell.turns.pool import Pool
from thinkwell.turns.serving import Counts, Served
from thinkwell.turns.smoke import Smoke, Smoked, smoke

log = logging.getLogger(__name__)

START_WITHIN_S = 120.0
# Of those that have ended, so many are remembered for who wants to compare.
MOST_PAST = 8


class Shelf(Protocol):
    """Where adapters of the model ``base`` come from. ``names`` are those that could be loaded; "" is the
    model without one."""

    @property
    def base(self) -> ModelCard: ...

    @property
    def catalogue(self) -> Catalogue: ...

    async def names(self) -> list[str]: ...

    async def card(self, name: str) -> ModelCard:
        """Raises NotFound, or SetupError where it is none of this model's."""

    def engine(self, name: str, card: ModelCard, alias: str) -> Engine:
        """One that runs it, not yet started, and is called ``alias``."""

    async def remember(self, name: str) -> None:
        """From the next start on the site begins with it. Raises SetupError."""


class Priced(Protocol):
    def priced_as(self, model: str, like: str) -> None:
        """Turns of ``model`` cost as those of ``like``, where it has no price of its own."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a candidate: loaded, where it ``passed``. Seconds from the order on."""

    passed: bool
    smoked: tuple[Smoked, ...]
    checked: tuple[str, ...] = ()
    ready_s: float
    seconds: float


class Adapters:
    """Belongs to the event loop; ``keep`` is a task of the site. ``engines`` is the site's own list, which
    everybody reads: the current one's stand first. ``shelf`` None: the model is behind a server, which loads
    adapters itself. ``name`` is what the site began with. ``counts`` is an Observer of turns."""

    def __init__(
        self,
        pool: Pool,
        engines: list[Engine],
        shelf: Shelf | None,
        *,
        name: str,
        prices: Sequence[Priced],
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._engines = engines
        self.shelf = shelf
        self._prices = prices
        self._now_us = now_us
        self.counts = Counts()
        self._busy = False
        self._tasks: asyncio.TaskGroup | None = None
        self._ending: set[asyncio.Task[None]] = set()
        # What checks found, by the way in which a card says that it speaks; and whether budgets are held.
        self._known: dict[bytes, tuple[Checked, bool]] = {}
        self.candidate: Served | None = None
        self.retiring: list[Served] = []
        self.past: deque[Served] = deque(maxlen=MOST_PAST)
        self._current = Served(name, pool.dispatcher.canary.current, pool.card, engines[0], now_us())
        self.counts.served[self._current.label] = self._current
        if shelf is not None:
            pool.names.add(shelf.base.name)
            self._priced_as(pool.card.name, shelf.base.name)

    @property
    def current(self) -> Served:
        self._current.card = self._pool.card  # which a check corrects while the site is up already
        return self._current

    @property
    def share(self) -> float:
        """Of the turns that begin, the part that goes to the candidate."""
        return self._pool.dispatcher.canary.share

    async def load(self, name: str, prompts: Sequence[Smoke]) -> Tried:
        """Begin an engine with it beside the others, and ask it the prompts. One that fails is ended at once;
        one that passes becomes the candidate, with no share yet.

        Raises NotFound, Conflict, or BadRequest with what is wrong with it.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        async with self._alone():
            if self.candidate is not None:
                raise Conflict(
                    f"{self.candidate.card.name!r} is on trial already. Complete it, or roll it back."
                )
            shelf = self._shelf()
            try:
                card = await shelf.card(name)
                engine = shelf.engine(name, card, self._free_name(card.name))
            except SetupError as problem:
                raise BadRequest(problem.message, param="name") from None
            try:
                await self._started(engine)
                ready_s = clock() - began
                smoked = await self._smoked(engine, card, prompts)
                passed = all(one.passed for one in smoked)
                if passed:
                    checked = await self._checked(card, engine)
                    self._stands_by(name, checked.card, engine)
            except TimeoutError:
                raise BadRequest("The adapter answers too slowly, or not at all.", param="name") from None
            except EngineError as problem:
                raise BadRequest(f"The adapter does not answer: {problem}", param="name") from None
            except SetupError as problem:
                raise BadRequest(problem.message, param="name") from None
            finally:
                if self.candidate is None:
                    await engine.close()
        log.info("adapter %s: %s", card.name, "on trial" if passed else "failed its smoke prompts")
        return Tried(
            passed=passed,
            smoked=smoked,
            checked=tuple(checked.said) if passed else (),
            ready_s=ready_s,
            seconds=clock() - began,
        )

    def set_share(self, share: float) -> None:
        """0 to 1, of the turns that begin from now on. Raises Conflict where there is no candidate."""
        candidate = self._candidate()
        self._pool.dispatcher.turn_to(Canary(self._current.label, candidate.label, share))
        log.info("adapter %s: gets %g %% of new turns", candidate.card.name, 100 * share)

    async def complete(self) -> None:
        """All turns that begin from now on go to the candidate, also after a new start of the site.

        Raises Conflict where there is none, or BadRequest where it cannot be written down.
        """
        async with self._alone():
            candidate, before, pool = self._candidate(), self.current, self._pool
            if candidate.engine.health().state != "ready":
                raise Conflict("The engine of the adapter on trial is not running. Wait, or roll it back.")
            try:
                await self._shelf().remember(candidate.name)
            except SetupError as problem:
                raise BadRequest(problem.message) from None
            pool.names.add(before.card.name)
            pool.cards[before.label] = before.card
            pool.card = candidate.card
            self._current, self.candidate = candidate, None
            self._engines.remove(candidate.engine)
            self._engines.insert(0, candidate.engine)
            self._retire(before)
        log.info("adapter %s: answers from now on, in place of %s", candidate.card.name, before.card.name)

    async def roll_back(self) -> None:
        """The candidate gets no more turns. Raises Conflict where there is none."""
        async with self._alone():
            candidate = self._candidate()
            self.candidate = None
            self._retire(candidate)
        log.info("adapter %s: rolled back", candidate.card.name)

    async def settled(self) -> None:
        """Wait until every engine that was replaced has ended."""
        while self._ending:
            await asyncio.wait(self._ending)

    async def keep(self) -> None:
        """For ever; ends by cancellation only. Then the site closes its engines itself."""
        async with asyncio.TaskGroup() as self._tasks:
            await asyncio.Event().wait()

    # -- how -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._busy:
            raise Conflict("Another change of adapters is being made. Wait for it to end.")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _shelf(self) -> Shelf:
        if self.shelf is None:
            raise Conflict("This site's model is behind a server of its own, which loads adapters itself.")
        return self.shelf

    def _candidate(self) -> Served:
        if self.candidate is None:
            raise Conflict("No adapter is on trial. Load one first.")
        return self.candidate

    def _free_name(self, name: str) -> str:
        """No engine is called so; one of the same adapter may still have turns to end."""
        taken = {engine.name for engine in self._engines}
        return next(
            one for number in range(1, len(taken) + 2) if (one := _numbered(name, number)) not in taken
        )

    def _priced_as(self, model: str, like: str) -> None:
        for prices in self._prices:
            prices.priced_as(model, like)

    async def _started(self, engine: Engine) -> None:
        if self._pool.checking is not None:
            await asyncio.wait({self._pool.checking})  # it corrects the card of the model itself
        async with asyncio.timeout(START_WITHIN_S):
            await engine.start()
            await engine.ready()

    async def _smoked(self, engine: Engine, card: ModelCard, prompts: Sequence[Smoke]) -> tuple[Smoked, ...]:
        smoked: list[Smoked] = []
        for prompt in prompts:
            smoked.append(await smoke(engine, card, prompt))
            if not smoked[-1].passed:
                break
        return tuple(smoked)

    async def _checked(self, card: ModelCard, engine: Engine) -> Checked:
        """What was found of one adapter of the model holds for the next that is to speak in the same way: to
        ask again would take longer than all the rest."""
        way = msgspec.json.encode((card.dialect, card.switches))
        known = self._known.get(way)
        if known is None:
            checked = await check_card(card, (engine,), self._shelf().catalogue)
            self._known[way] = checked, engine.limits_thought
            return checked
        checked, limits = known
        engine.found(limits_thought=limits, least_budget=checked.least_budget)
        as_found = {
            name: getattr(checked.card, name) for name in ("dialect", "switches", "continues", "images")
        }
        return msgspec.structs.replace(checked, card=msgspec.structs.replace(card, **as_found))

    def _stands_by(self, name: str, card: ModelCard, engine: Engine) -> None:
        label, pool = engine.name, self._pool
        self._priced_as(card.name, self._shelf().base.name)
        pool.cards[label] = card
        pool.dispatcher.add(engine, pauses=card.continues)
        self._engines.append(engine)
        self.candidate = self.counts.served[label] = Served(name, label, card, engine, self._now_us())
        pool.dispatcher.turn_to(Canary(self._current.label, label, 0.0))

    def _retire(self, served: Served) -> None:
        """It gets no turns that begin, and is ended with the last of those that it has."""
        self._pool.dispatcher.turn_to(Canary(self._current.label))
        self.retiring.append(served)
        assert self._tasks is not None, "the site keeps it"
        task = self._tasks.create_task(self._end(served), name=f"end of {served.engine.name}")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, served: Served) -> None:
        try:
            await self._pool.dispatcher.freed(served.label)
            await self._ended(served)
        except Exception:  # a boundary: an engine too many is no reason to end the site
            log.exception("adapter %s: its engine could not be ended", served.card.name)

    async def _ended(self, served: Served) -> None:
        dispatcher = self._pool.dispatcher
        dispatcher.remove(served.engine.name)
        self._engines.remove(served.engine)
        self.retiring.remove(served)
        if len(self.past) == MOST_PAST:
            self.counts.served.pop(self.past[0].label, None)
        self.past.append(served)
        self._pool.forget(served.label)
        await served.engine.close()


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}.{number}"
