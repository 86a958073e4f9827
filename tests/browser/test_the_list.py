"""The list of conversations: pins, folders, deleting and undoing, search, and where a hit leads."""

from __future__ import annotations

from playwright.async_api import Locator, expect
from sqlalchemy import insert, select
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.store.tables import conversations
from thinkwell.testing.scenarios import saying
from thinkwell.turns.run import now_us


def part(screen: Screen, name: str) -> Locator:
    """The part of the list under a heading."""
    heading = screen.page.get_by_role("heading", name=name, exact=True)
    return screen.list.locator("section").filter(has=heading)


async def act(screen: Screen, title: str, *buttons: str) -> None:
    # While something moves from one part of the list to another, it stands in both for a moment.
    more = screen.list.get_by_role("button", name=f"More about “{title}")
    await expect(more).to_have_count(1)
    await more.click()
    for name in buttons:
        await screen.list.get_by_role("button", name=name, exact=True).click()


async def ask_anew(screen: Screen, text: str) -> None:
    await screen.go()
    await screen.ask_and_wait(text)


async def test_what_is_pinned_stands_first_and_goes_back_among_the_others(screen: Screen) -> None:
    for text in ("One", "Two"):
        await ask_anew(screen, text)
    await expect(part(screen, "Today").get_by_role("link")).to_have_text(["Two", "One"])
    await act(screen, "One", "Pin")
    await expect(part(screen, "Pinned").get_by_role("link")).to_have_text(["One"])
    await expect(part(screen, "Today").get_by_role("link")).to_have_text(["Two"])
    await expect(screen.list.get_by_role("button", name="More about “One”")).to_be_focused()
    await screen.reload()
    await act(screen, "One", "Unpin")
    await expect(part(screen, "Today").get_by_role("link")).to_have_text(["Two", "One"])
    await expect(part(screen, "Pinned")).to_have_count(0)


async def test_a_folder_is_made_filled_renamed_and_deleted(screen: Screen) -> None:
    await ask_anew(screen, "Roses")
    await act(screen, "Roses", "Folder", "New folder…")
    name = screen.list.get_by_role("textbox", name="Name of the folder")
    await expect(name).to_be_focused()
    await name.fill("Garden")
    await name.press("Enter")
    folder = screen.list.get_by_role("button", name="Garden 1")
    await expect(folder).to_have_attribute("aria-expanded", "false")
    await expect(screen.list_item("Roses")).to_have_count(0)
    await folder.click()
    await expect(screen.list_item("Roses")).to_be_visible()
    await act(screen, "Garden", "Rename")
    await name.fill("Allotment")
    await name.press("Enter")
    await expect(screen.list.get_by_role("button", name="Allotment 1")).to_be_visible()
    await act(screen, "Roses", "Folder", "In no folder")
    await expect(part(screen, "Today").get_by_role("link")).to_have_text(["Roses"])
    await act(screen, "Roses", "Folder", "Allotment")
    await act(screen, "Allotment", "Delete the folder")
    await expect(part(screen, "Folders")).to_have_count(0)
    await expect(part(screen, "Today").get_by_role("link")).to_have_text(["Roses"])


async def test_a_name_that_is_there_already_is_told(screen: Screen) -> None:
    await ask_anew(screen, "One")
    await act(screen, "One", "Folder", "New folder…")
    await screen.list.get_by_role("textbox").fill("Garden")
    await screen.page.keyboard.press("Enter")
    await screen.list.get_by_role("button", name="Garden 1").click()
    screen.guard.expect("status of 409")
    await act(screen, "One", "Folder", "New folder…")
    await screen.list.get_by_role("textbox").fill("Garden")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_role("alert")).to_be_visible()


async def test_what_was_deleted_is_brought_back_with_all_that_was_said(screen: Screen, house: House) -> None:
    house.engine.play(saying("Because."))
    await ask_anew(screen, "Why?")
    here = screen.page.url
    await act(screen, "Why?", "Delete")
    await expect(screen.page.get_by_role("heading", name="What shall we think about?")).to_be_visible()
    await expect(screen.page.locator("[aria-live=polite]")).to_contain_text("undo that for 60 seconds")
    screen.guard.expect("status of 404")
    await screen.page.goto(here)
    await expect(screen.page.get_by_text("does not exist, or it is not yours")).to_be_visible()
    await screen.go()
    await ask_anew(screen, "And?")
    await act(screen, "And?", "Delete")
    async with screen.page.expect_response("**/restore"):
        await screen.page.get_by_role("button", name="Undo").click()
    await screen.list_item("And?").click()
    await expect(screen.answer).to_have_text("Because.")


async def test_two_deletions_are_undone_one_after_the_other(screen: Screen) -> None:
    for text in ("One", "Two"):
        await ask_anew(screen, text)
    await act(screen, "One", "Delete")
    await act(screen, "Two", "Delete")
    undo = screen.page.get_by_role("button", name="Undo")
    for text in ("Two", "One"):
        await expect(screen.page.get_by_role("group", name="Deleted conversation")).to_contain_text(text)
        await undo.click()
        await expect(screen.list_item(text)).to_be_visible()
    await expect(undo).to_have_count(0)


async def test_on_a_phone_it_is_undone_in_the_drawer_or_after_it_closed(visit: Visit) -> None:
    screen = await visit(viewport=PHONE, has_touch=True)
    await screen.ask_and_wait("One")
    menu = screen.page.get_by_role("button", name="Show conversations")
    await menu.click()
    await act(screen, "One", "Delete")
    undo = screen.page.get_by_role("button", name="Undo")
    await expect(undo).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await undo.click()
    await expect(undo).to_have_count(0)
    await menu.click()
    await expect(screen.list_item("One")).to_be_visible()
    assert await screen.overflow() == 0


# -- search --------------------------------------------------------------------------------------


async def test_a_search_leads_to_the_message_that_was_found(screen: Screen, house: House) -> None:
    house.engine.play(saying("Whales sing in the deep. " * 40, reasoning=("Krill, perhaps.",)))
    await ask_anew(screen, "What do they do?")
    house.engine.play(saying("Nothing of it. " * 200))
    await screen.ask_and_wait("And else?")
    await ask_anew(screen, "Another one")
    await screen.page.keyboard.press("Control+k")
    box = screen.page.get_by_role("searchbox", name="Search conversations")
    await expect(box).to_be_focused()
    await screen.page.keyboard.type("whales dee")
    await expect(screen.list.get_by_role("status")).to_have_text("1 place found")
    hit = screen.list.get_by_role("link")
    await expect(hit.locator("mark").first).to_have_text("Whales")
    await hit.click()
    await expect(screen.answers.first).to_be_in_viewport()
    await expect(screen.answers.first).to_be_focused()
    await expect(screen.answers.first).to_have_attribute("data-landed", "")
    await box.fill("krill")
    await expect(screen.list.get_by_role("status")).to_contain_text("Nothing was found")
    await screen.list.get_by_role("checkbox", name="Also in thoughts").check()
    await expect(screen.list.get_by_role("status")).to_have_text("1 place found")
    await screen.list.get_by_role("link").click()
    await expect(screen.answers.first.get_by_text("Krill, perhaps.")).to_be_visible()
    await box.press("Escape")
    await expect(box).to_have_value("")
    await expect(part(screen, "Today").get_by_role("link")).to_have_count(2)


async def test_a_hit_on_another_branch_is_shown(screen: Screen, house: House) -> None:
    house.engine.play(saying("Plumbago."))
    await ask_anew(screen, "Begin")
    house.engine.play(saying("Mandrake."))
    await screen.again.click()
    await expect(screen.answer).to_have_text("Mandrake.")
    await screen.finished()
    await screen.page.get_by_role("searchbox").fill("plumbago")
    await screen.list.get_by_role("link").click()
    await expect(screen.answer).to_have_text("Plumbago.")
    await screen.page.get_by_role("searchbox").fill("...")
    await expect(screen.list.get_by_role("status")).to_have_text("Write a word to look for.")


async def test_a_long_list_comes_in_pages_and_by_age(screen: Screen, house: House) -> None:
    await ask_anew(screen, "Now")
    day = 86_400_000_000
    owner = await house.site.database.read(
        lambda connection: connection.scalar(select(conversations.c.owner))
    )
    rows = [
        {
            "id": f"conv_{number:04d}",
            "owner": owner,
            "title": f"Old {number:04d}",
            "created_at": 1,
            "updated_at": now_us() - 40 * day - number,
        }
        for number in range(120)
    ]
    await house.site.database.write(lambda tx: tx.execute(insert(conversations), rows).close())
    await screen.reload()
    await expect(part(screen, "Earlier").get_by_role("link")).to_have_count(49)
    await expect(part(screen, "Today").get_by_role("link")).to_have_text(["Now"])
    for count in (99, 120):
        await screen.list.get_by_role("button", name="Show older ones").click()
        await expect(part(screen, "Earlier").get_by_role("link")).to_have_count(count)
    await expect(screen.list.get_by_role("button", name="Show older ones")).to_have_count(0)
