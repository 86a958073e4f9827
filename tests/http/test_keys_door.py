"""The page's door for API keys: members make, see, change and revoke their own, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.keyholders import QUESTION, make_key, new_member, signed_in, with_key

from thinkwell.people import keys
from thinkwell.people.keytext import id_of
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

Json = dict[str, Any]


@pytest.fixture
async def browser(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    """Of the member zoe."""
    async with await signed_in(running, await new_member(running)) as session:
        yield session


async def create(client: aiohttp.ClientSession, **body: Any) -> Json:
    async with client.post("/api/keys", json={"name": "job"} | body) as reply:
        assert reply.status == 201, await reply.text()
        assert reply.headers["cache-control"] == "no-store"
        made: Json = await reply.json()
        return made


async def listed(client: aiohttp.ClientSession) -> list[Json]:
    async with client.get("/api/keys") as reply:
        assert reply.status == 200
        items: list[Json] = (await reply.json())["items"]
        return items


async def ask(running: RunningSite, text: str) -> int:
    async with with_key(running, text) as client, client.post("/v1/chat/completions", json=QUESTION) as reply:
        await reply.read()
        return reply.status


async def change(client: aiohttp.ClientSession, key_id: str, **body: Any) -> tuple[int, Json]:
    async with client.patch(f"/api/keys/{key_id}", json=body) as reply:
        return reply.status, await reply.json()


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def test_a_member_makes_a_key_sees_its_text_once_and_asks_with_it(
    running: RunningSite, browser: aiohttp.ClientSession
) -> None:
    made = await create(browser)
    text = made["key"]
    assert id_of(text) == made["item"]["id"]
    assert made["item"]["hint"] == text[-4:]
    assert await ask(running, text) == 200
    [item] = await listed(browser)
    assert text not in json.dumps(item)
    assert item == made["item"] | {"spent": item["spent"]}
    assert {name for name, value in item.items() if value is None} == {
        *("doors", "models", "budget_money", "budget_tokens"),
        *("expires_at", "used_at", "revoked_at"),
    }


PRICED = ("prices.default.prompt=1", "prices.default.answer=2", "prices.default.reasoning=3")


async def test_what_was_spent_and_when_it_was_last_used_is_shown(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, assignments=PRICED) as running,
        await signed_in(running, await new_member(running)) as browser,
    ):
        text = (await create(browser))["key"]
        other = (await create(browser, name="unused"))["item"]["id"]
        client = with_key(running, text)
        async with client, client.post("/v1/chat/completions", json=QUESTION) as reply:
            usage = (await reply.json())["thinkwell"]["receipt"]["usage"]
        await running.site.conductor.settled()
        await running.site.keyring.write_used()
        by_id = {item["id"]: item for item in await listed(browser)}
    used = by_id.pop(id_of(text) or "")
    uncached = usage["prompt"] - usage["cached"]
    assert used["spent"] == {
        "money": uncached + 2 * usage["answer"] + 3 * usage["reasoning"],
        "tokens": uncached + 2 * (usage["answer"] + usage["reasoning"]),
        "turns": 1,
    }
    assert used["used_at"] is not None
    assert by_id[other]["spent"] == {"money": 0, "tokens": 0, "turns": 0}


async def test_a_key_can_be_changed_and_null_takes_a_bound_away(
    running: RunningSite, browser: aiohttp.ClientSession
) -> None:
    made = await create(
        browser,
        doors=["models"],
        models=["scripted"],
        budget_money=5,
        budget_tokens=10**9,
        expires_at=in_days(1),
    )
    key_id, text = made["item"]["id"], made["key"]
    assert await ask(running, text) == 403
    status, changed = await change(browser, key_id, doors=["chat", "models"], budget_money=None)
    assert status == 200
    assert changed == made["item"] | {"doors": ["chat", "models"], "budget_money": None}
    assert await ask(running, text) == 200
    later = in_days(30)
    _, changed = await change(browser, key_id, name="other", expires_at=later, doors=None, budget_tokens=0)
    assert (changed["name"], changed["doors"], changed["budget_tokens"]) == ("other", None, 0)
    assert changed["expires_at"][:19] == later[:19]
    _, changed = await change(browser, key_id, expires_at=None)
    assert changed["expires_at"] is None
    assert await change(browser, key_id) == (200, changed)


async def test_a_revoked_key_is_refused_at_once_and_stays_in_the_list(
    running: RunningSite, browser: aiohttp.ClientSession
) -> None:
    made = await create(browser)
    assert await ask(running, made["key"]) == 200
    for _ in range(2):
        async with browser.delete(f"/api/keys/{made['item']['id']}") as reply:
            assert reply.status == 204
        assert await ask(running, made["key"]) == 401
    [item] = await listed(browser)
    assert item["revoked_at"] is not None
    status, refused = await change(browser, made["item"]["id"], name="alive")
    assert (status, refused["error"]["code"]) == (409, "conflict")


async def test_there_is_a_bound_on_a_members_keys(
    running: RunningSite, browser: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_KEYS", 2)
    for _ in range(2):
        made = await create(browser)
    async with browser.post("/api/keys", json={"name": "x"}) as reply:
        assert (reply.status, (await reply.json())["error"]["code"]) == (409, "conflict")
    async with browser.delete(f"/api/keys/{made['item']['id']}"):
        pass
    await create(browser)


BAD: list[tuple[Json, str, str | None]] = [
    ({}, "bad_request", None),
    ({"name": ""}, "bad_request", "name"),
    ({"name": "   "}, "bad_request", "name"),
    ({"name": "x" * 81}, "bad_request", "name"),
    ({"name": "a\u0000b"}, "bad_request", "name"),
    ({"name": "k", "doors": []}, "bad_request", "doors"),
    ({"name": "k", "doors": ["operator"]}, "bad_request", "doors[0]"),
    ({"name": "k", "models": [""]}, "bad_request", "models[0]"),
    ({"name": "k", "budget_money": 1.5}, "bad_request", "budget_money"),
    ({"name": "k", "budget_money": -1}, "bad_request", "budget_money"),
    ({"name": "k", "budget_tokens": 2**63}, "bad_request", "budget_tokens"),
    ({"name": "k", "expires_at": "2001-01-01T00:00:00Z"}, "bad_request", "expires_at"),
    ({"name": "k", "expires_at": "2101-01-01T00:00:00"}, "bad_request", "expires_at"),
    ({"name": "k", "expires_at": 1}, "bad_request", "expires_at"),
    ({"name": "k", "owner": "member:x"}, "unknown_field", "owner"),
    ({"name": "k", "tier": "staff"}, "unknown_field", "tier"),
    ({"name": "k", "role": "operator"}, "unknown_field", "role"),
    ({"name": "k", "id": "x"}, "unknown_field", "id"),
]


async def test_a_body_that_makes_no_sense_is_refused_and_changes_nothing(
    browser: aiohttp.ClientSession,
) -> None:
    made = (await create(browser))["item"]
    for body, code, param in BAD:
        for method, path, sent in (
            ("POST", "/api/keys", body),
            ("PATCH", f"/api/keys/{made['id']}", body or {"name": None}),
        ):
            async with browser.request(method, path, json=sent) as reply:
                error = (await reply.json())["error"]
                assert (reply.status, error["code"]) == (400, code), (body, error)
                if param is not None:
                    assert error["param"] == param
    assert await listed(browser) == [made]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_a_foreign_page_makes_changes_and_revokes_nothing(
    browser: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    made = (await create(browser))["item"]
    path = f"/api/keys/{made['id']}"
    for method, where, body in (
        ("POST", "/api/keys", {"name": "evil"}),
        ("PATCH", path, {"name": "evil"}),
        ("DELETE", path, None),
    ):
        async with browser.request(method, where, json=body, headers=headers) as reply:
            assert reply.status == 403
    assert await listed(browser) == [made]


async def test_another_members_key_is_not_found_and_nobody_else_gets_near(
    running: RunningSite, browser: aiohttp.ClientSession
) -> None:
    made = (await create(browser))["item"]
    path = f"/api/keys/{made['id']}"
    max_ = await new_member(running, "max")
    _, text = await make_key(running, max_)
    sentences = set()
    async with await signed_in(running, max_) as other:
        assert len(await listed(other)) == 1
        for method, where in (("PATCH", path), ("DELETE", path), ("PATCH", "/api/keys/nothing")):
            async with other.request(
                method, where, json={"name": "x"} if method == "PATCH" else None
            ) as reply:
                assert reply.status == 404
                sentences.add((await reply.json())["error"]["message"])
    assert len(sentences) == 1
    async with visitor(running.url) as stranger, with_key(running, text) as client:
        async with stranger.get("/api/site"):
            pass
        for who in (stranger, client):
            for method, where in (
                ("GET", "/api/keys"),
                ("POST", "/api/keys"),
                ("PATCH", path),
                ("DELETE", path),
            ):
                body = {"name": "x"} if method in ("POST", "PATCH") else None
                async with who.request(method, where, json=body) as reply:
                    assert (reply.status, (await reply.json())["error"]["code"]) == (401, "not_signed_in")
    assert await listed(browser) == [made]


async def test_a_person_named_by_the_proxy_has_keys_too(data: Path, engine: ScriptedEngine) -> None:
    proxied = ("people.proxy_header=X-Remote-User", "people.proxy_addresses=127.0.0.1")
    async with running_site(data, engine, assignments=proxied) as running:
        async with aiohttp.ClientSession(running.url, headers={"X-Remote-User": "zoe"}) as named:
            assert await listed(named) == []
            text = (await create(named))["key"]
            async with named.post("/v1/responses", json={"model": "scripted", "input": "x"}) as reply:
                response = (await reply.json())["id"]
        async with with_key(running, text) as client, client.get(f"/v1/responses/{response}") as reply:
            assert reply.status == 200
