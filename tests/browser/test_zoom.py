"""At 200 % and 400 %, with wider spaced text, by keyboard: nothing is cut off, covered or to be scrolled for sideways.

WCAG 2.2: 1.4.10 (a window of 320 x 256), 1.4.12 (spacing of text), 2.4.11 (the focus is not covered), 2.5.8.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect
from tests.browser import tour
from tests.browser.conftest import DESK, Visit
from tests.browser.house import House
from tests.browser.office import boss_at
from tests.browser.screen import Screen

# Of a window of 1280 x 1024.
ZOOMED = {"200 %": {"width": 640, "height": 512}, "400 %": {"width": 320, "height": 256}}
SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
# Texts of which a part cannot be seen: cut off at an edge that does not scroll, and not on purpose.
CUT = """() => [...document.querySelectorAll('main *, dialog[open] *')].filter((one) => {
  const style = getComputedStyle(one)
  const hides = [style.overflowX, style.overflowY].some((how) => how === 'hidden' || how === 'clip')
  const meant = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none' || one.closest('.unseen, svg')
  return hides && !meant && one.innerText && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
}).map((one) => one.outerHTML.slice(0, 200))"""
# What has the focus, where one would look for it: in the window, and the topmost there at one of five points.
HIDDEN = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return ''
  const box = one.getBoundingClientRect()
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)]
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)]
  const seen = right > left && bottom > top && [0.1, 0.5, 0.9].some((x) => [0.1, 0.5, 0.9].some((y) => {
    const top_one = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y)
    return top_one !== null && (one.contains(top_one) || top_one.contains(one) || top_one.closest('label')?.control === one)
  }))
  return seen ? '' : `${one.outerHTML.slice(0, 160)} at ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`
}"""
FOCUSED = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return 0
  window.stops ??= new Map()
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size + 1)
  return window.stops.get(one)
}"""
MOST_STOPS = 150


async def trouble_on(screen: Screen, states: AsyncIterator[tour.State]) -> list[str]:
    """What is wider than the window, or cut off, at each size; and again with text that is spaced wider."""
    found: list[str] = []
    page = screen.page
    before = DESK
    async for state in states:
        for zoom, size in ZOOMED.items():
            if state.only == "desk":
                continue
            await screen.resize(size)
            if wider := await screen.overflow():
                found.append(f"{state.name}, {zoom}: {wider} px wider than the window")
        style = await page.add_style_tag(content=SPACING)
        if state.only != "desk":
            if wider := await screen.overflow():
                found.append(f"{state.name}, 400 %, text spaced: {wider} px wider than the window")
            found += [f"{state.name}, 400 %, text spaced: cut off: {one}" for one in await page.evaluate(CUT)]
        if state.only != "phone":
            await screen.resize(before)
            found += [f"{state.name}, text spaced: cut off: {one}" for one in await page.evaluate(CUT)]
        await style.evaluate("(one) => one.remove()")
    return found


async def test_no_state_of_a_conversation_is_cut_off(visit: Visit, house: House) -> None:
    screen = await visit(bypass_csp=True)
    found = await trouble_on(screen, tour.conversation(screen, house))
    assert not found, "\n".join(found)


async def test_the_list_its_dialogs_and_the_way_in_are_not_cut_off(visit: Visit) -> None:
    screen = await visit(bypass_csp=True)
    found = await trouble_on(screen, tour.around_it(screen))
    found += await trouble_on(screen, tour.welcome(screen))
    assert not found, "\n".join(found)


async def test_no_page_of_a_person_or_an_operator_is_cut_off(visit: Visit, house: House) -> None:
    await tour.furnish(house)
    screen = await boss_at(visit, house, "/", bypass_csp=True)
    await screen.ask_and_wait()
    found = await trouble_on(screen, tour.account(screen))
    found += await trouble_on(screen, tour.office(screen))
    assert not found, "\n".join(found)


async def hidden_stops(screen: Screen, where: str) -> list[str]:
    """Goes through all that can have the focus, there and back, and names what was not to be seen when it had it."""
    found: list[str] = []
    stops: set[int] = set()
    last = -1
    page = screen.page
    await page.evaluate("() => { delete window.stops; document.querySelector('a').focus() }")
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUSED)
        if stop in stops and stop != last:  # the same again: the next part of a date
            break
        last = stop
        stops.add(stop)  # 0 once: the end of the page
        if hidden := await page.evaluate(HIDDEN):
            found.append(f"{where}, Tab: {hidden}")
    assert len(stops) > 3, f"{where}: the keyboard goes nowhere"
    for _ in stops:
        await page.keyboard.press("Shift+Tab")
        if hidden := await page.evaluate(HIDDEN):
            found.append(f"{where}, Shift+Tab: {hidden}")
    return found


@pytest.mark.parametrize("zoom", ZOOMED)
async def test_what_has_the_focus_is_seen_however_far_one_zooms(
    visit: Visit, house: House, zoom: str
) -> None:
    await tour.furnish(house)
    screen = await boss_at(visit, house, "/", viewport=ZOOMED[zoom])
    found = await hidden_stops(screen, "nothing asked yet")
    house.engine.play("markdown")
    for question in ("First question", "And another"):
        await screen.ask_and_wait(question)
    found += await hidden_stops(screen, "a conversation")
    for path, heading in {
        "/account": "Your rights",
        "/receipts": "Added up",
        "/status": "Now",
        "/operator#people": "Members",
        "/operator#settings": "Settings",
    }.items():
        await screen.go(path)
        await expect(screen.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        found += await hidden_stops(screen, path)
    assert not found, "\n".join(found)
