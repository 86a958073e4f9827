"""Who a caller is at the real doors: named by a listed proxy, else a visitor of a network group."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select
from tests.conftest import visitor

from thinkwell.store.tables import entries
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.values.caller import Caller

Json = dict[str, Any]
HEADER = "X-Remote-User"
# The tests connect from 127.0.0.1: here it is the proxy, there anybody.
BEHIND_THE_PROXY = (f"people.proxy_header={HEADER}", "people.proxy_addresses=127.0.0.1")
PROXY_ELSEWHERE = (f"people.proxy_header={HEADER}", "people.proxy_addresses=192.0.2.1, fd00::/64")


@pytest.fixture
async def proxied(data: Path, engine: ScriptedEngine) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=BEHIND_THE_PROXY) as site:
        yield site


@asynccontextmanager
async def device(site: RunningSite, name: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser of ``name``, as the site sees it through the proxy. Without a cookie of any other."""
    async with aiohttp.ClientSession(site.url, headers={HEADER: name}) as client:
        yield client


def site_again(data: Path, assignments: tuple[str, ...]) -> AbstractAsyncContextManager[RunningSite]:
    """A site that starts on a folder that another one wrote."""
    return running_site(data, ScriptedEngine(), assignments=assignments)


async def ask(client: aiohttp.ClientSession, content: str = "What is 2 + 2?", **headers: str) -> Json:
    """Asks at the web door and waits for the end."""
    async with client.post("/api/turns", json={"content": content}, headers=headers) as reply:
        assert reply.status == 201, await reply.text()
        asked: Json = await reply.json()
    async with client.get(f"/api/turns/{asked['turn_id']}/events", headers=headers) as reply:
        assert '"finished"' in await reply.text()
    return asked


async def ask_api(client: aiohttp.ClientSession, headers: Any = None) -> aiohttp.ClientResponse:
    body = {"model": "scripted", "messages": [{"role": "user", "content": "What is 2 + 2?"}]}
    reply = await client.post("/v1/chat/completions", json=body, headers=headers)
    await reply.read()
    return reply


async def titles(client: aiohttp.ClientSession) -> list[str]:
    async with client.get("/api/conversations") as reply:
        return [item["title"] for item in (await reply.json())["items"]]


async def persons(site: RunningSite) -> list[str]:
    """Whose turns the ledger holds, oldest first."""
    await site.site.conductor.settled()
    found = await site.site.database.read(
        lambda connection: connection.execute(select(entries.c.person).order_by(entries.c.opened_at)).all()
    )
    return [row.person for row in found]


async def caller_of(site: RunningSite, engine: ScriptedEngine, asking: Coroutine[Any, Any, Any]) -> Caller:
    """Who asks, as the line sees it: of a turn that is held while we look."""
    engine.gates.hold("0")
    asked = asyncio.ensure_future(asking)
    await engine.gates.reached("0")
    [live] = site.site.turns.running
    engine.gates.release("0")
    await asked
    return live.request.caller


async def caller_at(site: RunningSite, engine: ScriptedEngine, door: str, **headers: str) -> Caller:
    """Who asks, of somebody without a cookie."""
    async with visitor(site.url) as client:
        asking = ask(client, **headers) if door == "web" else ask_api(client, headers)
        return await caller_of(site, engine, asking)


async def test_two_devices_of_a_name_share_their_history_and_another_name_sees_nothing(
    proxied: RunningSite,
) -> None:
    async with (
        device(proxied, "zoe") as phone,
        device(proxied, "zoe") as desk,
        device(proxied, "max") as other,
    ):
        asked = await ask(phone, "from the phone")
        await ask(desk, "from the desk")
        assert await titles(phone) == await titles(desk) == ["from the desk", "from the phone"]
        assert await titles(other) == []
        path = f"/api/conversations/{asked['conversation_id']}"
        async with desk.get(path) as reply:
            assert reply.status == 200
        for method, where, body in (
            ("GET", path, None),
            ("PATCH", path, {"title": "mine"}),
            ("DELETE", path, None),
            ("POST", f"/api/turns/{asked['turn_id']}/stop", None),
            ("GET", f"/api/turns/{asked['turn_id']}/events", None),
        ):
            async with other.request(method, where, json=body) as reply:
                assert reply.status == 404
        follow_up = {"conversation_id": asked["conversation_id"], "parent_id": asked["answer_id"]}
        async with other.post("/api/turns", json={"content": "and?"} | follow_up) as reply:
            assert reply.status == 404


async def test_both_doors_know_a_named_person_as_one_who_shares_with_nobody(
    proxied: RunningSite, engine: ScriptedEngine
) -> None:
    at_web = await caller_at(proxied, engine, "web", **{HEADER: "zoe"})
    at_api = await caller_at(proxied, engine, "api", **{HEADER: "zoe"})
    assert at_web == at_api
    assert (at_web.kind, at_web.tier, at_web.group) == ("member", "member", None)
    assert await persons(proxied) == [at_web.person] * 2


async def test_a_named_person_gets_no_cookie_and_an_old_one_counts_for_nothing(proxied: RunningSite) -> None:
    async with visitor(proxied.url) as browser:
        await ask(browser, "before signing in")
        assert [cookie.key for cookie in browser.cookie_jar] == ["thinkwell_visitor"]
        async with browser.get("/api/conversations", headers={HEADER: "zoe"}) as reply:
            assert (await reply.json())["items"] == []
    async with device(proxied, "zoe") as named:
        for method, path, body in (("GET", "/api/site", None), ("POST", "/api/turns", {"content": "x"})):
            async with named.request(method, path, json=body) as reply:
                assert reply.ok
                assert "set-cookie" not in reply.headers


async def test_the_header_from_an_address_that_is_not_listed_is_nothing(data: Path) -> None:
    async with site_again(data, BEHIND_THE_PROXY) as site, device(site, "zoe") as zoe:
        asked = await ask(zoe)
    async with site_again(data, PROXY_ELSEWHERE) as site, device(site, "zoe") as spoof:
        assert await titles(spoof) == []
        async with spoof.get(f"/api/conversations/{asked['conversation_id']}") as reply:
            assert reply.status == 404
        async with spoof.get("/api/site") as reply:
            assert "thinkwell_visitor" in reply.cookies
        twice = [(HEADER, "zoe"), (HEADER, "max"), (HEADER, "x" * 201)]
        assert (await ask_api(spoof, twice)).status == 200
        assert (await persons(site))[-1].startswith("network:")
    async with site_again(data, BEHIND_THE_PROXY) as site, device(site, "zoe") as zoe:
        assert await titles(zoe) == ["What is 2 + 2?"]  # and it is still theirs, after a restart too


async def test_without_the_setting_the_header_is_nothing(running: RunningSite) -> None:
    async with device(running, "zoe") as one:
        assert (await ask_api(one)).status == 200
        async with one.get("/api/site") as reply:
            assert "thinkwell_visitor" in reply.cookies
    assert (await persons(running))[-1].startswith("network:")


@pytest.mark.parametrize("values", [["zoe", "max"], ["zoe", "zoe"], ["", "zoe"], ["x" * 201]])
async def test_a_header_that_names_nobody_clearly_is_refused_at_both_doors(
    proxied: RunningSite, engine: ScriptedEngine, values: list[str]
) -> None:
    headers = [(HEADER, value) for value in values]
    async with aiohttp.ClientSession(proxied.url) as client:
        for method, path, body in (
            ("GET", "/api/site", None),
            ("GET", "/api/conversations", None),
            ("GET", "/api/conversations/conv_1", None),
            ("POST", "/api/turns", {"content": "x"}),
        ):
            async with client.request(method, path, json=body, headers=headers) as reply:
                assert (reply.status, (await reply.json())["error"]["code"]) == (400, "bad_request")
        reply = await ask_api(client, headers)
        assert (reply.status, (await reply.json())["error"]["code"]) == (400, "bad_request")
    assert engine.asked == []


async def test_an_empty_header_lets_a_visitor_in(proxied: RunningSite, engine: ScriptedEngine) -> None:
    assert (await caller_at(proxied, engine, "web", **{HEADER: " "})).kind == "visitor"
    assert (await caller_at(proxied, engine, "api", **{HEADER: ""})).kind == "visitor"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_foreign_page_cannot_ask_as_the_named_person_at_either_door(
    proxied: RunningSite, engine: ScriptedEngine, headers: dict[str, str]
) -> None:
    async with device(proxied, "zoe") as zoe:
        async with zoe.post("/api/turns", json={"content": "x"}, headers=headers) as reply:
            assert reply.status == 403
        assert (await ask_api(zoe, headers)).status == 403
        assert engine.asked == []
        assert (await ask_api(zoe)).status == 200


async def test_no_name_is_written_anywhere(data: Path, engine: ScriptedEngine) -> None:
    name = "Zo\u00eb Quux-7731"
    async with (
        running_site(data, engine, assignments=BEHIND_THE_PROXY) as site,
        device(site, name) as named,
    ):
        await ask(named)
        assert (await ask_api(named)).status == 200
        async with named.get("/metrics") as reply:
            assert "Quux" not in await reply.text()

    def everything() -> bytes:
        return b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())

    kept = await asyncio.to_thread(everything)
    assert len(set(re.findall(rb"named:[0-9a-f]{32}", kept))) == 1
    assert b"Quux" not in kept
    assert "Zo\u00eb".encode() not in kept


async def test_visitors_behind_a_proxy_are_grouped_by_the_address_that_it_saw(
    proxied: RunningSite, engine: ScriptedEngine
) -> None:
    async def group(door: str, address: str) -> str | None:
        return (await caller_at(proxied, engine, door, **{"X-Forwarded-For": address})).group

    here = await group("web", "203.0.113.7")
    assert await group("web", "198.51.100.1, 203.0.113.99") == here
    assert await group("api", "203.0.113.8, 127.0.0.1") == here
    assert await group("web", "203.0.114.7") != here
    assert await group("api", "not an address") == await group("web", "127.0.0.1") != here


async def test_a_cookie_is_one_person_from_every_address(
    proxied: RunningSite, engine: ScriptedEngine
) -> None:
    async with visitor(proxied.url) as client:
        home = {"X-Forwarded-For": "203.0.113.7"}
        first = await caller_of(proxied, engine, ask(client, "at home", **home))
        away = await caller_of(proxied, engine, ask(client, "away", **{"X-Forwarded-For": "2001:db8::1"}))
        back = await caller_of(proxied, engine, ask(client, "back", **home))
        assert await titles(client) == ["back", "away", "at home"]
    assert first == back
    assert (away.id, away.person) == (first.id, first.person)
    assert away.group != first.group


@pytest.mark.parametrize("assignments", [(), PROXY_ELSEWHERE])
async def test_an_address_in_a_header_counts_for_nothing_from_anybody_else(
    data: Path, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch, assignments: tuple[str, ...]
) -> None:
    """Nor does the HTTP server believe it, which by itself would: from 127.0.0.1, or as this variable says."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    async with running_site(data, engine, assignments=assignments) as site:
        assert not site.server.config.proxy_headers
        true = await caller_at(site, engine, "api")
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"):
            value = "for=203.0.113.7" if header == "Forwarded" else "203.0.113.7"
            assert await caller_at(site, engine, "api", **{header: value}) == true
            assert (await caller_at(site, engine, "web", **{header: value})).group == true.group
