"""A real site with a real Chromium before it, for ``bench web``. Knows how one asks; measures nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from thinkwell.cli.bench.web_engine import CONTEXT, PouringEngine, Script
from thinkwell.cli.bench.web_eyes import EYES
from thinkwell.http.pages import WebApp, read_web_app
from thinkwell.testing.chromium import ARGUMENTS, find_chromium
from thinkwell.testing.site import RunningSite, running_site, scripted_card

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page

CARD = scripted_card(context=CONTEXT, answer_tokens=CONTEXT // 4, thought_tokens=CONTEXT // 4)
RULES = (f"turns.max_tokens={CONTEXT // 2}", "people.proof_load=0")
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}
SLOW = 4  # times: the processor of an old phone
WAIT_MS = 60_000


class House:
    def __init__(
        self, running: RunningSite, engine: PouringEngine, browser: Browser, web_app: WebApp
    ) -> None:
        self.running = running
        self.engine = engine
        self.browser = browser
        self.web_app = web_app

    @property
    def url(self) -> str:
        return self.running.url

    @asynccontextmanager
    async def visitor(self, **options: Any) -> AsyncIterator[BrowserContext]:
        """Somebody new, with nothing cached."""
        options = {"viewport": DESK, "locale": "en-GB", "service_workers": "block"} | options
        context = await self.browser.new_context(**options)
        context.set_default_timeout(WAIT_MS)
        await context.add_init_script(EYES)
        try:
            yield context
        finally:
            await context.close()

    async def open(self, context: BrowserContext, path: str = "/") -> Tab:
        page = await context.new_page()
        tab = Tab(page, await context.new_cdp_session(page))
        await page.goto(self.url + path)
        return tab

    def cut_connections(self) -> None:
        """As a network does that goes away in mid-word."""
        for connection in list(self.running.server.server_state.connections):
            connection.transport.abort()


class Tab:
    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self.page = page
        self.cdp = cdp
        self.question = page.get_by_role("textbox", name="Your question", exact=True)
        self.answers = page.get_by_role("article", name="Answer", exact=True)

    async def slow_down(self, times: float = SLOW) -> None:
        await self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": times})

    async def ask(self, text: str) -> None:
        await self.question.fill(text)
        await self.question.press("Enter")

    async def finished(self) -> None:
        await self.page.wait_for_function(
            "() => [...document.querySelectorAll('article[aria-busy]')].at(-1)?.ariaBusy === 'false'"
        )

    async def metrics(self) -> dict[str, float]:
        """What Chromium counts of this page: seconds of tasks and script, bytes of heap, nodes."""
        found = await self.cdp.send("Performance.getMetrics")
        return {metric["name"]: metric["value"] for metric in found["metrics"]}


@asynccontextmanager
async def open_house(data: Path, script: Script) -> AsyncIterator[House]:
    """Raises ClickException where there is no browser to drive, or no page."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise click.ClickException(
            "The page is measured by Playwright, which is not installed: run scripts/bench web in a checkout."
        ) from None
    path = find_chromium()
    if path is None:
        raise click.ClickException(
            "No Chromium was found. scripts/browser installs one; THINKWELL_CHROMIUM names one."
        )
    web_app = read_web_app()
    engine = PouringEngine(script)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            async with running_site(data, engine, CARD, RULES, web_app=web_app) as running:
                yield House(running, engine, browser, web_app)
        finally:
            with contextlib.suppress(Exception):
                await browser.close()
