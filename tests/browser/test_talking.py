"""Going on with an answer, forks, the tree of all branches, questions that wait, files and print, several tabs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying


def button(screen: Screen, name: str) -> Locator:
    return screen.page.get_by_role("button", name=name, exact=True)


def all_branches(screen: Screen) -> Locator:
    """On the versions of the last answer that has any."""
    return screen.answers.get_by_role("button", name=re.compile("All branches$")).last


def waiting(screen: Screen) -> Locator:
    return screen.page.get_by_role("region", name="Questions that are asked next")


def prose(screen: Screen) -> Locator:
    return screen.answers.locator(".prose")


async def another_tab(screen: Screen) -> Screen:
    tab = Screen(await screen.page.context.new_page(), screen.home, screen.guard)
    await tab.go(screen.page.url.removeprefix(screen.home))
    return tab


async def listens(tab: Screen) -> None:
    """Return when it looks for what is done elsewhere: it does so once at once, when it is looked at."""
    async with tab.page.expect_response("**/api/conversations/conv_*") as looked:
        while not looked.is_done():
            await tab.page.evaluate("dispatchEvent(new Event('focus'))")
            await tab.page.evaluate("new Promise((next) => requestAnimationFrame(next))")


async def change_elsewhere(screen: Screen, method: str, body: str = "undefined") -> None:
    """As another device does, of which no tab here is told."""
    path = screen.page.url.removeprefix(screen.home).replace("/c/", "/api/conversations/")
    init = f"{{method: '{method}', headers: {{'content-type': 'application/json'}}, body: {body}}}"
    assert await screen.page.evaluate(f"fetch('{path}', {init}).then((reply) => reply.ok)")


# -- going on ----------------------------------------------------------------------------------------


async def test_an_answer_that_was_cut_off_is_gone_on_with_as_one_text_with_both_receipts(
    screen: Screen, house: House
) -> None:
    house.engine.then(saying("one, ", "t", finish="length"), saying("wo, ", "three", "."))
    await screen.ask_and_wait("Count!")
    await expect(screen.answers.last.get_by_text("The answer reached its length limit.")).to_be_visible()
    await button(screen, "Continue").click()
    await expect(screen.answer).to_have_text("one, two, three.")
    await screen.finished()
    await expect(screen.answers).to_have_count(1)
    await expect(screen.receipt).to_have_count(2)
    await expect(button(screen, "Continue")).to_have_count(0)
    await screen.reload()
    await expect(screen.answer).to_have_text("one, two, three.")
    await expect(screen.receipt).to_have_count(2)
    await screen.ask_and_wait("And?")
    said = [message.content for message in house.engine.asked[-1].messages]
    assert said == ["Count!", "one, two, three.", "And?"]


async def test_a_stopped_answer_is_gone_on_with_also_in_a_temporary_conversation(
    screen: Screen, house: House
) -> None:
    await screen.page.get_by_role("switch", name="Temporary").click()
    house.engine.then(saying("one, ", "t", "x"), saying("wo"))
    house.engine.gates.hold("2")
    await screen.ask("Count!")
    await expect(screen.answer).to_have_text("one, t")
    async with screen.page.expect_response("**/stop"):
        await screen.stop.click()
    house.engine.gates.release("2")
    await button(screen, "Continue").click()
    await expect(screen.answer).to_have_text("one, two")
    await screen.finished()
    await expect(screen.answers).to_have_count(1)


# -- forks -------------------------------------------------------------------------------------------


async def test_a_fork_is_opened_and_goes_its_own_way(screen: Screen, house: House) -> None:
    house.engine.then(saying("first"), saying("second"), saying("of the fork"))
    await screen.ask_and_wait("One?")
    await screen.ask_and_wait("Two?")
    first = screen.page.url
    await screen.answers.first.get_by_role("button", name="Fork the conversation here").click()
    await screen.page.wait_for_url(lambda url: "/c/" in url and url != first)
    await expect(prose(screen)).to_have_text(["first"])
    await expect(screen.list_item("Fork: One?")).to_have_attribute("aria-current", "page")
    await screen.ask_and_wait("Other?")
    await expect(prose(screen)).to_have_text(["first", "of the fork"])
    await screen.page.goto(first)
    await expect(prose(screen)).to_have_text(["first", "second"])


async def test_a_fork_at_a_question_can_be_answered(screen: Screen, house: House) -> None:
    house.engine.then(saying("first"), saying("anew"))
    await screen.ask_and_wait("One?")
    first = screen.page.url
    await screen.questions.first.get_by_role("button", name="Fork the conversation here").click()
    await screen.page.wait_for_url(lambda url: "/c/" in url and url != first)
    await expect(screen.answers).to_have_count(0)
    await button(screen, "Answer this question").click()
    await expect(screen.answer).to_have_text("anew")


# -- all branches ------------------------------------------------------------------------------------


async def test_the_tree_of_all_branches_is_walked_by_keys_and_shows_what_is_chosen(
    screen: Screen, house: House
) -> None:
    house.engine.then(saying("first"), saying("second"), saying("third"))
    await screen.ask_and_wait("One?")
    await screen.again.click()
    await expect(screen.answer).to_have_text("second")
    await screen.finished()
    await screen.ask_and_wait("Two?")
    await all_branches(screen).click()
    items = screen.page.get_by_role("treeitem")
    await expect(items).to_have_text(
        [
            "Question: One? shown",
            "Answer 1 of 2: first",
            "Answer 2 of 2: second shown",
            "Question: Two? shown",
        ]
    )
    await expect(items.nth(3)).to_be_focused()
    await screen.page.keyboard.press("ArrowLeft")
    await expect(items.nth(0)).to_be_focused()
    await screen.page.keyboard.press("ArrowRight")
    await expect(items.nth(1)).to_be_focused()
    await expect(items.nth(1)).to_have_attribute("aria-level", "2")
    async with screen.page.expect_response(lambda reply: reply.request.method == "PATCH"):
        await screen.page.keyboard.press("Enter")
    await expect(prose(screen)).to_have_text(["first"])
    await expect(screen.page.get_by_role("tree")).to_have_count(0)
    await screen.reload()
    await expect(prose(screen)).to_have_text(["first"])

    await button(screen, "This conversation").click()
    await screen.page.get_by_role("button", name="All branches").first.click()
    await expect(screen.page.get_by_role("tree")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.get_by_role("tree")).to_have_count(0)


# -- questions that wait -----------------------------------------------------------------------------


async def test_questions_wait_for_the_answer_and_are_asked_in_turn(screen: Screen, house: House) -> None:
    house.engine.play(saying("so ", "it is"))
    house.engine.gates.hold("1")
    await screen.ask("One?")
    await expect(screen.answer).to_have_text("so")
    for text in ("Two?", "Thrree?", "Away?"):
        await screen.ask(text)
        await expect(screen.question).to_have_value("")
    await expect(waiting(screen).get_by_role("listitem")).to_have_text(["Two?", "Thrree?", "Away?"])
    await waiting(screen).get_by_role("button", name="Edit: Thrree?").click()
    field = screen.page.get_by_role("textbox", name="Edit the question that waits")
    await expect(field).to_be_focused()
    await field.fill("Three?")
    await field.press("Enter")
    await waiting(screen).get_by_role("button", name="Remove: Away?").click()
    await expect(waiting(screen).get_by_role("button", name="Edit: Three?")).to_be_focused()
    await screen.reload()  # kept for the tab's life
    await expect(waiting(screen).get_by_role("listitem")).to_have_text(["Two?", "Three?"])
    house.engine.gates.release("1")
    await expect(screen.asked_texts).to_have_text(["One?", "Two?", "Three?"])
    await expect(prose(screen)).to_have_text(["so it is"] * 3)
    await expect(waiting(screen)).to_have_count(0)
    assert len(house.engine.asked) == 3


async def test_after_a_stop_nothing_is_asked_by_itself(screen: Screen, house: House) -> None:
    house.engine.play(saying("so ", "it is"))
    house.engine.gates.hold("1")
    await screen.ask("One?")
    await expect(screen.answer).to_have_text("so")
    await screen.ask("Two?")
    await expect(waiting(screen)).to_contain_text("Asked when the answer is complete.")
    await screen.stop.click()
    await expect(waiting(screen)).to_contain_text("The answer was stopped, so this was not asked by itself.")
    assert len(house.engine.asked) == 1
    house.engine.gates.release("1")
    await button(screen, "Send now").click()
    await expect(screen.asked_texts).to_have_text(["One?", "Two?"])
    await expect(prose(screen).last).to_have_text("so it is")


async def test_a_question_whose_reply_is_lost_is_asked_once(screen: Screen, house: House) -> None:
    screen.guard.expect("ERR_FAILED")
    house.engine.play(saying("once"))
    lost = 0

    async def lose_the_reply(route: object) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            await route.fetch()  # type: ignore[attr-defined]
            await route.abort()  # type: ignore[attr-defined]
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await screen.page.route("**/api/turns", lose_the_reply)
    await screen.ask_and_wait("One?")
    await expect(prose(screen)).to_have_text(["once"])
    assert lost == 2
    assert len(house.engine.asked) == 1
    await screen.reload()
    await expect(screen.asked_texts).to_have_text(["One?"])


# -- tabs and devices --------------------------------------------------------------------------------


async def test_another_tab_sees_a_question_and_its_answer_as_it_is_written(
    screen: Screen, house: House
) -> None:
    house.engine.then(saying("first"))
    await screen.ask_and_wait("One?")
    tab = await another_tab(screen)
    await expect(prose(tab)).to_have_text(["first"])
    await expect(tab.page.locator("main")).to_be_visible()
    await listens(tab)
    house.engine.play(saying("so ", "it is"))
    house.engine.gates.hold("1")
    await screen.ask("Two?")
    await expect(tab.asked_texts).to_have_text(["One?", "Two?"])
    await expect(tab.answer).to_have_text("so")
    house.engine.gates.release("1")
    for one in (screen, tab):
        await expect(prose(one)).to_have_text(["first", "so it is"])
    assert len(house.engine.asked) == 2


async def test_another_device_sees_question_answer_name_and_deletion(
    screen: Screen, house: House, visit: Visit
) -> None:
    screen.guard.expect("status of 404")
    house.engine.then(saying("first"))
    await screen.ask_and_wait("One?")
    other = await visit(storage_state=await screen.page.context.storage_state())
    await other.go(screen.page.url.removeprefix(screen.home))
    await expect(prose(other)).to_have_text(["first"])
    await listens(other)
    house.engine.play(saying("so ", "it is"))
    house.engine.gates.hold("1")
    await screen.ask("Two?")
    await expect(screen.answer).to_have_text("so")
    await other.page.evaluate("dispatchEvent(new Event('focus'))")
    await expect(other.asked_texts).to_have_text(["One?", "Two?"])
    await expect(other.answer).to_have_text("so")
    house.engine.gates.release("1")
    await expect(prose(other)).to_have_text(["first", "so it is"])
    await change_elsewhere(screen, "PATCH", "JSON.stringify({title: 'Renamed'})")
    await other.page.evaluate("dispatchEvent(new Event('focus'))")
    await expect(other.list_item("Renamed")).to_be_visible()
    await change_elsewhere(screen, "DELETE")
    await other.page.evaluate("dispatchEvent(new Event('focus'))")
    await expect(
        other.page.get_by_text("This conversation does not exist, or it is not yours.")
    ).to_be_visible()
    assert len(house.engine.asked) == 2


async def test_a_stream_that_breaks_again_and_again_is_whole(screen: Screen, house: House) -> None:
    screen.guard.expect("ERR_")
    pieces = tuple(f"w{number} " for number in range(24))
    house.engine.play(saying(*pieces))
    steps = range(2, 24, 3)
    for step in steps:
        house.engine.gates.hold(str(step))
    await screen.ask()
    for step in steps:
        await expect(screen.answer).to_have_text("".join(pieces[:step]).strip())
        house.cut_connections()
        house.engine.gates.release(str(step))
    await expect(screen.answer).to_have_text("".join(pieces).strip())
    await screen.finished()
    assert len(house.engine.asked) == 1


async def test_the_same_question_waiting_in_two_tabs_is_asked_once(screen: Screen, house: House) -> None:
    house.engine.play(saying("so ", "it is"))
    house.engine.gates.hold("1")
    await screen.ask("One?")
    await expect(screen.answer).to_have_text("so")
    await screen.ask("Two?")
    await expect(waiting(screen)).to_be_visible()
    kept = await screen.page.evaluate("JSON.stringify(sessionStorage)")
    tab = await another_tab(screen)
    await tab.page.evaluate(
        "(kept) => Object.entries(JSON.parse(kept)).forEach(([k, v]) => sessionStorage.setItem(k, v))", kept
    )
    await tab.reload()
    await expect(waiting(tab).get_by_role("listitem")).to_have_text(["Two?"])
    house.engine.gates.release("1")
    for one in (screen, tab):
        await expect(one.asked_texts).to_have_text(["One?", "Two?"])
        await expect(prose(one).last).to_have_text("so it is")
        await expect(waiting(one)).to_have_count(0)
    assert len(house.engine.asked) == 2


# -- files and print ---------------------------------------------------------------------------------


async def test_the_conversation_is_taken_along_as_a_file(screen: Screen, house: House) -> None:
    house.engine.play(saying("Four.", reasoning=("Two and two.",)))
    await screen.ask_and_wait("How much?")
    await button(screen, "This conversation").click()
    async with screen.page.expect_download() as markdown:
        await screen.page.get_by_role("link", name="Download as Markdown").click()
    told = Path(await (await markdown.value).path()).read_text("utf-8")
    assert (await markdown.value).suggested_filename == "How-much.md"
    assert "Two and two." in told and "Four." in told
    await button(screen, "This conversation").click()
    await screen.page.get_by_role("checkbox", name="With the thoughts").uncheck()
    async with screen.page.expect_download() as whole:
        await screen.page.get_by_role("link", name="Download as JSON").click()
    found = json.loads(Path(await (await whole.value).path()).read_text("utf-8"))
    assert found["messages"][1]["content"] == "Four."
    assert found["messages"][1]["reasoning"] is None


async def test_on_paper_there_is_the_conversation_and_nothing_else(screen: Screen, house: House) -> None:
    house.engine.play(saying("See [the sea](https://sea.example/).", reasoning=("Salt.",)))
    await screen.ask_and_wait("Why?")
    await screen.page.emulate_media(media="print", color_scheme="dark")
    for name in ("You asked", "Answer"):
        await expect(screen.page.get_by_role("heading", name=name, exact=True)).to_be_in_viewport()
    await expect(screen.page.get_by_role("heading", name="Why?", level=1)).to_be_in_viewport()
    await expect(screen.receipt).to_be_visible()
    for hidden in (screen.question, screen.list, screen.again, button(screen, "This conversation")):
        await expect(hidden).not_to_be_visible()
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    assert await screen.page.evaluate(paper) == "rgb(255, 255, 255)"
    shown = "getComputedStyle(document.querySelector('.prose a'), '::after').content"
    assert await screen.page.evaluate(shown) == '" (https://sea.example/)"'
    assert (await screen.page.pdf(format="A4")).startswith(b"%PDF")


# -- for everyone ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "colours"), [(DESK, "light"), (PHONE, "dark")])
async def test_nothing_of_it_is_a_barrier(
    visit: Visit, house: House, axe: str, size: dict[str, int], colours: str
) -> None:
    screen = await visit(viewport=size, color_scheme=colours)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    house.engine.then(saying("first"), saying("one, t", finish="length"), saying("wo"))
    await screen.ask_and_wait("One?")
    await screen.again.click()
    await expect(screen.branches_of(screen.answers.last)).to_contain_text("2 / 2")
    await screen.finished()
    await assert_no_barriers(screen, "an answer that can be gone on with")
    await button(screen, "Continue").click()
    await expect(screen.answer).to_have_text("one, two")
    await screen.finished()
    await assert_no_barriers(screen, "an answer that was gone on with")
    await button(screen, "This conversation").click()
    await expect(screen.page.get_by_role("link", name="Download as JSON")).to_be_visible()
    await assert_no_barriers(screen, "the menu")
    await screen.page.keyboard.press("Escape")
    await expect(button(screen, "This conversation")).to_be_focused()
    await all_branches(screen).click()
    await expect(screen.page.get_by_role("tree")).to_be_visible()
    await assert_no_barriers(screen, "the tree")
    await screen.page.keyboard.press("Escape")
    house.engine.play(saying("so ", "it is"))
    house.engine.gates.hold("1")
    await screen.ask("Two?")
    await expect(screen.answer).to_have_text("so")
    await screen.ask("Three?")
    await expect(waiting(screen)).to_be_visible()
    await assert_no_barriers(screen, "a question that waits")
    await waiting(screen).get_by_role("button", name="Edit: Three?").click()
    await assert_no_barriers(screen, "a question that waits and is edited")
    await screen.stop.click()
    await expect(button(screen, "Send now")).to_be_visible()
    await assert_no_barriers(screen, "a question that is held")
    assert await screen.overflow() == 0
    house.engine.gates.release("1")
