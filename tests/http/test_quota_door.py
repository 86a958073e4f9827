"""What one may still use, and one's own cap: told to whoever is there, changed by members alone, never raised
over the tier's quota, and in force from the next turn on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.keyholders import QUESTION, make_key, new_member, signed_in, with_key
from tests.http.test_callers import BEHIND_THE_PROXY, device

from thinkwell.admission.tiers import window_at
from thinkwell.people import keys
from thinkwell.people.accounts import Account
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us

Json = dict[str, Any]
# A window so long that none turns while a test runs.
LONG = ("tiers.member.window_hours=8784", "tiers.visitor.window_hours=8784")
PRICED = ("prices.default.prompt=1", "prices.default.answer=4", "prices.default.reasoning=4")
QUOTAS = (
    *LONG,
    *PRICED,
    "tiers.member.tokens=5000",
    "tiers.member.money=0.02",
    "tiers.member.free=0.000001",
    "tiers.member.most_live=3",
    "tiers.member.most_thought=900",
    "tiers.visitor.tokens=700",
)


@pytest.fixture
async def running(data: Path, engine: ScriptedEngine) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=QUOTAS) as site:
        yield site


@pytest.fixture
async def zoe(running: RunningSite) -> Account:
    return await new_member(running)


@pytest.fixture
async def browser(running: RunningSite, zoe: Account) -> AsyncIterator[aiohttp.ClientSession]:
    async with await signed_in(running, zoe) as session:
        yield session


async def quota(client: aiohttp.ClientSession) -> Json:
    async with client.get("/api/me/quota") as reply:
        assert reply.status == 200, await reply.text()
        told: Json = await reply.json()
        return told


async def cap(client: aiohttp.ClientSession, body: Any, **headers: str) -> tuple[int, Json]:
    async with client.put("/api/me/cap", json=body, headers=headers) as reply:
        return reply.status, await reply.json()


async def asked_with(running: RunningSite, text: str) -> tuple[int, Json]:
    """A question with a key: status, and the answer."""
    async with with_key(running, text) as client, client.post("/v1/chat/completions", json=QUESTION) as reply:
        return reply.status, await reply.json()


async def ask(client: aiohttp.ClientSession, running: RunningSite, says: str = "What is 2 + 2?") -> int:
    """A question at the page; its turn is over when this returns."""
    async with client.post("/api/turns", json={"content": says}) as reply:
        status = reply.status
    await asyncio.gather(*(live.over() for live in running.site.turns.running))
    await running.site.conductor.settled()
    return status


def bound(limit: int, used: int, held: int = 0) -> Json:
    return {"limit": limit, "used": used, "held": held, "left": max(0, limit - used - held)}


# -- what is told ------------------------------------------------------------------------------------


async def test_who_was_never_here_is_told_what_visitors_may_use_and_gets_no_cookie(
    running: RunningSite,
) -> None:
    async with visitor(running.url) as nobody:
        told = await quota(nobody)
        assert [cookie.key for cookie in nobody.cookie_jar] == []
    begins, ends = window_at(now_us(), 8784)
    assert told == {
        "tier": "visitor",
        "when_over": "behind",
        "window_hours": 8784,
        "begins_at": f"{datetime.fromtimestamp(begins / 1e6, UTC):%Y-%m-%dT%H:00:00.000Z}",
        "resets_at": f"{datetime.fromtimestamp(ends / 1e6, UTC):%Y-%m-%dT%H:00:00.000Z}",
        "currency": "EUR",
        "used_tokens": 0,
        "used_money": 0,
        "tokens": bound(700, 0),
        "money": None,
        "free": None,
        "cap_tokens": None,
        "cap_money": None,
        "most_live": None,
        "live": 0,
        "most_thought": None,
        "keys": [],
    }


async def test_a_visitor_sees_what_they_used_and_nobody_elses(running: RunningSite) -> None:
    async with visitor(running.url) as mine, visitor(running.url) as another:
        await ask(mine, running)
        await ask(another, running)
        await ask(another, running)
        used = (await quota(mine))["used_tokens"]
        assert 0 < used < (await quota(another))["used_tokens"]
        assert (await quota(mine))["tokens"] == bound(700, used)


async def test_a_visitor_whom_nothing_bounds_sees_what_they_used_all_the_same(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine) as free, visitor(free.url) as client:
        await ask(client, free)
        told = await quota(client)
        assert (told["used_tokens"] > 0, told["tokens"], told["live"]) == (True, None, 0)
        engine.gates.hold("thinking")
        async with client.post("/api/turns", json={"content": "And 3 + 3?"}):
            await engine.gates.reached("thinking")
        assert (await quota(client))["live"] == 1
        engine.gates.release("thinking")


async def test_a_member_sees_all_bounds_and_what_turns_in_flight_hold(
    running: RunningSite, browser: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    assert await ask(browser, running) == 201
    told = await quota(browser)
    tokens, money = told["used_tokens"], told["used_money"]
    assert tokens > 0 < money
    assert told["tokens"] == bound(5000, tokens)
    assert told["money"] == bound(20_000, money)
    assert told["free"] == bound(1, 1)
    assert (told["most_live"], told["live"], told["most_thought"]) == (3, 0, 900)
    assert (told["tier"], told["keys"]) == ("member", [])
    assert (await cap(browser, {"tokens": 4000}))[0] == 200
    engine.gates.hold("thinking")
    async with browser.post("/api/turns", json={"content": "And 3 + 3?"}):
        await engine.gates.reached("thinking")
    told = await quota(browser)
    assert told["live"] == 1
    held = told["cap_tokens"]["held"]
    assert told["cap_tokens"] == bound(4000, tokens, held)
    assert held > 0
    assert told["tokens"] == bound(5000, tokens), "it refuses nobody, so nothing is set aside of it"
    engine.gates.release("thinking")
    await asyncio.gather(*(live.over() for live in running.site.turns.running))
    told = await quota(browser)
    assert (told["live"], told["cap_tokens"]["held"]) == (0, 0)


async def test_what_a_key_used_is_its_owners_and_its_budget_stands_beside_it(
    running: RunningSite, zoe: Account, browser: aiohttp.ClientSession
) -> None:
    _, plain = await make_key(running, zoe)
    small, text = await make_key(running, zoe, budget_tokens=3000, budget_money=9000)
    status, answer = await asked_with(running, text)
    assert status == 200
    receipt = answer["thinkwell"]["receipt"]
    await running.site.conductor.settled()
    told = await quota(browser)
    service = receipt["usage"]["prompt"] - receipt["usage"]["cached"]
    service += 2 * (receipt["usage"]["reasoning"] + receipt["usage"]["answer"])
    assert told["used_tokens"] == service
    assert told["used_money"] == receipt["charge"]["price"]
    [budget] = told["keys"]
    assert budget == {
        "id": small.id,
        "name": "test",
        "tokens": bound(3000, service),
        "money": bound(9000, receipt["charge"]["price"]),
    }
    assert (await asked_with(running, plain))[0] == 200
    await running.site.conductor.settled()
    assert (await quota(browser))["keys"] == [budget], "another key used it"
    await running.site.database.write(lambda tx: keys.revoke(tx, small.id, zoe.id, now_us()))
    assert (await quota(browser))["keys"] == []


async def test_with_a_key_nothing_of_its_owner_is_told_or_changed(running: RunningSite, zoe: Account) -> None:
    _, text = await make_key(running, zoe)
    await asked_with(running, text)
    async with with_key(running, text) as client:
        told = await quota(client)
        assert (told["tier"], told["used_tokens"]) == ("visitor", 0)
        status, problem = await cap(client, {"tokens": 1})
        assert (status, problem["error"]["code"]) == (401, "not_signed_in")


async def test_after_a_restart_it_is_the_same(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine, assignments=QUOTAS) as first:
        zoe = await new_member(first)
        async with await signed_in(first, zoe) as session:
            await ask(session, first)
            assert (await cap(session, {"money": 7000}))[0] == 200
            before = await quota(session)
    async with (
        running_site(data, engine, assignments=QUOTAS) as again,
        await signed_in(again, zoe) as session,
    ):
        assert await quota(session) == before
    assert before["cap_money"]["limit"] == 7000


# -- one's own cap -----------------------------------------------------------------------------------


async def test_a_cap_holds_from_the_next_turn_on_says_so_and_can_be_raised_and_taken_away(
    running: RunningSite, browser: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    await ask(browser, running)
    used = (await quota(browser))["used_tokens"]
    status, told = await cap(browser, {"tokens": used})
    assert (status, told["cap_tokens"]) == (200, bound(used, used))
    asked = len(engine.asked)
    async with browser.post("/api/turns", json={"content": "More?"}) as reply:
        problem = (await reply.json())["error"]
        assert (reply.status, problem["code"]) == (429, "over_quota")
        assert int(reply.headers["retry-after"]) > 0
    assert problem["message"].startswith(f"You have come to the cap that you set yourself, {used} tokens.")
    assert len(engine.asked) == asked
    assert (await cap(browser, {"tokens": 5000}))[1]["cap_tokens"] == bound(5000, used)
    assert await ask(browser, running) == 201
    assert (await cap(browser, {"tokens": None}))[1]["cap_tokens"] is None
    assert await ask(browser, running) == 201


async def test_a_cap_under_what_was_used_leaves_nothing_and_never_less(
    running: RunningSite, browser: aiohttp.ClientSession
) -> None:
    await ask(browser, running)
    told = (await cap(browser, {"tokens": 0, "money": 1}))[1]
    assert (told["cap_tokens"]["left"], told["cap_money"]["left"]) == (0, 0)
    assert await ask(browser, running) == 429
    assert (await quota(browser))["tokens"]["left"] > 0, "of the tier's quota there is something left"


async def test_a_turn_that_runs_is_not_cut_by_a_cap_that_came_after_it(
    running: RunningSite, browser: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("thinking")
    async with browser.post("/api/turns", json={"content": "What is 2 + 2?"}):
        await engine.gates.reached("thinking")
    [live] = running.site.turns.running
    told = (await cap(browser, {"tokens": 0}))[1]
    assert (told["cap_tokens"]["left"], told["live"]) == (0, 1)
    engine.gates.release("thinking")
    assert type(await live.over()).__name__ == "Finished"


async def test_a_cap_binds_the_keys_of_the_same_person_too(
    running: RunningSite, zoe: Account, browser: aiohttp.ClientSession
) -> None:
    _, text = await make_key(running, zoe)
    assert (await cap(browser, {"tokens": 0}))[0] == 200
    status, problem = await asked_with(running, text)
    assert (status, problem["error"]["code"]) == (429, "over_quota")


@pytest.mark.parametrize(("name", "most"), [("tokens", 5000), ("money", 20_000)])
async def test_a_cap_lowers_and_never_raises_what_the_tier_gives(
    browser: aiohttp.ClientSession, name: str, most: int
) -> None:
    status, problem = await cap(browser, {name: most + 1})
    assert (status, problem["error"]["code"], problem["error"]["param"]) == (400, "bad_request", name)
    assert str(most) in problem["error"]["message"]
    assert (await quota(browser))[f"cap_{name}"] is None
    assert (await cap(browser, {name: most}))[0] == 200


async def test_where_the_tier_has_no_quota_any_cap_is_taken(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, assignments=LONG) as site,
        await signed_in(site, await new_member(site)) as session,
    ):
        status, told = await cap(session, {"tokens": 2**53, "money": 2**53})
        assert (status, told["tokens"], told["cap_tokens"]) == (200, None, bound(2**53, 0))


BAD = [
    {"tokens": -1},
    {"tokens": 1.5},
    {"tokens": "100"},
    {"tokens": True},
    {"tokens": [1]},
    {"money": -1},
    {"money": "0.01"},
    {"money": 2**53 + 1},
    {"money": 10**400},
    {"tokens": 1, "tier": "operator"},
    {"owner": "member:max"},
    {"free": 10**9},
    [],
    None,
    "x",
]


@pytest.mark.parametrize("body", BAD, ids=lambda body: json.dumps(body)[:30])
async def test_what_is_no_cap_is_refused_and_changes_nothing(
    browser: aiohttp.ClientSession, body: Any
) -> None:
    assert (await cap(browser, {"tokens": 77}))[0] == 200
    status, problem = await cap(browser, body)
    assert (status, problem["error"]["code"] in ("bad_request", "unknown_field")) == (400, True), problem
    told = await quota(browser)
    assert (told["cap_tokens"]["limit"], told["cap_money"], told["free"]["limit"]) == (77, None, 1)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"tokens": NaN}', b'{"tokens": 1e999}', b"\xff\xfe", b"[" * 5000]
)
async def test_what_is_no_json_is_refused_too(browser: aiohttp.ClientSession, raw: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with browser.put("/api/me/cap", data=raw, headers=headers) as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]["code"] == "bad_request"
    assert (await quota(browser))["cap_tokens"] is None


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
async def test_another_sites_page_cannot_set_it(
    browser: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    status, problem = await cap(browser, {"tokens": 0}, **headers)
    assert (status, problem["error"]["code"]) == (403, "forbidden")
    assert (await quota(browser))["cap_tokens"] is None


async def test_a_visitor_has_none_to_set(running: RunningSite) -> None:
    async with visitor(running.url) as client:
        await ask(client, running)
        status, problem = await cap(client, {"tokens": 5})
        assert (status, problem["error"]["code"]) == (401, "not_signed_in")
        assert (await quota(client))["cap_tokens"] is None


async def test_nobody_else_has_it(running: RunningSite, browser: aiohttp.ClientSession) -> None:
    async with await signed_in(running, await new_member(running, "max")) as other:
        assert (await cap(browser, {"tokens": 5}))[0] == 200
        assert (await quota(other))["cap_tokens"] is None


async def test_somebody_whom_the_proxy_names_has_a_cap_like_any_member(
    data: Path, engine: ScriptedEngine
) -> None:
    settings = (*BEHIND_THE_PROXY, *QUOTAS)
    async with (
        running_site(data, engine, assignments=settings) as site,
        device(site, "zoe") as zoe,
        device(site, "max") as other,
    ):
        assert (await quota(zoe))["tier"] == "member"
        assert (await cap(zoe, {"tokens": 0}))[0] == 200
        assert await ask(zoe, site) == 429
        assert await ask(other, site) == 201
    async with running_site(data, engine, assignments=settings) as again, device(again, "zoe") as zoe:
        assert (await quota(zoe))["cap_tokens"] == bound(0, 0)
        assert await ask(zoe, again) == 429


async def test_of_many_caps_at_once_the_one_that_is_stored_is_in_force(
    data: Path, running: RunningSite, zoe: Account, browser: aiohttp.ClientSession
) -> None:
    await asyncio.gather(*(cap(browser, {"tokens": number}) for number in range(1, 20)))
    told = (await quota(browser))["cap_tokens"]["limit"]
    running.site.quotas._people.pop(zoe.id)
    assert (await quota(browser))["cap_tokens"]["limit"] == told
