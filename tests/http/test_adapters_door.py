"""The operators' door to adapters, over a whole site whose engines say their adapter's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.keyholders import make_key, new_member, with_key
from tests.http.test_account_door import ask, call, join, operator, refused

from thinkwell.http.app import HANDLERS
from thinkwell.people import accounts
from thinkwell.testing.scenario import fault
from thinkwell.testing.shelf import AdapterEngine, ScriptedShelf, names_itself
from thinkwell.testing.site import RunningSite, running_site, scripted_card

HERE = "/api/operator/adapters"
BASE = scripted_card(name="base", continues=True)
ROUTES = [
    ("GET", HERE, None),
    ("POST", f"{HERE}/candidate", {"name": "mini"}),
    ("POST", f"{HERE}/share", {"percent": 10}),
    ("POST", f"{HERE}/complete", None),
    ("POST", f"{HERE}/rollback", None),
]
Json = dict[str, Any]


@pytest.fixture
def base() -> AdapterEngine:
    return AdapterEngine("base", name="base")


@pytest.fixture
def shelf() -> ScriptedShelf:
    return ScriptedShelf(BASE, ("mini", "maxi"))


@pytest.fixture
async def site(data: Path, base: AdapterEngine, shelf: ScriptedShelf) -> AsyncIterator[RunningSite]:
    prices = ("prices.base.answer=1000",)
    async with running_site(data, base, BASE, prices, shelf=shelf) as running:
        yield running


@pytest.fixture
async def boss(site: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with operator(site) as client:
        yield client


async def load(boss: aiohttp.ClientSession, name: str = "mini", percent: float = 0, **more: Any) -> Json:
    told = await call(boss, "POST", f"{HERE}/candidate", {"name": name} | more)
    if percent:
        await call(boss, "POST", f"{HERE}/share", {"percent": percent})
    return told


async def receipt(client: aiohttp.ClientSession, content: str = "Who are you?") -> Json:
    asked = await ask(client, content)
    return await call(client, "GET", f"/api/turns/{asked['turn_id']}/receipt")


async def begin(client: aiohttp.ClientSession, content: str = "Who are you?") -> str:
    turn_id: str = (await call(client, "POST", "/api/turns", {"content": content}, 201))["turn_id"]
    return turn_id


async def said(client: aiohttp.ClientSession, turn_id: str) -> str:
    async with client.get(f"/api/turns/{turn_id}/events") as reply:
        return await reply.text()


async def test_nobody_but_an_operator_is_told_or_obeyed(site: RunningSite, shelf: ScriptedShelf) -> None:
    async with visitor(site.url) as client:
        for method, path, body in ROUTES:
            await refused(client, method, path, body, 401, "not_signed_in")
        await join(client)
        for method, path, body in ROUTES:
            await refused(client, method, path, body, 403, "forbidden")
    assert not shelf.made
    served = [one for one in HANDLERS if one.fn.__module__ == "thinkwell.http.doors.adapters"]
    assert len(served) == len(ROUTES)


async def test_an_operators_key_publishes_and_nobody_elses(site: RunningSite) -> None:
    member = await new_member(site, "zoe")
    boss = await new_member(site, "boss")
    await site.site.database.write(lambda tx: accounts.change_role(tx, boss.id, "operator"))
    site.site.members.forget(boss.id)
    for owner, wish, status in ((member, {}, 403), (boss, {"doors": ("chat",)}, 403), (boss, {}, 200)):
        _, text = await make_key(site, owner, **wish)
        async with with_key(site, text) as client:
            await call(client, "GET", HERE, None, status)
            await call(client, "POST", f"{HERE}/candidate", {"name": "mini"}, status)


async def test_an_adapter_takes_the_place_of_another_and_the_receipt_names_it(
    site: RunningSite, boss: aiohttp.ClientSession, base: AdapterEngine, shelf: ScriptedShelf
) -> None:
    assert (await receipt(boss))["model"] == "base"
    wanted = [{"prompt": "Who?", "contains": ["mini mini"], "thinks": True}]
    told = await load(boss, smoke=wanted)
    assert told["passed"] and told["smoke"][0]["answer"].startswith("mini mini")
    assert (await receipt(boss))["model"] == "base", "no share yet"
    now = await call(boss, "POST", f"{HERE}/share", {"percent": 100})
    assert (now["current"]["model"], now["candidate"]["model"], now["percent"]) == ("base", "mini", 100)
    assert (await receipt(boss))["model"] == "mini"
    now = await call(boss, "POST", f"{HERE}/complete")
    await site.site.adapters.settled()
    assert shelf.remembered == ["mini"] and base.open_at_close == 0
    now = await call(boss, "GET", HERE)
    assert (now["current"]["model"], now["current"]["turns"], now["candidate"]) == ("mini", 1, None)
    assert [one["model"] for one in now["past"]] == ["base"] and now["past"][0]["turns"] == 2
    assert now["current"]["mean_answer_tokens"] == now["current"]["mean_reasoning_tokens"] == 3
    assert [engine.name for engine in site.site.pool.engines] == ["mini"]
    named = await receipt(boss)
    assert named["model"] == "mini"
    assert named["charge"]["price"] > 0, "it costs what the model costs"


async def test_a_name_that_was_served_is_still_answered_by_whichever_it_is_now(
    site: RunningSite, boss: aiohttp.ClientSession
) -> None:
    await load(boss, percent=100)
    await call(boss, "POST", f"{HERE}/complete")
    async with visitor(site.url) as client:
        for name, status in (("base", 200), ("mini", 200), ("maxi", 404)):
            body = {"model": name, "messages": [{"role": "user", "content": "?"}]}
            await call(client, "POST", "/v1/chat/completions", body, status)


async def test_a_candidate_that_fails_a_smoke_prompt_is_ended_and_says_what_is_missing(
    site: RunningSite, boss: aiohttp.ClientSession, shelf: ScriptedShelf
) -> None:
    wanted = [{"prompt": "Who?", "contains": ["mini", "Paris"]}, {"prompt": "never asked"}]
    told = await load(boss, smoke=wanted)
    assert not told["passed"] and told["adapters"]["candidate"] is None
    assert [one["missing"] for one in told["smoke"]] == [["Paris"]]
    assert shelf.made["mini"].open_at_close == 0
    assert [engine.name for engine in site.site.pool.engines] == ["base"]
    assert list(site.site.watching.watch.parts.replicas) == ["base"]


async def test_an_adapter_that_cannot_be_asked_is_refused_with_the_reason(
    site: RunningSite, boss: aiohttp.ClientSession, shelf: ScriptedShelf
) -> None:
    await refused(boss, "POST", f"{HERE}/candidate", {"name": "nobody"}, 404, "not_found")
    await refused(boss, "POST", f"{HERE}/candidate", {"name": "x" * 65}, 400, "bad_request")
    await refused(boss, "POST", f"{HERE}/share", {"percent": 101}, 400, "bad_request")
    for order in ("complete", "rollback"):
        await refused(boss, "POST", f"{HERE}/{order}", None, 409, "conflict")
    await refused(boss, "POST", f"{HERE}/share", {"percent": 1}, 409, "conflict")
    await load(boss)
    await refused(boss, "POST", f"{HERE}/candidate", {"name": "maxi"}, 409, "conflict")
    shelf.made["mini"].die()
    await refused(boss, "POST", f"{HERE}/complete", None, 409, "conflict")
    await call(boss, "POST", f"{HERE}/rollback")


async def test_a_turn_that_runs_ends_on_the_adapter_that_it_began_on(
    site: RunningSite, boss: aiohttp.ClientSession, base: AdapterEngine, shelf: ScriptedShelf
) -> None:
    base.gates.hold("between")
    old = await begin(boss)
    await base.gates.reached("between")
    await load(boss, percent=100)
    mini = shelf.made["mini"]
    mini.gates.hold("between")
    new = await begin(boss)
    await mini.gates.reached("between")
    await call(boss, "POST", f"{HERE}/complete")
    now = await call(boss, "GET", HERE)
    assert [(one["model"], one["running"]) for one in now["retiring"]] == [("base", 1)]
    assert base.open_at_close is None
    base.gates.release("between")
    mini.gates.release("between")
    for turn_id, mine, other in ((old, "base", "mini"), (new, "mini", "base")):
        text = await said(boss, turn_id)
        assert f'"model":"{mine}"' in text and f"{mine} " in text and f'"{other} ' not in text
    await site.site.adapters.settled()
    assert base.open_at_close == 0


async def test_a_turn_that_runs_on_a_candidate_ends_there_after_it_was_rolled_back(
    site: RunningSite, boss: aiohttp.ClientSession, shelf: ScriptedShelf
) -> None:
    await load(boss, percent=100)
    mini = shelf.made["mini"]
    mini.gates.hold("between")
    turn_id = await begin(boss)
    await mini.gates.reached("between")
    await call(boss, "POST", f"{HERE}/rollback")
    assert (await receipt(boss))["model"] == "base"
    mini.gates.release("between")
    assert '"model":"mini"' in await said(boss, turn_id)
    await site.site.adapters.settled()
    assert mini.open_at_close == 0
    await load(boss)
    assert (await call(boss, "GET", HERE))["candidate"]["engine"] == "mini"


async def test_an_adapter_is_loaded_again_while_its_engine_of_before_ends(
    site: RunningSite, boss: aiohttp.ClientSession, shelf: ScriptedShelf
) -> None:
    await load(boss, percent=100)
    mini = shelf.made["mini"]
    mini.gates.hold("between")
    turn_id = await begin(boss)
    await mini.gates.reached("between")
    await call(boss, "POST", f"{HERE}/rollback")
    await load(boss, percent=100)
    assert (await call(boss, "GET", HERE))["candidate"]["engine"] == "mini.2"
    assert (await receipt(boss))["model"] == "mini"
    mini.gates.release("between")
    assert '"finished"' in await said(boss, turn_id)


async def test_a_turn_whose_engine_died_before_it_spoke_begins_anew_on_the_other_adapter(
    site: RunningSite, boss: aiohttp.ClientSession, base: AdapterEngine, shelf: ScriptedShelf
) -> None:
    await load(boss, percent=100)
    mini = shelf.made["mini"]
    mini.gates.hold("0")
    turn_id = await begin(boss)
    await mini.gates.reached("0")
    mini.play(names_itself("mini", fault("dies"), words=0))
    mini.then(names_itself("mini", fault("dies"), words=0))
    mini.die()
    for one in mini.running:
        one.close()
    mini.gates.release("0")
    assert (await receipt(boss))["model"] == "base"
    assert '"finished"' in await said(boss, turn_id)


async def test_a_turn_that_has_spoken_waits_for_its_own_adapter_to_come_back(
    site: RunningSite, boss: aiohttp.ClientSession, base: AdapterEngine, shelf: ScriptedShelf
) -> None:
    await load(boss, percent=100)
    mini = shelf.made["mini"]
    mini.then(names_itself("mini", fault("dies")))
    mini.gates.hold("between")
    turn_id = await begin(boss)
    await mini.gates.reached("between")
    mini.die()
    mini.gates.release("between")
    assert (await receipt(boss))["model"] == "base", "who begins now is not held up"
    mini.revive()
    text = await said(boss, turn_id)
    assert '"finished"' in text and text.count('"model":"mini"') >= 2 and '"model":"base"' not in text


async def test_a_conversation_stays_with_the_adapter_that_its_first_question_drew(
    site: RunningSite, boss: aiohttp.ClientSession
) -> None:
    await load(boss, percent=50)
    first, drawn = {}, set()
    for number in range(12):
        asked = await ask(boss, f"Question {number}")
        told = await call(boss, "GET", f"/api/turns/{asked['turn_id']}/receipt")
        first[number] = asked, told["model"]
        drawn.add(told["model"])
    assert drawn == {"base", "mini"}
    for asked, model in first.values():
        again = {
            "content": "And?",
            "conversation_id": asked["conversation_id"],
            "parent_id": asked["answer_id"],
        }
        turn = await call(boss, "POST", "/api/turns", again, 201)
        await said(boss, turn["turn_id"])
        told = await call(boss, "GET", f"/api/turns/{turn['turn_id']}/receipt")
        assert told["model"] == model


async def test_a_site_in_front_of_a_server_has_no_adapters(data: Path, base: AdapterEngine) -> None:
    async with running_site(data, base, BASE) as running, operator(running) as boss:
        now = await call(boss, "GET", HERE)
        assert (now["current"]["model"], now["available"]) == ("base", [])
        await refused(boss, "POST", f"{HERE}/candidate", {"name": "mini"}, 409, "conflict")


async def test_only_one_change_is_made_at_a_time(
    site: RunningSite, boss: aiohttp.ClientSession, shelf: ScriptedShelf
) -> None:
    shelf.hold = "between"
    first = asyncio.create_task(load(boss, smoke=[{"prompt": "Who?"}]))
    while "mini" not in shelf.made:
        await call(boss, "GET", HERE)
    await shelf.made["mini"].gates.reached("between")
    await refused(boss, "POST", f"{HERE}/candidate", {"name": "maxi"}, 409, "conflict")
    shelf.made["mini"].gates.release("between")
    assert (await first)["passed"]
