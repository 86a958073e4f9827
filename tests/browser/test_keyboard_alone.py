"""Everything can be reached and done without a mouse, and the focus is never lost."""

from __future__ import annotations

from playwright.async_api import Locator, expect
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

MOST_STOPS = 40


async def tab_to(screen: Screen, target: Locator, key: str = "Tab") -> None:
    for _ in range(MOST_STOPS):
        await screen.page.keyboard.press(key)
        if await target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {target}")


async def test_a_person_asks_reads_and_finds_an_older_conversation_by_keyboard(
    visit: Visit, house: House
) -> None:
    screen = await visit()
    press = screen.page.keyboard.press
    house.engine.play(saying("An **answer**.", reasoning=("Some thought.",)))
    await screen.page.locator("body").evaluate("() => document.activeElement.blur()")
    await tab_to(screen, screen.page.get_by_role("link", name="Skip to the question box"))
    await press("Enter")
    await expect(screen.question).to_be_focused()
    await screen.page.keyboard.type("The older one?")
    await press("Enter")
    await screen.finished()
    await expect(screen.question).to_be_focused()

    await tab_to(screen, screen.thought, "Shift+Tab")
    await press("Enter")
    await expect(screen.thought_text).to_have_text("Some thought.")
    await press("Space")
    await expect(screen.thought_text).to_have_count(0)
    await tab_to(screen, screen.receipt)
    await press("Enter")
    await expect(screen.page.get_by_role("definition").first).to_be_visible()
    await tab_to(screen, screen.page.get_by_role("button", name="Copy the answer"))
    await tab_to(screen, screen.again)

    await tab_to(screen, screen.page.get_by_role("button", name="New conversation"), "Shift+Tab")
    await press("Enter")
    await expect(screen.question).to_be_focused()
    await screen.page.keyboard.type("The newer one?")
    await press("Shift+Enter")
    await screen.page.keyboard.type("In two lines.")
    await press("Enter")
    await screen.asked()
    await screen.finished()
    await expect(screen.asked_texts).to_have_text(["The newer one?\nIn two lines."], use_inner_text=True)
    await tab_to(screen, screen.list_item("The older one?"), "Shift+Tab")
    await press("Enter")
    await expect(screen.asked_texts).to_have_text(["The older one?"])


async def test_the_focus_stays_where_work_goes_on(screen: Screen, house: House) -> None:
    press = screen.page.keyboard.press
    house.engine.then(saying("one"), saying("two"), saying("three"))
    await screen.ask_and_wait()
    await screen.again.focus()
    await press("Enter")
    await expect(screen.answer).to_have_text("two")
    await screen.finished()
    await expect(screen.answers.last).to_be_focused()

    await screen.again.focus()
    await press("Enter")
    await expect(screen.answer).to_have_text("three")
    await screen.finished()
    versions = screen.branches_of(screen.answers.last)
    await versions.get_by_role("button", name="Previous version").focus()
    await press("Enter")
    await expect(screen.answer).to_have_text("two")
    await expect(versions.get_by_role("button", name="Previous version")).to_be_focused()
    await press("Enter")
    await expect(screen.answer).to_have_text("one")
    await expect(versions.get_by_role("button", name="Next version")).to_be_focused()

    edit = screen.page.get_by_role("button", name="Edit the question")
    await edit.focus()
    await press("Enter")
    await press("Escape")
    await expect(edit).to_be_focused()
    await press("Enter")
    await screen.page.keyboard.type(" Please!")
    await press("Enter")
    await expect(screen.asked_texts).to_have_text(["What is 2 + 2? Please!"])
    await screen.finished()
    await expect(screen.answers.last).to_be_focused()

    house.engine.gates.hold("1")
    await screen.ask("And more?")
    await expect(screen.thought).to_be_visible()
    await screen.stop.focus()
    await press("Enter")
    await expect(screen.answers.last.get_by_text("Stopped here.")).to_be_visible()
    await expect(screen.question).to_be_focused()


async def test_escape_closes_the_drawer_and_gives_the_focus_back(visit: Visit) -> None:
    screen = await visit(viewport=PHONE, has_touch=True)
    press = screen.page.keyboard.press
    menu = screen.page.get_by_role("button", name="Show conversations")
    await tab_to(screen, menu)
    await press("Enter")
    drawer = screen.page.get_by_role("dialog", name="Conversations")
    await expect(drawer).to_be_visible()
    for _ in range(12):
        await press("Tab")
        inside = (
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert await screen.page.evaluate(inside)
    await press("Escape")
    await expect(drawer).to_have_count(0)
    await expect(menu).to_be_focused()


async def test_a_conversation_is_renamed_deleted_and_brought_back_by_keyboard(screen: Screen) -> None:
    press = screen.page.keyboard.press
    await screen.ask_and_wait("The first name")
    more = screen.list.get_by_role("button", name="More about")
    await more.focus()
    await press("Enter")
    await tab_to(screen, screen.list.get_by_role("button", name="Rename"))
    await press("Enter")
    await screen.page.keyboard.type("The second name")
    await press("Enter")
    await expect(screen.list_item("The second name")).to_be_visible()
    await expect(more).to_be_focused()
    await press("Enter")
    await tab_to(screen, screen.list.get_by_role("button", name="Delete"))
    await press("Escape")
    await expect(more).to_be_focused()
    await press("Enter")
    await tab_to(screen, screen.list.get_by_role("button", name="Delete"))
    await press("Enter")
    await expect(screen.list.get_by_role("link")).to_have_count(0)
    await expect(screen.answers).to_have_count(0)
    undo = screen.page.get_by_role("button", name="Undo")
    await expect(undo).to_be_focused()
    await press("Enter")
    await expect(screen.list_item("The second name")).to_be_focused()
    await press("Tab")
    await press("Enter")
    await tab_to(screen, screen.list.get_by_role("button", name="Delete"))
    await press("Enter")
    await expect(undo).to_be_focused()
    await tab_to(screen, screen.page.get_by_role("button", name="Leave it deleted"))
    await press("Enter")
    await expect(undo).to_have_count(0)
    await screen.reload()
    await expect(screen.list).to_contain_text("Your conversations will be listed here.")
