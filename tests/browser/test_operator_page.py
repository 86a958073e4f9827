"""The operator's page: who may see it, that its numbers are the site's own, and what can be done there."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect
from sqlalchemy import insert
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.office import boss_at, francs, join, open_office, told, watt_hours
from tests.browser.screen import Screen

from thinkwell.store.tables import deletions

PARTS = {
    "now": "By tier",
    "days": "By model",
    "errors": "The last that failed",
    "engines": "Engines",
    "training": "Training runs",
    "people": "Members",
    "blocked": "Who is kept out",
    "deletions": "What was deleted",
    "settings": "Settings",
}
HOSTILE = '<img src=x onerror="document.title=1"> {name} =1+1'


def figure(screen: Screen, name: str) -> Locator:
    """The number with that name."""
    return (
        screen.page.locator("dl > div")
        .filter(has=screen.page.locator("dt", has_text=re.compile(f"^{name}$")))
        .locator("dd > bdi")
    )


def row(screen: Screen, table: str, name: str) -> Locator:
    region = screen.page.get_by_role("group", name=table, exact=True)
    return region.get_by_role("row").filter(has=screen.page.get_by_role("rowheader", name=name, exact=True))


# -- who may see it ------------------------------------------------------------------------------


async def test_a_visitor_is_told_whose_page_it_is_and_shown_the_way_in(visit: Visit) -> None:
    screen = await visit("/operator")
    await expect(screen.page.get_by_text("This page is for the operators of this site.")).to_be_visible()
    way_in = screen.page.get_by_role("main").get_by_role("link", name="Sign in")
    await expect(way_in).to_have_attribute("href", "/welcome")


async def test_a_member_who_is_no_operator_sees_nothing_of_it(visit: Visit) -> None:
    screen = await visit("/status")
    await join(screen, "carla")
    await screen.go("/operator#people")
    await expect(
        screen.page.get_by_text("You are signed in as carla, who is not an operator")
    ).to_be_visible()
    await expect(screen.page.get_by_role("navigation", name="Parts of this page")).to_have_count(0)


# -- now and in days -----------------------------------------------------------------------------


async def test_who_is_there_now_is_shown_as_the_site_tells_it_and_changes_by_itself(
    visit: Visit, house: House
) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator")
    await expect(figure(boss, "Being answered")).to_have_text("0")
    house.engine.gates.hold("thinking")
    for other in house.others:
        other.gates.hold("thinking")
    asker = await visit("/")
    await asker.ask()
    await expect(figure(boss, "Being answered")).to_have_text("1")
    await expect(figure(boss, "People here")).to_have_text("1")
    now = await told(boss, "/api/operator/now")
    await expect(figure(boss, "Places in use")).to_have_text(f"1 of {now['slots']['all']}")
    await expect(row(boss, "By tier", "visitor").get_by_role("cell").first).to_have_text("1")
    for engine in (house.engine, *house.others):
        engine.gates.release("thinking")
    await asker.finished()
    await expect(figure(boss, "Being answered")).to_have_text("0")
    await expect(boss.page.get_by_role("img", name="Plot over time: Tokens a second")).to_be_visible()
    await boss.page.get_by_text("Tokens a second, as a table").click()
    await expect(boss.page.get_by_role("columnheader", name="written")).to_be_visible()


async def test_days_models_and_money_are_those_of_the_site(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#days")
    await expect(figure(boss, "Answers")).not_to_have_text("0")
    page_days = (
        await boss.page.get_by_label("From", exact=True).input_value(),
        await boss.page.get_by_label("To", exact=True).input_value(),
    )
    query = "from={}&to={}".format(*page_days)
    days = await told(boss, f"/api/operator/days?by=day&{query}")
    total = days["total"]
    assert total["turns"] > 100 and total["due"] > 0
    await expect(figure(boss, "Answers")).to_have_text(f"{total['turns']:,}")
    await expect(figure(boss, "Due")).to_have_text(francs(total["due"]))
    await expect(figure(boss, "Cost")).to_have_text(francs(total["cost"]))
    await expect(figure(boss, "Energy")).to_have_text(watt_hours(total["energy_j"]))
    models = (await told(boss, f"/api/operator/days?by=model&{query}"))["items"]
    for model in models:
        cells = row(boss, "By model", model["name"]).get_by_role("cell")
        await expect(cells.nth(0)).to_have_text(f"{model['turns']:,}")
        await expect(cells.nth(6)).to_have_text(francs(model["due"]))
        await expect(cells.nth(7)).to_have_text(francs(model["cost"]))
    assert len(models) == 3
    await boss.page.get_by_role("button", name="Last 7 days").click()
    await expect(boss.page.get_by_label("From", exact=True)).not_to_have_value(page_days[0])
    boss.guard.expect("status of 400")
    await boss.page.get_by_label("From", exact=True).fill("2020-01-02")
    await boss.page.get_by_label("To", exact=True).fill("2020-01-01")
    await boss.page.get_by_role("button", name="Show", exact=True).click()
    await expect(boss.page.get_by_role("alert")).to_be_visible()


async def test_failures_are_listed_by_code_without_a_person(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#errors")
    shown = boss.page.get_by_role("group", name="The last that failed").get_by_role("row")
    items = (await told(boss, "/api/operator/errors"))["items"]
    await expect(shown).to_have_count(len(items) + 1)
    for field in ("code", "model", "tier"):
        await expect(shown.nth(1)).to_contain_text(items[0][field])


async def test_a_site_that_does_not_answer_is_said_to_be_away_until_it_is_back(
    visit: Visit, house: House
) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/status")
    await boss.page.clock.install()
    await boss.page.goto(f"{boss.home}/operator")
    await expect(boss.page.get_by_text("Live, as of")).to_be_visible()
    boss.guard.expect("ERR_INTERNET_DISCONNECTED")
    await boss.page.context.set_offline(True)
    for _ in range(6):
        await boss.page.clock.fast_forward(4000)
    away = boss.page.get_by_role("alert").filter(has_text="The site does not answer.")
    await expect(away).to_be_visible()
    await boss.page.context.set_offline(False)
    await boss.page.clock.fast_forward(4000)
    await expect(boss.page.get_by_text("Live, as of")).to_be_visible()
    await expect(away).to_have_count(0)


# -- engines -------------------------------------------------------------------------------------


async def test_an_engine_is_emptied_after_a_question_and_used_again(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#engines")
    replica = house.site.watching.watch.parts.replicas["second"]
    await boss.page.get_by_role("button", name="Empty second").click()
    dialog = boss.page.get_by_role("dialog", name="Empty second?")
    await dialog.get_by_role("button", name="Cancel").click()
    assert not replica.draining
    await boss.page.get_by_role("button", name="Empty second").click()
    await dialog.get_by_role("button", name="Empty", exact=True).click()
    again = boss.page.get_by_role("button", name="Use again: second")
    await expect(again).to_be_visible()
    assert replica.draining
    await expect(row(boss, "Engines", "second")).to_contain_text("being emptied")
    await boss.page.get_by_role("button", name="Empty scripted").click()
    await expect(boss.page.get_by_text("No other engine is ready")).to_be_visible()
    await boss.page.keyboard.press("Escape")
    await again.click()
    await expect(boss.page.get_by_role("button", name="Empty second")).to_be_visible()
    assert not replica.draining


# -- people --------------------------------------------------------------------------------------


async def test_a_member_is_found_changed_kept_out_and_let_in(visit: Visit, house: House) -> None:
    await open_office(house)
    for name in ("carla", "dario"):
        await join(await visit("/status"), name)
    boss = await boss_at(visit, house, "/operator#people")
    members = boss.page.get_by_role("list", name="Members").get_by_role("listitem")
    await expect(members).to_have_count(3)
    await boss.page.get_by_label("A part of the name, or an id").fill("carl")
    await boss.page.get_by_role("button", name="Find", exact=True).click()
    await expect(members).to_have_count(1)

    await boss.page.get_by_label("Tier of carla").select_option("staff")
    await expect(boss.page.get_by_role("status").filter(has_text="carla was changed.")).to_be_attached()
    await boss.page.get_by_label("Role of carla").select_option("operator")
    dialog = boss.page.get_by_role("dialog", name="Make carla an operator?")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(boss.page.get_by_label("Role of carla")).to_have_value("member")
    await boss.page.get_by_label("Role of carla").select_option("operator")
    await dialog.get_by_role("button", name="Change the role").click()
    await expect(boss.page.get_by_label("Role of carla")).to_have_value("operator")
    [carla] = (await told(boss, "/api/operator/members?name=carla"))["items"]
    assert (carla["role"], carla["tier"]) == ("operator", "staff")

    await boss.page.get_by_role("button", name="Keep out carla").click()
    await boss.page.get_by_label("Why (they are told)").fill(HOSTILE)
    await boss.page.locator("form").get_by_role("button", name="Keep out carla").click()
    await expect(members).to_contain_text(f"Kept out: {HOSTILE}")
    [carla] = (await told(boss, "/api/operator/members?name=carla"))["items"]
    assert carla["blocked_why"] == HOSTILE
    await boss.page.get_by_role("button", name="Let in carla").click()
    await expect(boss.page.get_by_role("button", name="Keep out carla")).to_be_visible()


async def test_the_last_operator_stays_one_and_is_told_so(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#people")
    boss.guard.expect("status of 409")
    await boss.page.get_by_label("Role of boss").select_option("member")
    await boss.page.get_by_role("button", name="Change the role").click()
    await expect(boss.page.get_by_role("alert")).to_contain_text("This is the last operator")
    await expect(boss.page.get_by_label("Role of boss")).to_have_value("operator")


async def test_a_link_is_shown_once_and_works(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#people")
    await boss.page.get_by_role("combobox", name="Tier", exact=True).select_option("staff")
    await boss.page.get_by_role("button", name="Make the link").click()
    shown = boss.page.get_by_label("A link for an invitation")
    address = await shown.input_value()
    assert address.startswith(f"{boss.home}/welcome#invite=")
    await boss.page.get_by_role("button", name="Done").click()
    await expect(shown).to_have_count(0)
    guest = await visit("/status")
    await join(guest, "guest", address.partition("=")[2])
    assert (await told(guest, "/api/me"))["tier"] == "staff"
    boss.guard.expect("status of 404")
    await boss.page.get_by_role("combobox", name="For", exact=True).select_option("password")
    await boss.page.get_by_label("Name or id of the member").fill("nobody")
    await boss.page.get_by_role("button", name="Make the link").click()
    await expect(boss.page.get_by_role("alert")).to_contain_text("Nobody of that name")


# -- kept out, deleted, set ----------------------------------------------------------------------


async def test_a_visitor_is_kept_out_for_a_while_and_let_in(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#blocked")
    await expect(boss.page.get_by_text("Nobody is kept out.")).to_be_visible()
    boss.guard.expect("status of 400")
    await boss.page.get_by_label("Whom").fill("everybody")
    await boss.page.get_by_label("Why (they are told)").fill(HOSTILE)
    keep_out = boss.page.get_by_role("button", name="Keep out", exact=True)
    await keep_out.click()
    await expect(boss.page.get_by_role("alert")).to_be_visible()
    await boss.page.get_by_label("Whom").fill("visitor:aaaaaaaaaaaa")
    await boss.page.get_by_label("How long").select_option("24")
    await keep_out.click()
    kept = row(boss, "Who is kept out", "visitor:aaaaaaaaaaaa")
    await expect(kept).to_contain_text(HOSTILE)
    [block] = house.site.blocks.all
    assert block.until is not None and block.until - block.created_at == 24 * 3_600_000_000
    await boss.page.get_by_role("button", name="Let in visitor:aaaaaaaaaaaa").click()
    await boss.page.get_by_role("dialog").get_by_role("button", name="Let in").click()
    await expect(boss.page.get_by_text("Nobody is kept out.")).to_be_visible()
    assert house.site.blocks.all == []


async def test_who_was_refused_for_a_quota_can_be_kept_out_from_the_list(visit: Visit, house: House) -> None:
    await open_office(house, "tiers.visitor.tokens=10", "tiers.visitor.when_over=refuse")
    greedy = await visit("/")
    asked = await greedy.page.request.post(f"{greedy.home}/api/turns", data={"content": "All of it!"})
    assert asked.status == 429
    boss = await boss_at(visit, house, "/operator#blocked")
    [refused] = (await told(boss, "/api/operator/blocked"))["refused"]
    await boss.page.get_by_role("button", name=f"Keep out {refused['person']}").click()
    await expect(boss.page.get_by_label("Whom")).to_have_value(refused["person"])
    await boss.page.get_by_label("Why (they are told)").fill("Enough for today")
    await boss.page.get_by_role("button", name="Keep out", exact=True).click()
    await expect(boss.page.get_by_text("Enough for today")).to_be_visible()
    assert (await greedy.page.request.get(f"{greedy.home}/api/site")).status == 403


async def test_deletions_are_shown_with_their_proof(visit: Visit, house: House) -> None:
    await open_office(house)
    digest = "ab" * 32
    proof = {"at": 1_790_000_000_000_000, "rule": "erasure", "kind": "conversations", "before": None}
    proof |= {"count": 1234, "digest": digest, "left": 0}
    await house.site.database.write(lambda tx: tx.execute(insert(deletions), proof))
    boss = await boss_at(visit, house, "/operator#deletions")
    shown = boss.page.get_by_role("group", name="What was deleted").get_by_role("row").nth(1)
    for text in ("erasure", "conversations", "1,234", digest):
        await expect(shown).to_contain_text(text)


async def test_settings_are_found_with_their_source_and_without_secrets(visit: Visit, house: House) -> None:
    await open_office(house, "engine.key=hunter-two-and-a-half")
    boss = await boss_at(visit, house, "/operator#settings")
    await boss.page.get_by_label("Only those that were set").check()
    await expect(row(boss, "Settings", "tariff.currency")).to_contain_text("CHF --set EUR")
    await expect(row(boss, "Settings", "engine.key")).to_contain_text("(hidden)")
    assert "hunter-two" not in await boss.page.content()
    await boss.page.get_by_label("Find a setting").fill("hardware_HOUR")
    await expect(boss.page.get_by_role("group", name="Settings").get_by_role("row")).to_have_count(2)


# -- for everybody -------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_no_part_of_the_page_has_a_barrier(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    await open_office(house)
    await join(await visit("/status"), "carla")
    await house.site.blocks.add("visitor:aaaaaaaaaaaa", HOSTILE, None)
    boss = await boss_at(visit, house, "/status", viewport=size, color_scheme=colours, bypass_csp=True)
    await boss.page.context.add_init_script(axe)
    await boss.page.goto(f"{boss.home}/operator")
    for part, heading in PARTS.items():
        await boss.page.locator(f'nav a[href="#{part}"]').click()
        await expect(boss.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        for fold in await boss.page.locator("summary").all():
            await fold.click()
        await assert_no_barriers(boss, part)
        assert await boss.overflow() == 0, part
    await boss.page.locator('nav a[href="#engines"]').click()
    await boss.page.get_by_role("button", name="Empty second").click()
    await assert_no_barriers(boss, "asked whether to empty an engine")


async def test_parts_are_reached_and_engines_emptied_by_keyboard_alone(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator")
    keys = boss.page.keyboard
    await boss.page.get_by_role("link", name="Now", exact=True).focus()
    for _ in range(3):
        await keys.press("Tab")
    await keys.press("Enter")
    await expect(boss.page).to_have_url(re.compile("#engines$"))
    await expect(boss.page.get_by_role("link", name="Engines")).to_be_focused()
    empty = boss.page.get_by_role("button", name="Empty second")
    while not await empty.evaluate("element => element === document.activeElement"):
        await keys.press("Tab")
    await keys.press("Enter")
    await expect(boss.page.get_by_role("dialog")).to_be_visible()
    await keys.press("Escape")
    await expect(empty).to_be_focused()


async def test_the_page_speaks_other_languages(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#engines", locale="fr-FR")
    await expect(boss.page.get_by_role("button", name="Vider second")).to_be_visible()
