"""A whole site whose identity provider lies: whatever it says, nothing of it is kept, and nobody is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.http.identity_provider import Person, settings_for
from tests.people.hostile_provider import HostileProvider, back_with, signed
from tests.people.test_organisation import ANSWERS, FORGED, SPOILED, answering

from thinkwell.people.attempts import FREE_OF_NETWORK
from thinkwell.store import tables
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

ROWS = (tables.accounts, tables.identities, tables.sessions)


@pytest.fixture
async def provider() -> AsyncIterator[HostileProvider]:
    async with HostileProvider().serving() as serving:
        yield serving


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine, provider: HostileProvider) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=settings_for(provider.issuer)) as running:
        yield running


@pytest.fixture
async def zoe(site: RunningSite) -> AsyncIterator[Person]:
    async with Person(site.url) as person:
        yield person


async def sign_in(person: Person, provider: HostileProvider, **changes: str) -> str:
    left = await person.leave()
    assert left.headers["location"].startswith(provider.issuer)
    answer = provider.approve(left.headers["location"])
    reply = await person.get(back_with(answer | changes))
    assert reply.status_code == 302 and reply.headers["cache-control"] == "no-store"
    return str(reply.headers["location"])


async def titles(person: Person) -> list[str]:
    return [item["title"] for item in (await person.get("/api/conversations")).json()["items"]]


async def rows(site: RunningSite) -> list[int]:
    def look(connection: Any) -> list[int]:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in ROWS]

    return await site.site.database.read(look)


async def test_a_token_that_does_not_hold_changes_nothing(
    site: RunningSite, zoe: Person, provider: HostileProvider
) -> None:
    await zoe.browser.post(f"{zoe.site}/api/turns", json={"content": "mine"})
    before = await titles(zoe)
    assert before == ["mine"]
    honest = provider.spoil
    for how, spoil in SPOILED.items():
        provider.spoil = spoil
        assert await sign_in(zoe, provider) == "/welcome#failed=provider_broken", how
    provider.spoil = honest
    for how, make in FORGED.items():
        provider.make = make
        assert await sign_in(zoe, provider) == "/welcome#failed=provider_broken", how
    assert await rows(site) == [0, 0, 0]
    assert await titles(zoe) == before
    assert not {"thinkwell_session", "thinkwell_organisation"} & set(zoe.browser.cookies)
    provider.make = signed
    assert await sign_in(zoe, provider) == "/"
    assert await rows(site) == [1, 1, 1]


async def test_an_answer_that_is_none_changes_nothing(
    site: RunningSite, zoe: Person, provider: HostileProvider
) -> None:
    for how, (make, problem) in ANSWERS.items():
        provider.answers["/token"] = answering(make)
        assert await sign_in(zoe, provider) == f"/welcome#failed={problem.code}", how
    del provider.answers["/token"]
    provider.person = {"sub": "zoe"}
    provider.told = {"sub": "adam", "name": "Adam"}
    assert await sign_in(zoe, provider) == "/welcome#failed=provider_broken"
    assert await rows(site) == [0, 0, 0]


async def test_no_address_that_comes_back_leads_anywhere_else(
    site: RunningSite, zoe: Person, provider: HostileProvider
) -> None:
    wrong = "https://evil.example/"
    for changes in ({"iss": wrong}, {"error": wrong}, {"state": wrong}, {"code": wrong}, {"next": wrong}):
        where = await sign_in(zoe, provider, **changes)
        assert where.startswith("/welcome#failed=") or where == "/", changes
        assert "evil" not in where
    for path in ("?return_to=https://evil.example", "?redirect_uri=https://evil.example&next=//evil.example"):
        async with Person(site.url) as other:
            reply = await other.get(f"/api/sign_in/organisation{path}")
        assert (
            reply.headers["location"].startswith(provider.issuer) and "evil" not in reply.headers["location"]
        )


async def test_who_guesses_codes_is_slowed_like_who_guesses_passwords(
    site: RunningSite, zoe: Person, provider: HostileProvider
) -> None:
    for _ in range(FREE_OF_NETWORK + 1):
        assert await sign_in(zoe, provider, code="guessed") == "/welcome#failed=sign_in_over"
    asked = len(provider.asked)
    assert await sign_in(zoe, provider) == "/welcome#failed=too_many_tries"
    assert len(provider.asked) == asked


async def test_who_is_called_nothing_that_can_be_a_name_has_none(
    site: RunningSite, zoe: Person, provider: HostileProvider
) -> None:
    provider.person = {"sub": "zoe", "name": "<b>\u202e"}
    assert await sign_in(zoe, provider) == "/"
    assert (await zoe.get("/api/me")).json()["name"] is None


async def test_many_of_one_name_get_numbers(
    site: RunningSite, zoe: Person, provider: HostileProvider
) -> None:
    for number, name in enumerate(["zoe", "zoe-2", "zoe-3"]):
        provider.person = {"sub": f"person-{number}", "preferred_username": "Zoe" if number else "zoe"}
        async with Person(site.url) as person:
            assert await sign_in(person, provider) == "/"
            assert (await person.get("/api/me")).json()["name"].lower() == name
