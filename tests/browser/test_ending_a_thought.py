"""A thought that runs: ended by its reader, by a budget or by load, or allowed to go on. Said truthfully, and kept."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.models.card import PlainDialect, PromptedDialect
from thinkwell.testing.scenarios import saying
from thinkwell.testing.site import scripted_card

THOUGHTS = ("Two ", "and ", "two ", "are ", "four, ", "I think.")
ANSWER = "Four it is."
LONG = saying("Four ", "it is.", reasoning=THOUGHTS)
SHORT = saying("Four ", "it is.")


def row(screen: Screen, name: str) -> Locator:
    """What the receipt of the last answer says by that name."""
    return screen.answers.last.locator("dt", has_text=name).locator("+ dd")


def aside(screen: Screen, text: str) -> Locator:
    return screen.answers.last.get_by_text(text)


async def think(screen: Screen, house: House, step: int = 3) -> None:
    """Return when the thought of this screen's turn has come to ``step``, where it waits for the test."""
    house.engine.play(LONG)
    house.engine.gates.hold(str(step))
    await screen.ask()
    await screen.asked()
    await house.engine.gates.reached(str(step))
    await expect(screen.thought_text).to_have_text("".join(THOUGHTS[:step]).strip())


async def heard(button: Locator, verb: str = "answer_now") -> None:
    """Press it, and return when the site has answered: the page shows the wish before that."""
    async with button.page.expect_response(f"**/{verb}"):
        await button.press("Enter")


async def test_answer_now_ends_the_thought_and_the_answer_follows(screen: Screen, house: House) -> None:
    house.engine.ends_thoughts = True
    await think(screen, house)
    await heard(screen.answer_now)
    await expect(screen.ending).to_have_attribute("aria-disabled", "true")
    await screen.ending.click(force=True)
    assert house.engine.thoughts_ended == 1

    house.engine.gates.hold("7")
    house.engine.gates.release("3")
    for _ in ("live", "after a reload"):
        await expect(screen.thought).to_contain_text(", ended by you")
        await expect(aside(screen, "Writing the answer…")).to_be_visible()
        await expect(screen.ending).to_have_count(0)
        await expect(screen.answer_now).to_have_count(0)
        await screen.reload()
    house.engine.gates.release("7")
    await screen.finished()
    for _ in ("live", "after a reload"):
        await expect(screen.answer).to_have_text(ANSWER)
        await expect(screen.thought).to_contain_text("Thought for")
        await expect(screen.thought).to_contain_text(", ended by you")
        await screen.reload()
    await screen.receipt.click()
    await expect(row(screen, "Thought ended")).to_have_text("by you")
    await screen.thought.click()
    await expect(screen.thought_text).to_have_text("Two and two")


async def test_by_keyboard_alone_the_focus_goes_on_to_what_is_left(screen: Screen, house: House) -> None:
    press = screen.page.keyboard.press
    spoken = screen.page.locator("[aria-live=polite]")
    await think(screen, house)
    await screen.question.focus()
    for _ in range(8):
        await press("Shift+Tab")
        if await screen.answer_now.evaluate("(element) => element === document.activeElement"):
            break
    await expect(screen.answer_now).to_be_focused()
    async with screen.page.expect_response("**/answer_now"):
        await press("Enter")
    await expect(screen.ending).to_be_focused()
    await expect(spoken).to_have_text("Ending the thought…")

    house.engine.then(SHORT)  # this engine ends no thoughts: the pass is cut, and the answer asked for
    house.engine.gates.hold("0")
    house.engine.gates.release("3")
    await expect(screen.thought).to_contain_text(", ended by you")
    await expect(screen.thought).to_be_focused()
    await expect(spoken).to_have_text(re.compile("^Thought for .+, ended by you; answering$"))
    await expect(aside(screen, "Writing the answer…")).to_be_visible()
    await screen.reload()
    await expect(screen.thought).to_contain_text(", ended by you")
    await expect(aside(screen, "Writing the answer…")).to_be_visible()
    house.engine.gates.release("0")
    await screen.finished()
    await expect(screen.answer).to_have_text(ANSWER)
    await expect(aside(screen, "Writing the answer…")).to_have_count(0)


async def test_who_waits_can_have_the_thought_left_out(visit: Visit, house: House) -> None:
    house.engine.slots = 1
    running, waiting = await visit(), await visit()
    await think(running, house, 1)
    await waiting.ask()
    await waiting.asked()
    await waiting.skip_thought.press("Enter")
    straight = aside(waiting, "It will go straight to the answer.")
    for _ in ("live", "after a reload"):
        await expect(straight).to_be_visible()
        await expect(waiting.skip_thought).to_have_count(0)
        await waiting.reload()
    house.engine.play(SHORT)
    house.engine.gates.release("1")
    await waiting.finished()
    for _ in ("live", "after a reload"):
        await expect(waiting.answer).to_have_text(ANSWER)
        await expect(aside(waiting, "Answered without a thought, as you asked.")).to_be_visible()
        await expect(straight).to_have_count(0)
        await waiting.reload()


async def test_the_focus_of_one_who_left_the_thought_out_stays_at_the_answer(
    visit: Visit, house: House
) -> None:
    house.engine.slots = 1
    running, waiting = await visit(), await visit()
    await think(running, house, 1)
    await waiting.ask()
    await waiting.skip_thought.press("Enter")
    await expect(waiting.skip_thought).to_have_count(0)
    await expect(waiting.answers.last).to_be_focused()


async def test_a_wish_that_comes_too_late_is_told_calmly(screen: Screen, house: House) -> None:
    screen.guard.expect("status of 409")
    await think(screen, house)
    refusal = {"error": {"code": "conflict", "message": "Raw."}}
    await screen.page.route("**/answer_now", lambda route: route.fulfill(status=409, json=refusal))
    await screen.answer_now.press("Enter")
    note = aside(screen, "There is no thought to end any more: the answer is on its way.")
    await expect(note).to_be_visible()
    await expect(screen.answer_now).to_have_count(0)
    await expect(screen.page.get_by_role("alert")).to_have_count(0)
    await expect(screen.thought).to_contain_text("Thinking…")
    house.engine.gates.release("3")
    await screen.finished()
    await expect(note).to_have_count(0)
    await expect(screen.thought).to_contain_text("Thought for")
    await expect(screen.thought).not_to_contain_text("ended")


async def test_a_wish_that_the_network_swallowed_can_be_said_again(screen: Screen, house: House) -> None:
    screen.guard.expect("ERR_FAILED")
    house.engine.ends_thoughts = True
    await think(screen, house)
    await screen.page.route("**/answer_now", lambda route: route.abort(), times=1)
    await screen.answer_now.click()
    await expect(aside(screen, "The site cannot be reached.")).to_be_visible()
    await heard(screen.answer_now)
    await expect(screen.ending).to_be_visible()
    await expect(aside(screen, "The site cannot be reached.")).to_have_count(0)
    house.engine.gates.release("3")
    await screen.finished()
    await expect(screen.thought).to_contain_text(", ended by you")


async def test_a_thought_that_load_cut_says_so_and_a_longer_one_can_be_had(
    screen: Screen, house: House
) -> None:
    await think(screen, house)
    house.cut_thought(4, 4096, 212)
    house.engine.then(SHORT)
    house.engine.gates.release("3")
    await screen.finished()
    for _ in ("live", "after a reload"):
        await expect(screen.answer).to_have_text(ANSWER)
        await expect(screen.thought).to_contain_text(", ended early for others")
        await expect(aside(screen, "Short thinking: 212 people were waiting.")).to_be_visible()
        await expect(screen.think_longer).to_be_visible()
        await screen.reload()
    await screen.receipt.click()
    await expect(row(screen, "Shortened for others")).to_have_text("4 of 4,096 tokens")
    await expect(row(screen, "Thought ended")).to_have_text("early, for others")


async def test_a_shortened_thought_thinks_on_where_its_reader_wants_it(screen: Screen, house: House) -> None:
    await think(screen, house)
    house.cut_thought(4, 4096, 212)
    short = aside(screen, "Short thinking: 212 people were waiting.")
    await expect(short).to_be_visible()
    await screen.think_on.press("Enter")
    for _ in ("live", "after a reload"):
        await expect(aside(screen, "It thinks on, as you asked.")).to_be_visible()
        await expect(short).to_have_count(0)
        await expect(screen.think_on).to_have_count(0)
        await expect(screen.answer_now).to_be_visible()
        await screen.reload()
    house.engine.gates.release("3")
    await screen.finished()
    await expect(screen.thought).to_contain_text("Thought for")
    await expect(screen.thought).not_to_contain_text("ended")
    await expect(short).to_have_count(0)
    await screen.thought.click()
    await expect(screen.thought_text).to_have_text("".join(THOUGHTS))


async def test_a_thought_that_cannot_think_on_says_so_and_a_longer_one_is_offered_later(
    screen: Screen, house: House
) -> None:
    screen.guard.expect("status of 409")
    await think(screen, house)
    house.shorten(256, 2048, 212)  # the page is told so, but the thought is as long as it ever was
    await screen.think_on.click()
    await expect(aside(screen, "This thought cannot be made longer.")).to_be_visible()
    await expect(screen.think_on).to_have_count(0)
    await expect(screen.think_longer).to_have_count(0)
    house.engine.gates.release("3")
    await screen.finished()
    await expect(screen.think_longer).to_be_visible()
    await expect(aside(screen, "This thought cannot be made longer.")).to_have_count(0)


async def test_a_thought_of_the_length_that_was_chosen_says_so(visit: Visit, house: House) -> None:
    await house.move_in(scripted_card(answer_tokens=2048, thought_tokens=12))
    screen = await visit()
    await screen.effort.select_option(label="Briefly")
    house.engine.play(SHORT)
    house.engine.then(LONG)
    await screen.ask_and_wait()
    for _ in ("live", "after a reload"):
        await expect(screen.answer).to_have_text(ANSWER)
        await expect(screen.thought).to_contain_text(", ended at the length you chose")
        await screen.reload()
    await screen.receipt.click()
    await expect(row(screen, "Chosen for the thought")).to_have_text("at most 3 tokens")
    await expect(row(screen, "Thought ended")).to_have_text("at the length you chose")


async def test_who_wants_no_thought_gets_none_and_the_device_remembers_it(visit: Visit, house: House) -> None:
    dialect = PromptedDialect(prefill="Let me see. ", ask="{question}", budget=64)
    await house.move_in(scripted_card(dialect=dialect))
    screen = await visit()
    await screen.effort.select_option(label="Not at all")
    house.engine.play(SHORT)
    house.engine.gates.hold("0")
    await screen.ask()
    await screen.asked()
    await house.engine.gates.reached("0")
    await expect(screen.skip_thought).to_have_count(0)
    house.engine.gates.release("0")
    await screen.finished()
    await expect(screen.answer).to_have_text(ANSWER)
    await expect(screen.thought).to_have_count(0)
    assert len(house.engine.asked) == 1
    await screen.reload()
    await expect(screen.effort).to_have_value("none")
    await expect(screen.thought).to_have_count(0)
    await screen.receipt.click()
    await expect(row(screen, "Chosen for the thought")).to_have_text("no thought")

    await screen.again.click()
    await screen.finished()
    assert len(house.engine.asked) == 2
    await screen.effort.select_option(label="As usual")
    house.engine.then("thought_only")
    await screen.ask_and_wait("And now?")
    await expect(screen.thought).to_be_visible()
    assert len(house.engine.asked) == 4


async def test_a_model_that_does_not_think_is_not_asked_how_long(visit: Visit, house: House) -> None:
    await house.move_in(scripted_card(dialect=PlainDialect()))
    screen = await visit()
    await screen.ask_and_wait()
    await expect(screen.effort).to_have_count(0)


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_nothing_of_it_is_a_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    house.engine.slots = 1
    other = await visit()
    screen = await visit(viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    await think(other, house, 1)
    await screen.ask()
    await expect(screen.skip_thought).to_be_visible()
    await assert_no_barriers(screen, "in line")
    house.engine.gates.release("1")
    await other.finished()
    await screen.finished()
    await think(screen, house)
    house.cut_thought(5, 4096, 212)
    await expect(screen.think_on).to_be_visible()
    await assert_no_barriers(screen, "a short thought that may think on")
    await heard(screen.answer_now)
    await expect(screen.ending).to_be_visible()
    await assert_no_barriers(screen, "a thought that is being ended")
    house.engine.then(SHORT)
    house.engine.gates.hold("0")
    house.engine.gates.release("3")
    await expect(aside(screen, "Writing the answer…")).to_be_visible()
    await assert_no_barriers(screen, "the answer comes next")
    house.engine.gates.release("0")
    await screen.finished()
    await screen.receipt.last.click()
    await assert_no_barriers(screen, "ended by the reader, with the receipt open")
    assert await screen.overflow() == 0


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR", "uk-UA", "zh-CN"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_320_pixels_are_enough_for_every_control(
    visit: Visit, house: House, locale: str, direction: str
) -> None:
    screen = await visit(locale=locale, viewport={"width": 320, "height": 640})
    page = screen.page
    await page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
    house.engine.play(LONG)
    house.engine.gates.hold("3")
    await page.get_by_role("textbox").fill("?")
    await page.keyboard.press("Enter")
    await house.engine.gates.reached("3")
    now = page.locator("article section button:not(.fold)")
    await expect(now).to_be_visible()
    house.cut_thought(5, 4096, 212)
    await expect(now).to_have_count(1)
    await expect(page.locator("article section + div button")).to_be_visible()
    assert await screen.overflow() == 0
    await heard(now)
    await expect(now).to_have_attribute("aria-disabled", "true")
    assert await screen.overflow() == 0
    house.engine.then(SHORT)
    house.engine.gates.release("3")
    await page.locator("summary").click()
    assert await screen.overflow() == 0
