"""One's own receipts: the same amounts as the site signed, added up, in files that verify, and nobody else's."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.office import RULES, francs, told, watt_hours
from tests.browser.screen import Screen

HOSTILE = '=HYPERLINK("x") <img src=x onerror="document.title=1"> {count}'
OFF_PEAK = "tariff.off_peak=mon,tue,wed,thu,fri,sat,sun 00:00-24:00 30%"
Json = dict[str, Any]


async def asker(visit: Visit, house: House, *rules: str, **options: Any) -> Screen:
    """Somebody at a site with a tariff who has asked twice, the second time with a hostile title."""
    await house.run_by(*RULES, OFF_PEAK, *rules)
    screen = await visit("/", **options)
    await screen.ask_and_wait("What is 2 + 2?")
    await screen.go("/")
    await screen.ask_and_wait(HOSTILE)
    await screen.go("/receipts")
    return screen


def figure(screen: Screen, name: str) -> Locator:
    sums = screen.page.get_by_role("region", name="Added up", exact=True)
    return sums.locator("dt", has_text=name).first.locator("xpath=following-sibling::dd[1]").locator("bdi")


def receipts(screen: Screen) -> Locator:
    """The buttons that open them."""
    return screen.page.get_by_role("region", name="Receipts, the newest first").locator("[aria-expanded]")


def fact(screen: Screen, heading: str, name: str) -> Locator:
    part = screen.page.get_by_role("heading", name=heading, exact=True).locator("xpath=..")
    return part.get_by_text(name, exact=True).locator("xpath=following-sibling::dd[1]")


async def test_sums_are_those_of_the_site_by_day_model_and_conversation(visit: Visit, house: House) -> None:
    screen = await asker(visit, house)
    summary = await told(screen, "/api/receipts/summary?by=conversation")
    total = summary["total"]
    assert total["turns"] == 2 and total["due"] > 0 and summary["currency"] == "CHF"
    await expect(figure(screen, "Answers")).to_have_text("2")
    await expect(figure(screen, "Due")).to_have_text(francs(total["due"]))
    await expect(figure(screen, "What it cost the operator")).to_have_text(francs(total["cost"]))
    await expect(figure(screen, "Energy")).to_have_text(watt_hours(total["energy"] / 1e6))
    await screen.page.get_by_role("button", name="By conversation").click()
    table = screen.page.get_by_role("group", name="Added up: By conversation")
    for group in summary["items"]:
        row = table.get_by_role("row").filter(has_text=group["title"])
        await expect(row.get_by_role("cell").nth(5)).to_have_text(francs(group["sums"]["due"]))
    await table.get_by_role("button", name="Show the receipts of What is 2").click()
    await expect(receipts(screen)).to_have_count(1)
    await expect(screen.page.get_by_text("Only: What is 2 + 2?")).to_be_visible()
    await screen.page.get_by_role("button", name="Show all").click()
    await expect(receipts(screen)).to_have_count(2)
    await screen.page.get_by_role("button", name="By model").click()
    model = screen.page.get_by_role("group", name="Added up: By model").get_by_role("row").nth(1)
    await expect(model).to_contain_text("scripted")
    await expect(model).to_contain_text(francs(total["due"]))


async def test_one_receipt_says_all_that_was_signed(visit: Visit, house: House) -> None:
    screen = await asker(visit, house, "tiers.visitor.free=0.000010")
    line = (await told(screen, "/api/receipts"))["items"][1]
    receipt, charge = line["receipt"], line["receipt"]["charge"]
    assert charge["free"] > 0 and charge["discount"] == 30
    await receipts(screen).nth(1).click()
    usage = receipt["usage"]
    await expect(fact(screen, "Tokens", "Answer")).to_have_text(f"{usage['answer']} tokens")
    await expect(fact(screen, "Tokens", "Question")).to_have_text(
        f"{usage['prompt'] - usage['cached']} tokens"
    )
    await expect(fact(screen, "Price", "Price").last).to_have_text(francs(charge["price"]))
    await expect(fact(screen, "Price", "Free")).to_have_text(francs(charge["free"]))
    await expect(fact(screen, "Price", "Due")).to_have_text(francs(charge["due"]))
    await expect(fact(screen, "Price", "Off-peak discount")).to_have_text("30%")
    for priced in charge["lines"]:
        if priced["kind"] == "answer":
            text = f"{priced['tokens']} at {francs(priced['per_million'])} a million"
            await expect(fact(screen, "Price", "Answer")).to_have_text(text)
    energy = watt_hours(receipt["energy"]["microjoules"] / 1e6)
    await expect(fact(screen, "How it went", "Energy")).to_have_text(f"{energy}, estimated")
    await expect(fact(screen, "Signature of the site", "Signature")).to_have_text(
        receipt["mark"]["signature"]
    )
    await expect(fact(screen, "Signature of the site", "Digest of the answer")).to_have_text(
        receipt["mark"]["answer_sha256"]
    )


async def test_what_failed_is_said_to_be_waived(visit: Visit, house: House) -> None:
    await house.run_by(*RULES)
    house.engine.play("dies_midway")
    screen = await visit("/")
    await screen.ask_and_wait("Fail!")
    await screen.go("/receipts")
    charge = (await told(screen, "/api/receipts"))["items"][0]["receipt"]["charge"]
    assert charge["waived"] > 0
    await receipts(screen).first.click()
    await expect(fact(screen, "Price", "Waived")).to_contain_text(francs(charge["waived"]))
    await expect(fact(screen, "Price", "Due")).to_have_text(francs(0))
    await expect(figure(screen, "Due")).to_have_text(francs(0))


async def test_a_downloaded_receipt_verifies_offline_as_the_page_says(
    visit: Visit, house: House, tmp_path: Path
) -> None:
    screen = await asker(visit, house)
    await receipts(screen).first.click()
    files = {}
    for name in ("Download this receipt", "Download the public keys"):
        async with screen.page.expect_download() as download:
            await screen.page.get_by_role("link", name=name).click()
        found = await download.value
        files[name] = tmp_path / found.suggested_filename
        await found.save_as(files[name])
    receipt, keys = files.values()
    await expect(
        screen.page.get_by_text(f"thinkwell verify {receipt.name} --site {screen.home}")
    ).to_be_visible()
    command = (sys.executable, "-m", "thinkwell", "verify", str(receipt), "--key", str(keys))
    verifying = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await verifying.communicate()
    assert verifying.returncode == 0 and b"holds" in said


async def test_the_files_hold_what_was_chosen_and_no_cell_that_a_spreadsheet_runs(
    visit: Visit, house: House
) -> None:
    screen = await asker(visit, house)
    texts = []
    for name in ("Download as a table (CSV)", "Download all, signed (JSON)"):
        async with screen.page.expect_download() as download:
            await screen.page.get_by_role("link", name=name).click()
        texts.append(await asyncio.to_thread((await (await download.value).path()).read_text, "utf-8"))
    rows = list(csv.DictReader(io.StringIO(texts[0])))
    assert len(rows) == 2 and any(cell.startswith("'=HYPERLINK") for row in rows for cell in row.values())
    assert [item["turn_id"] for item in json.loads(texts[1])["items"]] == [
        item["turn_id"] for item in (await told(screen, "/api/receipts"))["items"]
    ]
    await screen.page.get_by_label("To", exact=True).fill("2001-01-01")
    await screen.page.get_by_role("button", name="Show", exact=True).first.click()
    await expect(screen.page.get_by_text("No receipts here yet").first).to_be_visible()
    await expect(screen.page.get_by_role("link", name="Download as a table")).to_have_attribute(
        "href", "/api/receipts.csv?to=2001-01-01&zone=" + await zone(screen)
    )


async def zone(screen: Screen) -> str:
    found = await screen.page.evaluate(
        "() => encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)"
    )
    return str(found)


async def test_there_are_pages_of_them_without_gaps(visit: Visit, house: House) -> None:
    await house.run_by(*RULES)
    screen = await visit("/status")
    await screen.page.request.get(f"{screen.home}/api/site")
    for index in range(53):
        asked = await screen.page.request.post(
            f"{screen.home}/api/turns", data={"content": f"Question {index}"}
        )
        turn_id = (await asked.json())["turn_id"]
        await screen.page.request.get(f"{screen.home}/api/turns/{turn_id}/events")
    await screen.go("/receipts")
    await expect(receipts(screen)).to_have_count(50)
    await screen.page.get_by_role("main").get_by_role("button", name="Show older ones").click()
    await expect(receipts(screen)).to_have_count(53)
    await expect(screen.page.get_by_role("main").get_by_role("button", name="Show older ones")).to_have_count(
        0
    )
    for index in (0, 52):
        title = screen.page.get_by_role("main").get_by_role("link", name=f"Question {index}", exact=True)
        await expect(title).to_have_count(1)


async def test_an_address_names_one_receipt_and_another_persons_is_not_there(
    visit: Visit, house: House
) -> None:
    screen = await asker(visit, house)
    turn_id = (await told(screen, "/api/receipts"))["items"][0]["turn_id"]
    await screen.go(f"/receipts?#{turn_id}")
    await expect(screen.page.get_by_role("region", name="One receipt")).to_contain_text(turn_id)
    other = await visit("/")
    other.guard.expect("status of 404")
    await other.go(f"/receipts#{turn_id}")
    await other.reload()
    await expect(other.page.get_by_text("There is no such receipt of yours")).to_be_visible()
    await expect(other.page.get_by_text("No receipts here yet").first).to_be_visible()


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_the_page_has_no_barrier_and_runs_no_title(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    screen = await asker(visit, house, viewport=size, color_scheme=colours, bypass_csp=True)
    await screen.page.context.add_init_script(axe)
    await screen.reload()
    title = screen.page.get_by_role("main").get_by_role("link", name=HOSTILE[:20])
    await expect(title).to_contain_text("<img src=x onerror=")
    assert await screen.page.locator("main img").count() == 0
    await receipts(screen).first.click()
    await assert_no_barriers(screen, "with an open receipt")
    assert await screen.overflow() == 0


async def test_a_receipt_opens_and_closes_by_keyboard_alone(visit: Visit, house: House) -> None:
    screen = await asker(visit, house)
    first = receipts(screen).first
    await first.focus()
    await screen.page.keyboard.press("Enter")
    await expect(first).to_have_attribute("aria-expanded", "true")
    for _ in range(2):
        await screen.page.keyboard.press("Tab")
    await expect(screen.page.get_by_role("link", name="Download this receipt")).to_be_focused()
    await first.focus()
    await screen.page.keyboard.press("Space")
    await expect(first).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize(("locale", "due"), [("fr-FR", "Dû"), ("uk-UA", "До сплати"), ("zh-CN", "应付")])
async def test_the_page_speaks_other_languages(visit: Visit, locale: str, due: str) -> None:
    screen = await visit("/receipts", locale=locale)
    await expect(screen.page.get_by_role("main").locator("dt", has_text=due)).to_be_visible()
