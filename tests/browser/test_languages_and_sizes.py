"""Twelve languages, both directions of writing, and windows down to 320 pixels."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import expect
from tests.browser import tour
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.office import boss_at
from tests.browser.screen import Screen

LOCALES = {
    "en-GB": "en",
    "ar-EG": "ar",
    "de-DE": "de",
    "es-ES": "es",
    "fr-FR": "fr",
    "hi-IN": "hi",
    "it-IT": "it",
    "ja-JP": "ja",
    "pl-PL": "pl",
    "pt-PT": "pt",
    "uk-UA": "uk",
    "zh-CN": "zh-Hans",
}
RIGHT_TO_LEFT = {"ar"}
NARROW = {"width": 320, "height": 640}
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

# Letters beyond the box that they stand in: a button, a field's name, a figure.
SPILLS = """() => [...document.querySelectorAll('main :is(button, a, label, dt, dd, h1, h2, h3, p, th, td)')].filter((one) => {
  const style = getComputedStyle(one)
  return style.display !== 'inline' && style.overflowX === 'visible' && !one.closest('.unseen, .prose, svg')
    && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1
}).map((one) => one.outerHTML.slice(0, 160))"""


async def aiter_of(name: str) -> AsyncIterator[tour.State]:
    yield tour.State(name)


async def words_of(screen: Screen) -> set[str]:
    return {word for word in await screen.page.evaluate(WORDS) if not SHARED.match(word)}


async def every_word(visit: Visit, locale: str) -> set[str]:
    """The words of the welcome and of a conversation with its receipt."""
    screen = await visit(locale=locale)
    page = screen.page
    await expect(page.locator("html")).to_have_attribute("lang", LOCALES[locale])
    direction = "rtl" if LOCALES[locale] in RIGHT_TO_LEFT else "ltr"
    await expect(page.locator("html")).to_have_attribute("dir", direction)
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
    alike = {}
    for locale in list(LOCALES)[1:]:
        words = await every_word(visit, locale)
        assert not [word for word in words | english if KEY.search(word)]
        # Names, and budgets, which are a number of what some languages call tokens too.
        own = {word for word in words & english if "cripted" not in word and not word.startswith("≤")}
        alike[locale] = own - {"Question", "Conversations", "Account", "Model"}
    assert not {locale: words for locale, words in alike.items() if words}


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
    await screen.page.route("**/main-*.js", lambda route: route.abort())  # the choice needs no app
    screen.guard.expect("ERR_FAILED")
    await screen.reload()
    await expect(html).to_have_css("background-color", "rgb(16, 23, 24)")


async def too_wide(screen: Screen, states: AsyncIterator[tour.State], share: int = 3) -> list[str]:
    """Goes through languages in each state of the page: German, whose words are the longest, and of the others
    one in ``share``, in turn, so that so many states have seen them all. The states themselves come about in English."""
    found: list[str] = []
    language = screen.page.locator("aside select")
    html = screen.page.locator("html")
    turn = 0
    async for state in states:
        if state.only or state.name.startswith("asked"):  # over a page that was looked at already
            continue
        tags = [
            tag for place, tag in enumerate(LOCALES.values()) if tag == "de" or place % share == turn % share
        ]
        turn += 1
        for tag in tags:
            await language.select_option(tag.partition("-")[0])
            await expect(html).to_have_attribute("lang", tag)
            await expect(html).to_have_attribute("dir", "rtl" if tag in RIGHT_TO_LEFT else "ltr")
            await screen.resize(NARROW)
            if wider := await screen.overflow():
                found.append(f"{state.name}, {tag}: {wider} px")
            found += [
                f"{state.name}, {tag}: over its edge: {one}" for one in await screen.page.evaluate(SPILLS)
            ]
            await screen.resize(DESK)
        await language.select_option("en")
        await expect(html).to_have_attribute("lang", "en")
    return found


async def test_a_narrow_window_shows_a_conversation_in_every_language(visit: Visit, house: House) -> None:
    screen = await visit()
    house.engine.play("markdown")
    await screen.ask_and_wait("a-very-long-word-without-a-break-" * 9)
    await screen.answers.first.locator("summary").first.click()
    house.engine.play("dies_midway")
    await screen.ask_and_wait("And one that fails")
    found = await too_wide(screen, aiter_of("a conversation"), share=1)
    await screen.go("/")
    found += await too_wide(screen, aiter_of("nothing asked yet"), share=1)
    assert not found, "\n".join(found)


async def test_a_narrow_window_shows_the_way_in_in_every_language(visit: Visit) -> None:
    screen = await visit()
    found = await too_wide(screen, tour.welcome(screen))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("pages", [tour.account, tour.office], ids=["account", "office"])
async def test_a_narrow_window_shows_all_other_pages_in_every_language(
    visit: Visit, house: House, pages: Callable[[Screen], AsyncIterator[tour.State]]
) -> None:
    await tour.furnish(house)
    screen = await boss_at(visit, house, "/")
    await screen.ask_and_wait("שלום, what is 2 + 2?")
    found = await too_wide(screen, pages(screen))
    assert not found, "\n".join(found)


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
