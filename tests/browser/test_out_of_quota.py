"""Who has used up a quota is told what that means, and when it begins anew; so is who will soon."""

from __future__ import annotations

import re

from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

# A window so long that none turns while a test runs.
A_YEAR = "tiers.visitor.window_hours=8784"
WHEN = r"\w{3}, .*\d\d:\d\d\."


async def resets(screen: Screen) -> str:
    """As a reader in this browser would write the moment."""
    told = await (await screen.page.request.get(f"{screen.home}/api/me/quota")).json()
    written = await screen.page.evaluate(
        "(at) => new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' }).format(new Date(at))",
        told["resets_at"],
    )
    return str(written)


async def test_who_goes_behind_the_others_is_told_so_before_and_while_they_wait(
    visit: Visit, house: House, axe: str
) -> None:
    house.engine.slots = 1
    await house.run_by(A_YEAR, "tiers.visitor.tokens=1")
    screen, other = await examined(await visit(), axe), await visit()
    note = screen.page.get_by_role("status").filter(has_text="Your quota is used up")
    await expect(note).to_have_count(0)
    await screen.ask_and_wait()
    await expect(note).to_have_text(
        re.compile(f"^Your quota is used up: you are answered after the others. It begins anew: {WHEN}")
    )
    await expect(note).to_contain_text(await resets(screen))
    await expect(note.get_by_role("link", name="What you may use")).to_have_attribute("href", "/account")
    await assert_no_barriers(screen, "out of quota")

    house.engine.gates.hold("0")
    await other.ask("First")
    await house.engine.gates.reached("0")
    await screen.ask("Second")
    line = screen.answers.last.locator(".line")
    await expect(line).to_contain_text("Your quota is used up, so the others go first. It begins anew:")
    await expect(line).to_contain_text(await resets(screen))
    await assert_no_barriers(screen, "waiting behind the others")
    house.engine.gates.release("0")
    await screen.finished()
    await expect(screen.receipt.last).to_contain_text("after the others")
    await screen.receipt.last.click()
    told = "after the others, since your quota was used up"
    await expect(screen.answers.last.locator("dd", has_text=told)).to_be_visible()


async def test_who_has_little_left_is_told_how_much(visit: Visit, house: House) -> None:
    house.engine.play(saying(*["word "] * 600))
    await house.run_by(A_YEAR, "tiers.visitor.tokens=1400")
    screen = await visit()
    await screen.ask_and_wait()
    told = await (await screen.page.request.get(f"{screen.home}/api/me/quota")).json()
    share = round(100 * told["tokens"]["left"] / told["tokens"]["limit"])
    assert 10 < share < 20
    note = screen.page.get_by_role("status").filter(has_text="Of your quota,")
    await expect(note).to_contain_text(f"Of your quota, {share}% is left. It begins anew:")
    await screen.reload()
    await expect(note).to_contain_text(f"{share}% is left")


async def test_who_is_refused_is_told_when_to_come_back_and_keeps_the_question(
    visit: Visit, house: House, axe: str
) -> None:
    house.engine.play(saying(*["word "] * 600))
    await house.run_by(A_YEAR, "tiers.visitor.tokens=1000", "tiers.visitor.when_over=refuse")
    screen = await examined(await visit(color_scheme="dark"), axe)
    await screen.ask_and_wait()
    screen.guard.expect("status of 429")
    await screen.ask("And then?")
    alert = screen.page.get_by_role("alert")
    await expect(alert).to_contain_text("Your quota is used up for now. Ask again later. Possible again:")
    await expect(alert).to_contain_text(await resets(screen))
    await expect(screen.question).to_have_value("And then?")
    await expect(screen.questions).to_have_count(1)
    await assert_no_barriers(screen, "refused for want of quota")
    await alert.get_by_role("button", name="Close").click()
    note = screen.page.get_by_role("status").filter(has_text="Your quota is used up. You can ask again:")
    await expect(note).to_contain_text(await resets(screen))
