"""Reload, restart, a second tab, a lost network: nothing is doubled and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

THOUGHTS = ("First I look ", "at the **numbers**, ", "then I add them.")
ANSWERS = ("It is ", "four, ", "because two ", "and two ", "make *four*.")
TEXT = "It is four, because two and two make four."
REFUSED = (
    "ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY"
)


@pytest.fixture(autouse=True)
def script(house: House) -> None:
    house.engine.play(saying(*ANSWERS, reasoning=THOUGHTS))


async def read_whole(screen: Screen) -> tuple[str, str]:
    """Thought and answer of the last answer, when it has ended."""
    await screen.finished()
    await screen.thought.click()
    await expect(screen.thought_text).not_to_be_empty()  # it is fetched when it is opened
    return await screen.thought_text.text_content() or "", await screen.answer.inner_text()


WHOLE = ("".join(THOUGHTS), TEXT)


async def test_a_conversation_is_in_the_list_and_found_again_after_a_reload(screen: Screen) -> None:
    await screen.ask_and_wait("How much is it?")
    await expect(screen.list_item("How much is it?")).to_have_attribute("aria-current", "page")
    await screen.reload()
    await expect(screen.questions).to_contain_text("How much is it?")
    assert await read_whole(screen) == WHOLE
    await expect(screen.receipt).to_contain_text("answer 5")

    await screen.go("/")
    await expect(screen.answers).to_have_count(0)
    await screen.list_item("How much is it?").click()
    await expect(screen.answer).to_have_text(TEXT)
    await expect(screen.page).to_have_title("How much is it? · Thinkwell")


async def test_a_conversation_is_found_again_after_a_restart_of_the_site(
    screen: Screen, house: House
) -> None:
    screen.guard.expect(REFUSED + "|status of 503")  # the page may be asking the site while it ends
    await screen.ask_and_wait("How much is it?")
    await screen.go("/")
    await expect(screen.list_item("How much is it?")).to_be_visible()
    await house.start_again()
    await screen.move_to(house.url)
    await screen.list_item("How much is it?").click()
    assert await read_whole(screen) == WHOLE
    await screen.ask_and_wait("And now?")
    await expect(screen.asked_texts).to_have_text(["How much is it?", "And now?"])
    assert [message.content for message in house.engine.asked[-1].messages] == [
        "How much is it?",
        "".join(ANSWERS),
        "And now?",
    ]


@pytest.mark.parametrize("step", range(len(THOUGHTS + ANSWERS) + 1))
async def test_a_reload_in_mid_answer_changes_nothing(screen: Screen, house: House, step: int) -> None:
    house.engine.gates.hold(str(step))
    await screen.ask()
    await screen.asked()
    await house.engine.gates.reached(str(step))
    await screen.reload()
    if step > len(THOUGHTS):
        await expect(screen.answer).to_contain_text(
            ANSWERS[step - len(THOUGHTS) - 1].replace("*", "").strip()
        )
    elif step > 0:
        await expect(screen.thought_text).to_contain_text(THOUGHTS[step - 1].strip())
    await expect(screen.stop).to_be_visible()
    house.engine.gates.release(str(step))
    assert await read_whole(screen) == WHOLE
    assert len(house.engine.asked) == 1


async def test_two_tabs_show_the_same_answer_as_it_is_written(screen: Screen, house: House) -> None:
    house.engine.gates.hold("5")
    await screen.ask()
    await screen.asked()
    other = Screen(await screen.page.context.new_page(), screen.home, screen.guard)
    await other.go(screen.page.url.removeprefix(screen.home))
    for tab in (screen, other):
        await expect(tab.answer).to_have_text("It is four,")
    house.engine.gates.release("5")
    assert await read_whole(screen) == await read_whole(other) == WHOLE


@pytest.mark.parametrize("step", [1, 3, 6])
async def test_a_network_that_is_lost_in_mid_answer_changes_nothing(
    screen: Screen, house: House, step: int
) -> None:
    screen.guard.expect(REFUSED)
    context = screen.page.context
    house.engine.gates.hold(str(step))
    await screen.ask()
    await screen.asked()
    await house.engine.gates.reached(str(step))
    await expect(screen.thought).to_be_visible()
    await context.set_offline(True)
    house.cut_connections()
    await expect(screen.answers.last.get_by_text("Reconnecting…")).to_be_visible()
    house.engine.gates.release(str(step))
    await context.set_offline(False)
    assert await read_whole(screen) == WHOLE
    await expect(screen.page.get_by_text("Reconnecting…")).to_have_count(0)


async def test_a_connection_that_breaks_is_taken_up_again_where_it_was(screen: Screen, house: House) -> None:
    screen.guard.expect(REFUSED)
    house.engine.gates.hold("5")
    house.engine.gates.hold("7")
    await screen.ask()
    await expect(screen.answer).to_have_text("It is four,")
    house.cut_connections()
    house.engine.gates.release("5")
    await expect(screen.answer).to_have_text("It is four, because two and two")
    house.cut_connections()
    house.engine.gates.release("7")
    assert await read_whole(screen) == WHOLE


async def test_an_answer_that_went_on_while_the_page_was_closed_is_whole(
    screen: Screen, house: House, visit: Visit
) -> None:
    house.engine.gates.hold("4")
    await screen.ask()
    await screen.asked()
    path = screen.page.url.removeprefix(screen.home)
    context = screen.page.context
    await screen.page.close()
    house.engine.gates.release("4")
    await house.engine.until(lambda: house.engine.open == 0)
    back = Screen(await context.new_page(), screen.home, screen.guard)
    await back.go(path)
    assert await read_whole(back) == WHOLE


async def test_an_answer_that_the_end_of_the_site_cut_off_keeps_its_text_and_says_so(
    screen: Screen, house: House
) -> None:
    screen.guard.expect(REFUSED)
    house.engine.gates.hold("5")
    await screen.ask()
    await expect(screen.answer).to_have_text("It is four,")
    await house.end()
    note = screen.answers.last.get_by_text("The site stopped while answering; this is what was said.")
    await expect(note).to_be_visible()
    await expect(screen.answer).to_have_text("It is four,")

    await house.start_again()
    await screen.move_to(house.url)
    await expect(note).to_be_visible()
    await expect(screen.answer).to_have_text("It is four,")
    await expect(screen.receipt).to_contain_text("answer 2")
    await screen.retry.click()
    await expect(screen.answer).to_have_text("The answer is 4.")
    await expect(screen.branches_of(screen.answers.last)).to_contain_text("2 / 2")
