"""Under load the page's browser works for a place of its own in line, without a puzzle, and nobody must."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Response, Route, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.turns.forecast import LoadForecast
from thinkwell.values.caller import Caller

WORKING = "Your browser is calculating for a moment"


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much is asked of the site as it can do."""
    monkeypatch.setattr(LoadForecast, "load", property(lambda _: 1.0))


async def caller_of(screen: Screen, house: House) -> Caller:
    house.engine.gates.hold("0")
    await screen.ask()
    await house.engine.gates.reached("0")
    caller = house.turn.request.caller
    house.engine.gates.release("0")
    await screen.finished()
    return caller


async def cookies(screen: Screen) -> set[str]:
    return {cookie["name"] for cookie in await screen.page.context.cookies()}


def given(response: Response) -> bool:
    return response.url.endswith("/api/proof") and response.request.method == "POST"


@pytest.mark.usefixtures("busy")
async def test_the_browser_works_quietly_and_its_visitor_is_a_person_of_their_own(
    visit: Visit, house: House, axe: str
) -> None:
    screen = await visit("/status")  # where nobody asks, nothing is worked for
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await screen.page.context.route("**/proofworker-*.js", hold)
    async with screen.page.expect_response(given) as giving:
        await screen.go("/")
        await examined(screen, axe)
        await expect(screen.page.get_by_text(WORKING)).to_be_visible()
        await assert_no_barriers(screen, "while the browser calculates")
        held.set()
    assert (await giving.value).status == 200
    await expect(screen.page.get_by_text(WORKING)).to_have_count(0)
    assert "thinkwell_proof" in await cookies(screen)
    caller = await caller_of(screen, house)
    assert (caller.kind, caller.group) == ("visitor", None)


@pytest.mark.usefixtures("busy")
async def test_who_cannot_work_is_answered_too(visit: Visit, house: House) -> None:
    screen = await visit("/status")
    await screen.page.add_init_script("delete globalThis.Worker")
    async with screen.page.expect_response("**/api/proof"):
        await screen.go("/")
    caller = await caller_of(screen, house)
    assert caller.group is not None
    assert "thinkwell_proof" not in await cookies(screen)
    await expect(screen.answer).to_have_text("The answer is 4.")
    await expect(screen.page.get_by_text(WORKING)).to_have_count(0)


async def test_where_it_is_quiet_nothing_is_worked_for(visit: Visit) -> None:
    screen = await visit("/status")
    workers: list[str] = []
    screen.page.on("worker", lambda worker: workers.append(worker.url))
    async with screen.page.expect_response("**/api/proof") as asking:
        await screen.go("/")
    told = await (await asking.value).json()
    assert (told["needed"], told["why"]) == (False, "quiet")
    await screen.ask_and_wait()
    assert workers == []
