"""The operator's name, colour, mark and languages, from the first paint on; newer pages; printed pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.http.pages import WebApp, page_file

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="#7a1fa2"/></svg>'
LOOK = ("site.name=Ask Ruritania", "site.colour=#7a1fa2", "site.logo=logo.svg")
READY = "async () => { await navigator.serviceWorker.ready }"


async def dressed(house: House, data: Path, *more: str) -> None:
    (data / "logo.svg").write_text(LOGO)
    await house.run_by(*LOOK, *more)


@pytest.mark.parametrize(
    ("scheme", "water"), [("light", "rgb(122, 31, 162)"), ("dark", "rgb(180, 129, 202)")]
)
async def test_name_colour_and_mark_are_there_before_the_app_is(
    visit: Visit, house: House, data: Path, scheme: str, water: str
) -> None:
    await dressed(house, data)
    screen = await visit(color_scheme=scheme)
    await expect(screen.page).to_have_title("Ask Ruritania")
    mark = screen.page.locator("aside img").first
    await expect(mark).to_be_visible()
    assert await mark.evaluate("(mark) => mark.naturalWidth") > 0
    await expect(screen.page.locator("aside .themes button[aria-pressed=true]")).to_have_css(
        "background-color", water
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_colour_that_nobody_could_read_is_made_readable(
    visit: Visit, house: House, axe: str, scheme: str
) -> None:
    await house.run_by("site.colour=#ffee00")
    screen = await examined(await visit(color_scheme=scheme), axe)
    await screen.ask_and_wait()
    await assert_no_barriers(screen, "a conversation in yellow")
    await screen.go("/settings")
    await expect(screen.page.get_by_role("heading", name="Settings")).to_be_visible()
    await assert_no_barriers(screen, "the settings in yellow")


async def test_only_the_languages_of_the_site_are_offered_and_the_first_is_for_the_rest(
    visit: Visit, house: House
) -> None:
    await house.run_by("site.languages=fr,ar")
    screen = await visit(locale="uk-UA")
    await expect(screen.page.locator("html")).to_have_attribute("lang", "fr")
    await expect(screen.page.locator("aside option")).to_have_text(["Français", "العربية"])
    await screen.page.locator("aside select").first.select_option("ar")
    await expect(screen.page.locator("html")).to_have_attribute("dir", "rtl")


async def test_a_site_of_one_language_has_nothing_to_choose(visit: Visit, house: House) -> None:
    await house.run_by("site.languages=de")
    screen = await visit(locale="en-GB")
    await expect(screen.page.locator("html")).to_have_attribute("lang", "de")
    await expect(screen.page.locator("aside .themes")).to_be_visible()
    await expect(screen.page.locator("aside select")).to_have_count(0)


async def test_the_plain_page_and_the_description_of_the_api_wear_it_too(
    visit: Visit, house: House, data: Path
) -> None:
    await dressed(house, data)
    screen = await visit("/plain")
    await expect(screen.page.get_by_role("button", name="Send")).to_have_css(
        "background-color", "rgb(122, 31, 162)"
    )
    await screen.go("/docs")
    await expect(screen.page.locator("a").first).to_have_css("color", "rgb(122, 31, 162)")


@pytest.mark.parametrize("locale", ["en-GB", "ar"])
@pytest.mark.parametrize("path", ["/", "/settings", "/welcome", "/account", "/receipts", "/status"])
async def test_at_400_percent_nothing_is_cut_off_and_nothing_sticks_over_the_text(
    visit: Visit, locale: str, path: str
) -> None:
    screen = await visit(path, viewport={"width": 320, "height": 256}, locale=locale)
    await expect(screen.page.get_by_role("main").get_by_role("heading").first).to_be_attached()
    assert await screen.overflow() == 0
    await expect(screen.page.locator("header").first).to_have_css("position", "static")
    await screen.page.locator("header button").first.click()
    drawer = screen.page.get_by_role("dialog")
    await expect(drawer).to_be_visible()
    assert await drawer.evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0


@pytest.mark.parametrize("colours", ["active", "none"])
async def test_the_settings_work_by_keyboard_alone_also_in_colours_of_the_system(
    visit: Visit, colours: str
) -> None:
    screen = await visit("/settings", viewport=PHONE, forced_colors=colours)
    page = screen.page
    switch = page.get_by_role("switch", name="Keep my conversations on this device")
    await switch.focus()
    await page.keyboard.press("Space")
    await expect(switch).to_be_checked()
    await expect(switch).to_be_focused()
    await page.keyboard.press("Space")
    await expect(switch).not_to_be_checked()


async def test_printed_there_is_the_conversation_and_nothing_of_the_app(screen: Screen) -> None:
    await screen.ask_and_wait("How much is it?")
    await screen.page.emulate_media(media="print")
    await expect(screen.page.locator("aside")).to_be_hidden()
    await expect(screen.page.locator(".page > header")).to_be_hidden()
    await expect(screen.question).to_be_hidden()
    await expect(screen.answer).to_be_visible()


def newer(app: WebApp) -> WebApp:
    """The page as another build would be: its scripts have other names, everywhere."""
    scripts = [name.removesuffix(".js").encode() for name in app.files if re.match(r"assets/.*\.js$", name)]
    any_script = re.compile(
        rb"\b(" + b"|".join(re.escape(one[len(b"assets/") :]) for one in scripts) + rb")\.js"
    )
    files = {}
    for name, file in app.files.items():
        renamed = any_script.sub(rb"\1-newer.js", name.encode()).decode()
        files[renamed] = page_file(any_script.sub(rb"\1-newer.js", file.body), renamed)
    return WebApp(files)


async def test_a_newer_version_is_told_of_and_comes_when_the_reader_wants_it(
    screen: Screen, house: House
) -> None:
    await screen.ask_and_wait("Asked before")
    await screen.page.evaluate(READY)
    told = screen.page.get_by_text("A new version of this page is ready.")
    await expect(told).to_have_count(0)
    house.ships(newer(house.site.web_app))
    # As the page does by itself when it is looked at again.
    await screen.page.evaluate("async () => (await navigator.serviceWorker.ready).update()")
    await expect(told).to_be_visible()
    await screen.page.get_by_role("button", name="Load it").click()
    script = screen.page.locator('script[src$="-newer.js"][src*="main-"]')
    await expect(script).to_have_count(1)
    await expect(screen.answer).to_be_visible()
    await expect(told).to_have_count(0)
