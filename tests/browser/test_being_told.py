"""Whoever waits may do something else: they are told, if they asked for it, without a word of the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying
from thinkwell.values.event import Queued

LOOK_AWAY = """() => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })
  document.dispatchEvent(new Event('visibilitychange'))
}"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready
  for (let left = 100; left > 0; left -= 1) {
    const shown = await registration.getNotifications()
    if (shown.length > 0) return shown.map(({ title, body, data }) => [title, body, data.path])
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return []
}"""
NONE_SHOWN = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length"
OFFER = "Tell me when it is ready"


@pytest.fixture(autouse=True)
def script(house: House) -> None:
    house.engine.play(saying("It is ", "four."))


async def wait_in_line(screen: Screen, house: House) -> str:
    """A question whose turn has to wait; where its answer will be."""
    house.engine.gates.hold("0")
    await screen.ask("How much is it?")
    await screen.asked()
    await house.engine.gates.reached("0")
    house.happens(Queued(position=2, waiting=3, expected_s=30.0))
    await expect(screen.page.get_by_text("You are number 2 of 3 in line", exact=True)).to_be_visible()
    return screen.page.url.removeprefix(screen.home)


async def test_who_waits_is_asked_once_and_told_without_a_word_of_the_answer(
    visit: Visit, house: House, axe: str
) -> None:
    screen = await visit("/", permissions=["notifications"])
    # As before anybody was asked: the browser of the test has answered already.
    asked = "Object.defineProperty(Notification, 'permission', { configurable: true, get: () => 'default' })"
    await screen.page.context.add_init_script(asked)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    path = await wait_in_line(screen, house)
    offer = screen.page.get_by_role("button", name=OFFER)
    await expect(offer).to_be_visible()
    await assert_no_barriers(screen, "the offer")
    await offer.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_text("You will be told when the answer is ready.")).to_be_visible()
    await expect(screen.question).to_be_focused()
    await screen.page.evaluate("() => { delete Notification.permission }")
    await screen.page.evaluate(LOOK_AWAY)
    house.engine.gates.release("0")
    assert await screen.page.evaluate(SHOWN) == [["Your answer is ready", "", path]]


async def test_the_name_of_the_conversation_is_shown_only_to_who_chose_that(
    visit: Visit, house: House
) -> None:
    screen = await visit("/settings", permissions=["notifications"])
    page = screen.page
    await page.get_by_role("switch", name="Tell me when an answer is ready").click()
    await page.get_by_role("switch", name="Show the name of the conversation").click()
    await expect(page.get_by_role("switch", name="Show the name of the conversation")).to_be_checked()
    await screen.go("/")
    path = await wait_in_line(screen, house)
    await expect(page.get_by_role("button", name=OFFER)).to_have_count(0)
    await page.evaluate(LOOK_AWAY)
    house.engine.gates.release("0")
    assert await page.evaluate(SHOWN) == [["How much is it?", "", path]]


async def test_nobody_is_told_who_looks_at_the_answer_or_did_not_ask_to_be(
    screen: Screen, house: House
) -> None:
    await wait_in_line(screen, house)
    house.engine.gates.release("0")
    await screen.finished()
    assert await screen.page.evaluate(NONE_SHOWN) == 0


async def test_a_browser_that_refuses_is_said_to_refuse(visit: Visit) -> None:
    screen = await visit("/settings")
    await screen.page.get_by_role("switch", name="Tell me when an answer is ready").click()
    await expect(screen.page.get_by_text("Your browser does not let this site notify you.")).to_be_visible()
    await expect(
        screen.page.get_by_role("switch", name="Tell me when an answer is ready")
    ).not_to_be_checked()


async def test_a_push_says_that_something_is_ready_also_when_no_page_is_open(visit: Visit) -> None:
    screen = await visit("/", permissions=["notifications"], locale="en-GB")
    page = screen.page
    await page.evaluate("async () => { await navigator.serviceWorker.ready }")
    # The words in which it tells have come.
    await page.wait_for_function(
        "async () => (await (await caches.open('thinkwell.shell')).match('/said-when-ready')) !== undefined"
    )
    devtools = await page.context.new_cdp_session(page)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if not found.done():
                found.set_result(one["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", heard)
    await devtools.send("ServiceWorker.enable")
    number = await found
    await page.goto("about:blank")
    push = {"origin": screen.home, "registrationId": number, "data": ""}
    await devtools.send("ServiceWorker.deliverPushMessage", push)
    await screen.go("/")
    assert await page.evaluate(SHOWN) == [["Your answer is ready", "", "/"]]
