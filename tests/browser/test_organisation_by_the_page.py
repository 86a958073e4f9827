"""The organisation's button on the page: there and back with a real identity provider, and the link undone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import expect
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.member_pages import PASSWORD, door
from tests.browser.screen import Screen
from tests.http.identity_provider import identity_provider, needs_node, register, settings_for

pytestmark = needs_node
BUTTON = "Sign in with Town"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with identity_provider("localhost") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def at_town(house: House, visit: Visit, issuer: str) -> AsyncIterator[Screen]:
    """A visitor of a site whose people sign in at the town's provider."""
    await house.run_by(*settings_for(issuer, f"people.oidc_title={BUTTON}"))
    await register(issuer, house.url)
    screen = await visit()
    screen.guard.at_home(issuer)
    screen.guard.expect(r"fonts\.googleapis|favicon\.ico")  # which the provider's own pages ask for
    yield screen


async def through_the_provider(screen: Screen) -> None:
    page = screen.page
    await page.get_by_placeholder("Enter any login").fill("zoe")
    await page.get_by_placeholder("and password").fill("anything")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def test_a_visitor_comes_back_a_member_by_the_button_with_what_they_asked(at_town: Screen) -> None:
    screen = at_town
    await screen.ask_and_wait("Why is the sky blue?")
    at = await door(screen)
    await at.form.get_by_role("link", name=BUTTON).click()
    await through_the_provider(screen)
    await at.is_in("zoe")
    await expect(screen.list_item("Why is the sky blue?")).to_be_visible()

    await screen.go("/account")
    mine = screen.page.get_by_role("region", name="Your organisation")
    await expect(mine).to_contain_text("Linked since")
    screen.guard.expect("status of 409")
    await mine.get_by_role("button", name="Undo the link").click()
    await expect(mine.get_by_role("alert")).to_contain_text("This is your only way to sign in.")


async def test_a_member_links_their_account_and_undoes_it(at_town: Screen) -> None:
    screen = at_town
    await (at := await door(screen)).sign_up(password=PASSWORD)
    await at.is_in()
    await screen.go("/account")
    mine = screen.page.get_by_role("region", name="Your organisation")
    await mine.get_by_role("link", name=f"Link it: {BUTTON}").click()
    await through_the_provider(screen)
    await expect(mine).to_contain_text("Linked since")
    await mine.get_by_role("button", name="Undo the link").click()
    await expect(mine.get_by_role("link", name="Link it")).to_be_visible()


async def test_who_calls_it_off_at_the_provider_is_told_so(at_town: Screen) -> None:
    screen = at_town
    at = await door(screen)
    await at.form.get_by_role("link", name=BUTTON).click()
    await screen.page.get_by_text("Cancel").click()
    await expect(at.alert).to_contain_text("Your organisation did not sign you in")
    assert screen.page.url == f"{screen.home}/welcome"
