"""Who sees with other colours, more contrast, no motion, or on paper: all that is told is still there."""

from __future__ import annotations

import re

from playwright.async_api import expect
from tests.browser import tour
from tests.browser.axe import CONTRAST, barriers, examined
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.office import boss_at

PAGES = {
    "/status": "Answers by hour",
    "/operator": "By tier",
    "/operator#days": "By model",
    "/account": "What you may use",
    "/receipts": "Added up",
}
# Of two things beside each other, the ground or an outline must differ, or one is not told from the other.
CHOSEN = """(name) => {
  const looks = (one) => { const style = getComputedStyle(one); return [style.outlineStyle, style.borderBlockEndColor, style.fontWeight].join() }
  const on = document.querySelector(`main [${name}]:not([${name}=false])`)
  const off = [...on.parentElement.children].find((one) => one !== on)
  return looks(on) !== looks(off)
}"""
COLOUR = "(one, name) => getComputedStyle(one).getPropertyValue(name)"


async def test_colours_that_the_reader_chose_hold_in_plots_and_bars_too(visit: Visit, house: House) -> None:
    await tour.furnish(house)
    screen = await boss_at(visit, house, "/operator", forced_colors="active")
    page = screen.page
    line = page.get_by_role("img", name="Plot over time: People here").locator("path").first
    await expect(line).to_be_visible()
    ink = await page.locator("body").evaluate(COLOUR, "color")
    assert await line.evaluate(COLOUR, "stroke") == ink
    assert await page.evaluate(CHOSEN, "aria-current")
    await screen.go("/receipts")
    await expect(page.get_by_role("heading", name="Added up")).to_be_visible()
    assert await page.evaluate(CHOSEN, "aria-pressed")
    await screen.go("/account")
    bar = page.get_by_role("progressbar").first
    await expect(bar).to_be_visible()
    assert await bar.evaluate(COLOUR, "border-top-style") == "solid"


async def test_who_wants_more_contrast_gets_seven_to_one(visit: Visit, house: House, axe: str) -> None:
    await tour.furnish(house)
    screen = await examined(await boss_at(visit, house, "/", bypass_csp=True, contrast="more"), axe)
    enhanced = CONTRAST.replace("'color-contrast'", "'color-contrast-enhanced'")
    found: list[str] = []
    for path, heading in PAGES.items():
        await screen.go(path)
        await expect(screen.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        for scheme in ("light", "dark"):
            await screen.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += await barriers(screen, f"{path}, {scheme}", enhanced)
    assert not found, "\n".join(found)


async def test_paper_shows_numbers_and_tables_without_what_is_pressed(visit: Visit, house: House) -> None:
    await tour.furnish(house)
    screen = await boss_at(visit, house, "/operator#days", color_scheme="dark")
    page = screen.page
    await expect(page.get_by_role("heading", name="By model")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_role("heading", name="By model")).to_be_visible()
    await expect(page.get_by_role("group", name="By model").get_by_role("table")).to_be_visible()
    await expect(page.get_by_role("button").first).to_be_hidden()
    await expect(page.locator("aside, nav").first).to_be_hidden()
    await expect(page.locator("html")).to_have_css("background-color", re.compile("^rgb\\(2[45]"))


async def test_nothing_moves_for_who_wants_no_motion(visit: Visit, house: House) -> None:
    await tour.furnish(house)
    screen = await boss_at(visit, house, "/operator")
    await expect(screen.page.get_by_role("heading", name="By tier", exact=True)).to_be_visible()
    moving = (
        "() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 1).length"
    )
    assert await screen.page.evaluate(moving) == 0
