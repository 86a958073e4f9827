"""A thought that is over: opened, gone through in steps, searched, copied, linked, quoted; and one that runs, held still."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying
from thinkwell.testing.site import scripted_card

STEPS = (
    "Let me look at the sky.\n\n",
    "Step 1: light is a mix of colours.\nBlue is short.\n\n",
    "```py\nblue = 1\n\nred = 2\n```\n\n",
    "So blue is scattered more.",
)
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def tool(screen: Screen, name: str) -> Locator:
    return screen.answers.last.get_by_role("button", name=name, exact=True)


def step(screen: Screen, number: int) -> Locator:
    return screen.answers.last.locator("ol.text > li").nth(number - 1)


def place(screen: Screen, text: str) -> Locator:
    return screen.answers.last.get_by_text(text, exact=True)


async def copied(screen: Screen) -> str:
    return str(await screen.page.evaluate("() => navigator.clipboard.readText()"))


async def answered(screen: Screen, house: House, steps: tuple[str, ...] = STEPS) -> None:
    house.engine.play(saying("Because ", "of scattering.", reasoning=steps))
    await screen.ask_and_wait("Why is the sky blue?")


async def opened(screen: Screen) -> None:
    await screen.thought.click()
    await expect(screen.answers.last.get_by_role("list", name="Steps of the thought")).to_be_visible()


async def test_a_stored_thought_is_folded_and_sent_only_to_who_opens_it(screen: Screen, house: House) -> None:
    await answered(screen, house)
    await expect(screen.thought).to_have_text(re.compile(r"Thought for .+ · 4 tokens\s*$"))
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    async with screen.page.expect_response("**/api/conversations/*") as reply:
        await screen.reload()
    assert "mix of colours" not in await (await reply.value).text()
    await expect(screen.thought).to_have_text(re.compile(r" · 4 tokens\s*$"))
    assert "mix of colours" not in await screen.page.content()
    assert not [url for url in asked if url.endswith("/thought")]
    await opened(screen)
    await expect(step(screen, 2)).to_have_text("Step 1: light is a mix of colours. Blue is short.")
    await screen.thought.click()
    assert "mix of colours" not in await screen.page.content()
    await opened(screen)
    assert len([url for url in asked if url.endswith("/thought")]) == 1


async def test_a_thought_that_could_not_be_loaded_says_so_and_is_tried_again(
    screen: Screen, house: House
) -> None:
    screen.guard.expect("ERR_FAILED")
    await answered(screen, house)
    await screen.reload()
    await screen.page.route("**/thought", lambda route: route.abort(), times=1)
    await screen.thought.click()
    await expect(screen.answers.last.get_by_text("The site cannot be reached.")).to_be_visible()
    await tool(screen, "Try again").click()
    await expect(step(screen, 4)).to_be_visible()


async def test_its_steps_are_gone_through_by_buttons_and_by_keys(screen: Screen, house: House) -> None:
    await answered(screen, house)
    await opened(screen)
    await expect(place(screen, "Step 1 of 4")).to_be_visible()
    await expect(tool(screen, "Previous step")).to_be_disabled()
    await tool(screen, "Next step").press("Enter")
    await expect(place(screen, "Step 2 of 4")).to_be_visible()
    await expect(tool(screen, "Next step")).to_be_focused()
    await expect(screen.page.locator("[aria-live=polite]")).to_have_text("Step 2 of 4")
    await screen.page.keyboard.press("j")
    await expect(step(screen, 3)).to_be_focused()
    await expect(step(screen, 3)).to_have_attribute("aria-current", "step")
    await screen.page.keyboard.press("k")
    await expect(step(screen, 2)).to_be_focused()
    await step(screen, 4).click()
    await expect(place(screen, "Step 4 of 4")).to_be_visible()


async def test_words_are_found_in_it_by_keyboard_alone(screen: Screen, house: House) -> None:
    await answered(screen, house)
    await opened(screen)
    await tool(screen, "Next step").focus()
    press = screen.page.keyboard.press
    await press("/")
    box = screen.page.get_by_role("textbox", name="Search in this thought")
    await expect(box).to_be_focused()
    await screen.page.keyboard.type("BLUE")
    await expect(place(screen, "1 of 3")).to_be_visible()
    await expect(step(screen, 2)).to_have_attribute("aria-current", "step")
    await press("Enter")
    await expect(place(screen, "2 of 3")).to_be_visible()
    await expect(step(screen, 3)).to_have_attribute("aria-current", "step")
    await press("Shift+Enter")
    await press("Shift+Enter")
    await expect(place(screen, "3 of 3")).to_be_visible()
    await expect(box).to_be_focused()
    marked = "() => [...CSS.highlights.values()].flatMap((one) => [...one]).map(String).sort()"
    assert await screen.page.evaluate(marked) == ["Blue", "blue", "blue"]
    await screen.page.keyboard.type("r")
    await expect(place(screen, "Not in this thought")).to_be_visible()
    await press("Escape")
    await expect(box).to_have_count(0)
    await expect(tool(screen, "Search the thought")).to_be_focused()
    assert await screen.page.evaluate(marked) == []


async def test_a_step_and_the_whole_are_copied_as_they_were_thought(visit: Visit, house: House) -> None:
    screen = await visit(permissions=CLIPBOARD)
    await answered(screen, house)
    await screen.reload()
    await opened(screen)
    await tool(screen, "Next step").click()
    await tool(screen, "Copy this step").click()
    await expect(tool(screen, "Copied")).to_be_focused()
    assert await copied(screen) == STEPS[1].strip()
    await tool(screen, "Copy the whole thought").click()
    assert await copied(screen) == "".join(STEPS)


async def test_a_link_leads_to_its_step_also_after_a_reload_and_from_another_branch(
    visit: Visit, house: House
) -> None:
    screen = await visit(permissions=CLIPBOARD)
    await answered(screen, house)
    await opened(screen)
    await step(screen, 3).get_by_role("link", name="Go to step 3").click()
    await expect(step(screen, 3)).to_be_focused()
    await tool(screen, "Copy a link to this step").click()
    link = await copied(screen)
    assert re.fullmatch(re.escape(screen.home) + r"/c/conv_\w+#msg_\w+\.3", link)
    house.engine.play(saying("Another.", reasoning=("Other.",)))
    await screen.again.click()
    await expect(screen.answer).to_have_text("Another.")
    await screen.page.goto("about:blank")
    await screen.page.goto(link)
    for _ in ("from elsewhere", "after a reload"):
        await expect(screen.answer).to_have_text("Because of scattering.")
        await expect(screen.thought).to_have_attribute("aria-expanded", "true")
        await expect(step(screen, 3)).to_be_focused()
        await expect(step(screen, 3)).to_be_in_viewport()
        await screen.reload()
    await screen.go(link.removeprefix(screen.home).replace(".3", ".900"))
    await screen.reload()
    await expect(step(screen, 4)).to_be_focused()


async def test_a_step_is_quoted_below_what_is_written_already(screen: Screen, house: House) -> None:
    await answered(screen, house)
    await screen.question.fill("But")
    await opened(screen)
    await tool(screen, "Next step").click()
    await tool(screen, "Quote this step in your next question").press("Enter")
    quotation = "> Step 1: light is a mix of colours.\n> Blue is short.\n\n"
    await expect(screen.question).to_have_value(f"But\n\n{quotation}")
    await expect(screen.question).to_be_focused()
    await screen.page.keyboard.type("why?")
    house.engine.play(saying("So."))
    await screen.question.press("Enter")
    await expect(screen.asked_texts.last).to_have_text(
        "But > Step 1: light is a mix of colours. > Blue is short. why?"
    )


async def test_a_temporary_thought_is_read_here_and_has_no_address(screen: Screen, house: House) -> None:
    await screen.page.get_by_role("switch", name="Temporary").click()
    house.engine.play(saying("Because.", reasoning=STEPS))
    await screen.ask()
    await screen.finished()
    await opened(screen)
    await expect(step(screen, 4)).to_have_text("So blue is scattered more.")
    await expect(tool(screen, "Copy a link to this step")).to_have_count(0)


async def test_a_page_that_is_held_still_shows_what_came_when_it_goes_on(
    screen: Screen, house: House
) -> None:
    house.engine.play(saying("Four ", "it is.", reasoning=("Two ", "and ", "two.")))
    for gate in ("1", "2", "4"):
        house.engine.gates.hold(gate)
    await screen.ask()
    await expect(screen.thought_text).to_have_text("Two")
    await screen.page.get_by_role("button", name="Pause here").press("Enter")
    on = screen.page.get_by_role("button", name="Go on")
    await expect(on).to_be_focused()
    await expect(screen.page.locator("[aria-live=polite]")).to_contain_text("held still")
    house.engine.gates.release("1")
    await house.engine.gates.reached("2")
    await expect(screen.thought_text).to_have_text("Two")
    await on.press("Enter")
    await expect(screen.thought_text).to_have_text("Two and")
    await screen.page.get_by_role("button", name="Pause here").press("Enter")
    house.engine.gates.release("2")
    house.engine.gates.release("4")
    await house.site.conductor.settled()
    await expect(screen.answers.last.get_by_text("The answer is complete by now.")).to_be_visible()
    await expect(screen.thought_text).to_have_text("Two and")
    await on.press("Enter")
    await screen.finished()
    await expect(screen.answer).to_have_text("Four it is.")
    await expect(on).to_have_count(0)
    await expect(screen.answers.last).to_be_focused()


async def test_who_stops_an_answer_behind_a_still_page_sees_where_it_stopped(
    screen: Screen, house: House
) -> None:
    house.engine.play(saying("One ", "two ", "three."))
    house.engine.gates.hold("1")
    house.engine.gates.hold("2")
    await screen.ask()
    await expect(screen.answer).to_have_text("One")
    await screen.page.get_by_role("button", name="Pause here").click()
    house.engine.gates.release("1")
    await house.engine.gates.reached("2")
    await screen.stop.click()
    await screen.finished()
    await expect(screen.answer).to_have_text("One two")


async def test_a_budget_in_tokens_is_chosen_for_a_question_and_kept(visit: Visit, house: House) -> None:
    await house.move_in(scripted_card(answer_tokens=2048, thought_tokens=512))
    screen = await visit()
    await screen.effort.select_option(label="≤\u00a0512 tokens")
    async with screen.page.expect_request("**/api/turns") as request:
        await answered(screen, house)
    sent = (await request.value).post_data_json
    assert (sent["budget"], "effort" in sent) == (512, False)
    await screen.reload()
    await expect(screen.effort).to_have_value("512")
    await screen.effort.select_option(label="As usual")
    async with screen.page.expect_request("**/api/turns") as request:
        await screen.again.click()
    assert "budget" not in (await request.value).post_data_json


@pytest.mark.parametrize(
    "hostile", ["\u202e\u2066abc", "<script>alert(1)</script>", "\u200b" * 3000, "x" * 60_000]
)
async def test_a_hostile_thought_stays_in_its_place(screen: Screen, house: House, hostile: str) -> None:
    await answered(screen, house, (f"{hostile}\n\n", "The end."))
    await opened(screen)
    await expect(screen.thought_text).to_contain_text("The end.")
    assert await screen.overflow() == 0
    assert (
        await step(screen, 1).evaluate("(item) => getComputedStyle(item.lastElementChild).unicodeBidi")
        == "plaintext"
    )


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_nothing_of_the_reader_is_a_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    screen = await visit(viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    house.engine.play(saying("Because.", reasoning=STEPS * 4))
    house.engine.gates.hold("9")
    await screen.ask()
    await expect(screen.page.get_by_role("button", name="Pause here")).to_be_visible()
    await assert_no_barriers(screen, "a thought that runs")
    await screen.page.get_by_role("button", name="Pause here").click()
    await assert_no_barriers(screen, "a page that is held still")
    await screen.page.get_by_role("button", name="Go on").click()
    house.engine.gates.release("9")
    await screen.finished()
    await opened(screen)
    await assert_no_barriers(screen, "an opened thought")
    await tool(screen, "Search the thought").click()
    await screen.page.keyboard.type("blue")
    await expect(place(screen, "1 of 12")).to_be_visible()
    await assert_no_barriers(screen, "a search in it")
    assert await screen.overflow() == 0


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_320_pixels_are_enough_to_read_a_thought(visit: Visit, house: House, direction: str) -> None:
    screen = await visit(viewport={"width": 320, "height": 640})
    await screen.page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
    await answered(screen, house)
    await opened(screen)
    assert await screen.overflow() == 0
    sizes = "(list) => list.map((one) => one.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    assert min(await screen.answers.last.locator("section :is(button, a)").evaluate_all(sizes)) >= 24
    await tool(screen, "Search the thought").click()
    assert await screen.overflow() == 0
