"""What one who waits is told: when it starts, why later, that it pauses for others, that a thought was short."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying
from thinkwell.values.event import Queued, Started

STARTED = Started("scripted", "scripted", 21.0)


def line(screen: Screen) -> Locator:
    return screen.answers.last.locator(".line")


async def wait_in_line(screen: Screen, house: House) -> None:
    """Return when this screen's turn runs and its engine waits for the test, so that the line is ours to tell."""
    house.engine.gates.hold("0")
    await screen.ask()
    await screen.asked()
    await house.engine.gates.reached("0")


async def test_who_waits_is_told_when_it_starts_and_why_it_is_later(screen: Screen, house: House) -> None:
    await wait_in_line(screen, house)
    house.happens(Queued(3, 12, "busy", 41.0, 118.0))
    await expect(line(screen)).to_contain_text("You are number 3 of 12 in line")
    await expect(line(screen)).to_contain_text("Starts in about 40 seconds; 9 of 10 start within 2 minutes")
    house.happens(Queued(4, 13, "busy", 61.0, 180.0, "lighter_first"))
    await expect(line(screen)).to_contain_text("You are number 4 of 13 in line")
    await expect(line(screen)).to_contain_text("Starts in about 1 minute; 9 of 10 start within 3 minutes")
    await expect(line(screen)).to_contain_text("People who have used less came in between.")
    house.happens(Queued(5, 13, "busy", 61.0, 180.0, "came_back"))
    await expect(line(screen)).to_contain_text("A machine was lost;")
    house.happens(Queued(3, 12, "busy", 20.0, 40.0))
    await expect(line(screen)).not_to_contain_text("A machine was lost;")
    house.happens(Queued(3, 12, "busy", 50.0, 70.0))
    await expect(line(screen)).to_contain_text("Later than first said: the answers before yours take longer.")
    house.happens(Queued(1, 12, "busy", 1.0, 4.0))
    await expect(line(screen)).to_contain_text("Any moment now")
    house.happens(STARTED)
    await expect(line(screen)).to_have_count(0)
    house.engine.gates.release("0")
    await screen.finished()
    await expect(screen.answer).to_have_text("The answer is 4.")


async def test_who_comes_back_is_told_the_rest_of_the_wait_and_not_the_whole(
    visit: Visit, house: House
) -> None:
    screen = await visit()
    await screen.page.clock.install()
    await wait_in_line(screen, house)
    house.happens(Queued(3, 12, "busy", 300.0, 600.0))
    await expect(line(screen)).to_contain_text("Starts in about 5 minutes; 9 of 10 start within 10 minutes")
    await screen.page.clock.run_for(61_000)
    await expect(line(screen)).to_contain_text("Starts in about 4 minutes; 9 of 10 start within 9 minutes")
    house.turn.log._published_at -= 121  # as if it had been told so long ago
    await screen.reload()
    await expect(line(screen)).to_contain_text("Starts in about 3 minutes; 9 of 10 start within 8 minutes")


@pytest.mark.parametrize(("gate", "said"), [("2", "thought"), ("4", "answer")])
async def test_a_turn_that_gives_way_keeps_what_was_said_and_goes_on_by_itself(
    screen: Screen, house: House, gate: str, said: str
) -> None:
    house.engine.play(saying("Four ", "it ", "is.", reasoning=("Two ", "and ", "two.")))
    house.engine.gates.hold(gate)
    await screen.ask()
    await house.engine.gates.reached(gate)
    await expect(screen.thought_text if said == "thought" else screen.answer).to_be_visible()
    house.happens(Queued(2, 4, "gave_way", 20.0, 40.0))
    await expect(line(screen)).to_contain_text("Paused for others: 3 are waiting.")
    await expect(line(screen)).to_contain_text("Goes on in about 20 seconds")
    await expect(line(screen)).to_contain_text("It goes on by itself.")
    if said == "thought":
        await expect(screen.thought_text).to_have_text("Two and")
        await expect(screen.answers.last.get_by_role("button", name="The thought so far")).to_be_visible()
    else:
        await expect(screen.answer).to_have_text("Four")
    below = await line(screen).bounding_box()
    text = await (screen.thought_text if said == "thought" else screen.answer).bounding_box()
    assert below and text and below["y"] >= text["y"] + text["height"]

    await screen.reload()
    await expect(line(screen)).to_contain_text("Paused for others: 3 are waiting.")
    house.happens(STARTED)
    await expect(line(screen)).to_have_count(0)
    await expect(screen.thought).to_contain_text("Thinking" if said == "thought" else "thought")
    house.engine.gates.release(gate)
    await screen.finished()
    await expect(screen.answer).to_have_text("Four it is.")


async def test_a_turn_that_gave_way_can_be_stopped(screen: Screen, house: House) -> None:
    house.engine.play(saying("Four.", reasoning=("Two ", "and two.")))
    house.engine.gates.hold("1")
    await screen.ask()
    await house.engine.gates.reached("1")
    house.happens(Queued(2, 4, "gave_way"))
    await expect(line(screen)).to_be_visible()
    await screen.stop.click()
    await expect(screen.answers.last.get_by_text("Stopped here.")).to_be_visible()
    await expect(line(screen)).to_have_count(0)


async def test_a_short_thought_is_told_and_a_longer_one_can_be_had(screen: Screen, house: House) -> None:
    await wait_in_line(screen, house)
    house.shorten(256, 2048, 212)
    note = screen.answers.last.get_by_text("Short thinking: 212 people were waiting.")
    longer = screen.answers.last.get_by_role("button", name="Think longer")
    await expect(note).to_be_visible()
    await expect(longer).to_have_count(0)
    house.engine.gates.release("0")
    await screen.finished()
    await screen.reload()
    await expect(note).to_be_visible()

    house.engine.gates.hold("0")
    await longer.press("Enter")
    await house.engine.gates.reached("0")
    assert house.turn.request.full_thought
    house.engine.gates.release("0")
    await screen.finished()
    await expect(note).to_have_count(0)
    await expect(screen.branches_of(screen.answers.last)).to_contain_text("2 / 2")
    await screen.again.click()
    await screen.finished()
    await expect(screen.branches_of(screen.answers.last)).to_contain_text("3 / 3")


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_the_line_the_pause_and_the_short_thought_have_no_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    screen = await visit(viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    house.engine.play(saying("Four ", "it is.", reasoning=("Two ", "and two.")))
    await wait_in_line(screen, house)
    house.happens(Queued(3, 12, "busy", 41.0, 118.0, "lighter_first"))
    await expect(line(screen)).to_contain_text("Starts in about")
    await assert_no_barriers(screen, "waiting")
    house.happens(STARTED)
    house.shorten(256, 2048, 212)
    house.engine.gates.hold("1")
    house.engine.gates.release("0")
    await expect(screen.thought_text).to_have_text("Two")
    house.happens(Queued(2, 4, "gave_way", 20.0, 40.0))
    await expect(line(screen)).to_contain_text("Paused for others")
    await assert_no_barriers(screen, "paused")
    house.engine.gates.release("1")
    house.happens(STARTED)
    await screen.finished()
    await expect(screen.answers.last.get_by_role("button", name="Think longer")).to_be_visible()
    await assert_no_barriers(screen, "a short thought")
    assert await screen.overflow() == 0


async def test_a_screen_reader_hears_of_the_line_politely_and_not_at_each_step(
    screen: Screen, house: House
) -> None:
    spoken = screen.page.locator("[aria-live=polite]")
    await wait_in_line(screen, house)
    house.happens(Queued(9, 12, "busy", 41.0))
    await expect(spoken).to_have_text(re.compile(r"number 9 of 12 in line\. Starts in about 40 seconds\."))
    for position in (8, 7, 6):
        house.happens(Queued(position, 12, "busy", 41.0))
    await expect(line(screen)).to_contain_text("number 6 of 12")
    await expect(spoken).to_have_text(re.compile("number 9 of 12"))
    house.happens(Queued(7, 13, "busy", 41.0, None, "lighter_first"))
    await expect(spoken).to_have_text(re.compile("number 7 of 13 in line. People who have used less"))
    await expect(screen.answers.last.locator("[aria-live], [role=status], [role=alert]")).to_have_count(0)
