"""``bench web token``: from when the engine hands over a last token until it stands on the screen."""

from __future__ import annotations

from thinkwell.cli.bench.web_engine import Part, Pour, prose, tokens
from thinkwell.cli.bench.web_house import House
from thinkwell.values.engine import EnginePass

RATE = 100.0
# Characters of an answer: short, and so long that showing it costs something.
LENGTHS = {"short": 400, "long": 12_000}
END = "endofit"

# When the last word of an answer is painted, by the clock of the machine (ms).
WATCH = """() => new Promise((resolve) => {
  const look = () => {
    const block = [...document.querySelectorAll('article .prose .block')].at(-1);
    if (!block?.textContent.includes('endofit')) return false;
    window.eyes.stands(block).then((now) => resolve(performance.timeOrigin + now));
    return true;
  };
  const watch = new MutationObserver(() => { if (look()) watch.disconnect(); });
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
})"""


def script(characters: int) -> list[Part]:
    text = prose(characters)
    burst, paced = text[:-300], text[-300:]
    return [Pour(tokens(burst, 12), 1000), Pour([*tokens(paced, 4), f" {END}"], RATE)]


async def measure(house: House, rounds: int, readings: dict[str, list[float]]) -> None:
    async with house.visitor() as context:
        for name, characters in LENGTHS.items():

            def pour(_: EnginePass, length: int = characters) -> list[Part]:
                return script(length)

            house.engine.script = pour
            took = []
            tab = await house.open(context)
            for _ in range(rounds):
                await tab.page.goto(house.url)
                await tab.ask("How deep is a well?")
                shown = float(await tab.page.evaluate(WATCH))
                took.append(shown - 1000 * house.engine.last_at)
                await tab.finished()
            ordered = sorted(took)
            readings[f"token_ms_{name}"] += ordered
            readings[f"token_ms_{name}_p95"].append(ordered[int(len(ordered) * 0.95)])
