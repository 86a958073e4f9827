"""A long conversation: its end is there at once, the rest comes above it, and nothing that is read moves."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visit
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine

QUESTIONS = 20
# Idle moments come when the test says so.
IDLE = """
const waiting = [];
window.requestIdleCallback = (work) => { waiting.push(work); return waiting.length; };
window.cancelIdleCallback = (asked) => { waiting[asked - 1] = () => undefined; };
window.beIdle = () => { const works = waiting.splice(0); works.forEach((work) => work()); return works.length; };
"""
# Where the first message stands that can be seen: its text, and pixels from the top.
SEEN = """() => {
  const first = [...document.querySelectorAll('article')].find((one) => one.getBoundingClientRect().top >= 0);
  return [first.textContent.slice(0, 60), Math.round(first.getBoundingClientRect().top)];
}"""


@pytest.fixture
def long_answers(engine: ScriptedEngine) -> None:
    engine.play(saying(*(f"Line {number} of a long answer.\n\n" for number in range(12))))


async def write(screen: Screen) -> str:
    """Ask by the doors that the page uses; the conversation's address."""
    conversation = parent = None
    for number in range(QUESTIONS):
        place = {"conversation_id": conversation, "parent_id": parent} if conversation else {}
        body = {"content": f"Question {number}", **place}
        asked = await (await screen.page.request.post(f"{screen.home}/api/turns", data=body)).json()
        conversation, parent = asked["conversation_id"], asked["answer_id"]
        await screen.page.request.get(f"{screen.home}/api/turns/{asked['turn_id']}/events")
    return f"/c/{conversation}"


@pytest.mark.usefixtures("long_answers")
async def test_the_end_is_there_at_once_and_the_rest_follows(screen: Screen) -> None:
    await screen.page.add_init_script(IDLE)
    await screen.go(await write(screen))
    await expect(screen.questions.last).to_contain_text(f"Question {QUESTIONS - 1}")
    await expect(screen.answers.last).to_be_in_viewport()
    assert await screen.answers.count() < QUESTIONS
    while await screen.page.evaluate("() => window.beIdle()"):
        await expect(screen.answers.last).to_be_in_viewport()
    await expect(screen.answers).to_have_count(QUESTIONS)
    await expect(screen.asked_texts.first).to_have_text("Question 0")
    at_end = "() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
    assert await screen.page.evaluate(at_end)


@pytest.mark.usefixtures("long_answers")
async def test_what_is_read_stays_where_it_is_while_more_comes_above(screen: Screen) -> None:
    await screen.page.add_init_script(IDLE)
    await screen.go(await write(screen))
    await expect(screen.answers.last).to_be_in_viewport()
    await screen.page.mouse.move(640, 300)
    await screen.page.mouse.wheel(0, -700)
    await screen.page.wait_for_function(
        "() => document.documentElement.scrollHeight - innerHeight - scrollY >= 699"
    )
    before = await screen.page.evaluate(SEEN)
    while await screen.page.evaluate("() => window.beIdle()"):
        text, top = await screen.page.evaluate(SEEN)
        assert text == before[0]
        assert abs(top - before[1]) <= 1
    await expect(screen.answers).to_have_count(QUESTIONS)


@pytest.mark.usefixtures("long_answers")
async def test_who_goes_up_faster_than_that_finds_it_there(screen: Screen) -> None:
    await screen.page.add_init_script(IDLE)
    await screen.go(await write(screen))
    await expect(screen.answers.last).to_be_in_viewport()
    for _ in range(QUESTIONS):
        if await screen.answers.count() == QUESTIONS:
            break
        await screen.page.evaluate("() => scrollTo({ top: 0 })")
        await screen.page.evaluate("() => new Promise((resolve) => requestAnimationFrame(resolve))")
    await expect(screen.answers).to_have_count(QUESTIONS)


@pytest.mark.usefixtures("long_answers")
async def test_it_is_printed_whole(screen: Screen) -> None:
    await screen.page.add_init_script(IDLE)
    await screen.go(await write(screen))
    await expect(screen.answers.last).to_be_in_viewport()
    assert await screen.answers.count() < QUESTIONS
    await screen.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    await expect(screen.answers).to_have_count(QUESTIONS)


@pytest.mark.usefixtures("long_answers")
async def test_a_question_asked_before_all_is_there_is_followed(visit: Visit) -> None:
    screen = await visit()
    await screen.page.add_init_script(IDLE)
    await screen.go(await write(screen))
    await screen.ask("And one more?")
    await expect(screen.questions.last).to_contain_text("And one more?")
    await screen.finished()
    await expect(screen.receipt.last).to_be_in_viewport()
