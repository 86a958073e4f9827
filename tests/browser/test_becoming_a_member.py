"""A visitor becomes a member, goes, and comes back: with a password, a passkey, or a link of an operator."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.member_pages import NOT_BY_ITSELF, PASSWORD, by_name, door, link_of
from tests.browser.screen import Screen
from tests.browser.test_passkeys import Device


async def test_who_signs_up_keeps_what_they_asked_and_finds_it_on_another_device(
    screen: Screen, visit: Visit
) -> None:
    await screen.ask_and_wait("Why is the sky blue?")
    at = await door(screen)
    await at.choose("Become a member")
    await expect(at.take).to_be_checked()
    await at.sign_up()
    await at.is_in()
    await expect(screen.list_item("Why is the sky blue?")).to_be_visible()

    second = await visit()
    await expect(second.list).to_contain_text("Your conversations will be listed here.")
    there = await door(second)
    await there.sign_in("ADA")
    await there.is_in()
    await second.list_item("Why is the sky blue?").click()
    await expect(second.answer).to_have_text("The answer is 4.")


async def test_nothing_of_a_member_is_left_in_the_browser_that_they_signed_out_of(screen: Screen) -> None:
    await (at := await door(screen)).sign_up()
    await at.is_in()
    await screen.ask_and_wait("My secret question")
    await screen.question.fill("A secret that is not sent yet")
    await screen.page.get_by_role("link", name="Account ada").click()
    await screen.page.get_by_role("button", name="Sign out").click()
    await expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    await expect(screen.list).to_contain_text("Your conversations will be listed here.")
    assert "secret" not in await screen.page.content()
    kept = "() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])"
    assert "secret" not in await screen.page.evaluate(kept)
    screen.guard.expect("status of 404")
    await screen.page.go_back()
    await expect(screen.page.get_by_text("My secret question")).to_have_count(0)


async def test_another_tab_lets_go_of_the_member_too(screen: Screen) -> None:
    await (at := await door(screen)).sign_up()
    await at.is_in()
    await screen.ask_and_wait("My secret question")
    other = Screen(await screen.page.context.new_page(), screen.home, screen.guard)
    await other.go("/")
    await expect(other.list_item("My secret question")).to_be_visible()
    await screen.go("/account")
    await screen.page.get_by_role("button", name="Sign out").click()
    await expect(other.list).to_contain_text("Your conversations will be listed here.")
    await expect(other.page.get_by_role("link", name="Sign in")).to_be_visible()


async def test_what_was_asked_can_be_left_behind(screen: Screen) -> None:
    await screen.ask_and_wait("Somebody else's question")
    at = await door(screen)
    await at.choose("Become a member")
    await at.take.uncheck()
    await at.sign_up()
    await at.is_in()
    await expect(screen.list).to_contain_text("Your conversations will be listed here.")
    assert "Somebody" not in await screen.page.content()


async def test_what_is_wrong_is_said_in_words_beside_its_field(screen: Screen) -> None:
    screen.guard.expect("status of 4")
    at = await door(screen)
    await at.press("Sign in")
    await expect(at.name).to_be_focused()
    await expect(at.name).to_have_accessible_description("Type your name.")
    await at.sign_in("nobody", "some wrong words")
    await expect(at.alert).to_have_text("That name, password or passkey does not fit. Try again.")

    await at.sign_up("ab", PASSWORD)
    await expect(at.name).to_be_focused()
    await expect(at.name).to_have_accessible_description(re.compile(r"^A name has 3 to 64 characters\."))
    await at.sign_up("ada", "short")
    await expect(at.password).to_be_focused()
    await expect(at.password).to_have_attribute("aria-invalid", "true")
    await at.sign_up("аda", PASSWORD)  # the first letter is Cyrillic
    await expect(at.name).to_have_accessible_description(re.compile("letters and digits of one script"))
    await at.sign_up("ada", PASSWORD)
    await at.is_in()

    await screen.go("/account")
    await screen.page.get_by_role("button", name="Sign out").click()
    await expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    at = await door(screen)
    await at.sign_up("Ada", PASSWORD)
    await expect(at.name).to_be_focused()
    await expect(at.name).to_have_accessible_description(re.compile("^Somebody already has that name."))


async def test_who_tries_too_often_is_told_until_when(screen: Screen) -> None:
    screen.guard.expect("status of 4")
    at = await door(screen)
    message = at.alert.filter(has_text=re.compile(r"Try again in \d+ s, at \d"))
    for _ in range(12):
        await at.sign_in("ada", "some wrong words")
        await expect(at.alert).to_be_visible()
        if await message.count() > 0:
            break
    await expect(message).to_be_visible()


async def test_the_first_operator_is_made_by_a_link_that_leaves_the_address_at_once(
    screen: Screen, house: House
) -> None:
    at = await door(screen, await link_of(house, "operator"))
    await expect(at.page.get_by_text("This link makes you an operator of the site.")).to_be_visible()
    assert at.page.url == f"{screen.home}/welcome"
    await at.name.fill("ada")
    await at.password.fill(PASSWORD)
    await at.press("Become a member")
    await at.page.wait_for_url("**/operator")
    await expect(at.page.get_by_role("link", name="Operator", exact=True)).to_be_visible()


async def test_a_member_takes_an_operators_link(screen: Screen, house: House) -> None:
    await (at := await door(screen)).sign_up()
    await at.is_in()
    at = await door(screen, await link_of(house, "operator"))
    await at.page.get_by_role("button", name="Become an operator").click()
    await expect(at.page.get_by_text("You are an operator of this site.")).to_be_visible()
    await expect(at.page.get_by_role("link", name="Operator", exact=True)).to_be_visible()


async def test_where_members_are_invited_a_link_is_needed_and_is_good_once(
    visit: Visit, house: House
) -> None:
    await house.run_by("people.sign_up=invited")
    first, second = await visit(), await visit()
    at = await door(first)
    await at.choose("Become a member")
    await expect(at.page.get_by_text("New members need an invitation.")).to_be_visible()
    await expect(at.form).to_have_count(0)
    link = await link_of(house, "invite")
    at = await door(first, link)
    await first.page.reload()  # the token is not in the address any more
    at = await door(first, link)
    await at.sign_up()
    await at.is_in()
    second.guard.expect("status of 410")
    at = await door(second, link)
    await at.sign_up("zoe")
    await expect(at.alert).to_have_text("That link was used before, or it is too old. Ask for a new one.")


async def test_a_link_sets_a_new_password_and_leads_to_the_sign_in(visit: Visit, house: House) -> None:
    first, second = await visit(), await visit()
    await (at := await door(first)).sign_up()
    await at.is_in()
    at = await door(second, await link_of(house, "password", "ada"))
    await at.new_password.fill("short")
    await at.press("Set the password")
    await expect(at.new_password).to_be_focused()
    await at.new_password.fill("quite another sentence")
    await at.press("Set the password")
    await expect(at.page.get_by_text("The new password is set. Sign in with it as ada.")).to_be_visible()
    await expect(at.name).to_have_value("ada")
    await at.password.fill("quite another sentence")
    await at.press("Sign in")
    await at.is_in()
    await first.reload()
    await expect(first.page.get_by_role("link", name="Sign in")).to_be_visible()


async def test_a_failed_sign_in_at_the_organisation_is_told(screen: Screen) -> None:
    at = await door(screen, "#failed=provider_unavailable")
    await expect(at.alert).to_contain_text("cannot be reached right now")
    assert at.page.url == f"{screen.home}/welcome"
    await screen.page.goto(f"{screen.home}/welcome#failed=conflict")
    await expect(at.alert).to_contain_text("belongs to another member here")


async def test_at_a_bare_number_no_passkey_is_offered_and_it_is_said_why(screen: Screen) -> None:
    at = await door(screen)
    await expect(at.form).to_contain_text("Passkeys need a site that has a name")
    await expect(at.form.get_by_role("button", name="passkey")).to_have_count(0)


async def test_a_passkey_makes_a_member_and_signs_in_again_by_the_page(screen: Screen) -> None:
    await screen.page.add_init_script(NOT_BY_ITSELF)
    at = await door(await by_name(screen))
    await Device.of(screen)
    await at.choose("Become a member")
    await at.press("Become a member with a passkey")
    await expect(at.name).to_be_focused()
    await at.name.fill("ada")
    await at.press("Become a member with a passkey")
    await at.is_in()
    await screen.go("/account")
    await expect(screen.page.get_by_text("Chrome on Linux").first).to_be_visible()
    await screen.page.get_by_role("button", name="Sign out").click()
    await expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    at = await door(screen)
    await at.press("Sign in with a passkey")
    await at.is_in()


async def test_the_browser_offers_a_passkey_where_the_name_is_typed(screen: Screen) -> None:
    """Chromium's device takes the offer at once."""
    device = await Device.of(await by_name(screen))
    await screen.go("/")
    await device.sign_up("ada")
    await device.send("POST", "/api/sign_out")
    await (at := await door(screen)).is_in()
    assert at.page.url == f"{screen.home}/"


async def test_a_device_that_says_no_changes_nothing(screen: Screen) -> None:
    at = await door(await by_name(screen))
    await Device.of(screen, willing=False)
    await at.choose("Become a member")
    await at.name.fill("ada")
    await at.press("Become a member with a passkey")
    await expect(at.alert).to_contain_text("The passkey was not used")
    await at.password.fill(PASSWORD)
    await at.press("Become a member")
    await at.is_in()


async def test_a_member_is_made_by_the_keyboard_alone(screen: Screen) -> None:
    await screen.ask_and_wait()
    at = await door(screen)
    await expect(at.name).to_be_visible()
    page = screen.page
    await (
        page.get_by_role("group", name="What would you like")
        .get_by_role("button", name="Become a member")
        .focus()
    )
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("ada")
    await page.keyboard.press("Tab")
    await page.keyboard.type("short")
    await page.keyboard.press("Enter")
    await expect(at.password).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Tab")  # to what shows the password
    await page.keyboard.press("Tab")
    await expect(at.take).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await at.is_in()


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_no_state_of_the_way_in_has_a_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    screen = await visit(viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    await screen.ask_and_wait()
    screen.guard.expect("status of 4")
    at = await door(await by_name(screen))
    await expect(at.name).to_be_visible()
    await assert_no_barriers(screen, "signing in")
    await at.sign_in("nobody", "some wrong words")
    await expect(at.alert).to_be_visible()
    await assert_no_barriers(screen, "refused")
    await at.sign_up("ab", PASSWORD)
    await expect(at.name).to_be_focused()
    await assert_no_barriers(screen, "a name that is none")
    assert await screen.overflow() == 0
    at = await door(screen, "#password=any")
    await expect(at.new_password).to_be_visible()
    await assert_no_barriers(screen, "a new password by a link")
    await screen.go("/")
    at = await door(screen, "#failed=forbidden")
    await expect(at.alert).to_be_visible()
    await at.sign_up()
    await expect(screen.question).to_be_visible()
    at = await door(screen, await link_of(house, "operator"))
    await expect(at.page.get_by_role("button", name="Become an operator")).to_be_visible()
    await assert_no_barriers(screen, "here already, with a link")
