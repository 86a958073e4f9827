"""The operator's page, training: runs with their curves, live, and adapters that come and go."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers
from tests.browser.conftest import DESK, Visit
from tests.browser.house import House
from tests.browser.office import boss_at, open_office
from tests.browser.screen import Screen

from thinkwell.testing.shelf import ScriptedShelf
from thinkwell.training.config import CostConfig, RunConfig
from thinkwell.training.folder import RunFolder

NARROW = {"width": 360, "height": 780}
CONFIG = RunConfig(name="adder", title="It adds", cost=CostConfig(per_hour=1.8, currency="EUR"))


def step(at: int, stage: str = "sft", **more: float) -> dict[str, Any]:
    return {"stage": stage, "step": at, "steps": 400, "tokens": 4000, "seconds": 4.0} | more


def table(*names: str) -> dict[str, Any]:
    line = {"count": 1000, "strict": 0.543, "low": 0.512, "high": 0.574, "tokens": 48.2}
    return {
        "settings": {"way": "plain", "temperature": 0},
        "table": [{"name": name} | line for name in names],
    }


async def trained(data: Path, name: str = "adder", steps: int = 120) -> RunFolder:
    folder = RunFolder(data / "training" / "runs" / name)

    def write() -> None:
        folder.begin(CONFIG)
        for at in range(steps):
            folder.add(step(at, loss=0.4 + 2 * math.exp(-at / 30)))
        for at in range(steps // 2):
            reward = 0.9 - math.exp(-at / 20)
            folder.add(step(at, "grpo", reward=reward, reward_correct=reward - 0.1, length=90.0 - at / 2))
        evaluation = msgspec.json.encode(table("all", "chain_sum", "chain_sum, level 3"))
        (folder.path / "eval-adapter-plain-0.json").write_bytes(evaluation)
        (folder.path / "data").mkdir()
        built = {"train": {"rows": 6000, "tokens": 820_000}, "evaluation": {"rows": 200}, "hash": "ab" * 32}
        (folder.path / "data" / "data.json").write_bytes(msgspec.json.encode(built))
        talk = [{"name": name, "count": 120, "same": 0.31, "words": 0.84} for name in ("base", "adapter")]
        (folder.path / "talk.json").write_bytes(msgspec.json.encode({"table": talk}))

    await asyncio.to_thread(write)
    return folder


def with_adapters(house: House) -> ScriptedShelf:
    """The house knows adapters by names only; their engines say theirs."""
    shelf = ScriptedShelf(house.card, ("maxi", "mini"))
    house.site.adapters.shelf = shelf
    return shelf


def rows(screen: Screen, table: str) -> Locator:
    return screen.page.get_by_role("group", name=table, exact=True).get_by_role("row")


async def test_without_a_run_it_is_said_how_one_begins(visit: Visit, house: House) -> None:
    await open_office(house)
    boss = await boss_at(visit, house, "/operator#training")
    await expect(boss.page.get_by_text("thinkwell train sft RUN.toml")).to_be_visible()
    await expect(boss.page.get_by_role("heading", name="Adapters")).to_be_visible()


async def test_a_run_is_plotted_and_grows_while_one_looks(visit: Visit, house: House, data: Path) -> None:
    await open_office(house)
    folder = await trained(data)
    boss = await boss_at(visit, house, "/status")
    await boss.page.clock.install()
    await boss.page.goto(f"{boss.home}/operator#training")
    await expect(rows(boss, "Training runs").nth(1)).to_contain_text("Fine-tuning: 120 of 400")
    for curve in ("Loss", "Tokens a second"):
        plot = boss.page.get_by_role("img", name=f"Plot over the steps: Fine-tuning: {curve}")
        await expect(plot).to_be_visible()
    await expect(
        boss.page.get_by_role("img", name="Plot over the steps: Reinforcement: Reward")
    ).to_be_visible()
    evaluation = rows(boss, "Evaluation: adapter-plain-0")
    await expect(evaluation.nth(1)).to_contain_text("54.3%")
    await expect(evaluation.nth(1)).to_contain_text("51.2% to 57.4%")
    await asyncio.to_thread(folder.add, step(60, "grpo", reward=0.8))
    await boss.page.clock.fast_forward(6000)
    await expect(rows(boss, "Training runs").nth(1)).to_contain_text("Reinforcement: 61 of 400")
    await expect(boss.page.get_by_text("61 of 400 steps")).to_be_visible()


async def test_another_run_is_shown_when_it_is_asked_for(visit: Visit, house: House, data: Path) -> None:
    await open_office(house)
    await trained(data, "first")
    await trained(data, "second", 40)
    boss = await boss_at(visit, house, "/operator#training")
    await expect(rows(boss, "Training runs")).to_have_count(3)
    for name in ("first", "second"):
        other = boss.page.get_by_role("button", name=f"Show {name}", exact=True)
        if await other.count():
            await other.click()
        await expect(boss.page.get_by_role("heading", name=f"Run {name}", exact=True)).to_be_visible()


async def test_an_adapter_is_tried_given_a_share_and_put_in_place(visit: Visit, house: House) -> None:
    await open_office(house)
    shelf = with_adapters(house)
    boss = await boss_at(visit, house, "/operator#training")
    page = boss.page
    await page.get_by_role("combobox", name="Adapter").select_option("mini")
    await page.get_by_label("A question to try it with").fill("Who are you?")
    await page.get_by_label("Its answer must contain").fill("maxi")
    await page.get_by_role("button", name="Try it").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Try it").click()
    await expect(page.get_by_role("alert")).to_contain_text("mini did not pass. It answered: mini")
    await page.get_by_label("Its answer must contain").fill("mini")
    await page.get_by_role("button", name="Try it").click()
    await dialog.get_by_role("button", name="Try it").click()
    await expect(rows(boss, "Adapters").nth(2)).to_contain_text("on trial, 0%")
    await page.get_by_label("Share of new conversations, in percent").fill("20")
    await page.get_by_role("button", name="Set the share").click()
    await dialog.get_by_role("button", name="Set the share").click()
    await expect(rows(boss, "Adapters").nth(2)).to_contain_text("on trial, 20%")
    assert house.site.adapters.share == pytest.approx(0.2)
    await page.get_by_role("button", name="Put in place: Mini").click()
    await dialog.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Put in place: Mini").click()
    await dialog.get_by_role("button", name="Put in place").click()
    await expect(rows(boss, "Adapters").nth(1)).to_contain_text("Mini")
    await expect(page.get_by_role("button", name="Put in place: Mini")).to_have_count(0)
    assert shelf.remembered == ["mini"]


async def test_an_adapter_is_given_up_by_keyboard_alone(visit: Visit, house: House) -> None:
    await open_office(house)
    with_adapters(house)
    boss = await boss_at(visit, house, "/operator#training")
    keys = boss.page.keyboard
    await boss.page.get_by_role("button", name="Try it").focus()
    await keys.press("Enter")
    await expect(boss.page.get_by_role("dialog", name="Try maxi?")).to_be_visible()
    await keys.press("Tab")
    await keys.press("Enter")
    give_up = boss.page.get_by_role("button", name="Give up Maxi")
    await expect(give_up).to_be_visible()
    await boss.page.get_by_role("link", name="Training").focus()
    while not await give_up.evaluate("element => element === document.activeElement"):
        await keys.press("Tab")
    await keys.press("Enter")
    dialog = boss.page.get_by_role("dialog", name="Give up Maxi?")
    await expect(dialog).to_be_visible()
    await keys.press("Escape")
    # Out of the page, not only out of sight: until it is, it is still asking.
    await expect(boss.page.locator("dialog", has_text="Give up Maxi")).to_have_count(0)
    await expect(give_up).to_be_focused()
    await keys.press("Enter")
    await expect(dialog).to_be_visible()
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(give_up).to_have_count(0)
    assert house.site.adapters.candidate is None


@pytest.mark.parametrize(
    ("size", "colours"), [(NARROW, "light"), (NARROW, "dark"), (DESK, "light"), (DESK, "dark")]
)
async def test_no_barrier_and_nothing_over_the_edge(
    visit: Visit, house: House, data: Path, axe: str, colours: str, size: dict[str, int]
) -> None:
    await open_office(house)
    await trained(data)
    with_adapters(house)
    await house.site.adapters.load("mini", [])
    boss = await boss_at(visit, house, "/status", viewport=size, color_scheme=colours, bypass_csp=True)
    await boss.page.context.add_init_script(axe)
    await boss.page.goto(f"{boss.home}/operator#training")
    await expect(boss.page.get_by_role("heading", name="General talk", exact=True)).to_be_visible()
    for fold in await boss.page.locator("summary").all():
        await fold.click()
    await assert_no_barriers(boss, "training")
    assert await boss.overflow() == 0
    await boss.page.get_by_role("button", name="Give up Mini").click()
    await assert_no_barriers(boss, "asked whether to give an adapter up")
