"""Without a network: the page opens, one's own history can be read, nobody else's ever."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House
from tests.browser.member_pages import door
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

GONE = "ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_FAILED|status of 503"
OFFLINE = "There is no connection to the site"
SWITCH = "Keep my conversations on this device"
# When the worker is there, and keeps what the page was made of.
READY = """async () => {
  await navigator.serviceWorker.ready
  const cache = await caches.open('thinkwell.shell')
  const used = performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)
  const kept = async () => (await cache.keys()).map((one) => new URL(one.url).pathname)
  for (let left = 100; left > 0; left -= 1) {
    const names = await kept()
    if (names.includes('/') && used.filter((path) => path.startsWith('/assets/')).every((path) => names.includes(path))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('not kept: ' + used.join())
}"""
KEPT = """() => new Promise((resolve) => {
  const asked = indexedDB.open('thinkwell', 1)
  asked.onupgradeneeded = () => { asked.result.createObjectStore('notes'); asked.result.createObjectStore('bodies') }
  asked.onsuccess = () => {
    const all = asked.result.transaction('bodies').objectStore('bodies').getAll()
    all.onsuccess = () => { asked.result.close(); resolve(all.result.join()) }
  }
})"""


@pytest.fixture(autouse=True)
def script(house: House) -> None:
    house.engine.play(saying("It is ", "four."))


async def kept(page: Page) -> str:
    return str(await page.evaluate(KEPT))


async def keep(screen: Screen, path: str = "/") -> None:
    """Switched on, as its owner does it."""
    await screen.go("/settings")
    await screen.page.get_by_role("switch", name=SWITCH).click()
    await expect(screen.page.get_by_role("switch", name=SWITCH)).to_be_checked()
    await screen.go(path)


async def until_kept(page: Page, text: str) -> None:
    await page.wait_for_function(f"async () => (await ({KEPT})()).includes({text!r})")


async def go_offline(screen: Screen) -> None:
    screen.guard.expect(GONE)
    await screen.page.evaluate(READY)
    await screen.page.context.set_offline(True)


async def test_ones_own_history_is_read_without_a_network(screen: Screen) -> None:
    await keep(screen)
    await screen.ask_and_wait("How much is it?")
    await until_kept(screen.page, "It is four.")
    await go_offline(screen)
    await screen.go("/")
    await expect(screen.page.get_by_text(OFFLINE)).to_be_visible()
    await screen.list_item("How much is it?").click()
    await expect(screen.answer).to_have_text("It is four.")
    await screen.reload()
    await expect(screen.answer).to_have_text("It is four.")


async def test_a_question_that_cannot_be_sent_stays_and_is_sent_when_one_is_back(screen: Screen) -> None:
    await screen.page.evaluate(READY)
    await go_offline(screen)
    await screen.ask("Where was I?")
    await expect(screen.page.get_by_role("alert")).to_contain_text("cannot be reached")
    await expect(screen.question).to_have_value("Where was I?")
    await expect(screen.page.get_by_text(OFFLINE)).to_be_visible()
    await screen.page.context.set_offline(False)
    await expect(screen.page.get_by_text("The site is reached again.")).to_be_visible()
    await screen.question.press("Enter")
    await screen.asked()
    await screen.finished()
    await expect(screen.answer).to_have_text("It is four.")


async def test_nothing_is_kept_of_a_visitor_who_did_not_ask_for_it(screen: Screen) -> None:
    await screen.ask_and_wait("A secret of mine?")
    await screen.page.evaluate(READY)
    assert await kept(screen.page) == ""
    cached = "async () => (await Promise.all((await (await caches.open('thinkwell.shell')).matchAll()).map((one) => one.text()))).join()"
    assert "secret of mine" not in str(await screen.page.evaluate(cached))


async def test_switching_it_off_takes_away_what_was_kept(screen: Screen) -> None:
    await keep(screen)
    await screen.ask_and_wait("How much is it?")
    await until_kept(screen.page, "It is four.")
    await screen.go("/settings")
    await expect(screen.page.get_by_text("1 conversation is kept here")).to_be_visible()
    await screen.page.get_by_role("switch", name=SWITCH).click()
    await expect(screen.page.get_by_text("No conversation is kept here.")).to_be_visible()
    assert await kept(screen.page) == ""


async def test_what_is_deleted_is_gone_from_the_device_too(screen: Screen) -> None:
    await keep(screen)
    await screen.ask_and_wait("How much is it?")
    await until_kept(screen.page, "It is four.")
    await screen.page.evaluate(
        "id => fetch(`/api/conversations/${id}`, {method: 'DELETE'})", screen.page.url.rpartition("/")[2]
    )
    await screen.go("/")
    await screen.page.wait_for_function(f"async () => !(await ({KEPT})()).includes('It is four.')")


async def test_signing_out_takes_it_away_and_the_next_person_sees_nothing(screen: Screen) -> None:
    page = screen.page
    entry = await door(screen)
    await entry.sign_up("ada")
    await entry.is_in("ada")
    await keep(screen)
    await screen.ask_and_wait("How much is it?")
    await until_kept(page, "It is four.")
    await screen.go("/account")
    screen.guard.expect("status of 404")  # what the page still asked for
    async with page.expect_navigation():
        await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert await kept(page) == ""
    await go_offline(screen)
    await screen.go("/")
    await expect(page.get_by_text(OFFLINE)).to_be_visible()
    await expect(screen.list).not_to_contain_text("How much is it?")


async def test_another_person_in_the_same_browser_finds_nothing_even_where_nobody_signed_out(
    screen: Screen,
) -> None:
    page = screen.page
    await keep(screen)
    await screen.ask_and_wait("How much is it?")
    await until_kept(page, "It is four.")
    screen.guard.expect("status of 404")  # what the page still asked for
    await page.context.clear_cookies()  # as when the cookie has run out, or was cleared
    await screen.go("/")
    await page.wait_for_function(f"async () => !(await ({KEPT})()).includes('It is four.')")
    await go_offline(screen)
    await screen.go("/")
    await expect(page.get_by_text(OFFLINE)).to_be_visible()
    await expect(screen.list).not_to_contain_text("How much is it?")


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_the_settings_and_the_offline_page_have_no_barriers(
    visit: Visit, axe: str, colours: str
) -> None:
    screen = await visit("/settings", viewport=PHONE, color_scheme=colours)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    await expect(screen.page.get_by_role("heading", name="Reading offline")).to_be_visible()
    await assert_no_barriers(screen, "settings")
    assert await screen.overflow() == 0
    await go_offline(screen)
    await screen.go("/")
    await expect(screen.page.get_by_text(OFFLINE)).to_be_visible()
    await assert_no_barriers(screen, "offline")
