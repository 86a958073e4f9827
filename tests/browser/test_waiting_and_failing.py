"""A place in line, and every way in which an answer fails: said in words, with a way on."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen


async def test_who_waits_sees_their_place_in_line_until_their_turn_comes(visit: Visit, house: House) -> None:
    house.engine.slots = 1
    house.engine.gates.hold("1")
    running, first, second = await visit(), await visit(), await visit()
    await running.ask("I came first.")
    await house.engine.gates.reached("1")
    await first.ask("I am next.")
    await expect(first.answers.last.get_by_text("You are number 1 of 1 in line")).to_be_visible()
    await second.ask("I am the third.")
    place = second.answers.last.get_by_text("You are number 2 of 2 in line")
    await expect(place).to_be_visible()
    await second.reload()
    await expect(place).to_be_visible()

    await running.stop.click()
    await expect(second.answers.last.get_by_text("You are number 1 of 1 in line")).to_be_visible()
    house.engine.gates.release("1")
    for waited in (first, second):
        await waited.finished()
        await expect(waited.answer).to_have_text("The answer is 4.")
        await expect(waited.answers.last.get_by_text("You are number")).to_have_count(0)
    assert house.engine.max_open == 1


async def test_who_waits_can_leave_the_line(visit: Visit, house: House) -> None:
    house.engine.slots = 1
    house.engine.gates.hold("1")
    running, waiting = await visit(), await visit()
    await running.ask()
    await house.engine.gates.reached("1")
    await waiting.ask()
    await expect(waiting.answers.last.get_by_text("You are number 1 of 1 in line")).to_be_visible()
    await waiting.stop.click()
    await expect(waiting.answers.last.get_by_text("Stopped here.")).to_be_visible()
    house.engine.gates.release("1")
    await running.finished()
    assert len(house.engine.asked) == 1


FAILURES = [
    ("dies_at_once", "Le modèle démarre ou est injoignable.", None),
    ("refuses", "Le modèle n’a pas accepté cette question.", None),
    ("dies_midway", "Le modèle démarre ou est injoignable.", "The answer"),
    ("cut_stream", "Le modèle s’est interrompu. Réessayez.", "The answer is"),
    ("garbage", "Le modèle s’est interrompu. Réessayez.", "The answer"),
    ("too_long", "La conversation dépasse ce que le modèle peut lire.", None),
]


@pytest.mark.parametrize(("scenario", "sentence", "kept"), FAILURES)
async def test_a_failure_is_told_in_the_readers_language_keeps_the_text_and_can_be_tried_again(
    visit: Visit, house: House, scenario: str, sentence: str, kept: str | None
) -> None:
    screen = await visit(locale="fr-FR")
    page = screen.page
    answer = page.get_by_role("article", name="Réponse")
    house.engine.play(scenario)
    await page.get_by_role("textbox", name="Votre question").fill("Combien ?")
    await page.keyboard.press("Enter")
    for _ in ("live", "after a reload"):
        await expect(answer.get_by_text(sentence)).to_be_visible()
        if kept is not None:
            await expect(answer.locator(".prose")).to_have_text(kept)
        await screen.reload()
    house.engine.play("plain")
    await answer.get_by_role("button", name="Réessayer").click()
    await expect(answer.locator(".prose")).to_have_text("Hello, world.")
    await expect(answer.get_by_text(sentence)).to_have_count(0)


async def test_who_asks_while_the_engine_is_down_is_answered_when_it_is_back(
    screen: Screen, house: House
) -> None:
    house.engine.die()
    await screen.ask()
    await expect(screen.answers.last.get_by_text("You are number 1 of 1 in line")).to_be_visible()
    house.engine.revive()
    await screen.finished()
    await expect(screen.answer).to_have_text("The answer is 4.")


async def test_a_question_that_cannot_fit_is_refused_and_stays_in_the_box(screen: Screen) -> None:
    screen.guard.expect("status of 400")
    text = "word " * 15_000
    await screen.ask(text)
    await expect(screen.page.get_by_role("alert")).to_contain_text("longer than the model can read")
    await expect(screen.question).to_have_value(text)
    await expect(screen.questions).to_have_count(0)


async def test_a_question_that_never_left_is_kept(screen: Screen) -> None:
    screen.guard.expect("ERR_INTERNET_DISCONNECTED")
    await screen.page.context.set_offline(True)
    await screen.ask("Is anybody there?")
    await expect(screen.page.get_by_role("alert")).to_contain_text("The site cannot be reached.")
    await expect(screen.question).to_have_value("Is anybody there?")
    await screen.page.context.set_offline(False)
    await screen.question.press("Enter")
    await screen.finished()
    await expect(screen.answer).to_have_text("The answer is 4.")
