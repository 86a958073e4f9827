"""A temporary conversation leaves nothing behind: not at the site, not in the browser, not in the list."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

SECRET = "Heliotrope-417"
PROMISE = "Temporary: nothing of this conversation is stored."


def switch(screen: Screen) -> Locator:
    return screen.page.get_by_role("switch", name="Temporary")


def texts_in(folder: Path, text: str) -> list[str]:
    """The files of the site that hold it, in whatever form a text is written there."""
    wanted = [text.encode(), text.encode("utf-16-le")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(one in path.read_bytes() for one in wanted)]


async def ask(screen: Screen, text: str) -> None:
    count = await screen.answers.count()
    await screen.ask(text)
    await expect(screen.answers).to_have_count(count + 1)
    await screen.finished()


@pytest.mark.parametrize(("colours", "size"), [("light", DESK), ("dark", PHONE)])
async def test_nothing_of_it_is_stored_and_a_reload_ends_it(
    visit: Visit, house: House, data: Path, axe: str, colours: str, size: dict[str, int]
) -> None:
    house.engine.play(saying(f"Noted: {SECRET}.", reasoning=(f"They say {SECRET}. ",)))
    screen = await examined(await visit(color_scheme=colours, viewport=size), axe)
    await switch(screen).click()
    await expect(switch(screen)).to_have_attribute("aria-checked", "true")
    await expect(screen.page.get_by_text(PROMISE)).to_be_visible()
    await assert_no_barriers(screen, "temporary, before the first question")
    await ask(screen, f"Remember {SECRET}")
    await ask(screen, "What did I say?")
    said = [(message.role, message.content) for message in house.engine.asked[-1].messages]
    assert said[-3:] == [
        ("user", f"Remember {SECRET}"),
        ("assistant", f"Noted: {SECRET}."),
        ("user", "What did I say?"),
    ]
    await expect(screen.page.get_by_text(PROMISE)).to_be_visible()
    await expect(screen.receipt).to_have_count(2)
    assert await screen.page.title() == "Temporary conversation · Thinkwell"
    assert screen.page.url == f"{screen.home}/"
    if size is DESK:
        await expect(screen.list).to_contain_text("Your conversations will be listed here.")
    await assert_no_barriers(screen, "a temporary conversation")
    kept = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"
    assert SECRET not in await screen.page.evaluate(kept)
    await screen.reload()
    await expect(screen.answers).to_have_count(0)
    await expect(switch(screen)).to_have_attribute("aria-checked", "false")
    await house.end()
    assert await asyncio.to_thread(texts_in, data, SECRET) == []


async def test_what_is_stored_would_be_found(screen: Screen, house: House, data: Path) -> None:
    await screen.ask_and_wait(f"Remember {SECRET}")
    await house.end()
    assert await asyncio.to_thread(texts_in, data, SECRET) != []


async def test_questions_can_be_changed_and_answered_again_in_it(visit: Visit, house: House) -> None:
    screen = await visit(viewport=PHONE)
    await switch(screen).click()
    await ask(screen, "One?")
    house.engine.then(saying("Two."))
    await screen.again.click()
    await expect(screen.answer).to_have_text("Two.")
    versions = screen.branches_of(screen.answers.last)
    await expect(versions).to_contain_text("2 / 2")
    await versions.get_by_role("button", name="Previous version").click()
    await expect(screen.answer).to_have_text("The answer is 4.")
    await screen.page.get_by_role("button", name="Edit the question").click()
    await screen.page.get_by_role("textbox", name="Edit your question").fill("Three?")
    await screen.page.get_by_role("textbox", name="Edit your question").press("Enter")
    await screen.finished()
    await expect(screen.asked_texts).to_have_text(["Three?"])
    assert [message.content for message in house.engine.asked[-1].messages][-1] == "Three?"
    await expect(screen.branches_of(screen.questions.last)).to_contain_text("2 / 2")
    assert await screen.overflow() <= 0


async def test_to_go_elsewhere_ends_it_and_stops_what_runs(visit: Visit, house: House) -> None:
    screen = await visit()
    await switch(screen).click()
    house.engine.gates.hold("thinking")
    await screen.ask("Never mind")
    await house.engine.gates.reached("thinking")
    await expect(screen.thought).to_be_visible()  # the page has heard which turn is its own
    turn = house.turn
    await screen.page.get_by_role("button", name="New conversation").click()
    await turn.over()
    await expect(screen.answers).to_have_count(0)
    await expect(switch(screen)).to_have_attribute("aria-checked", "false")
    await switch(screen).click()
    await screen.ask("Nor that")
    await house.engine.gates.reached("thinking")
    await expect(screen.thought).to_be_visible()
    turn = house.turn
    await screen.page.goto("about:blank")
    await turn.over()


async def test_what_is_written_but_not_asked_is_not_kept_either(screen: Screen) -> None:
    await screen.question.fill(SECRET)
    await switch(screen).click()
    await expect(screen.question).to_have_value(SECRET)
    await screen.question.press_sequentially("!")
    await screen.reload()
    await expect(screen.question).to_have_value("")
    await switch(screen).click()
    await screen.question.fill("Kept after all")
    await switch(screen).click()
    await screen.reload()
    await expect(screen.question).to_have_value("Kept after all")
