"""A site that a test may end, and start again on the same data."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from thinkwell.http.pages import WebApp
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card

CARD = scripted_card(answer_tokens=2048)


class House:
    """``engine`` is the engine of the site that runs now."""

    def __init__(self, data: Path, engine: ScriptedEngine, web_app: WebApp) -> None:
        self.engine = engine
        self._data = data
        self._web_app = web_app
        self._open = AsyncExitStack()
        self._running: RunningSite | None = None

    @property
    def url(self) -> str:
        assert self._running is not None
        return self._running.url

    async def start(self) -> None:
        site = running_site(self._data, self.engine, CARD, web_app=self._web_app)
        self._running = await self._open.enter_async_context(site)

    async def end(self) -> None:
        self._running = None
        await self._open.aclose()

    async def start_again(self) -> None:
        """On another port, with a new engine, as after a restart of the machine."""
        await self.end()
        self.engine = ScriptedEngine()
        await self.start()

    def cut_connections(self) -> None:
        """As a network does that goes away in mid-word."""
        assert self._running is not None
        for connection in list(self._running.server.server_state.connections):
            connection.transport.abort()
