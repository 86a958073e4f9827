"""What a visitor asked is theirs alone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen


@pytest.mark.parametrize("running", [True, False])
async def test_anothers_conversation_does_not_exist(
    visit: Visit, screen: Screen, house: House, running: bool
) -> None:
    screen.guard.expect("status of 404")
    if running:
        house.engine.gates.hold("thinking")
    await screen.ask("My secret question")
    await screen.asked()
    if not running:
        await screen.finished()
    other = await visit(screen.page.url.removeprefix(screen.home))
    await expect(
        other.page.get_by_text("This conversation does not exist, or it is not yours.")
    ).to_be_visible()
    await expect(other.list).to_contain_text("Your conversations will be listed here.")
    assert "secret" not in await other.page.content()
    house.engine.gates.release("thinking")
    await screen.finished()
    await expect(screen.answer).to_have_text("The answer is 4.")


async def test_an_address_that_is_none_says_so_and_leads_home(visit: Visit) -> None:
    screen = await visit("/c/conv_unknown")
    screen.guard.expect("status of 404")
    await screen.page.get_by_role("link", name="Go to a new conversation").click()
    await expect(screen.question).to_be_visible()
