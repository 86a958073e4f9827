"""axe-core in a page: what it finds is a barrier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.browser.screen import Screen

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def read_axe() -> str:
    """The script, to be put into a page."""
    assert AXE.is_file(), "axe-core is not installed: run scripts/install dev, or npm ci in web/"
    return AXE.read_text("utf-8")


async def examined(screen: Screen, script: str) -> Screen:
    """The same page, loaded anew with the script in it."""
    await screen.page.context.add_init_script(script)
    await screen.reload()
    return screen


async def assert_no_barriers(screen: Screen, state: str) -> None:
    """``state`` of the page is named where something is found."""
    found: list[dict[str, Any]] = await screen.page.evaluate("async () => (await axe.run()).violations")
    told = [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]
    assert told == [], state
