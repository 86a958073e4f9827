"""A browser without JavaScript finds the plain way in, asks there, and reads an answer while it is made."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.test_hostile_text import ATTACK

from thinkwell.testing.scenarios import saying

SENT = "The answer is **4**."


async def test_the_page_leads_to_the_plain_one_where_a_question_is_answered(
    visit: Visit, house: House
) -> None:
    page = (await visit(java_script_enabled=False)).page
    await page.get_by_role("link", name="The plain page").click()
    await expect(page.get_by_role("heading", name="What shall we think about?")).to_be_visible()
    house.engine.gates.hold("thinking")
    await page.get_by_label("Your question").fill("What is 2 + 2?")
    await page.get_by_role("button", name="Send").click(no_wait_after=True)
    await expect(page.get_by_role("region", name="Thought")).to_have_text("Two and two")
    await expect(page.locator(".place:visible")).to_have_count(0)
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    house.engine.gates.release("thinking")
    await expect(page.locator(".said")).to_have_text(SENT)
    await expect(page.get_by_text("Receipt: question")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()

    house.engine.play(saying("And eight."))
    await page.get_by_label("Ask further").fill("And 4 + 4?")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".said")).to_have_text([SENT, "And eight."])
    await page.reload()
    await expect(page.locator(".said")).to_have_text([SENT, "And eight."])
    assert len(house.engine.asked) == 2
    await page.get_by_role("link", name="Thinkwell").click()
    await page.get_by_role("navigation", name="Your conversations").get_by_role("link").click()
    await expect(page.get_by_role("heading", name="What is 2 + 2?")).to_be_visible()


async def test_who_waits_sees_one_place_in_line_and_may_stop(visit: Visit, house: House) -> None:
    house.engine.slots = 1
    house.engine.gates.hold("0")
    first, waiting = await visit("/plain"), await visit("/plain", java_script_enabled=False)
    for screen in (first, waiting):
        await screen.page.get_by_label("Your question").fill("What is 2 + 2?")
        await screen.page.get_by_role("button", name="Send").click(no_wait_after=True)
        await house.engine.gates.reached("0")
        await screen.page.wait_for_url("**/plain/*", wait_until="commit")
    page = waiting.page
    places = page.locator(".place:visible")
    await expect(places).to_have_count(1)
    await expect(places).to_contain_text("You are number 1 of 1 in line")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_text("Stopped here.")).to_be_visible()
    house.engine.gates.release("0")
    await expect(first.page.locator(".said")).to_have_text(SENT)


async def test_hostile_text_stays_text_even_where_scripts_run(visit: Visit, house: House) -> None:
    """Nothing is asked of elsewhere and nothing is refused by the policy: the guard would say so."""
    house.engine.play(saying(*(ATTACK[at : at + 7] for at in range(0, len(ATTACK), 7)), reasoning=(ATTACK,)))
    page = (await visit("/plain")).page
    await page.get_by_label("Your question").fill(ATTACK)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Receipt: question")).to_be_visible()
    assert await page.locator(".said").inner_text() == ATTACK
    assert (
        await page.locator("script, img, iframe, svg, style, base, object, [style], [onclick]").count() == 0
    )
    assert await page.evaluate("window.__pwned") is None


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_the_plain_page_has_no_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    screen = await visit("/plain", viewport=size, color_scheme=colours, bypass_csp=True)
    page = screen.page
    await page.context.add_init_script(axe)
    await screen.reload()
    await assert_no_barriers(screen, "empty")
    house.engine.play(saying("A long word: " + "x" * 400, reasoning=tuple(f"Line {n}.\n" for n in range(40))))
    await page.get_by_label("Your question").fill("What is 2 + 2? " + "y" * 300)
    house.engine.gates.hold("39")
    await page.get_by_role("button", name="Send").click(no_wait_after=True)
    # The box shows the end of the thought as it grows, without a script.
    box = page.get_by_role("region", name="Thought")
    await expect(box).to_contain_text("Line 38.")
    assert await box.evaluate("(box) => box.scrollHeight > box.clientHeight && box.scrollTop === 0")
    house.engine.gates.release("39")
    await expect(page.get_by_text("Receipt: question")).to_be_visible()
    await assert_no_barriers(screen, "answered")
    assert await screen.overflow() <= 0
    await screen.reload()
    await page.locator("summary").click()
    await assert_no_barriers(screen, "read again")
    await page.goto(f"{screen.home}/plain/conv_unknown")
    screen.guard.expect("status of 404")
    await assert_no_barriers(screen, "not found")
