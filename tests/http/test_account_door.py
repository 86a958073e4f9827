"""The door of members: sign-up, sign-in, sessions, passwords and links, and what is refused there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from tests.conftest import visitor
from yarl import URL

from thinkwell.people import accounts, attempts, links
from thinkwell.people.links import LinkKind
from thinkwell.people.passwords import Cost, Passwords
from thinkwell.store import tables
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us

Json = dict[str, Any]
PASSWORD = "correct horse"
FOREIGN = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
MUTATING = [
    ("POST", "/api/sign_up", {"name": "zoe", "password": PASSWORD}),
    ("POST", "/api/sign_in", {"name": "zoe", "password": PASSWORD}),
    ("POST", "/api/sign_out", None),
    ("PATCH", "/api/me", {"name": "new-name"}),
    ("POST", "/api/me/password", {"password": "another horse", "current": PASSWORD}),
    ("POST", "/api/me/link", {"token": "x"}),
    ("POST", "/api/password", {"token": "x", "password": PASSWORD}),
    ("DELETE", "/api/me/sessions", None),
    ("DELETE", "/api/me/sessions/x", None),
    ("POST", "/api/operator/links", {"kind": "invite"}),
    ("PATCH", "/api/operator/members/x", {"role": "operator"}),
]


async def call(
    client: aiohttp.ClientSession, method: str, path: str, body: Any = None, status: int = 200, **headers: str
) -> Json:
    async with client.request(method, path, json=body, headers=headers) as reply:
        text = await reply.text()
        assert reply.status == status, (reply.status, text)
        found: Json = await reply.json() if text else {}
        return found


async def refused(
    client: aiohttp.ClientSession, method: str, path: str, body: Any, status: int, code: str
) -> Json:
    problem = await call(client, method, path, body, status)
    assert problem["error"]["code"] == code
    error: Json = problem["error"]
    return error


async def join(client: aiohttp.ClientSession, name: str = "zoe", **more: Any) -> Json:
    return await call(client, "POST", "/api/sign_up", {"name": name, "password": PASSWORD} | more, 201)


async def enter(client: aiohttp.ClientSession, name: str = "zoe", password: str = PASSWORD) -> Json:
    return await call(client, "POST", "/api/sign_in", {"name": name, "password": password})


async def me(client: aiohttp.ClientSession) -> Json:
    return await call(client, "GET", "/api/me")


async def link(running: RunningSite, kind: LinkKind, name: str | None = None, tier: str | None = None) -> str:
    def make(tx: Any) -> str:
        owner = None
        if name is not None:
            account = accounts.by_name(tx, name)
            owner = account.id if account else None
        return links.make(tx, kind, now_us(), owner=owner, tier=tier)[0]

    return await running.site.database.write(make)


@asynccontextmanager
async def operator(running: RunningSite, name: str = "boss") -> AsyncIterator[aiohttp.ClientSession]:
    async with visitor(running.url) as client:
        await join(client, name, invite=await link(running, "operator"))
        yield client


def cookies(client: aiohttp.ClientSession) -> dict[str, str]:
    return {cookie.key: cookie.value for cookie in client.cookie_jar}


async def ask(client: aiohttp.ClientSession, content: str = "What is 2 + 2?") -> Json:
    asked = await call(client, "POST", "/api/turns", {"content": content}, 201)
    async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
        assert '"finished"' in await reply.text()
    return asked


async def titles(client: aiohttp.ClientSession) -> list[str]:
    return [item["title"] for item in (await call(client, "GET", "/api/conversations"))["items"]]


async def count(running: RunningSite, table: Any) -> int:
    return await running.site.database.read(
        lambda connection: connection.scalar(select(func.count()).select_from(table)) or 0
    )


# -- becoming a member, coming back --------------------------------------------------------------


async def test_a_visitor_is_told_how_to_become_a_member(client: aiohttp.ClientSession) -> None:
    found = await me(client)
    assert (found["kind"], found["name"], found["role"], found["tier"]) == (
        "visitor",
        None,
        "member",
        "visitor",
    )
    assert found["sign_up"] == "open" and "password" in found["methods"]


async def test_who_signs_up_is_signed_in_with_what_they_asked_before(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client, "before")
    found = await join(client, "Zoë")
    assert (found["kind"], found["name"], found["tier"], found["has_password"]) == (
        "member",
        "Zoë",
        "member",
        True,
    )
    assert await me(client) == found
    assert await titles(client) == ["before"]
    await ask(client, "after")
    async with visitor(running.url) as elsewhere:
        assert (await enter(elsewhere, "ZOE\u0308"))["name"] == "Zoë"
        assert await titles(elsewhere) == ["after", "before"]
        read = await call(elsewhere, "GET", f"/api/conversations/{asked['conversation_id']}")
        assert len(read["messages"]) == 2


async def test_what_a_visitor_asked_elsewhere_comes_along_on_signing_in_unless_they_say_no(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    async with visitor(running.url) as phone, visitor(running.url) as borrowed:
        await ask(phone, "on the phone")
        await enter(phone)
        assert await titles(client) == ["on the phone"]
        await ask(borrowed, "somebody else's")
        body = {"name": "zoe", "password": PASSWORD, "take_history": False}
        await call(borrowed, "POST", "/api/sign_in", body)
        assert await titles(borrowed) == ["on the phone"]


async def test_a_visitors_cookie_finds_nothing_any_more_once_its_history_is_a_members(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client)
    old = cookies(client)["thinkwell_visitor"]
    await join(client)
    assert "thinkwell_visitor" not in cookies(client)
    async with aiohttp.ClientSession(running.url, cookies={"thinkwell_visitor": old}) as copy:
        assert await titles(copy) == []
        conversation = f"/api/conversations/{asked['conversation_id']}"
        await refused(copy, "GET", conversation, None, 404, "not_found")
        await refused(copy, "GET", f"/api/turns/{asked['turn_id']}/events", None, 404, "not_found")
        more = {
            "content": "and?",
            "conversation_id": asked["conversation_id"],
            "parent_id": asked["answer_id"],
        }
        await refused(copy, "POST", "/api/turns", more, 404, "not_found")


async def test_signing_out_leaves_a_new_visitor(running: RunningSite, client: aiohttp.ClientSession) -> None:
    await ask(client)
    first = cookies(client)["thinkwell_visitor"]
    await join(client)
    session = cookies(client)["thinkwell_session"]
    await call(client, "POST", "/api/sign_out")
    assert set(cookies(client)) == {"thinkwell_visitor"}
    assert cookies(client)["thinkwell_visitor"] != first
    assert (await me(client))["kind"] == "visitor"
    assert await titles(client) == []
    async with aiohttp.ClientSession(running.url, cookies={"thinkwell_session": session}) as copy:
        assert (await me(copy))["kind"] == "visitor"
    assert await count(running, tables.sessions) == 0


async def test_a_sign_in_always_makes_a_new_session_and_ends_the_browsers_old_one(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    """Whoever planted a session in a browser must not find its owner there afterwards."""
    async with visitor(running.url) as attacker:
        await join(attacker, "mallory")
        planted = cookies(attacker)["thinkwell_session"]
    await join(client)
    await call(client, "POST", "/api/sign_out")
    client.cookie_jar.update_cookies({"thinkwell_session": planted}, URL(running.url))
    await enter(client)
    assert cookies(client)["thinkwell_session"] != planted
    async with aiohttp.ClientSession(running.url, cookies={"thinkwell_session": planted}) as copy:
        assert (await me(copy))["kind"] == "visitor"
    once = cookies(client)["thinkwell_session"]
    await enter(client)
    assert cookies(client)["thinkwell_session"] != once
    assert await count(running, tables.sessions) == 1


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    data: Path, engine: ScriptedEngine
) -> None:
    for settings, name in (
        ((), "thinkwell_session"),
        (("http.secure_cookies=true",), "__Host-thinkwell_session"),
    ):
        body = {"name": f"zoe{len(name)}", "password": PASSWORD}
        async with (
            running_site(data, engine, assignments=settings) as running,
            visitor(running.url) as one,
            one.post("/api/sign_up", json=body) as reply,
        ):
            assert reply.status == 201
            [line] = [line for line in reply.headers.getall("set-cookie") if line.startswith(f"{name}=")]
        assert "HttpOnly" in line and "SameSite=lax" in line and "Path=/" in line
        assert ("Secure" in line) == bool(settings)
        assert "Domain" not in line


async def test_a_forged_cookie_is_nobody(running: RunningSite) -> None:
    names = ("thinkwell_session", "thinkwell_visitor", "__Host-thinkwell_session")
    async with aiohttp.ClientSession(running.url) as client:
        for name in names:
            for value in ("x" * 43, "x" * 10_000, "a.b.c", "%00", "\u00f6" * 43, ""):
                header = f"{name}={value}".encode().decode("latin-1")
                async with client.get("/api/me", headers={"cookie": header}) as reply:
                    assert reply.status == 200
                    assert (await reply.json())["kind"] == "visitor"


async def test_a_cookie_of_another_site_is_nobody(
    running: RunningSite, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    await ask(client)
    await join(client)
    await ask(client)
    async with (
        running_site(tmp_path / "other", ScriptedEngine()) as other,
        aiohttp.ClientSession(other.url, cookies=cookies(client)) as stranger,
    ):
        assert (await me(stranger))["kind"] == "visitor"
        assert await titles(stranger) == []


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_foreign_page_can_do_nothing_of_this_for_anybody(
    running: RunningSite, headers: dict[str, str]
) -> None:
    async with operator(running) as client:
        before = await count(running, tables.accounts), await count(running, tables.links)
        for method, path, body in MUTATING:
            problem = await call(client, method, path, body, 403, **headers)
            assert problem["error"]["code"] == "forbidden"
        assert (await count(running, tables.accounts), await count(running, tables.links)) == before
        found = await me(client)
        assert (found["name"], found["role"]) == ("boss", "operator")


async def test_a_role_a_tier_or_an_owner_in_a_body_is_refused(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client, "max")
    operators = {"/api/operator/members/x": {"role", "tier"}, "/api/operator/links": {"tier"}}
    for method, path, body in MUTATING:
        for field in {"role", "tier", "owner", "id", "operator", "is_admin"} - operators.get(path, set()):
            if body is not None:
                await refused(client, method, path, body | {field: "operator"}, 400, "unknown_field")
    found = await me(client)
    assert (found["name"], found["role"], found["tier"]) == ("max", "member", "member")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": "", "password": PASSWORD}, "name"),
        ({"name": "x" * 1000, "password": PASSWORD}, "name"),
        ({"name": "a b c", "password": PASSWORD}, "name"),
        ({"name": "p\u0430ypal", "password": PASSWORD}, "name"),
        ({"name": "zo\u200be", "password": PASSWORD}, "name"),
        ({"name": "'; drop table accounts; --", "password": PASSWORD}, "name"),
        ({"name": "zoe", "password": ""}, "password"),
        ({"name": "zoe", "password": "short"}, "password"),
        ({"name": "zoe", "password": "x" * 1_000_000}, "password"),
        ({"name": "zoe", "password": "\u00e9" * 1000}, "password"),
        ({"name": "zoe", "password": "pass\0word"}, "password"),
        ({"name": "zoe.quux", "password": "ZOE.QUUX"}, "password"),
        ({"name": "zoe", "password": 12345678}, "password"),
        ({"name": "zoe", "password": PASSWORD, "take_history": "yes"}, "take_history"),
    ],
)
async def test_a_bad_name_or_password_makes_no_account(
    running: RunningSite, client: aiohttp.ClientSession, body: Json, param: str
) -> None:
    error = await refused(client, "POST", "/api/sign_up", body, 400, "bad_request")
    assert error["param"] == param
    assert str(body["password"]) not in error["message"] or not body["password"]
    assert await count(running, tables.accounts) == 0
    assert running.site.members.passwords._threads is None  # and no hash was made for it


@pytest.mark.parametrize("twin", ["copy", "COPY", "\u0441\u043e\u0440\u0443", "\uff43opy"])
async def test_a_name_is_taken_by_its_twin(
    running: RunningSite, client: aiohttp.ClientSession, twin: str
) -> None:
    await join(client, "copy")
    async with visitor(running.url) as other:
        await refused(other, "POST", "/api/sign_up", {"name": twin, "password": PASSWORD}, 409, "name_taken")
        assert (await me(other))["kind"] == "visitor"


async def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    async with visitor(running.url) as other:
        errors = [
            await refused(other, "POST", "/api/sign_in", body, 401, "wrong_sign_in")
            for body in (
                {"name": "zoe", "password": "wrong horse"},
                {"name": "nobody", "password": PASSWORD},
                {"name": "' or 1=1 --", "password": PASSWORD},
                {"name": "", "password": PASSWORD},
            )
        ]
        assert len({error["message"] for error in errors}) == 1
        assert (await me(other))["kind"] == "visitor"


async def test_failed_sign_ins_are_slowed_and_a_browser_of_the_owner_is_not(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    async with visitor(running.url) as attacker:
        for _ in range(attempts.FREE_OF_NAME + 1):
            body = {"name": "zoe", "password": "wrong horse"}
            await refused(attacker, "POST", "/api/sign_in", body, 401, "wrong_sign_in")
        body = {"name": "ZOE", "password": PASSWORD}
        error = await refused(attacker, "POST", "/api/sign_in", body, 429, "too_many_tries")
        assert 0 < error["retry_after"] <= attempts.LONGEST_S
        assert (await me(attacker))["kind"] == "visitor"
    assert (await enter(client))["name"] == "zoe"


async def test_a_network_makes_so_many_accounts_and_no_more(running: RunningSite) -> None:
    for number in range(attempts.FREE_OF_NETWORK + 1):
        async with visitor(running.url) as client:
            await join(client, f"user{number}")
    async with visitor(running.url) as client:
        body = {"name": "one-more", "password": PASSWORD}
        error = await refused(client, "POST", "/api/sign_up", body, 429, "too_many_tries")
        assert error["retry_after"] > 0


@pytest.mark.parametrize(("allowed", "kind"), [("closed", "invite"), ("invited", None), ("closed", None)])
async def test_who_may_sign_up_is_the_operators_choice(
    data: Path, engine: ScriptedEngine, allowed: str, kind: LinkKind | None
) -> None:
    async with (
        running_site(data, engine, assignments=(f"people.sign_up={allowed}",)) as running,
        visitor(running.url) as client,
    ):
        body: Json = {"name": "zoe", "password": PASSWORD}
        assert (await me(client))["sign_up"] == allowed
        if kind is None:
            await refused(client, "POST", "/api/sign_up", body, 403, "forbidden")
        else:
            body["invite"] = await link(running, kind)
            await refused(client, "POST", "/api/sign_up", body, 410, "link_used")
        assert await count(running, tables.accounts) == 0


async def test_an_invitation_lets_one_in_with_its_tier(data: Path, engine: ScriptedEngine) -> None:
    settings = ("people.sign_up=invited", "tiers.gold.weight=2")
    async with running_site(data, engine, assignments=settings) as running:
        token = await link(running, "invite", tier="gold")
        async with visitor(running.url) as one, visitor(running.url) as two:
            await join(two, "boss", invite=await link(running, "operator"))
            body = {"name": "BOSS", "password": PASSWORD, "invite": token}
            await refused(one, "POST", "/api/sign_up", body, 409, "name_taken")  # it is as good as before
            found = await join(one, "zoe", invite=token)
            assert (found["tier"], found["role"]) == ("gold", "member")
            body = {"name": "other", "password": PASSWORD, "invite": token}
            await refused(one, "POST", "/api/sign_up", body, 410, "link_used")


# -- one's own account ---------------------------------------------------------------------------


async def test_sessions_are_listed_and_ended_one_by_one_and_all(running: RunningSite) -> None:
    async with visitor(running.url) as here, visitor(running.url) as there, visitor(running.url) as third:
        await join(here)
        for client in (there, third):
            await enter(client)
        items = (await call(here, "GET", "/api/me/sessions"))["items"]
        assert len(items) == 3
        assert [item["current"] for item in items].count(True) == 1
        assert all(item["agent"].startswith("Python") for item in items)
        [mine] = [
            item["id"] for item in (await call(there, "GET", "/api/me/sessions"))["items"] if item["current"]
        ]
        await call(here, "DELETE", f"/api/me/sessions/{mine}", None, 204)
        assert (await me(there))["kind"] == "visitor"
        assert (await me(third))["kind"] == "member"
        await call(here, "DELETE", "/api/me/sessions", None, 204)
        assert (await me(third))["kind"] == "visitor"
        assert (await me(here))["kind"] == "member"
        await refused(here, "DELETE", f"/api/me/sessions/{mine}", None, 404, "not_found")


async def test_another_members_session_is_not_found(running: RunningSite) -> None:
    async with visitor(running.url) as zoe, visitor(running.url) as max_:
        await join(zoe)
        await join(max_, "max")
        [item] = (await call(zoe, "GET", "/api/me/sessions"))["items"]
        others = await refused(max_, "DELETE", f"/api/me/sessions/{item['id']}", None, 404, "not_found")
        nothing = await refused(max_, "DELETE", "/api/me/sessions/nothing", None, 404, "not_found")
        assert others["message"] == nothing["message"]
        assert (await me(zoe))["kind"] == "member"


async def test_a_new_password_ends_the_other_sessions(running: RunningSite) -> None:
    async with visitor(running.url) as here, visitor(running.url) as there:
        await join(here)
        await enter(there)
        path = "/api/me/password"
        new = {"password": "another horse"}
        await refused(here, "POST", path, new, 400, "bad_request")
        await refused(here, "POST", path, new | {"current": "wrong horse"}, 401, "wrong_sign_in")
        await refused(here, "POST", path, {"password": "zoe", "current": PASSWORD}, 400, "bad_request")
        assert (await me(there))["kind"] == "member"
        await call(here, "POST", path, new | {"current": PASSWORD}, 204)
        assert (await me(here))["kind"] == "member"
        assert (await me(there))["kind"] == "visitor"
        body = {"name": "zoe", "password": PASSWORD}
        await refused(there, "POST", "/api/sign_in", body, 401, "wrong_sign_in")
        await enter(there, password="another horse")


async def test_who_found_an_open_browser_cannot_guess_its_owners_password(running: RunningSite) -> None:
    async with visitor(running.url) as client:
        await join(client)
        guess = {"password": "another horse", "current": "wrong horse"}
        for _ in range(attempts.FREE_OF_NAME + 1):
            await refused(client, "POST", "/api/me/password", guess, 401, "wrong_sign_in")
        await refused(client, "POST", "/api/me/password", guess, 429, "too_many_tries")


async def test_a_name_can_be_changed_to_one_that_is_free(running: RunningSite) -> None:
    async with visitor(running.url) as zoe, visitor(running.url) as max_:
        await join(zoe)
        await join(max_, "max")
        assert (await call(zoe, "PATCH", "/api/me", {"name": "Zoe.Q"}))["name"] == "Zoe.Q"
        assert (await me(zoe))["name"] == "Zoe.Q"
        await refused(zoe, "PATCH", "/api/me", {"name": "MAX"}, 409, "name_taken")
        await refused(zoe, "PATCH", "/api/me", {"name": "a b c"}, 400, "bad_request")
        body = {"password": "some-password", "current": PASSWORD}
        await call(zoe, "POST", "/api/me/password", body, 204)
        await refused(zoe, "PATCH", "/api/me", {"name": "some-password"}, 400, "bad_request")
    async with visitor(running.url) as again:
        await enter(again, "zoe.q", "some-password")


async def test_only_members_have_an_account(client: aiohttp.ClientSession) -> None:
    for method, path, body in MUTATING:
        if "/me" in path or "/operator" in path:
            await refused(client, method, path, body, 401, "not_signed_in")
    await refused(client, "GET", "/api/me/sessions", None, 401, "not_signed_in")


async def test_a_password_made_at_another_cost_is_made_anew_at_the_next_sign_in(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    running.site.members.passwords.close()
    running.site.members.passwords = Passwords(Cost(memory_kib=16, passes=1))
    for _ in range(2):
        await enter(client)
        account = await running.site.database.read(lambda connection: accounts.by_name(connection, "zoe"))
        assert account is not None
        hashed = await running.site.database.read(partial(accounts.password_of, account_id=account.id))
        assert hashed is not None and "m=16," in hashed


# -- links ---------------------------------------------------------------------------------------


async def test_a_password_link_sets_a_password_once_and_ends_all_sessions(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    token = await link(running, "password", "zoe")
    async with visitor(running.url) as other:
        bad = {"token": token, "password": "zoe"}
        await refused(other, "POST", "/api/password", bad, 400, "bad_request")
        body = {"token": token, "password": "another horse"}
        assert await call(other, "POST", "/api/password", body) == {"name": "zoe"}
        assert (await me(client))["kind"] == "visitor"
        assert (await me(other))["kind"] == "visitor"
        await refused(other, "POST", "/api/password", body, 410, "link_used")
        await enter(other, password="another horse")


async def test_a_link_that_is_none_does_nothing(running: RunningSite, client: aiohttp.ClientSession) -> None:
    await join(client)
    for token in ("", "x" * 43, "\u00f6" * 43, "' or 1=1 --"):
        bodies: dict[str, Json] = {
            "/api/password": {"token": token, "password": PASSWORD},
            "/api/me/link": {"token": token},
            "/api/sign_up": {"name": "other", "password": PASSWORD, "invite": token},
        }
        for path, body in bodies.items():
            await refused(client, "POST", path, body, 410, "link_used")
    assert (await me(client))["role"] == "member"
    assert await count(running, tables.accounts) == 1


async def test_links_of_one_kind_are_no_good_for_another(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    invite, password = await link(running, "invite"), await link(running, "password", "zoe")
    operators = await link(running, "operator")
    for token in (invite, password):
        await refused(client, "POST", "/api/me/link", {"token": token}, 410, "link_used")
    for token in (invite, operators):
        body = {"token": token, "password": PASSWORD}
        await refused(client, "POST", "/api/password", body, 410, "link_used")
    body = {"name": "other", "password": PASSWORD, "invite": password}
    await refused(client, "POST", "/api/sign_up", body, 410, "link_used")
    assert (await call(client, "POST", "/api/me/link", {"token": operators}))["role"] == "operator"


async def test_the_first_operator_is_made_by_the_link_of_the_start(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine) as running:
        first = running.site.members.first_link
    async with running_site(data, engine, assignments=("people.sign_up=closed",)) as running:
        token = running.site.members.first_link
        assert first and token and token != first
        async with visitor(running.url) as client:
            body = {"name": "boss", "password": PASSWORD, "invite": first}
            await refused(client, "POST", "/api/sign_up", body, 410, "link_used")
            assert (await join(client, "boss", invite=token))["role"] == "operator"
            await call(client, "GET", "/api/operator/members")
    async with running_site(data, engine) as running:
        assert running.site.members.first_link is None


async def test_a_member_becomes_an_operator_by_a_link_once(running: RunningSite) -> None:
    token = running.site.members.first_link
    async with visitor(running.url) as zoe, visitor(running.url) as max_:
        await join(zoe)
        await join(max_, "max")
        await refused(zoe, "GET", "/api/operator/members", None, 403, "forbidden")
        assert (await call(zoe, "POST", "/api/me/link", {"token": token}))["role"] == "operator"
        await call(zoe, "GET", "/api/operator/members")
        await refused(max_, "POST", "/api/me/link", {"token": token}, 410, "link_used")
        await refused(max_, "GET", "/api/operator/members", None, 403, "forbidden")
