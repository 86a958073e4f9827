"""Four languages, both directions of writing, and windows down to 320 pixels."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

LOCALES = {"en-GB": "en", "fr-FR": "fr", "uk-UA": "uk", "zh-CN": "zh-Hans"}
KEY = re.compile(
    r"\b(skip|nav|rename|delete|action|branch|composer|effort|edit|welcome|turn|line|thought|answer|time|receipt|say"
    r"|settings|page|error)\.[a-z]\w*|\{\w+\}"
)
# Every word that a reader can see or hear.
WORDS = """() => {
  const heard = [...document.querySelectorAll('[aria-label],[title],[placeholder]')]
    .flatMap((one) => ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name)))
  return [...document.body.innerText.split('\\n'), ...heard].map((text) => text?.trim()).filter(Boolean)
}"""
# What is not the page's own: names, numbers, what was asked and answered.
SHARED = re.compile(
    r"^(?:Thinkwell|English|العربية|Deutsch|Español|Français|हिन्दी|Italiano|日本語|Polski|Português|Українська|简体中文|[\d\s./·→-]+s?|WHAT|THEN|The answer is 4\.)$"
)


async def words_of(screen: Screen) -> set[str]:
    return {word for word in await screen.page.evaluate(WORDS) if not SHARED.match(word)}


async def every_word(visit: Visit, locale: str) -> set[str]:
    """The words of the welcome and of a conversation with its receipt."""
    screen = await visit(locale=locale)
    page = screen.page
    await expect(page.locator("html")).to_have_attribute("lang", LOCALES[locale])
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")
    await expect(page.locator(".row + p")).to_be_visible()
    words = await words_of(screen)
    await page.get_by_role("textbox").fill("WHAT")
    await page.keyboard.press("Enter")
    await expect(page.locator("summary")).to_be_visible()
    await page.locator("summary").click()
    return words | await words_of(screen)


async def test_every_language_has_words_of_its_own(visit: Visit) -> None:
    english = await every_word(visit, "en-GB")
    assert len(english) > 30
    for locale in list(LOCALES)[1:]:
        words = await every_word(visit, locale)
        assert not [word for word in words | english if KEY.search(word)]
        same = {word for word in words & english if not word.startswith(("Scripted", "scripted"))}
        assert same <= {"Question", "Conversations"}, locale


async def test_a_language_that_is_chosen_holds(screen: Screen) -> None:
    await screen.page.get_by_role("combobox", name="Language").select_option("uk")
    await expect(screen.page.locator("html")).to_have_attribute("lang", "uk")
    await screen.reload()
    await expect(screen.page.locator("html")).to_have_attribute("lang", "uk")
    await expect(screen.page.get_by_role("textbox", name="Ваше запитання")).to_be_visible()


async def test_colours_that_are_chosen_hold_from_the_first_paint(screen: Screen) -> None:
    html = screen.page.locator("html")
    await expect(html).to_have_css("background-color", "rgb(246, 243, 236)")
    await screen.page.get_by_role("button", name="Dark").click()
    await expect(html).to_have_css("background-color", "rgb(16, 23, 24)")
    await screen.page.route("**/index-*.js", lambda route: route.abort())  # the choice needs no app
    screen.guard.expect("ERR_FAILED")
    await screen.reload()
    await expect(html).to_have_css("background-color", "rgb(16, 23, 24)")


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_window_of_320_pixels_shows_everything_without_scrolling_sideways(
    visit: Visit, house: House, locale: str
) -> None:
    house.engine.play("markdown")
    screen = await visit(locale=locale, viewport={"width": 320, "height": 640})
    page = screen.page
    assert await screen.overflow() == 0
    await page.get_by_role("textbox").fill("a-very-long-word-without-a-break-" * 9)
    assert await screen.overflow() == 0
    await page.keyboard.press("Enter")
    await expect(page.locator("summary")).to_be_visible()
    await page.locator("summary").click()
    assert await screen.overflow() == 0
    await page.locator("header button").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    inside = "(box) => box.scrollWidth - box.clientWidth"
    assert await page.get_by_role("dialog").evaluate(inside) <= 0


@pytest.mark.parametrize("scenario", ["unicode", "markdown", "dies_midway"])
async def test_the_page_turns_with_writing_from_right_to_left(
    visit: Visit, house: House, scenario: str
) -> None:
    house.engine.play(scenario)
    screen = await visit(viewport=PHONE)
    await expect(screen.question).to_be_visible()  # its words are there: they set the direction once
    turn_round = "() => { document.documentElement.dir = 'rtl' }"
    await screen.page.evaluate(turn_round)
    assert await screen.overflow() == 0
    await screen.ask_and_wait("שלום, what is 2 + 2?")
    assert await screen.overflow() == 0
    send, box = await screen.send.bounding_box(), await screen.question.bounding_box()
    assert send and box and send["x"] < box["x"]
    menu = await screen.page.get_by_role("button", name="Show conversations").bounding_box()
    assert menu and menu["x"] > PHONE["width"] / 2
