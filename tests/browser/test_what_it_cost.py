"""What an answer cost stands under it: the same numbers as the site's own receipt, and nothing that is not known."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House
from tests.browser.office import watt_hours
from tests.browser.screen import Screen

PRICED = ("prices.default.prompt=1", "prices.default.answer=4", "prices.default.reasoning=4")
ALWAYS_CHEAPER = "tariff.off_peak=mon,tue,wed,thu,fri,sat,sun 00:00-24:00 50%"
Json = dict[str, Any]


async def receipt_of(screen: Screen) -> Json:
    """The last turn's, as the site itself tells it to this visitor."""
    api = screen.page.request
    conversation_id = screen.page.url.rpartition("/")[2]
    conversation = await (await api.get(f"{screen.home}/api/conversations/{conversation_id}")).json()
    turn_id = conversation["messages"][-1]["turn_id"]
    found: Json = await (await api.get(f"{screen.home}/api/turns/{turn_id}/receipt")).json()
    return found


def euros(micros: int) -> str:
    amount = Decimal(micros) / 1_000_000
    return f"€{max(amount.normalize(), amount.quantize(Decimal('0.01')), key=lambda one: len(str(one))):f}"


def row(screen: Screen, name: str) -> Locator:
    rows = screen.answers.last.locator("dl")
    return rows.locator("dt", has_text=name).first.locator("xpath=following-sibling::dd[1]")


@pytest.mark.parametrize(("colours", "size"), [("light", DESK), ("dark", PHONE)])
async def test_price_and_energy_are_those_of_the_receipt(
    visit: Visit, house: House, axe: str, colours: str, size: dict[str, int]
) -> None:
    await house.run_by(*PRICED, "energy.watts=50")
    screen = await examined(await visit(color_scheme=colours, viewport=size), axe)
    await screen.ask_and_wait()
    told = await receipt_of(screen)
    await expect(screen.receipt).to_contain_text(f"price {euros(told['charge']['due'])}")
    await expect(screen.receipt).to_contain_text(
        f"energy about {watt_hours(told['energy']['microjoules'] / 1e6)}"
    )
    await screen.receipt.click()
    await expect(row(screen, "Price")).to_have_text(euros(told["charge"]["price"]))
    energy = f"about {watt_hours(told['energy']['microjoules'] / 1e6)}, estimated"
    await expect(row(screen, "Energy")).to_have_text(energy)
    await expect(row(screen, "Tier")).to_have_text("visitor")
    await assert_no_barriers(screen, "an open receipt")
    await screen.reload()
    await expect(screen.receipt).to_contain_text(f"price {euros(told['charge']['due'])}")


async def test_a_site_without_prices_shows_none(screen: Screen) -> None:
    await screen.ask_and_wait()
    await expect(screen.receipt).to_contain_text("answer")
    for word in ("price", "free", "€"):
        await expect(screen.receipt).not_to_contain_text(word)
    await screen.receipt.click()
    await expect(screen.answers.last.locator("dt", has_text="Price")).to_have_count(0)


async def test_the_discount_of_the_hour_and_what_is_free_are_told(visit: Visit, house: House) -> None:
    await house.run_by(*PRICED, ALWAYS_CHEAPER)
    screen = await visit()
    await screen.ask_and_wait()
    told = await receipt_of(screen)
    await expect(screen.receipt).to_contain_text(
        f"price {euros(told['charge']['due'])}, 50% off-peak discount"
    )
    await house.run_by(*PRICED, "tiers.visitor.free=1")
    guest = await visit()
    await guest.ask_and_wait()
    told = await receipt_of(guest)
    assert (told["charge"]["due"], told["charge"]["free"]) == (0, told["charge"]["price"])
    await expect(guest.receipt).to_contain_text("free of charge")
    await guest.receipt.click()
    await expect(row(guest, "of which free")).to_have_text(euros(told["charge"]["free"]))
    await expect(row(guest, "To pay")).to_have_text("€0.00")


async def test_the_mark_of_the_machine_and_the_signed_receipt_are_at_hand(visit: Visit, house: House) -> None:
    await house.run_by(*PRICED)
    screen = await visit(viewport=PHONE)
    await screen.ask_and_wait()
    told = await receipt_of(screen)
    await screen.receipt.click()
    signed = screen.answers.last.get_by_text("Made by AI and signed by")
    await expect(signed).to_contain_text(told["mark"]["site"])
    async with screen.page.expect_download() as downloading:
        await screen.page.get_by_role("link", name="Download the signed receipt").click()
    file = await downloading.value
    assert file.suggested_filename == f"receipt-{told['turn_id']}.json"
    with open(await file.path(), encoding="utf-8") as saved:
        assert json.load(saved) == told
    assert await screen.overflow() <= 0
    await screen.page.get_by_role("link", name="See it among all receipts").click()
    await screen.page.wait_for_url(f"**/receipts#{told['turn_id']}")
