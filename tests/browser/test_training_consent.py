"""Whether one's conversations may train the site's models is said at one's account, by nobody else."""

from __future__ import annotations

from playwright.async_api import Locator, Route, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House
from tests.browser.member_pages import Account, account_of, door, member
from tests.browser.screen import Screen
from tests.browser.test_keyboard_alone import tab_to

from thinkwell.people import consents


def switch_of(mine: Account) -> Locator:
    return mine.part("Training models").get_by_role("switch")


async def said_yes(house: House) -> int:
    """How many people, as an export for training would find them."""
    return len(await house.site.database.read(consents.consenting))


async def test_it_is_off_until_a_person_says_yes_by_keyboard_and_holds_until_taken_back(
    screen: Screen, house: House
) -> None:
    mine = await member(screen)
    part, switch = mine.part("Training models"), switch_of(mine)
    await expect(switch).not_to_be_checked()
    await expect(part.get_by_role("status")).to_have_text(
        "Off: nothing of yours is used for training, unless you say yes here."
    )
    assert await said_yes(house) == 0
    await tab_to(screen, switch)
    await screen.page.keyboard.press("Space")
    await expect(switch).to_be_checked()
    await expect(switch).to_be_focused()
    await expect(part).to_contain_text("Allowed since")
    assert await said_yes(house) == 1
    await screen.reload()
    await expect(switch).to_be_checked()
    await expect(part).to_contain_text("Allowed since")

    await tab_to(screen, switch)
    await screen.page.keyboard.press("Space")
    await expect(switch).not_to_be_checked()
    assert await said_yes(house) == 0
    await screen.reload()
    await expect(part).to_contain_text("Off: nothing of yours")
    await expect(switch).not_to_be_checked()


async def test_what_a_visitor_said_is_off_again_after_a_sign_up(visit: Visit, house: House, axe: str) -> None:
    screen = await examined(await visit(viewport=PHONE, bypass_csp=True), axe)
    mine = await account_of(screen)
    part, switch = mine.part("Training models"), switch_of(mine)
    await expect(switch).not_to_be_checked()
    await assert_no_barriers(screen, "a visitor")
    await switch.click()
    await expect(switch).to_be_checked()
    await expect(part).to_contain_text("If you become a member it is off again")
    assert await said_yes(house) == 1
    await assert_no_barriers(screen, "a visitor who said yes")
    await (await door(screen)).sign_up()
    await expect(screen.question).to_be_visible()
    mine = await account_of(screen)
    await expect(switch).to_be_enabled()
    await expect(switch).not_to_be_checked()
    await expect(part).not_to_contain_text("If you become a member")
    assert await said_yes(house) == 0
    await assert_no_barriers(screen, "a member who said nothing")


async def test_what_cannot_be_stored_is_told_and_not_shown_as_stored(screen: Screen, house: House) -> None:
    screen.guard.expect("ERR_FAILED")
    mine = await member(screen)
    switch = switch_of(mine)
    await expect(switch).to_be_enabled()

    async def lose(route: Route) -> None:
        await (route.abort() if route.request.method == "PUT" else route.continue_())

    await screen.page.route("**/api/me/training", lose)
    await switch.click()
    await expect(mine.part("Training models").get_by_role("alert")).to_contain_text("cannot be reached")
    await expect(switch).not_to_be_checked()
    assert await said_yes(house) == 0
