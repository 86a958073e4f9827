"""axe-core in a page: what it finds is a barrier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.browser.screen import Screen

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# All rules of WCAG 2.2 AA and the best practices. The size of targets is off by axe's own choice; and it takes what
# is half under the question box, until one scrolls, for small.
EVERYTHING = """async () => {
  const small = (one) => { const box = one.getBoundingClientRect(); return Math.min(box.width, box.height) < 24 }
  const found = await axe.run({ rules: { 'target-size': { enabled: true } } })
  return found.violations.map((rule) => ({
    ...rule,
    nodes: rule.nodes.filter((node) => rule.id !== 'target-size' || small(document.querySelector(node.target[0]))),
  })).filter((rule) => rule.nodes.length > 0)
}"""
CONTRAST = "async () => (await axe.run({runOnly: ['color-contrast', 'link-in-text-block']})).violations"


def read_axe() -> str:
    """The script, to be put into a page."""
    assert AXE.is_file(), "axe-core is not installed: run scripts/install dev, or npm ci in web/"
    return AXE.read_text("utf-8")


async def examined(screen: Screen, script: str) -> Screen:
    """The same page, loaded anew with the script in it."""
    await screen.page.context.add_init_script(script)
    await screen.reload()
    return screen


async def barriers(screen: Screen, state: str, rules: str = EVERYTHING) -> list[str]:
    """A line for each rule that is broken: the state of the page, the rule, what breaks it."""
    found: list[dict[str, Any]] = await screen.page.evaluate(rules)
    return [f"{state}: {rule['id']}: {[_told(node) for node in rule['nodes']]}" for rule in found]


def _told(node: dict[str, Any]) -> str:
    return f"{node['html'][:200]} ({node['failureSummary'].splitlines()[-1].strip()})"


async def assert_no_barriers(screen: Screen, state: str) -> None:
    """``state`` of the page is named where something is found."""
    found = await barriers(screen, state)
    assert not found, "\n".join(found)
