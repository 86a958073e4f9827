"""axe-core finds nothing to mend: on every page and in every state, by day and by night, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator

from playwright.async_api import expect
from tests.browser import tour
from tests.browser.axe import CONTRAST, barriers, examined
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.office import boss_at
from tests.browser.screen import Screen

SIZES = {"desk": DESK, "phone": PHONE}


async def found_on(screen: Screen, states: AsyncIterator[tour.State]) -> list[str]:
    """All that is in anybody's way, at both sizes; the colours of the night too."""
    found: list[str] = []
    page = screen.page
    async for state in states:
        for name, size in SIZES.items():
            if state.only not in ("", name):
                continue
            await screen.resize(size)
            await page.emulate_media(color_scheme="light")
            where = f"{state.name}, {name}"
            found += await barriers(screen, where)
            await page.emulate_media(color_scheme="dark")
            found += await barriers(screen, f"{where}, dark", CONTRAST)
        if state.only != "phone":
            await screen.resize(DESK)
    return found


async def test_no_state_of_a_conversation_has_a_barrier(visit: Visit, house: House, axe: str) -> None:
    screen = await examined(await visit(bypass_csp=True), axe)
    found = await found_on(screen, tour.conversation(screen, house))
    assert not found, "\n".join(found)


async def test_the_list_its_dialogs_and_what_is_missing_have_no_barrier(visit: Visit, axe: str) -> None:
    screen = await examined(await visit(bypass_csp=True), axe)
    found = await found_on(screen, tour.around_it(screen))
    assert not found, "\n".join(found)


async def test_no_step_of_the_way_in_has_a_barrier(visit: Visit, axe: str) -> None:
    screen = await examined(await visit(bypass_csp=True), axe)
    found = await found_on(screen, tour.welcome(screen))
    assert not found, "\n".join(found)


async def test_no_page_of_a_person_or_an_operator_has_a_barrier(visit: Visit, house: House, axe: str) -> None:
    await tour.furnish(house)
    screen = await examined(await boss_at(visit, house, "/", bypass_csp=True), axe)
    await screen.ask_and_wait()
    found = await found_on(screen, tour.account(screen))
    found += await found_on(screen, tour.office(screen))
    assert not found, "\n".join(found)


async def test_a_screen_reader_hears_the_steps_and_not_the_tokens(screen: Screen, house: House) -> None:
    spoken = screen.page.locator("[aria-live=polite]")
    house.engine.gates.hold("thinking")
    house.engine.gates.hold("answering")
    await screen.ask()
    await expect(spoken).to_have_text("Thinking")
    house.engine.gates.release("thinking")
    await expect(spoken).to_have_text("Thought for less than a second; answering")
    house.engine.gates.release("answering")
    await expect(spoken).to_have_text("Answer finished")
    await expect(screen.answers.last.locator("[aria-live]")).to_have_count(0)
