"""The operators' door: the site now and in days, failures, settings, engines, and who is kept out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import insert, select
from tests.conftest import visitor
from tests.http.test_account_door import FOREIGN, ask, call, cookies, join, operator, refused
from tests.ledger.test_hours import entry

from thinkwell.http.app import HANDLERS
from thinkwell.ledger.hours import HOUR_US, hour_of
from thinkwell.store import tables
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us

ROUTES = [
    ("GET", "/api/operator/now", None),
    ("GET", "/api/operator/days", None),
    ("GET", "/api/operator/errors", None),
    ("GET", "/api/operator/blocked", None),
    ("POST", "/api/operator/blocks", {"subject": "visitor:aaaaaaaaaaaa", "why": "so"}),
    ("DELETE", "/api/operator/blocks/visitor:aaaaaaaaaaaa", None),
    ("GET", "/api/operator/settings", None),
    ("POST", "/api/operator/engines/scripted/drain", {"on": True}),
]
QUESTION = {"model": "scripted", "messages": [{"role": "user", "content": "?"}]}


@pytest.fixture
async def boss(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with operator(running) as client:
        yield client


async def test_nobody_but_an_operator_is_told_anything(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    for method, path, body in ROUTES:
        await refused(client, method, path, body, 401, "not_signed_in")
    await join(client)
    for method, path, body in ROUTES:
        await refused(client, method, path, body, 403, "forbidden")
    assert running.site.blocks.all == []
    assert not running.site.watching.watch.parts.replicas["scripted"].draining


def test_every_route_of_the_operators_door_is_in_the_list_above() -> None:
    doors = {"thinkwell.http.doors.operator", "thinkwell.http.doors.blocked"}
    served = [handler for handler in HANDLERS if handler.fn.__module__ in doors]
    assert len(served) == len(ROUTES)


async def test_a_foreign_page_changes_nothing(running: RunningSite, boss: aiohttp.ClientSession) -> None:
    for headers in FOREIGN:
        for method, path, body in ROUTES:
            if method != "GET":
                await call(boss, method, path, body, 403, **headers)
    assert running.site.blocks.all == []


# -- now -----------------------------------------------------------------------------------------


async def test_an_operator_sees_who_is_there_now(
    running: RunningSite,
    boss: aiohttp.ClientSession,
    client: aiohttp.ClientSession,
    engine: ScriptedEngine,
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    await call(client, "GET", "/api/site")
    asked = [asyncio.create_task(ask(one, "?")) for one in (client, client, boss)]
    watch = running.site.watching.watch
    await engine.until(lambda: engine.open == 1)
    while running.site.turns.count < 3 or running.site.pool.dispatcher.waiting < 2:
        await asyncio.sleep(0)
    watch.look()
    now = await call(boss, "GET", "/api/operator/now")
    assert (now["all"]["running"], now["all"]["waiting"]) == (1, 2)
    assert {tier: crowd["running"] + crowd["waiting"] for tier, crowd in now["tiers"].items()} == {
        "visitor": 2,
        "member": 1,
    }
    everybody = now["all"]["people_running"] + now["all"]["people_waiting"]
    assert everybody == 2  # the visitor's two turns are one person's
    assert (now["slots"]["all"], now["slots"]["used"]) == (1, 1)
    samples = now["samples"]
    columns = [column for column in samples.values() if isinstance(column, list)]
    columns += [column for crowd in samples["tiers"].values() for column in crowd.values()]
    assert {len(column) for column in columns} == {len(samples["at"])} and samples["at"]
    assert samples["all"]["waiting"][-1] == 2
    engine.gates.release("0")
    await asyncio.gather(*asked)
    last = samples["at"][-1]
    watch.look()
    later = await call(boss, "GET", f"/api/operator/now?since={last}")
    assert all(at > last for at in later["samples"]["at"])
    assert later["all"]["running"] == later["all"]["waiting"] == 0
    assert later["wait"]["all"]["count"] == 3
    assert set(later["first_token"]["tiers"]) == {"visitor", "member"}


async def test_failures_are_told_by_code_and_engine_without_text_and_person(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play("refuses")
    for _ in range(2):
        async with client.post("/v1/chat/completions", json=QUESTION) as reply:
            assert reply.status >= 500
    await refused(client, "GET", "/api/conversations/conv_x", None, 404, "not_found")
    found = await call(boss, "GET", "/api/operator/errors")
    assert [sorted(item) for item in found["items"]] == [["at", "code", "engine", "model", "tier"]] * 2
    assert {(item["code"], item["engine"], item["tier"]) for item in found["items"]} == {
        (found["items"][0]["code"], "scripted", "visitor")
    }
    assert sum(found["last_hour"]["failed"].values()) == 2
    assert found["last_hour"]["refused"]["not_found"] == 1
    now = await call(boss, "GET", "/api/operator/now")
    assert now["last_5_minutes"] == found["last_5_minutes"]


async def test_an_engine_can_be_drained_and_used_again(
    data: Path,
) -> None:
    one, two = ScriptedEngine(name="one"), ScriptedEngine(name="two")
    async with running_site(data, (one, two)) as running, operator(running) as boss:
        drained = await call(boss, "POST", "/api/operator/engines/one/drain", {"on": True})
        assert drained["draining"] is True
        for _ in range(3):
            await ask(boss)
        assert (len(one.asked), len(two.asked)) == (0, 3)
        now = await call(boss, "GET", "/api/operator/now")
        assert {one["name"]: one["draining"] for one in now["engines"]} == {"one": True, "two": False}
        await call(boss, "POST", "/api/operator/engines/two/drain", {"on": True})
        assert not (await call(boss, "POST", "/api/operator/engines/one/drain", {"on": False}))["draining"]
        await ask(boss)
        assert len(one.asked) == 1
        await refused(boss, "POST", "/api/operator/engines/three/drain", {"on": True}, 404, "not_found")
        await refused(boss, "POST", "/api/operator/engines/one/drain", {"on": "x"}, 400, "bad_request")


# -- days ----------------------------------------------------------------------------------------


async def test_days_tell_what_was_used_and_cost(running: RunningSite, boss: aiohttp.ClientSession) -> None:
    hour = hour_of(now_us()) - 48 * HOUR_US
    rows = [
        entry(hour + 1, model="m", energy=3_000_000),
        entry(hour + 2, model="n", ending="failed", code="engine_unavailable", price=0, due=0),
        entry(hour + HOUR_US, tier="member", cost=None),
    ]
    await running.site.database.write(lambda tx: tx.execute(insert(tables.entries), rows))
    by_day = await call(boss, "GET", "/api/operator/days")
    assert len(by_day["items"]) == 30 and by_day["currency"] == "EUR" and by_day["zone"] == "UTC"
    total = by_day["total"]
    assert (total["turns"], total["failed"], total["price"], total["cost"]) == (3, 1, 14, 4)
    assert total["tokens"] == {"uncached": 18, "cached": 12, "reasoning": 60, "answer": 15}
    assert total["energy_j"] == 3 and total["wait"]["count"] == 3 and 45 <= total["wait"]["p50_ms"] <= 60
    assert sum(item["turns"] for item in by_day["items"]) == 3
    by_model = await call(boss, "GET", "/api/operator/days?by=model")
    assert [(item["name"], item["turns"]) for item in by_model["items"]] == [("m", 2), ("n", 1)]
    by_tier = await call(boss, "GET", "/api/operator/days?by=tier")
    assert [(item["name"], item["turns"]) for item in by_tier["items"]] == [("member", 1), ("visitor", 2)]
    day = by_day["items"][-1]["name"]
    by_hour = await call(
        boss, "GET", f"/api/operator/days?by=hour&from={by_day['items'][0]['name']}&to={day}"
    )
    found = {item["at"]: item["turns"] for item in by_hour["items"] if item["turns"]}
    assert found == {hour // 1000: 2, (hour + HOUR_US) // 1000: 1}
    gaps = [b["at"] - a["at"] for a, b in zip(by_hour["items"], by_hour["items"][1:], strict=False)]
    assert set(gaps) == {3_600_000}


async def test_spans_that_are_none_are_refused(boss: aiohttp.ClientSession) -> None:
    for query in (
        "by=person",
        "from=yesterday",
        "to=2026-13-01",
        "from=2026-11-02&to=2026-11-01",
        "from=0001-01-01",
        "by=hour&from=2020-01-01",
        "from=2026-11-02' or '1'='1",
    ):
        await refused(boss, "GET", f"/api/operator/days?{query}", None, 400, "bad_request")


# -- settings ------------------------------------------------------------------------------------


async def test_every_setting_is_told_with_its_source_and_no_secret(
    data: Path, engine: ScriptedEngine
) -> None:
    (data / "thinkwell.toml").write_text('[site]\nname = "Well"\n[tiers.staff]\nweight = 2\n')
    secret = "hunter-two-and-a-half"
    assignments = (
        f"engine.key={secret}",
        f"engine.replicas=http://me:{secret}@10.0.0.1:8000/v1",
        "line.fair=false",
    )
    async with running_site(data, engine, assignments=assignments) as running, operator(running) as boss:
        async with boss.get("/api/operator/settings") as reply:
            assert reply.headers["cache-control"] == "no-store"
            assert secret not in await reply.text()
        found = {item["name"]: item for item in (await call(boss, "GET", "/api/operator/settings"))["items"]}
    assert (found["site.name"]["value"], found["site.name"]["source"]) == ("Well", "thinkwell.toml")
    assert found["site.name"]["default"] == "Thinkwell"
    assert (found["line.fair"]["value"], found["line.fair"]["source"]) == ("false", "--set")
    assert found["engine.key"]["value"] == "(hidden)"
    assert found["tiers.staff.weight"]["value"] == "2.0"
    assert found["tiers.staff.weight"]["source"] == "thinkwell.toml"
    assert found["tiers.visitor.weight"]["source"] == "default"
    assert found["http.port"]["source"] == "default" and found["prices.default.answer"]["about"]


# -- who is kept out -----------------------------------------------------------------------------


async def visitor_id(running: RunningSite, client: aiohttp.ClientSession) -> str:
    """As the database has it."""
    await ask(client)
    owner = await running.site.database.read(
        lambda connection: connection.scalar(
            select(tables.conversations.c.owner).order_by(tables.conversations.c.created_at.desc())
        )
    )
    assert isinstance(owner, str) and owner.startswith("visitor:")
    return owner


async def test_a_visitor_who_is_kept_out_is_told_why_at_the_page_until_let_in_again(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    subject = await visitor_id(running, client)
    block = await call(
        boss, "POST", "/api/operator/blocks", {"subject": subject, "why": "for flooding", "hours": 1}, 201
    )
    assert block["until"] - block["at"] == 3_600_000
    for method, path, body in (
        ("GET", "/api/site", None),
        ("GET", "/api/conversations", None),
        ("POST", "/api/turns", {"content": "?"}),
        ("POST", "/api/sign_up", {"name": "newcomer", "password": "correct horse"}),
    ):
        error = await refused(client, method, path, body, 403, "blocked")
        assert "for flooding" in error["message"]
    async with client.get("/plain") as reply:
        assert reply.status == 403 and "for flooding" in await reply.text()
    async with visitor(running.url) as other:
        await ask(other)
    found = await call(boss, "GET", "/api/operator/blocked")
    assert [(one["subject"], one["why"]) for one in found["blocks"]] == [(subject, "for flooding")]
    await call(boss, "DELETE", f"/api/operator/blocks/{subject}", status=204)
    await ask(client)
    await refused(boss, "DELETE", f"/api/operator/blocks/{subject}", None, 404, "not_found")


async def test_a_network_is_kept_out_at_every_door_but_its_members_are_not(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    async with visitor(running.url) as member:
        await join(member, "carla")
        network = running.site.visitors.of_network("127.0.0.1").group
        await call(boss, "POST", "/api/operator/blocks", {"subject": network, "why": "an attack"}, 201)
        await refused(client, "POST", "/api/turns", {"content": "?"}, 403, "blocked")
        await refused(client, "GET", "/api/site", None, 403, "blocked")
        for path, body in (
            ("/v1/chat/completions", QUESTION),
            ("/v1/responses", {"model": "scripted", "input": "?"}),
            ("/v1/messages", QUESTION | {"max_tokens": 9}),
            ("/v1/embeddings", {"model": "scripted", "input": "?"}),
        ):
            async with client.post(path, json=body) as reply:
                assert reply.status == 403 and "an attack" in await reply.text(), path
        await refused(
            client, "POST", "/api/sign_up", {"name": "x1", "password": "correct horse"}, 403, "blocked"
        )
        await ask(member)
        await call(member, "POST", "/api/sign_out")
        await refused(member, "GET", "/api/site", None, 403, "blocked")
        await call(member, "POST", "/api/sign_in", {"name": "carla", "password": "correct horse"})
        await ask(member)


async def test_blocks_hold_after_a_restart_and_only_as_long_as_they_were_meant_to(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine) as running, operator(running) as boss, visitor(running.url) as one:
        subject = await visitor_id(running, one)
        await call(boss, "POST", "/api/operator/blocks", {"subject": subject, "why": "so"}, 201)
        kept = cookies(one)
    async with running_site(data, engine) as running, visitor(running.url) as one:
        one.cookie_jar.update_cookies(kept)
        await refused(one, "GET", "/api/site", None, 403, "blocked")


async def test_members_are_kept_out_by_the_same_route(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    await join(client, "carla")
    [item] = (await call(boss, "GET", "/api/operator/members?name=carla"))["items"]
    member = item["id"]
    await refused(
        boss, "POST", "/api/operator/blocks", {"subject": member, "why": "x", "hours": 1}, 400, "bad_request"
    )
    await call(boss, "POST", "/api/operator/blocks", {"subject": member, "why": "rude"}, 201)
    assert "rude" in (await refused(client, "GET", "/api/conversations", None, 403, "blocked"))["message"]
    found = await call(boss, "GET", "/api/operator/blocked")
    assert [(one["name"], one["why"]) for one in found["members"]] == [("carla", "rude")]
    await call(boss, "DELETE", f"/api/operator/blocks/{member}", status=204)
    await ask(client)
    await refused(boss, "DELETE", f"/api/operator/blocks/{member}", None, 404, "not_found")


async def test_a_block_of_nobody_is_refused(running: RunningSite, boss: aiohttp.ClientSession) -> None:
    somebody = {"subject": "visitor:aaaaaaaaaaaa", "why": "x"}
    for changes, status in (
        ({"subject": "visitor:short"}, 400),
        ({"subject": "network:xyz"}, 400),
        ({"subject": "everybody"}, 400),
        ({"subject": "visitor:aaaaaaaaaaaa' or 1=1 --"}, 400),
        ({"subject": "person:abcdef"}, 404),
        ({"subject": "member:nobody"}, 404),
        ({"why": " "}, 400),
        ({"hours": 0}, 400),
        ({"role": "operator"}, 400),
    ):
        await call(boss, "POST", "/api/operator/blocks", somebody | changes, status)
    assert running.site.blocks.all == []


async def test_who_was_refused_for_a_quota_is_shown_by_a_hash_and_can_be_kept_out_by_it(
    data: Path, engine: ScriptedEngine
) -> None:
    quota = ("tiers.visitor.tokens=10", "tiers.visitor.when_over=refuse")
    async with (
        running_site(data, engine, assignments=quota) as running,
        operator(running) as boss,
        visitor(running.url) as client,
    ):
        await call(client, "GET", "/api/site")
        for _ in range(3):
            async with client.post("/api/turns", json={"content": "What is 2 + 2?"}) as reply:
                if reply.status == 429:
                    continue
                asked = await reply.json()
            async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
                await reply.text()
        found = await call(boss, "GET", "/api/operator/blocked")
        [one] = found["refused"]
        assert one["code"] == "over_quota" and one["times"] >= 1 and one["tier"] == "visitor"
        assert one["person"].startswith("person:")
        visitors_cookie = cookies(client)["thinkwell_visitor"]
        assert visitors_cookie.split(".")[0] not in str(found)
        block = {"subject": one["person"], "why": "hammering"}
        await call(boss, "POST", "/api/operator/blocks", block, 201)
        await refused(client, "GET", "/api/site", None, 403, "blocked")
