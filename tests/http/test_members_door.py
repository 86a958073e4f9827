"""The operators' door to members: the list, roles, tiers, who is kept out, links; and people of the proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.test_account_door import (
    PASSWORD,
    ask,
    call,
    enter,
    join,
    link,
    me,
    operator,
    refused,
    titles,
)

from thinkwell.people import accounts
from thinkwell.store.changes import tell
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

HEADER = "X-Remote-User"
PROXY = (f"people.proxy_header={HEADER}", "people.proxy_addresses=127.0.0.1")


@pytest.fixture
async def boss(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with operator(running) as client:
        yield client


async def id_of(boss: aiohttp.ClientSession, name: str) -> str:
    found = await call(boss, "GET", f"/api/operator/members?name={name}")
    [one] = [item for item in found["items"] if item["name"] == name]
    member_id: str = one["id"]
    return member_id


async def test_members_are_listed_for_operators_alone(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    await refused(client, "GET", "/api/operator/members", None, 401, "not_signed_in")
    await join(client)
    await refused(client, "GET", "/api/operator/members", None, 403, "forbidden")
    items = (await call(boss, "GET", "/api/operator/members"))["items"]
    assert [(item["name"], item["role"], item["tier"]) for item in items] == [
        ("zoe", "member", "member"),
        ("boss", "operator", "member"),
    ]
    assert "$argon2" not in str(items)
    for cursor in ("x", "1-", "-x", "' or 1=1 --"):
        await refused(boss, "GET", f"/api/operator/members?before={cursor}", None, 400, "bad_request")


async def test_pages_of_members_lead_through_all(running: RunningSite, boss: aiohttp.ClientSession) -> None:
    def make(tx) -> None:  # type: ignore[no-untyped-def]
        for number in range(accounts.PAGE + 3):
            accounts.create(tx, f"user{number}", 100)

    await running.site.database.write(make)
    first = await call(boss, "GET", "/api/operator/members")
    second = await call(boss, "GET", f"/api/operator/members?before={first['next']}")
    assert second["next"] is None
    assert len({item["id"] for item in first["items"] + second["items"]}) == accounts.PAGE + 4


async def test_who_is_kept_out_is_told_why_everywhere_and_comes_back(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    await join(client)
    asked = await ask(client)
    path = f"/api/operator/members/{await id_of(boss, 'zoe')}"
    await refused(boss, "PATCH", path, {"blocked": True}, 400, "bad_request")
    await refused(boss, "PATCH", path, {"blocked": True, "why": " "}, 400, "bad_request")
    found = await call(boss, "PATCH", path, {"blocked": True, "why": "asks too much"})
    assert found["blocked_why"] == "asks too much" and found["blocked_at"]
    for method, where, body in (
        ("GET", "/api/me", None),
        ("GET", "/api/conversations", None),
        ("GET", f"/api/conversations/{asked['conversation_id']}", None),
        ("POST", "/api/turns", {"content": "x"}),
        ("GET", "/api/me/sessions", None),
        ("POST", "/api/sign_in", {"name": "zoe", "password": PASSWORD}),
    ):
        error = await refused(client, method, where, body, 403, "blocked")
        assert "asks too much" in error["message"]
    token = await link(running, "password", "zoe")
    await refused(client, "POST", "/api/password", {"token": token, "password": PASSWORD}, 403, "blocked")
    async with visitor(running.url) as other:
        body = {"name": "zoe", "password": "wrong horse"}
        await refused(other, "POST", "/api/sign_in", body, 401, "wrong_sign_in")  # says nothing to strangers
    await call(boss, "PATCH", path, {"blocked": False})
    assert (await me(client))["name"] == "zoe"
    assert await titles(client) == ["What is 2 + 2?"]


async def test_who_is_kept_out_can_sign_out(
    boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    await join(client)
    path = f"/api/operator/members/{await id_of(boss, 'zoe')}"
    await call(boss, "PATCH", path, {"blocked": True, "why": "x"})
    await call(client, "POST", "/api/sign_out")
    assert (await me(client))["kind"] == "visitor"


async def test_a_role_and_a_tier_hold_at_once(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, assignments=("tiers.gold.weight=2",)) as running,
        operator(running) as boss,
        visitor(running.url) as client,
    ):
        await join(client)
        assert (await me(client))["tier"] == "member"
        path = f"/api/operator/members/{await id_of(boss, 'zoe')}"
        await call(boss, "PATCH", path, {"role": "operator", "tier": "gold"})
        found = await me(client)
        assert (found["role"], found["tier"]) == ("operator", "gold")
        await refused(boss, "PATCH", path, {"tier": "silver"}, 400, "bad_request")
        await refused(boss, "PATCH", path, {"role": "king"}, 400, "bad_request")
        await refused(boss, "PATCH", path, {"name": "max"}, 400, "unknown_field")
        await call(client, "PATCH", f"/api/operator/members/{await id_of(boss, 'boss')}", {"role": "member"})
        await refused(boss, "GET", "/api/operator/members", None, 403, "forbidden")


@pytest.mark.parametrize("change", [{"role": "member"}, {"blocked": True, "why": "x"}])
async def test_the_last_operator_stays_one(boss: aiohttp.ClientSession, change: dict[str, object]) -> None:
    path = f"/api/operator/members/{await id_of(boss, 'boss')}"
    await refused(boss, "PATCH", path, {"tier": "visitor"} | change, 409, "conflict")
    found = await me(boss)
    assert (found["role"], found["tier"]) == ("operator", "member")  # all of it or nothing


@pytest.mark.parametrize("member_id", ["member:nobody", "x", "..", "%00", "' or 1=1 --"])
async def test_a_member_who_is_not_there_is_not_found(boss: aiohttp.ClientSession, member_id: str) -> None:
    await refused(boss, "PATCH", f"/api/operator/members/{member_id}", {"tier": "member"}, 404, "not_found")


async def test_an_operator_makes_links_that_work(
    running: RunningSite, boss: aiohttp.ClientSession, client: aiohttp.ClientSession
) -> None:
    made = await call(boss, "POST", "/api/operator/links", {"kind": "invite", "tier": "visitor"}, 201)
    page, _, token = made["address"].partition("#invite=")
    assert page == "/welcome"
    assert (await join(client, invite=token))["tier"] == "visitor"
    made = await call(boss, "POST", "/api/operator/links", {"kind": "password", "name": "ZOE"}, 201)
    token = made["address"].partition("#password=")[2]
    await call(client, "POST", "/api/password", {"token": token, "password": "another horse"})
    await enter(client, password="another horse")
    made = await call(boss, "POST", "/api/operator/links", {"kind": "operator"}, 201)
    token = made["address"].partition("#operator=")[2]
    assert (await call(client, "POST", "/api/me/link", {"token": token}))["role"] == "operator"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "password"}, 400, "bad_request"),
        ({"kind": "password", "name": "nobody"}, 404, "not_found"),
        ({"kind": "invite", "name": "boss"}, 400, "bad_request"),
        ({"kind": "invite", "tier": "silver"}, 400, "bad_request"),
        ({"kind": "operator", "tier": "member"}, 400, "bad_request"),
        ({"kind": "king"}, 400, "bad_request"),
        ({"kind": "invite", "expires_at": 1}, 400, "unknown_field"),
    ],
)
async def test_a_link_that_makes_no_sense_is_refused(
    boss: aiohttp.ClientSession, body: dict[str, object], status: int, code: str
) -> None:
    await refused(boss, "POST", "/api/operator/links", body, status, code)


async def test_a_link_leads_to_the_sites_own_address(data: Path, engine: ScriptedEngine) -> None:
    """Whatever the request says that its host is."""
    async with (
        running_site(data, engine, assignments=("site.url=https://ask.example.org",)) as running,
        operator(running) as boss,
    ):
        made = await call(
            boss, "POST", "/api/operator/links", {"kind": "invite"}, 201, **{"X-Forwarded-Host": "evil"}
        )
        assert made["address"].startswith("https://ask.example.org/welcome#invite=")


async def test_what_another_program_changed_holds_once_the_site_looked(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    await running.site.members.look()
    assert (await me(client))["role"] == "member"

    def beside(tx) -> None:  # type: ignore[no-untyped-def]
        tell(tx)
        account = accounts.by_name(tx, "zoe")
        assert account is not None
        accounts.change_role(tx, account.id, "operator")

    await running.site.database.write(beside)
    await running.site.members.look()
    assert (await me(client))["role"] == "operator"


async def test_a_person_of_the_proxy_has_no_other_way_in_and_becomes_an_operator_by_a_link(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine, assignments=PROXY) as running:
        async with aiohttp.ClientSession(running.url, headers={HEADER: "zoe"}) as zoe:
            found = await me(zoe)
            assert (found["kind"], found["name"], found["named"], found["role"]) == (
                "member",
                None,
                True,
                "member",
            )
            for path, body in (
                ("/api/sign_up", {"name": "zoe", "password": PASSWORD}),
                ("/api/sign_in", {"name": "zoe", "password": PASSWORD}),
                ("/api/me/password", {"password": PASSWORD}),
            ):
                await refused(zoe, "POST", path, body, 403, "forbidden")
            await refused(zoe, "PATCH", "/api/me", {"name": "zoe"}, 403, "forbidden")
            assert (await call(zoe, "GET", "/api/me/sessions"))["items"] == []
            token = running.site.members.first_link
            assert (await call(zoe, "POST", "/api/me/link", {"token": token}))["role"] == "operator"
            [item] = (await call(zoe, "GET", "/api/operator/members"))["items"]
            assert item["id"].startswith("named:") and item["name"] is None
            await refused(
                zoe,
                "POST",
                "/api/operator/links",
                {"kind": "password", "name": item["id"]},
                400,
                "bad_request",
            )
        async with aiohttp.ClientSession(running.url, headers={HEADER: "max"}) as max_:
            await refused(max_, "GET", "/api/operator/members", None, 403, "forbidden")
            await ask(max_)


async def test_a_person_of_the_proxy_can_be_kept_out_at_both_doors(
    data: Path, engine: ScriptedEngine
) -> None:
    async with (
        running_site(data, engine, assignments=PROXY) as running,
        aiohttp.ClientSession(running.url, headers={HEADER: "zoe"}) as zoe,
    ):
        await ask(zoe)
        named = running.site.sign_in.named("127.0.0.1", [b"zoe"])
        assert named is not None

        def block(tx) -> None:  # type: ignore[no-untyped-def]
            accounts.block(tx, accounts.ensure(tx, named, 5).id, "x", 6)

        await running.site.database.write(block)
        running.site.members.forget(named.id)
        await refused(zoe, "GET", "/api/conversations", None, 403, "blocked")
        question = {"model": "scripted", "messages": [{"role": "user", "content": "x"}]}
        await refused(zoe, "POST", "/v1/chat/completions", question, 403, "blocked")


async def test_a_session_does_not_count_against_the_name_of_the_proxy(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine, assignments=PROXY) as running, visitor(running.url) as browser:
        await join(browser)
        await ask(browser, "as a member")
        assert await titles(browser) == ["as a member"]
        found = await call(browser, "GET", "/api/conversations", **{HEADER: "max"})
        assert found["items"] == []
