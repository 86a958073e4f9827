"""``bench web shots``: the pages and states that people see most, as pictures. Measures nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from thinkwell.cli.bench.web_engine import Gate, Part, Pour, prose, tokens
from thinkwell.cli.bench.web_house import DESK, PHONE, House, Tab
from thinkwell.cli.bench.web_load import ANSWER

LOOKS: dict[str, dict[str, Any]] = {
    "desk-light": {"viewport": DESK, "color_scheme": "light"},
    "desk-dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone-light": {"viewport": PHONE, "color_scheme": "light", "device_scale_factor": 2},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark", "device_scale_factor": 2},
    "desk-arabic": {"viewport": DESK, "color_scheme": "light", "locale": "ar"},
    "phone-arabic": {"viewport": PHONE, "color_scheme": "dark", "locale": "ar", "device_scale_factor": 2},
}
PAGES = ("welcome", "account", "receipts", "status")
Snap = Callable[[str], Awaitable[None]]


async def take(house: House, folder: Path) -> None:
    """``folder``/LOOK-STATE.png; what was there under those names is written over."""
    thought = prose(2_000)
    house.engine.script = lambda _: _parts(thought)
    for look, options in LOOKS.items():
        async with house.visitor(reduced_motion="reduce", **options) as context:
            tab = await house.open(context)

            async def snap(state: str, tab: Tab = tab, look: str = look) -> None:
                await tab.page.evaluate("() => window.eyes.afterPaint()")
                await tab.page.screenshot(path=folder / f"{look}-{state}.png")

            await _conversation(house, tab, snap)
            for page in PAGES:
                await tab.page.goto(f"{house.url}/{page}")
                await tab.page.wait_for_load_state("networkidle")
                await snap(page)


def _parts(thought: str) -> list[Part]:
    return [
        *(Pour(tokens(thought, 8), thought=True), Gate("thinking")),
        *(Pour(tokens(ANSWER[:60], 8)), Gate("answering"), Pour(tokens(ANSWER[60:], 8))),
    ]


async def _conversation(house: House, tab: Tab, snap: Snap) -> None:
    gates = house.engine.gates
    await tab.page.locator("#question").wait_for()
    await snap("new")
    gates.hold("thinking")
    gates.hold("answering")
    await tab.page.locator("#question").fill("Which kinds of wells are there?")
    await tab.page.keyboard.press("Enter")
    for state in ("thinking", "answering"):
        await gates.reached(state)
        await tab.page.evaluate(
            "async () => { for (let n = 0; n < 20; n += 1) await window.eyes.afterPaint(); }"
        )
        await snap(state)
        gates.release(state)
    await tab.finished()
    await snap("answered")
