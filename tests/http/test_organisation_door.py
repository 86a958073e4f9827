"""Sign-in at the organisation's own identity provider: a real one, in a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.http.identity_provider import (
    BEGIN,
    OWN_PAGE,
    Person,
    identity_provider,
    needs_node,
    register,
    settings_for,
)

from thinkwell.people import accounts, links
from thinkwell.people.links import LinkKind
from thinkwell.store import tables
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us

Json = dict[str, Any]
PASSWORD = "correct horse"

pytestmark = needs_node


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with identity_provider() as found:
        yield found


@pytest.fixture
def more() -> tuple[str, ...]:
    """Settings that a test adds."""
    return ()


@pytest.fixture
async def site(
    data: Path, engine: ScriptedEngine, issuer: str, more: tuple[str, ...]
) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=settings_for(issuer, *more)) as running:
        await register(issuer, running.url)
        yield running


@pytest.fixture
async def zoe(site: RunningSite) -> AsyncIterator[Person]:
    async with Person(site.url) as person:
        yield person


async def me(person: Person) -> Json:
    found: Json = (await person.get("/api/me")).json()
    return found


async def post(person: Person, path: str, body: Json) -> Json:
    reply = await person.browser.post(person.site + path, json=body)
    assert reply.status_code in (200, 201), reply.text
    found: Json = reply.json()
    return found


async def link(site: RunningSite, kind: LinkKind, tier: str | None = None) -> str:
    return await site.site.database.write(lambda tx: links.make(tx, kind, now_us(), tier=tier)[0])


async def count(site: RunningSite, table: Any = tables.accounts) -> int:
    return await site.site.database.read(
        lambda connection: connection.scalar(select(func.count()).select_from(table)) or 0
    )


# -- who signs in --------------------------------------------------------------------------------


async def test_who_signs_in_for_the_first_time_becomes_a_member_with_what_they_asked_before(
    site: RunningSite, zoe: Person
) -> None:
    await post(zoe, "/api/turns", {"content": "before"})
    assert await zoe.sign_in() == "/"
    found = await me(zoe)
    assert (found["kind"], found["name"], found["role"], found["tier"]) == (
        "member",
        "zoe",
        "member",
        "member",
    )
    assert not found["has_password"]
    kept = (await zoe.get("/api/conversations")).json()
    assert [item["title"] for item in kept["items"]] == ["before"]


async def test_who_comes_again_from_elsewhere_is_the_same_member(site: RunningSite, zoe: Person) -> None:
    await zoe.sign_in()
    await post(zoe, "/api/turns", {"content": "at home"})
    async with Person(site.url) as elsewhere:
        await post(elsewhere, "/api/turns", {"content": "elsewhere"})
        assert await elsewhere.sign_in(take_history="false") == "/"
        assert (await me(elsewhere))["name"] == "zoe"
        kept = (await elsewhere.get("/api/conversations")).json()
        assert [item["title"] for item in kept["items"]] == ["at home"]
    assert await count(site) == 1


async def test_the_page_is_told_of_the_organisation_and_what_its_button_says(
    site: RunningSite, zoe: Person, issuer: str
) -> None:
    found = await me(zoe)
    assert "organisation" in found["methods"]
    assert found["organisation"] == issuer.removeprefix("http://")


@pytest.mark.parametrize("more", [("people.oidc_title=Sign in with Town",)])
async def test_the_button_says_what_the_operator_wants(site: RunningSite, zoe: Person) -> None:
    assert (await me(zoe))["organisation"] == "Sign in with Town"


async def test_a_site_without_an_organisation_has_no_such_door(running: RunningSite) -> None:
    async with Person(running.url) as person:
        found = await me(person)
        assert found["organisation"] is None and "organisation" not in found["methods"]
        for path in (BEGIN, f"{BEGIN}/back?state=x&code=y"):
            reply = await person.get(path)
            assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")


async def test_signing_out_ends_the_session_here(site: RunningSite, zoe: Person) -> None:
    await zoe.sign_in()
    await post(zoe, "/api/sign_out", {})
    assert (await me(zoe))["kind"] == "visitor"


async def test_the_browser_gets_a_new_session_and_no_longer_the_cookie_of_the_trip(
    site: RunningSite, zoe: Person
) -> None:
    left = await zoe.leave()
    cookie = left.headers["set-cookie"]
    assert cookie.startswith("thinkwell_organisation=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert "Max-Age=600" in cookie and left.headers["cache-control"] == "no-store"
    assert await zoe.sign_in() == "/"
    assert "thinkwell_organisation" not in zoe.browser.cookies
    assert "thinkwell_session" in zoe.browser.cookies


@pytest.mark.parametrize("more", [("http.secure_cookies=true",)])
async def test_with_secure_cookies_no_other_host_can_set_that_of_the_trip(
    site: RunningSite, zoe: Person
) -> None:
    cookie = (await zoe.leave()).headers["set-cookie"]
    assert cookie.startswith("__Host-thinkwell_organisation=") and "Secure" in cookie and "Path=/;" in cookie


async def test_a_provider_that_signs_with_another_kind_of_key_will_do(
    site: RunningSite, zoe: Person, issuer: str
) -> None:
    await register(issuer, site.url, id_token_signed_response_alg="ES256")
    assert await zoe.sign_in() == "/"


# -- names ---------------------------------------------------------------------------------------


async def test_a_name_that_somebody_has_links_nobody_and_gets_a_number(
    site: RunningSite, zoe: Person
) -> None:
    async with Person(site.url) as other:
        await post(other, "/api/sign_up", {"name": "Zoe", "password": PASSWORD})
        await post(other, "/api/turns", {"content": "not yours"})
    assert await zoe.sign_in() == "/"
    assert (await me(zoe))["name"] == "zoe.of.Town"
    assert (await zoe.get("/api/conversations")).json()["items"] == []
    assert await count(site) == 2


# -- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [("people.sign_up=closed",)])
async def test_where_nobody_may_sign_up_only_members_come_in(site: RunningSite, zoe: Person) -> None:
    assert await zoe.sign_in() == "/welcome#failed=forbidden"
    assert await count(site) == await count(site, tables.identities) == 0
    assert (await me(zoe))["kind"] == "visitor"
    async with Person(site.url) as boss:
        token = await link(site, "operator")
        await post(boss, "/api/sign_up", {"name": "boss", "password": PASSWORD, "invite": token})
        assert await boss.sign_in() == "/account"
        await post(boss, "/api/sign_out", {})
        assert await boss.sign_in() == "/"
        assert (await me(boss))["role"] == "operator"


@pytest.mark.parametrize("more", [("people.sign_up=invited", "tiers.gold.weight=2")])
async def test_where_people_are_invited_a_link_lets_one_in_once(site: RunningSite, zoe: Person) -> None:
    assert await zoe.sign_in() == "/welcome#failed=forbidden"
    token = await link(site, "invite", tier="gold")
    assert await zoe.sign_in(invite=token) == "/"
    assert (await me(zoe))["tier"] == "gold"
    async with Person(site.url, "adam") as adam:
        assert await adam.sign_in(invite=token) == "/welcome#failed=link_used"
    assert (await zoe.leave(invite="no token!")).headers["location"] == "/welcome#failed=link_used"
    assert await count(site) == 1


async def test_whoever_is_kept_out_is_kept_out_here_too(site: RunningSite, zoe: Person) -> None:
    await zoe.sign_in()

    def block(tx: Any) -> None:
        account = accounts.by_name(tx, "zoe")
        assert account is not None
        accounts.block(tx, account.id, "spam", now_us())
        site.site.members.forget(account.id)

    await site.site.database.write(block)
    async with Person(site.url) as elsewhere:
        assert await elsewhere.sign_in() == "/welcome#failed=blocked"
        assert "thinkwell_session" not in elsewhere.browser.cookies


async def test_who_says_no_at_the_provider_is_back_as_they_were(
    site: RunningSite, zoe: Person, issuer: str
) -> None:
    reply = await zoe.leave()
    reply = await zoe.browser.get(reply.headers["location"])
    page = await zoe.browser.get(f"{issuer}{reply.headers['location']}")
    abort = page.text.split('href="', 1)[1].split('"', 1)[0]
    reply = await zoe.browser.get(abort)
    while not reply.headers["location"].startswith(site.url):
        reply = await zoe.browser.get(reply.headers["location"])
    reply = await zoe.browser.get(reply.headers["location"])
    assert reply.headers["location"] == "/welcome#failed=wrong_sign_in"
    assert await count(site) == 0


# -- linking -------------------------------------------------------------------------------------


async def test_a_member_links_the_account_and_can_take_that_back_while_there_is_another_way_in(
    site: RunningSite, zoe: Person
) -> None:
    await post(zoe, "/api/sign_up", {"name": "somebody", "password": PASSWORD})
    assert (await zoe.get("/api/me/organisation")).json()["linked_at"] is None
    assert await zoe.sign_in() == "/account"
    assert (await zoe.get("/api/me/organisation")).json()["linked_at"] is not None
    async with Person(site.url) as elsewhere:
        assert await elsewhere.sign_in() == "/"
        assert (await me(elsewhere))["name"] == "somebody"
    assert await zoe.sign_in() == "/account"  # once more changes nothing
    path = f"{zoe.site}/api/me/organisation"
    assert (await zoe.browser.delete(path)).status_code == 204
    assert (await zoe.browser.delete(path)).status_code == 404
    async with Person(site.url) as elsewhere:
        assert await elsewhere.sign_in() == "/"
        assert (await me(elsewhere))["name"] == "zoe"
        assert (await elsewhere.browser.delete(path)).json()["error"]["code"] == "conflict"


async def test_a_person_of_the_organisation_is_one_member_alone(site: RunningSite, zoe: Person) -> None:
    await zoe.sign_in()
    async with Person(site.url) as other:
        await post(other, "/api/sign_up", {"name": "other", "password": PASSWORD})
        assert await other.sign_in() == "/welcome#failed=conflict"
        assert (await me(other))["name"] == "other"
    assert await count(site, tables.identities) == 1


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "none"}, {}, {"referer": "https://evil.example/"}])
async def test_an_address_in_a_mail_links_no_account(
    site: RunningSite, zoe: Person, headers: dict[str, str]
) -> None:
    await post(zoe, "/api/sign_up", {"name": "somebody", "password": PASSWORD})
    reply = await zoe.browser.get(f"{site.url}{BEGIN}", headers=headers)
    assert reply.headers["location"] == "/welcome#failed=forbidden"
    reply = await zoe.browser.get(f"{site.url}{BEGIN}", headers={"referer": f"{site.url}/account"})
    assert reply.headers["location"].startswith("http://127.0.0.1")


async def test_who_signed_in_otherwise_on_the_way_links_nothing(site: RunningSite, zoe: Person) -> None:
    address = await zoe.come_back()
    await post(zoe, "/api/sign_up", {"name": "somebody", "password": PASSWORD})
    assert (await zoe.browser.get(address)).headers["location"] == "/welcome#failed=sign_in_over"
    assert await count(site, tables.identities) == 0


async def test_a_page_of_another_site_sends_nobody_there(site: RunningSite, zoe: Person) -> None:
    reply = await zoe.browser.get(f"{site.url}{BEGIN}", headers={"sec-fetch-site": "cross-site"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "forbidden")


# -- the way back --------------------------------------------------------------------------------


async def test_the_way_back_works_once_and_in_the_browser_that_left(site: RunningSite, zoe: Person) -> None:
    address = await zoe.come_back()
    async with Person(site.url, "adam") as adam:
        assert (await adam.browser.get(address)).headers["location"] == "/welcome#failed=sign_in_over"
        await adam.leave()  # with a cookie of his own
        assert (await adam.browser.get(address)).headers["location"] == "/welcome#failed=sign_in_over"
        assert (await me(adam))["kind"] == "visitor"
    kept = zoe.browser.cookies["thinkwell_organisation"]
    assert (await zoe.browser.get(address)).headers["location"] == "/"
    async with Person(site.url) as thief:
        thief.browser.cookies.set("thinkwell_organisation", kept)
        assert (await thief.browser.get(address)).headers["location"] == "/welcome#failed=sign_in_over"
        assert (await me(thief))["kind"] == "visitor"
    assert await count(site) == 1


async def test_a_code_counts_once_at_the_provider_too(site: RunningSite, zoe: Person) -> None:
    address = await zoe.come_back()
    other = await zoe.come_back()
    assert (await zoe.browser.get(other)).headers["location"] == "/"
    await post(zoe, "/api/sign_out", {})
    fresh = await zoe.come_back()
    used = other.split("code=")[1].split("&")[0]
    mixed = fresh.replace(fresh.split("code=")[1].split("&")[0], used)
    assert (await zoe.browser.get(mixed)).headers["location"] == "/welcome#failed=sign_in_over"
    assert (await zoe.browser.get(address)).headers["location"] == "/welcome#failed=sign_in_over"
    assert (await me(zoe))["kind"] == "visitor"


async def test_two_tabs_of_a_newcomer_make_one_account(site: RunningSite, zoe: Person) -> None:
    async with Person(site.url) as other:
        mine, theirs = await zoe.come_back(), await other.come_back()
        replies = await asyncio.gather(zoe.browser.get(mine), other.browser.get(theirs))
        assert [reply.headers["location"] for reply in replies] == ["/", "/"]
        assert (await me(zoe)) == (await me(other))
    assert await count(site) == await count(site, tables.identities) == 1


# -- the provider --------------------------------------------------------------------------------


async def test_a_site_starts_without_its_provider_and_says_so(
    data: Path, engine: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with identity_provider() as gone:
        pass
    with caplog.at_level(logging.WARNING):
        async with (
            running_site(data, engine, assignments=settings_for(gone)) as running,
            Person(running.url) as zoe,
        ):
            assert (await zoe.leave()).headers["location"] == "/welcome#failed=provider_unavailable"
            assert (await zoe.browser.post(f"{zoe.site}/api/turns", json={"content": "x"})).status_code == 201
    assert "does not work" in caplog.text


async def test_nothing_of_a_person_and_no_secret_is_logged(
    site: RunningSite, zoe: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="thinkwell"):
        address = await zoe.come_back()
        await zoe.browser.get(address)
        await zoe.browser.get(address)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("thinkwell"))
    assert "zoe" not in ours and "code=" not in ours and OWN_PAGE["sec-fetch-site"] not in ours
