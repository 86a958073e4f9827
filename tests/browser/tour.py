"""Every page and every state of it, one after another in one tab: whoever follows the tour looks at each.

Knows how a state comes about. What is to be right in it is said by the tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from playwright.async_api import expect
from sqlalchemy import insert
from tests.browser.house import House
from tests.browser.office import RULES, write_hours, write_looks
from tests.browser.screen import Screen

from thinkwell.store.tables import deletions
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine

REFUSED = "ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of (?:400|401|404|409|503)"
ENDINGS = (
    "dies_midway",
    "length_limit",
    "refuses",
    "too_long",
    "thought_only",
    "nothing",
    "markdown",
    "unicode",
)
HOSTILE = "A <b>reason</b> with a-word-that-is-far-too-long-for-any-column-of-any-table-on-any-phone"
PARTS = {
    "now": "By tier",
    "days": "By model",
    "errors": "The last that failed",
    "engines": "Engines",
    "people": "Members",
    "blocked": "Who is kept out",
    "deletions": "What was deleted",
    "settings": "Settings",
}


class State(NamedTuple):
    name: str
    #: Only where there is room for the list beside the conversation, or only where there is none.
    only: str = ""


async def conversation(screen: Screen, house: House) -> AsyncIterator[State]:
    """What there is to see of asking and answering."""
    screen.guard.expect(REFUSED)
    page, answers = screen.page, screen.answers
    await expect(screen.question).to_be_visible()
    yield State("nothing asked yet")
    house.engine.gates.hold("thinking")
    house.engine.gates.hold("answering")
    await screen.ask("Why is the sky blue, and is it always?")
    await house.engine.gates.reached("thinking")
    await expect(screen.thought_text).to_have_text("Two and two")
    yield State("thinking")
    house.engine.gates.release("thinking")
    await house.engine.gates.reached("answering")
    await expect(screen.answer).to_have_text("The answer")
    yield State("answering")
    house.engine.gates.release("answering")
    await screen.finished()
    yield State("finished")
    await screen.answers.first.locator("summary").first.click()
    await screen.thought.click()
    await expect(screen.thought_text).to_be_visible()
    yield State("thought and receipt open")
    for ending in ENDINGS:
        house.engine.play(ending)
        await screen.ask_and_wait(f"An answer that ends: {ending}")
        yield State(f"ended: {ending}")
    house.engine.play(saying("One ", "two.", reasoning=("A thought. ",)))
    house.engine.gates.hold("1")
    await screen.ask("To be stopped")
    await house.engine.gates.reached("1")
    await screen.stop.click()
    await expect(answers.last.get_by_text("Stopped here.")).to_be_visible()
    house.engine.gates.release("1")
    yield State("stopped")
    await page.get_by_role("button", name="Edit the question").first.click()
    yield State("a question is being edited")
    await page.keyboard.press("Escape")
    house.engine.die()
    await screen.ask("To wait")
    await expect(answers.last.get_by_text("in line")).to_be_visible()
    yield State("waiting in line")
    house.engine.revive()
    await screen.finished()
    await page.context.set_offline(True)
    await screen.ask("Is anybody there?")
    await expect(page.get_by_role("alert")).to_contain_text("The site cannot be reached.")
    yield State("the site cannot be reached")
    await page.context.set_offline(False)


async def around_it(screen: Screen) -> AsyncIterator[State]:
    """The list of conversations and what is done with them, and pages that are not there."""
    screen.guard.expect(REFUSED)
    page = screen.page
    await page.get_by_role("switch", name="Temporary").click()
    yield State("temporary")
    await screen.go()
    await screen.ask_and_wait("A conversation with a name that is long enough to be cut off somewhere")
    await screen.list.get_by_role("button", name="More about").first.click()
    await expect(screen.list.get_by_role("button", name="Delete")).to_be_visible()
    yield State("what can be done with a conversation", only="desk")
    await screen.list.get_by_role("button", name="Folder", exact=True).click()
    await screen.list.get_by_role("button", name="New folder…").click()
    yield State("a folder is named", only="desk")
    await screen.list.get_by_role("textbox", name="Name of the folder").fill("Garden")
    await page.keyboard.press("Enter")
    await screen.list.get_by_role("button", name="Garden 1").click()
    await screen.list.get_by_role("button", name="More about “Garden”").click()
    await expect(screen.list.get_by_role("button", name="Delete the folder")).to_be_visible()
    yield State("a folder and what can be done with it", only="desk")
    search = page.get_by_role("searchbox", name="Search conversations")
    await search.fill("name")
    await expect(screen.list.get_by_role("status")).to_have_text("1 place found")
    yield State("what was found", only="desk")
    await search.fill("nothing of that")
    await expect(screen.list.get_by_role("status")).to_contain_text("Nothing was found")
    yield State("nothing was found", only="desk")
    await search.fill("")
    await screen.list.get_by_role("button", name="More about “A conversation").click()
    await screen.list.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield State("deleted, and to be undone", only="desk")
    yield State("before the drawer opens", only="phone")
    await page.get_by_role("button", name="Show conversations").click()
    await expect(page.get_by_role("dialog", name="Conversations")).to_be_visible()
    yield State("the drawer", only="phone")
    await screen.go("/c/conv_nothing")
    await expect(page.get_by_role("link", name="new conversation")).to_be_visible()
    yield State("a conversation that is not there")
    await screen.go("/nothing/here")
    await expect(page.get_by_role("heading", name="no such page")).to_be_visible()
    yield State("a page that is not there")


async def welcome(screen: Screen) -> AsyncIterator[State]:
    """Of somebody who is not signed in."""
    screen.guard.expect(REFUSED)
    page = screen.page
    choose = page.get_by_role("group", name="What would you like")
    await screen.go("/welcome")
    await expect(page.get_by_role("textbox", name="Password")).to_be_visible()
    yield State("sign in")
    await page.get_by_role("form").get_by_role("button", name="Sign in", exact=True).click()
    yield State("sign in, with faults")
    await choose.get_by_role("button", name="Become a member").click()
    yield State("sign up")
    await page.get_by_role("form").get_by_role("button", name="Become a member").click()
    yield State("sign up, with faults")
    await screen.go("/welcome#password=not-a-link")
    await page.get_by_role("textbox", name="New password").wait_for()
    yield State("a new password")
    await screen.go("/account")
    await expect(page.get_by_role("region", name="Your rights")).to_be_visible()
    yield State("a visitor's account")
    await screen.go("/settings")
    await expect(page.get_by_role("main").get_by_role("switch").first).to_be_visible()
    yield State("what this device does")
    await screen.go("/operator")
    await expect(page.get_by_text("for the operators of this site")).to_be_visible()
    yield State("the operators' page, for others")


async def account(screen: Screen) -> AsyncIterator[State]:
    """Of a member: with everything unfolded and every form open."""
    page = screen.page
    await screen.go("/account")
    await page.get_by_role("button", name="Make a key").click()
    yield State("a key is being made")
    await page.get_by_role("textbox", name="What it is for").fill(HOSTILE)
    await page.get_by_role("button", name="Make the key").click()
    await page.get_by_role("region", name="The new key").wait_for()
    await page.get_by_role("button", name="Change the name").click()
    await page.get_by_role("button", name="Change the password").click()
    await page.get_by_text("Set a limit of your own").click()
    yield State("everything of the account open")
    await page.get_by_role("button", name="Revoke").click()
    yield State("asked whether to revoke a key")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Erase everything").click()
    yield State("asked whether to erase everything")
    await page.keyboard.press("Escape")
    await screen.go("/receipts")
    await expect(page.get_by_role("heading", name="Receipts, the newest first")).to_be_visible()
    yield State("receipts")
    await page.locator("button[aria-expanded]").last.click()
    await expect(page.get_by_text("Signature of the site").last).to_be_visible()
    yield State("a receipt open")


async def office(screen: Screen) -> AsyncIterator[State]:
    """The pages of an operator, and the public one, with every table unfolded."""
    page = screen.page
    await screen.go("/status")
    await expect(page.get_by_role("heading", name="Answers by hour")).to_be_visible()
    for fold in await page.get_by_role("main").locator("summary").all():
        await fold.press("Enter")
    yield State("status")
    await screen.go("/operator")
    for part, heading in PARTS.items():
        await page.locator(f'nav a[href="#{part}"]').click()
        await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        for fold in await page.get_by_role("main").locator("summary").all():
            await fold.press("Enter")
        if part == "people":
            await page.get_by_role("button", name="Make the link").click()
            await page.get_by_label("A link for an invitation").wait_for()
            await page.get_by_role("button", name="Keep out").first.click()
        yield State(f"operator: {part}")
        if part == "engines":
            await page.get_by_role("button", name="Empty second").click()
            yield State("asked whether to empty an engine")
            await page.keyboard.press("Escape")


async def furnish(house: House) -> None:
    """Weeks behind the site, and somebody kept out."""
    house.others = (ScriptedEngine(name="second"),)
    await house.run_by(*RULES, "tiers.member.tokens=100000")
    await write_hours(house.site, days=3)
    write_looks(house.site, minutes=5)
    proof = {"at": 1_790_000_000_000_000, "rule": "erasure", "kind": "conversations", "before": None}
    proof |= {"count": 1234, "digest": "ab" * 32, "left": 1}
    await house.site.database.write(lambda tx: tx.execute(insert(deletions), proof))
    await house.site.blocks.add("visitor:aaaaaaaaaaaa", HOSTILE, None)
