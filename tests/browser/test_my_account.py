"""The page on one's account: keys, sessions, passkeys, password, quota, and one's rights."""

from __future__ import annotations

import re

import pytest
from openai import AuthenticationError
from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.member_pages import NOT_BY_ITSELF, PASSWORD, account_of, ask_with, by_name, door, member
from tests.browser.screen import Screen
from tests.browser.test_languages_and_sizes import LOCALES, words_of
from tests.browser.test_passkeys import Device

OUR_KEY = re.compile(
    r"^(in|up|name|password|passkey|history|gets|kept|here|link|failed|who|visitor|quota|cap|keys|door"
    r"|passkeys|organisation|sessions|training|rights|erased)\.[a-z]\w*$|\{\w+\}"
)
MEMBERS_QUOTA = ("tiers.member.tokens=100000", "tiers.member.money=2.5", "tiers.member.window_hours=8784")


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(screen: Screen, house: House) -> None:
    mine = await member(screen)
    await expect(mine.keys).to_contain_text("You have no key.")
    text = await mine.make_key()
    assert re.fullmatch("tw_[0-9A-Za-z]{12}_[0-9A-Za-z]{39}", text)
    await expect(mine.new_key).to_be_focused()
    await screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await mine.new_key.get_by_role("button", name="Copy the key").click()
    assert await screen.page.evaluate("navigator.clipboard.readText()") == text
    await mine.new_key.get_by_role("button", name="I have kept it").click()
    await expect(mine.keys.get_by_role("button", name="Make a key")).to_be_focused()
    assert text not in await screen.page.content()
    await screen.reload()
    await expect(mine.keys).to_contain_text(f"…{text[-4:]}")
    await expect(mine.keys).to_contain_text("never used")
    assert text not in await screen.page.content()

    assert await ask_with(screen, text) == "The answer is **4**."
    await screen.reload()
    await expect(mine.keys).to_contain_text("16 tokens used")
    await expect(mine.keys).not_to_contain_text("never used")
    await house.site.keyring.write_used()
    await screen.reload()
    await expect(mine.keys).to_contain_text("last used")

    await mine.keys.get_by_role("button", name="Revoke the key Nightly job").click()
    await expect(mine.dialog).to_contain_text("“Nightly job” are refused from this moment on")
    await mine.dialog.get_by_role("button", name="Revoke").click()
    await expect(mine.keys).to_contain_text("You have no key.")
    await mine.keys.get_by_text("Revoked keys").click()
    await expect(mine.keys.get_by_role("listitem")).to_contain_text("revoked")
    with pytest.raises(AuthenticationError):
        await ask_with(screen, text)


async def test_what_a_key_may_do_is_bounded_and_can_be_changed(screen: Screen) -> None:
    mine = await member(screen)
    await mine.keys.get_by_role("button", name="Make a key").click()
    name = mine.keys.get_by_role("textbox", name="What it is for")
    await mine.keys.get_by_role("button", name="Make the key").click()
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description(re.compile("^Say what it is for"))
    await name.fill("Small")
    for one in ("Responses", "Messages", "Embeddings", "The list of models"):
        await mine.keys.get_by_role("checkbox", name=one).uncheck()
    budget = mine.keys.get_by_role("textbox", name="Budget in tokens")
    await budget.fill("many")
    await mine.keys.get_by_role("button", name="Make the key").click()
    await expect(budget).to_be_focused()
    await budget.fill("5 000")
    await mine.keys.get_by_role("textbox", name="Budget in EUR").fill("1,50")
    await mine.keys.get_by_label("Last day").fill("2999-12-31")
    await mine.keys.get_by_role("button", name="Make the key").click()
    await mine.new_key.get_by_role("button", name="I have kept it").click()
    row = mine.keys.get_by_role("listitem")
    until = re.compile(r"until .*2999")
    for bound in ("Chat (OpenAI)", "5,000 of 5,000 tokens left", "€1.50 of €1.50 left", until):
        await expect(row).to_contain_text(bound)
    await expect(row).not_to_contain_text("Embeddings")

    await mine.keys.get_by_role("button", name="Change the key Small").click()
    await expect(name).to_have_value("Small")
    await expect(mine.keys.get_by_label("Last day")).to_have_value("2999-12-31")
    await budget.fill("")
    await name.fill("Large")
    await mine.keys.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Large")
    await expect(row).not_to_contain_text("tokens left")
    await expect(row).to_contain_text("€1.50 of €1.50 left")
    await expect(row).to_contain_text(until)


async def test_sessions_are_listed_and_ended(screen: Screen, visit: Visit) -> None:
    mine = await member(screen)
    await expect(mine.sessions).to_contain_text("this browser")
    await expect(mine.sessions).to_contain_text("Nowhere else.")
    others = [await visit(), await visit(), await visit()]
    for other in others:
        await (at := await door(other)).sign_in()
        await at.is_in()
    await screen.reload()
    ends = mine.sessions.get_by_role("button", name="End the session")
    await expect(ends).to_have_count(3)
    await ends.first.click()
    await expect(ends).to_have_count(2)
    await mine.sessions.get_by_role("button", name="End all others").click()
    await expect(mine.sessions).to_contain_text("Nowhere else.")
    await expect(mine.page.get_by_role("link", name="Account ada")).to_be_visible()
    for other in others:
        await other.reload()
        await expect(other.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


async def test_a_new_password_ends_the_other_sessions_and_needs_the_one_before(
    screen: Screen, visit: Visit
) -> None:
    screen.guard.expect("status of 401")
    mine, other = await member(screen), await visit()
    await (at := await door(other)).sign_in()
    await at.is_in()
    change = mine.password.get_by_role("button", name="Change the password")
    await change.click()
    current = mine.password.get_by_label("Password until now")
    await expect(current).to_be_focused()
    await current.fill("not my password")
    await mine.password.get_by_label("New password").fill("quite another sentence")
    await change.click()
    await expect(current).to_be_focused()
    await expect(current).to_have_accessible_description("That is not your password.")
    await current.fill(PASSWORD)
    await change.click()
    await expect(mine.password).to_contain_text("The password is set.")
    await expect(change).to_be_focused()
    await other.reload()
    await expect(other.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    await (at := await door(other)).sign_in(password="quite another sentence")
    await at.is_in()


async def test_a_member_changes_their_name(screen: Screen) -> None:
    mine = await member(screen)
    await mine.page.get_by_role("button", name="Change the name").click()
    name = mine.page.get_by_role("textbox", name="Name", exact=True)
    await expect(name).to_have_value("ada")
    await name.fill("x")
    await mine.page.get_by_role("button", name="Save").click()
    await expect(name).to_be_focused()
    await name.fill("countess")
    await name.press("Enter")
    await expect(mine.page.get_by_role("link", name="Account countess")).to_be_visible()
    await expect(mine.page.get_by_role("button", name="Change the name")).to_be_focused()


async def test_passkeys_are_added_and_removed_but_for_the_last_way_in(screen: Screen) -> None:
    screen.guard.expect("status of 409")
    await screen.page.add_init_script(NOT_BY_ITSELF)
    await by_name(screen)
    await screen.go("/")
    device = await Device.of(screen)
    await device.sign_up("ada")
    mine = await account_of(screen)
    await mine.passkeys.get_by_role("button", name="Remove the passkey laptop").click()
    await mine.dialog.get_by_role("button", name="Remove").click()
    await expect(mine.passkeys).to_contain_text("This is your only way to sign in.")

    await mine.passkeys.get_by_role("button", name="Add a passkey").click()
    await expect(mine.passkeys).to_contain_text("This device already has a passkey for you here.")
    await device.is_exchanged()
    await mine.passkeys.get_by_role("textbox", name="Name of the new passkey").fill("Phone")
    await mine.passkeys.get_by_role("button", name="Add a passkey").click()
    await expect(mine.passkeys.get_by_role("listitem")).to_have_count(2)
    await mine.passkeys.get_by_role("button", name="Remove the passkey laptop").click()
    await mine.dialog.get_by_role("button", name="Remove").click()
    await expect(mine.passkeys.get_by_role("listitem")).to_have_count(1)
    await expect(mine.passkeys.get_by_role("listitem")).to_contain_text("Phone")


async def test_quotas_are_shown_and_ones_own_bound_holds(visit: Visit, house: House) -> None:
    await house.run_by(*MEMBERS_QUOTA)
    screen = await visit()
    mine = await member(screen)
    bar = mine.quota.get_by_role("progressbar", name="Tokens", exact=True)
    await expect(bar).to_have_attribute("aria-valuetext", "100,000 of 100,000 tokens left")
    await mine.quota.get_by_text("Set a limit of your own").click()
    tokens = mine.quota.get_by_role("textbox", name="Most weighted tokens")
    await tokens.fill("100 001")
    await tokens.press("Enter")
    await expect(tokens).to_be_focused()
    await expect(tokens).to_have_accessible_description(
        re.compile("no higher than the quota, 100,000 tokens")
    )
    await tokens.fill("50 000")
    await tokens.press("Enter")
    own = mine.quota.get_by_role("progressbar", name="Your own limit, tokens")
    await expect(own).to_have_attribute("aria-valuetext", "50,000 of 50,000 tokens left")
    await screen.go("/")
    await screen.ask_and_wait()
    mine = await account_of(screen)
    await expect(own).to_have_attribute("aria-valuetext", re.compile(r"^49,9\d\d of 50,000 tokens left"))
    await mine.quota.get_by_text("Set a limit of your own").click()
    await tokens.fill("1")
    await tokens.press("Enter")
    await expect(own).to_have_attribute("aria-valuetext", "0 of 1 token left")
    await screen.go("/")
    screen.guard.expect("status of 429")
    await screen.ask("Once more")
    await expect(screen.page.get_by_role("alert")).to_be_visible()
    mine = await account_of(screen)
    await expect(own).to_have_attribute("aria-valuetext", "0 of 1 token left")
    await mine.quota.get_by_text("Set a limit of your own").click()
    await tokens.fill("")
    await tokens.press("Enter")
    await expect(own).to_have_count(0)
    await screen.go("/")
    await screen.ask_and_wait("Once more")


async def test_a_key_is_made_by_the_keyboard_alone(screen: Screen) -> None:
    mine = await member(screen)
    keyboard = screen.page.keyboard
    await mine.keys.get_by_role("button", name="Make a key").focus()
    await keyboard.press("Enter")
    await expect(mine.keys.get_by_role("textbox", name="What it is for")).to_be_focused()
    await keyboard.type("Nightly job")
    await keyboard.press("Tab")
    await keyboard.press("Space")  # no chat with it
    await keyboard.press("Enter")
    await expect(mine.new_key).to_be_focused()
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(mine.new_key).to_have_count(0)
    await expect(mine.keys.get_by_role("listitem")).not_to_contain_text("Chat (OpenAI)")
    await mine.keys.get_by_role("button", name="Revoke the key").focus()
    await keyboard.press("Enter")
    await expect(mine.dialog).to_be_visible()
    await keyboard.press("Escape")
    await expect(mine.keys.get_by_role("button", name="Revoke the key")).to_be_focused()


@pytest.mark.parametrize("locale", LOCALES)
async def test_both_pages_fit_a_narrow_window_in_every_language(visit: Visit, locale: str) -> None:
    screen = await visit(locale=locale, viewport={"width": 320, "height": 640})
    page = screen.page
    for path, field in (("/welcome", "#sign-in-name"), ("/account", "#keys .new")):
        await screen.go(path)
        await expect(page.locator(field)).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", LOCALES[locale])
        assert await screen.overflow() == 0
        assert not [word for word in await words_of(screen) if OUR_KEY.search(word)]
        if path == "/welcome":
            await page.get_by_role("main").get_by_role("group").get_by_role("button").last.click()
            await page.locator("#sign-up-name").fill("ada")
            await page.locator("#sign-up-password").fill(PASSWORD)
            assert await screen.overflow() == 0
            await page.locator("#sign-up-password").press("Enter")
            await page.wait_for_url(screen.home + "/")


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_no_state_of_the_account_has_a_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    await house.run_by(*MEMBERS_QUOTA)
    screen = await visit(viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    mine = await account_of(screen)
    await expect(mine.quota).to_contain_text("Used so far:")
    await assert_no_barriers(screen, "a visitor")
    await (await door(screen)).sign_up()
    await expect(screen.question).to_be_visible()
    mine = await account_of(screen)
    await expect(mine.sessions).to_contain_text("this browser")
    await mine.make_key()
    await mine.quota.get_by_text("Set a limit of your own").click()
    await mine.password.get_by_role("button").click()
    await mine.keys.get_by_role("button", name="Change the key").click()
    await assert_no_barriers(screen, "a member, with forms open")
    assert await screen.overflow() == 0
    await mine.rights.get_by_role("button", name="Erase everything").click()
    await mine.dialog.get_by_role("button", name="Erase it for good").click()
    await assert_no_barriers(screen, "asked whether to erase")
    await mine.dialog.get_by_label("Your password").fill(PASSWORD)
    await mine.dialog.get_by_label("Your password").press("Enter")
    await expect(mine.part("It is erased")).to_be_visible()
    await assert_no_barriers(screen, "erased")
