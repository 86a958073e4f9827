"""A real browser goes to a real identity provider and comes back signed in: cookies cross sites as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from tests.http.identity_provider import BEGIN, identity_provider, needs_node, register, settings_for

from thinkwell.http.pages import WebApp
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

pytestmark = needs_node

FETCH = """
async ([method, path, body]) => {
  const init = body === null ? { method } : { method, body: JSON.stringify(body) };
  const reply = await fetch(path, { ...init, headers: { 'content-type': 'application/json' } });
  return await reply.json();
}
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with identity_provider("localhost") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def site(
    data: Path, engine: ScriptedEngine, web_app: WebApp, issuer: str
) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=settings_for(issuer), web_app=web_app) as running:
        await register(issuer, running.url)
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


async def fetch(page: Page, method: str, path: str, body: Any = None) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate(FETCH, [method, path, body])
    return found


async def sign_in(page: Page, site: RunningSite, path: str) -> None:
    """By a button of the page, through the provider's forms, to where that leads."""
    await page.evaluate("(path) => { location.href = path; }", BEGIN)
    await page.get_by_placeholder("Enter any login").fill("zoe")
    await page.get_by_placeholder("and password").fill("anything")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url(site.url + path)


async def test_a_browser_comes_back_signed_in_with_what_was_asked_before(
    page: Page, site: RunningSite
) -> None:
    await page.goto(site.url)
    await fetch(page, "POST", "/api/turns", {"content": "before"})
    await sign_in(page, site, "/")
    found = await fetch(page, "GET", "/api/me")
    assert (found["kind"], found["name"]) == ("member", "zoe")
    kept = await fetch(page, "GET", "/api/conversations")
    assert [item["title"] for item in kept["items"]] == ["before"]


async def test_a_members_browser_links_the_account(page: Page, site: RunningSite) -> None:
    await page.goto(site.url)
    await fetch(page, "POST", "/api/sign_up", {"name": "somebody", "password": "correct horse"})
    await sign_in(page, site, "/account")
    assert (await fetch(page, "GET", "/api/me"))["name"] == "somebody"
    assert (await fetch(page, "GET", "/api/me/organisation"))["linked_at"] is not None
