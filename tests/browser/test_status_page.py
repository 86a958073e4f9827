"""The public page: how busy the site is and was, in words and numbers that are the site's own."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.office import open_office, told, watt_hours
from tests.browser.screen import Screen


def figure(screen: Screen, panel: str, name: str) -> Locator:
    """The number with that name, under that heading."""
    names = screen.page.get_by_role("region", name=panel, exact=True).locator("dt", has_text=name)
    return names.first.locator("xpath=following-sibling::dd[1]").locator("bdi")


async def test_an_idle_site_says_in_a_sentence_that_there_is_room(visit: Visit) -> None:
    screen = await visit("/status")
    await expect(screen.page.get_by_role("heading", name="How busy it is")).to_be_visible()
    quiet = screen.page.get_by_role("region", name="Quiet")
    await expect(quiet).to_contain_text("There is room: an answer starts at once.")
    await expect(quiet.get_by_role("meter")).to_be_visible()
    await expect(figure(screen, "Now", "Typical wait in line")).to_have_text("too few asked to say")
    await expect(screen.page.get_by_text("Nothing to show yet.").first).to_be_visible()


async def test_it_says_when_people_wait_and_how_many(visit: Visit, house: House) -> None:
    house.engine.slots = 1
    house.engine.gates.hold("0")
    first, second = await visit("/"), await visit("/")
    await first.ask("One")
    await house.engine.gates.reached("0")
    await second.ask("Two")
    await second.asked()
    screen = await visit("/status")
    full = screen.page.get_by_role("region", name="Full")
    await expect(full).to_contain_text("People wait in line")
    await expect(full).to_contain_text("1 of 1 places are in use. 1 question is waiting.")
    house.engine.gates.release("0")
    await first.finished()
    await second.finished()


async def test_the_week_is_as_the_site_tells_it_with_energy_marked_as_estimated(
    visit: Visit, house: House
) -> None:
    await open_office(house)
    await house.site.power.tick()
    screen = await visit("/status")
    status = await told(screen, "/api/status")
    week = status["week"]
    assert week["answers"] > 50 and status["energy_measured"] is False
    panel = "The last seven days"
    await expect(figure(screen, panel, "Answers")).to_have_text(f"{week['answers']:,}")
    await expect(figure(screen, panel, "Tokens read")).to_have_text(f"{week['prompt_tokens']:,}")
    await expect(figure(screen, panel, "Tokens written")).to_have_text(f"{week['generated_tokens']:,}")
    energy = figure(screen, panel, "Energy")
    await expect(energy).to_have_text(watt_hours(week["energy_j"]))
    await expect(energy.locator("xpath=following-sibling::small")).to_have_text("estimated")
    await expect(screen.page.get_by_text("Energy is estimated, not measured")).to_be_visible()
    await expect(screen.page.get_by_role("img", name="Plot over seven days: Answers by hour")).to_be_visible()
    await screen.page.get_by_text("Answers by hour, as a table").click()
    table = screen.page.get_by_role("group", name="Answers by hour, as a table")
    last = next(hour for hour in reversed(status["hours"]) if hour["made"] is not None)
    row = 60 - (len(status["hours"]) - 1 - status["hours"].index(last))
    await expect(table.get_by_role("row").nth(row).get_by_role("cell")).to_have_text(
        str(last["made"]["answers"])
    )


async def test_nobody_becomes_known_by_looking_and_no_name_is_run(visit: Visit, house: House) -> None:
    await house.run_by('site.name=<b onclick="x">Well</b>')
    screen = await visit("/status")
    await expect(screen.page.get_by_role("heading", name="Quiet")).to_be_visible()
    assert await screen.page.locator("b[onclick]").count() == 0
    reply = await screen.page.request.get(f"{screen.home}/api/status")
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_the_page_has_no_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    await open_office(house)
    screen = await visit("/", viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    await screen.go("/status")
    await expect(screen.page.get_by_role("heading", name="Answers by hour")).to_be_visible()
    await assert_no_barriers(screen, "folded")
    for fold in await screen.page.get_by_role("main").locator("summary").all():
        await fold.press("Enter")
    await assert_no_barriers(screen, "with tables")
    assert await screen.overflow() == 0


@pytest.mark.parametrize(("locale", "word"), [("fr-FR", "Calme"), ("uk-UA", "Спокійно"), ("zh-CN", "空闲")])
async def test_the_page_speaks_other_languages(visit: Visit, locale: str, word: str) -> None:
    screen = await visit("/status", locale=locale)
    await expect(screen.page.get_by_role("heading", name=word)).to_be_visible()
