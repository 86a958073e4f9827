"""A site that a test may end, and start again on the same data."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from thinkwell.http.look import open_look
from thinkwell.http.pages import WebApp
from thinkwell.http.site import Site
from thinkwell.models.card import ModelCard
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card
from thinkwell.turns.live import LiveTurn
from thinkwell.values.event import Shortened, TurnEvent
from thinkwell.values.receipt import Ending, Receipt, Shortening

CARD = scripted_card(answer_tokens=2048)


class House:
    """``engine`` is the engine of the site that runs now, ``card`` what the next start knows of its model,
    ``rules`` its settings, ``others`` the engines beside the first."""

    def __init__(self, data: Path, engine: ScriptedEngine, web_app: WebApp) -> None:
        self.engine = engine
        self.card = CARD
        self.rules: tuple[str, ...] = ()
        self.others: tuple[ScriptedEngine, ...] = ()
        self._data = data
        self._web_app = web_app
        self._open = AsyncExitStack()
        self._running: RunningSite | None = None

    @property
    def url(self) -> str:
        assert self._running is not None
        return self._running.url

    async def start(self) -> None:
        engines = (self.engine, *self.others)
        site = running_site(self._data, engines, self.card, self.rules, web_app=self._web_app)
        self._running = await self._open.enter_async_context(site)

    @property
    def site(self) -> Site:
        assert self._running is not None
        return self._running.site

    def ships(self, web_app: WebApp) -> None:
        """From now on the site that runs sends another page, at the same address, as after an update."""
        self._web_app = web_app
        self.site.web_app = web_app
        self.site.look = open_look(self.site.settings, web_app)

    async def end(self) -> None:
        self._running = None
        await self._open.aclose()

    async def start_again(self) -> None:
        """On another port, with a new engine, as after a restart of the machine."""
        await self.end()
        self.engine = ScriptedEngine()
        await self.start()

    async def move_in(self, card: ModelCard) -> None:
        """The same engine plays another model, on another port."""
        await self.end()
        self.card = card
        self.engine.revive()
        await self.start()

    async def run_by(self, *rules: str) -> None:
        """The same with other settings, as ``--set`` takes them, on another port."""
        await self.end()
        self.rules = rules
        self.engine.revive()
        await self.start()

    @property
    def turn(self) -> LiveTurn:
        """The turn that was asked last, of those that have not ended."""
        return self.site.turns.running[-1]

    def happens(self, event: TurnEvent) -> None:
        """To that turn, whatever the line and the engine think: what they say next comes after it."""
        self.turn.log.add(event)
        self.turn.log.publish(self.turn.log.last_seq)

    def shorten(self, budget: int, full: int, waiting: int) -> None:
        """Give that turn a short thought, and say so on its receipt."""
        self.happens(Shortened(budget, full, waiting))
        short = Shortening(budget=budget, full=full, waiting=waiting)
        receipt_of = self.turn.meter.receipt

        def receipt(ending: Ending) -> Receipt:
            return msgspec.structs.replace(receipt_of(ending), shortened=short)

        self.turn.meter.receipt = receipt  # type: ignore[method-assign]

    def cut_thought(self, budget: int, full: int, waiting: int) -> None:
        """Load comes: that turn's thought may take no more than ``budget`` tokens."""
        thinker = self.turn.thinker
        assert thinker is not None and thinker.shorten(budget)
        self.turn.meter.shorten(budget, full, waiting)
        self.happens(Shortened(budget, full, waiting))

    def cut_connections(self) -> None:
        """As a network does that goes away in mid-word."""
        assert self._running is not None
        for connection in list(self._running.server.server_state.connections):
            connection.transport.abort()
