"""Everything of one's own can be taken along, and erased: by members and visitors."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from openai import AuthenticationError
from playwright.async_api import expect
from tests.browser.member_pages import PASSWORD, account_of, ask_with, door, member
from tests.browser.screen import Screen


@pytest.mark.parametrize("signed_up", [True, False], ids=["member", "visitor"])
async def test_everything_of_ones_own_is_downloaded(screen: Screen, tmp_path: Path, signed_up: bool) -> None:
    await screen.ask_and_wait("Why is the sky blue?")
    mine = await member(screen) if signed_up else await account_of(screen)
    async with screen.page.expect_download() as began:
        await mine.rights.get_by_role("link", name="Download everything").click()
    file = tmp_path / "mine.zip"
    await (await began.value).save_as(file)
    assert (await began.value).suggested_filename.startswith("thinkwell-")
    with zipfile.ZipFile(file) as all_of_it:
        assert all_of_it.testzip() is None
        whole = json.loads(all_of_it.read("thinkwell.json"))
    assert "Why is the sky blue?" in json.dumps(whole)


async def test_a_member_erases_everything(screen: Screen) -> None:
    screen.guard.expect("status of 40")
    mine = await member(screen)
    key = await mine.make_key()
    await screen.go("/")
    await screen.ask_and_wait("My secret question")
    mine = await account_of(screen)
    erase = mine.rights.get_by_role("button", name="Erase everything")
    await erase.click()
    await mine.dialog.get_by_role("button", name="Cancel").click()
    await expect(erase).to_be_focused()
    await erase.click()
    password = mine.dialog.get_by_label("Your password")
    await mine.dialog.get_by_role("button", name="Erase it for good").click()
    await expect(password).to_be_focused()
    await password.fill("not my password")
    await password.press("Enter")
    await expect(password).to_have_accessible_description("That is not your password.")
    await password.fill(PASSWORD)
    await password.press("Enter")
    told = mine.part("It is erased")
    for kind in ("Conversations: 1", "API keys: 1", "Your account: 1"):
        await expect(told).to_contain_text(kind)
    assert "secret" not in await screen.page.content()
    await told.get_by_role("button", name="Begin anew").click()
    await expect(screen.question).to_be_visible()
    await expect(screen.list).to_contain_text("Your conversations will be listed here.")
    with pytest.raises(AuthenticationError):
        await ask_with(screen, key)
    await (at := await door(screen)).sign_in()
    await expect(at.alert).to_contain_text("does not fit")


async def test_a_visitor_sees_what_a_visitor_has_and_erases_it(screen: Screen) -> None:
    await screen.ask_and_wait("My secret question")
    mine = await account_of(screen)
    await expect(mine.page.get_by_role("link", name="Become a member, or sign in")).to_be_visible()
    await expect(mine.quota).to_contain_text("Used so far:")
    await expect(mine.keys).to_have_count(0)
    kept = mine.part("What is kept, and how long")
    await expect(kept).to_contain_text("Conversations: 30 days after their last change.")
    await mine.rights.get_by_role("button", name="Erase everything").click()
    await mine.dialog.get_by_role("button", name="Erase it for good").click()
    await expect(mine.part("It is erased")).to_contain_text("Conversations: 1")
    await (
        mine.page.get_by_role("link", name="New conversation")
        .or_(mine.page.get_by_role("button", name="New conversation"))
        .click()
    )
    await expect(screen.list).to_contain_text("Your conversations will be listed here.")
    await expect(screen.question).to_be_visible()
