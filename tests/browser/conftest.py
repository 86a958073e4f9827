"""One Chromium for all; a context (a visitor) per test; a real site around a scripted engine.

Playwright's objects belong to the event loop in which they were made, so that all tests here share one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from tests.browser.axe import read_axe
from tests.browser.guard import Guard
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.http.pages import WebApp, read_web_app
from thinkwell.testing.chromium import ARGUMENTS, find_chromium
from thinkwell.testing.scripted_engine import ScriptedEngine

HERE = Path(__file__).parent
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}

Visit = Callable[..., Awaitable[Screen]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def web_app() -> WebApp:
    return read_web_app()


@pytest.fixture(scope="session")
def axe() -> str:
    return read_axe()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium was found. scripts/browser installs one; THINKWELL_CHROMIUM names one.")
    expect.set_options(timeout=10_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(data: Path, engine: ScriptedEngine, web_app: WebApp) -> AsyncIterator[House]:
    house = House(data, engine, web_app)
    await house.start()
    yield house
    await house.end()


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, house: House, guard: Guard) -> AsyncIterator[Visit]:
    """``await visit("/path", **context options)``: a new visitor with an open page."""
    contexts = []

    async def new_visitor(path: str = "/", **options: Any) -> Screen:
        options = {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce"} | options
        context = await browser.new_context(**options)
        contexts.append(context)
        guard.at_home(house.url)
        await guard.watch(context)
        screen = Screen(await context.new_page(), house.url, guard)
        await screen.go(path)
        return screen

    yield new_visitor
    for context in contexts:
        await context.close()
    guard.check()


@pytest_asyncio.fixture(loop_scope="session")
async def screen(visit: Visit) -> Screen:
    return await visit()
