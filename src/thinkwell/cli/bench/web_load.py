"""``bench web load``: what a plain conversation fetches, and when the page does what it is told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from thinkwell.cli.bench.web_engine import Part, Pour, tokens
from thinkwell.cli.bench.web_house import House
from thinkwell.http.pages import WebApp
from thinkwell.values.engine import EnginePass

if TYPE_CHECKING:
    from playwright.async_api import Request

ANSWER = """There are two kinds:

- **dug** wells, which are wide, and
- *drilled* ones, which are deep.

| kind | depth |
|---|---|
| dug | 10 m |

Use `depth` to compare them.
"""

# A hurried person: writes and presses the button as soon as they are there, until that was heard.
HURRY = """
(() => {
  let written = false;
  const look = () => {
    const box = document.getElementById('question');
    const button = [...document.querySelectorAll('button')].find((one) => one.ariaLabel === 'Send');
    if (document.querySelector('article')) {
      window.interactive = performance.now();
      return;
    }
    if (box && !written) {
      written = true;
      box.value = 'Which wells are there?';
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }
    if (written && button && !button.disabled) button.click();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


def script(_: EnginePass) -> list[Part]:
    return [Pour(tokens("Two kinds come to mind.", 5), thought=True), Pour(tokens(ANSWER, 4))]


async def measure(house: House, rounds: int, readings: dict[str, list[float]]) -> None:
    house.engine.script = script
    for _ in range(rounds):
        for name, value in (await _visit(house)).items():
            readings[name].append(value)


async def _visit(house: House) -> dict[str, float]:
    fetched: dict[str, str] = {}
    async with house.visitor() as context:

        def note(request: Request) -> None:
            fetched.setdefault(_path(request.url), request.resource_type)

        context.on("request", note)
        await context.add_init_script(HURRY)
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        await page.goto(house.url)
        await page.wait_for_function("() => window.interactive")
        first = set(fetched)
        interactive = float(await page.evaluate("() => window.interactive"))
        await page.locator("article .prose table").wait_for()
        await page.wait_for_load_state("networkidle")
    sizes: dict[str, int] = defaultdict(int)
    for path, kind in fetched.items():
        sizes[kind] += travels(house.web_app, path)
    return {
        "load_interactive_ms": interactive,
        "load_first_kb": sum(travels(house.web_app, path) for path in first) / 1000,
        "load_kb": sum(sizes.values()) / 1000,
        "load_script_kb": sizes["script"] / 1000,
        "load_style_kb": sizes["stylesheet"] / 1000,
        "load_files": float(sum(1 for path in fetched if travels(house.web_app, path))),
    }


def _path(url: str) -> str:
    return urlsplit(url).path.removeprefix("/") or "index.html"


def travels(web_app: WebApp, path: str) -> int:
    """Bytes of one of the page's own files as it is sent; 0 for what is no file of it."""
    file = web_app.files.get(path)
    return 0 if file is None else len(file.compressed or file.body)
