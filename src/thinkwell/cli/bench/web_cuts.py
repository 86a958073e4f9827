"""``bench web cuts``: streams that are cut after each of their events, and what the page holds in the end."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack

import click

from thinkwell.cli.bench.web_engine import SLOTS, Gate, Part, Pour
from thinkwell.cli.bench.web_house import House, Tab
from thinkwell.values.engine import EnginePass

AT_ONCE = 10
LOOKS = 60  # frames in which what is whole must show


def _words(kind: str, count: int) -> list[str]:
    return [f"{kind}{number} " for number in range(1, count + 1)]


def script(wanted: EnginePass, events: int) -> list[Part]:
    """``events`` words, half of them thought; after the one that the question names it waits to be cut."""
    found = re.search(r"cut (\d+)", wanted.messages[-1].content)
    at = int(found[1]) if found else 0
    thought, answer = _words("t", events // 2), _words("a", events - events // 2)
    whole = [(word, True) for word in thought] + [(word, False) for word in answer]
    parts: list[Part] = []
    for some in (whole[:at], whole[at:]):
        for thinks in (True, False):
            parts.append(Pour([word for word, is_thought in some if is_thought is thinks], thought=thinks))
        parts.append(Gate(f"cut {at}"))
    return parts[:-1]


async def measure(house: House, events: int, readings: dict[str, list[float]]) -> None:
    house.engine.script = lambda wanted: script(wanted, events)
    at_once = min(AT_ONCE, SLOTS, events)
    async with AsyncExitStack() as visitors:
        # One each: a browser opens six connections to a site, and each stream holds one.
        contexts = [await visitors.enter_async_context(house.visitor()) for _ in range(at_once)]
        tabs = [await house.open(context) for context in contexts]
        same = 0
        for first in range(1, events + 1, at_once):
            cuts = range(first, min(first + at_once, events + 1))
            same += await _round(house, tabs[: len(cuts)], cuts, events)
    readings["cuts_same"].append(float(same))
    readings["cuts_lost"].append(float(events - same))


async def _round(house: House, tabs: list[Tab], cuts: range, events: int) -> int:
    """Each tab reads a turn of its own to its cut; then all lines break. How many have it all in the end."""
    gates = house.engine.gates
    for cut in cuts:
        gates.hold(f"cut {cut}")
    for tab, cut in zip(tabs, cuts, strict=True):
        await tab.page.goto(house.url)
        await tab.ask(f"Please cut {cut}")
    await asyncio.gather(*(gates.reached(f"cut {cut}") for cut in cuts))
    for tab in tabs:
        await _has_read_all(house, tab)
    house.cut_connections()
    for cut in cuts:
        gates.release(f"cut {cut}")
    return sum([await _has_all(tab, cut, events) for tab, cut in zip(tabs, cuts, strict=True)])


async def _has_read_all(house: House, tab: Tab) -> None:
    """All that its turn has told so far."""
    await tab.page.wait_for_function("() => window.eyes.turn !== ''")
    id = await tab.page.evaluate("() => window.eyes.turn")
    turn = next(turn for turn in house.running.site.turns.running if turn.request.id == id)
    await tab.page.wait_for_function(f"() => window.eyes.seq >= {turn.log.last_seq}")


async def _has_all(tab: Tab, cut: int, events: int) -> bool:
    """A thought is fetched when it is unfolded, so that a moment may pass. What differs is told."""
    await tab.finished()
    wanted = [word.strip() for word in (*_words("t", events // 2), *_words("a", events - events // 2))]
    found: list[str] = []
    for _ in range(LOOKS):
        answer = await tab.answers.last.locator(".prose").inner_text()
        found = [*(await _thought_of(tab)).split(), *answer.split()]
        if found == wanted:
            return True
        await tab.page.evaluate("() => window.eyes.afterPaint()")
    odd = [word for word in wanted if found.count(word) != 1]
    click.echo(f"cut at {cut}: {len(found)} words, not once: {' '.join(odd[:20])}", err=True)
    return False


async def _thought_of(tab: Tab) -> str:
    """As its reader sees it, once it is unfolded."""
    fold = tab.answers.last.get_by_role("button", name=re.compile("^(Thought|The whole thought)"))
    if await fold.get_attribute("aria-expanded") != "true":
        await fold.click()
    text = tab.answers.last.locator("section .text")
    await text.first.wait_for()
    return " ".join((await text.all_inner_texts())[-1].split())
