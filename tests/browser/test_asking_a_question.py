"""A question, the thought as it forms, the answer, the receipt."""

from __future__ import annotations

import re

from playwright.async_api import expect
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying


async def test_the_thought_is_seen_as_it_forms_then_the_answer_and_its_receipt(
    screen: Screen, house: House
) -> None:
    house.engine.gates.hold("thinking")
    await screen.ask("What is 2 + 2?")
    await expect(screen.thought).to_have_attribute("aria-expanded", "true")
    await expect(screen.thought).to_contain_text("Thinking…")
    await expect(screen.thought_text).to_have_text("Two and two")
    await expect(screen.answer).to_have_count(0)
    await expect(screen.stop).to_be_visible()
    await expect(screen.receipt).to_have_count(0)

    house.engine.gates.release("thinking")
    await screen.finished()
    await expect(screen.answer).to_have_text("The answer is 4.")
    await expect(screen.answer.locator("strong")).to_have_text("4")
    await expect(screen.thought).to_have_text(re.compile("Thought for"))
    await expect(screen.thought).to_have_attribute("aria-expanded", "false")
    await expect(screen.receipt).to_contain_text("question 12 (4 cached)")
    await expect(screen.receipt).to_contain_text("thought 2")
    await expect(screen.receipt).to_contain_text("answer 2")
    await expect(screen.send).to_be_visible()


async def test_a_folded_thought_is_not_in_the_page_and_opens_by_click_and_by_keyboard(screen: Screen) -> None:
    await screen.ask_and_wait()
    assert "Two and two" not in await screen.page.content()
    await screen.thought.click()
    await expect(screen.thought_text).to_have_text("Two and two make four.")
    await screen.thought.click()
    await expect(screen.thought_text).to_have_count(0)
    await screen.thought.press("Enter")
    await expect(screen.thought_text).to_have_text("Two and two make four.")
    await screen.thought.press("Space")
    assert "Two and two" not in await screen.page.content()


async def test_a_thought_can_be_folded_while_it_forms(screen: Screen, house: House) -> None:
    house.engine.gates.hold("thinking")
    await screen.ask()
    await expect(screen.thought_text).to_be_visible()
    await screen.thought.click()
    await expect(screen.thought_text).to_have_count(0)
    house.engine.gates.release("thinking")
    await screen.finished()
    await expect(screen.answer).to_have_text("The answer is 4.")


async def test_a_long_thought_shows_only_its_end_while_it_forms_and_nothing_while_folded(
    screen: Screen, house: House
) -> None:
    steps = tuple(f"This is the step with number {n}. " for n in range(1, 1001))
    house.engine.play(saying("Done.", reasoning=steps))
    house.engine.gates.hold("900")
    await screen.ask()
    await expect(screen.thought_text).to_contain_text("number 900.", use_inner_text=True)
    assert len(await screen.thought_text.inner_text()) <= 12_000
    at_its_end = "(box) => box.scrollTop + box.clientHeight >= box.scrollHeight - 2"
    assert await screen.thought_text.evaluate(at_its_end)
    house.engine.gates.release("900")
    await screen.finished()
    assert "This is the step" not in await screen.page.content()
    await screen.thought.click()
    await expect(screen.thought_text).to_contain_text("number 1000.")
    assert await screen.thought_text.text_content() == "".join(steps)


async def test_markdown_is_shown_as_it_is_meant(screen: Screen, house: House) -> None:
    house.engine.play("markdown")
    house.engine.gates.hold("answering")
    await screen.ask()
    await expect(screen.answer.get_by_role("heading", name="Title")).to_be_visible()
    await expect(screen.answer.get_by_role("listitem")).to_have_count(5)
    house.engine.gates.release("answering")
    await screen.finished()
    await expect(screen.answer.get_by_role("table")).to_be_visible()
    await expect(screen.answer.locator("pre")).to_have_text("print('<b>hi</b>')")
    link = screen.answer.get_by_role("link", name="a link")
    await expect(link).to_have_attribute("rel", re.compile("noopener.*nofollow"))


async def test_control_literals_in_an_answer_are_plain_text(screen: Screen, house: House) -> None:
    house.engine.play("special_tokens")
    await screen.ask_and_wait()
    for literal in ("<|im_start|>", "<|im_end|>", "<think>", "</think>", "<|endoftext|> [INST] </s>"):
        await expect(screen.answer).to_contain_text(literal)
    await expect(screen.thought).to_have_count(0)


async def test_the_length_limit_is_said_also_after_a_reload(screen: Screen, house: House) -> None:
    house.engine.play("length_limit")
    await screen.ask_and_wait()
    note = screen.answers.last.get_by_text("The answer reached its length limit.")
    await expect(note).to_be_visible()
    await screen.reload()
    await expect(note).to_be_visible()


async def test_an_answer_that_read_only_the_newest_messages_says_so_also_after_a_reload(
    screen: Screen, house: House
) -> None:
    house.engine.play(saying("word " * 300))
    await screen.ask_and_wait("word " * 1600)
    await screen.ask_and_wait("word " * 1600)
    await screen.ask_and_wait("word " * 1600)
    note = screen.answers.last.get_by_text("oldest messages were not read this time")
    await expect(note).to_be_visible()
    await screen.reload()
    await expect(note).to_be_visible()
