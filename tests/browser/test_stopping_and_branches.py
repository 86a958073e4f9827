"""Stop stops the machine; another answer and an edited question are branches that can be walked."""

from __future__ import annotations

from playwright.async_api import Locator, expect
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying


async def test_stop_ends_the_engines_work_and_keeps_what_was_said(screen: Screen, house: House) -> None:
    house.engine.play(saying("one ", "two ", "three", reasoning=("Counting.",)))
    house.engine.gates.hold("3")
    await screen.ask("Count!")
    await expect(screen.answer).to_have_text("one two")
    await screen.stop.click()
    note = screen.answers.last.get_by_text("Stopped here.")
    await expect(note).to_be_visible()
    await house.engine.until(lambda: house.engine.aborted == 1)
    await expect(screen.answer).to_have_text("one two")
    await expect(screen.receipt).to_contain_text("answer 2")
    await expect(screen.send).to_be_visible()

    await screen.reload()
    await expect(note).to_be_visible()
    await expect(screen.answer).to_have_text("one two")
    house.engine.gates.release("3")
    await screen.ask_and_wait("Go on!")
    await expect(screen.answer).to_have_text("one two three")


async def test_stop_ends_a_thought_too(screen: Screen, house: House) -> None:
    house.engine.gates.hold("thinking")
    await screen.ask()
    await expect(screen.thought_text).to_have_text("Two and two")
    await screen.stop.click()
    await expect(screen.answers.last.get_by_text("Stopped here.")).to_be_visible()
    await expect(screen.thought_text).to_have_count(0)
    assert house.engine.aborted == 1


async def test_another_answer_and_an_edited_question_are_branches(screen: Screen, house: House) -> None:
    house.engine.then(saying("first"), saying("second"), saying("of the edited"), saying("more"))
    await screen.ask_and_wait("What?")
    await screen.again.click()
    await expect(screen.answer).to_have_text("second")
    await screen.finished()
    answer, question = screen.answers.last, screen.questions.first
    await expect(screen.branches_of(answer)).to_contain_text("2 / 2")
    await expect(screen.branches_of(question)).to_have_count(0)

    await previous(screen, answer)
    await expect(screen.answer).to_have_text("first")
    await screen.reload()
    await expect(screen.answer).to_have_text("first")
    await expect(screen.branches_of(answer)).to_contain_text("1 / 2")
    await following(screen, answer)
    await expect(screen.answer).to_have_text("second")

    await question.get_by_role("button", name="Edit the question").click()
    field = screen.page.get_by_role("textbox", name="Edit your question")
    await expect(field).to_be_focused()
    await field.fill("What else?")
    await question.get_by_role("button", name="Send").click()
    await expect(screen.answer).to_have_text("of the edited")
    await screen.finished()
    await expect(screen.asked_texts).to_have_text(["What else?"])
    await expect(screen.branches_of(question)).to_contain_text("2 / 2")
    assert [message.content for message in house.engine.asked[-1].messages] == ["What else?"]
    await screen.ask_and_wait("And?")
    await expect(screen.answers).to_have_count(2)

    await previous(screen, question)
    await expect(screen.asked_texts).to_have_text(["What?"])
    await expect(screen.answer).to_have_text("second")
    await screen.reload()
    await expect(screen.answer).to_have_text("second")
    await following(screen, question)
    await expect(screen.answers.locator(".prose")).to_have_text(["of the edited", "more"])


async def previous(screen: Screen, message: Locator) -> None:
    await turn(screen, message, "Previous version")


async def following(screen: Screen, message: Locator) -> None:
    await turn(screen, message, "Next version")


async def turn(screen: Screen, message: Locator, label: str) -> None:
    """Also waits until the site remembers it."""
    async with screen.page.expect_response(lambda reply: reply.request.method == "PATCH") as remembered:
        await screen.branches_of(message).get_by_role("button", name=label).click()
    assert (await remembered.value).ok
