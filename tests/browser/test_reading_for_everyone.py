"""axe-core finds nothing to mend: in every state, by day and by night, on a phone and at a desk."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_no_state_of_the_page_has_a_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    screen = await visit(viewport=size, color_scheme=colours, bypass_csp=True)
    page = screen.page
    await page.context.add_init_script(axe)
    await screen.reload()
    await expect(page.get_by_role("heading", name="What shall we think about?")).to_be_visible()
    await assert_no_barriers(screen, "empty")

    house.engine.gates.hold("thinking")
    await screen.ask()
    await expect(screen.thought_text).to_have_text("Two and two")
    await assert_no_barriers(screen, "thinking")
    house.engine.gates.release("thinking")
    await screen.finished()
    house.engine.play("markdown")
    await screen.ask_and_wait("Show me everything.")
    await screen.answers.first.locator("summary").click()
    await screen.answers.first.get_by_role("button", name="Thought for").click()
    await assert_no_barriers(screen, "finished, thought and receipt open")

    house.engine.play("dies_midway")
    await screen.ask_and_wait("Fail!")
    await expect(screen.retry).to_be_visible()
    await page.get_by_role("button", name="Edit the question").first.click()
    await assert_no_barriers(screen, "failed, and a question being edited")

    if size is PHONE:
        await page.get_by_role("button", name="Show conversations").click()
        await expect(page.get_by_role("dialog", name="Conversations")).to_be_visible()
    await screen.list.get_by_role("button", name="More about").click()
    await assert_no_barriers(screen, "list and settings")
    await screen.list.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="Delete this conversation?")).to_be_visible()
    await assert_no_barriers(screen, "asked whether to delete")


async def test_the_one_who_waits_meets_no_barrier(visit: Visit, house: House, axe: str) -> None:
    house.engine.slots = 1
    house.engine.gates.hold("0")
    first, waiting = await visit(), await visit(bypass_csp=True)
    await first.ask()
    await house.engine.gates.reached("0")
    await waiting.page.context.add_init_script(axe)
    await waiting.reload()
    await waiting.ask()
    await expect(waiting.answers.last.get_by_text("You are number 1 of 1")).to_be_visible()
    await assert_no_barriers(waiting, "waiting")


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
