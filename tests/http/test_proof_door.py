"""The door of proofs of work: asked under load alone, given once, by whom it was asked of."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from altcha import Challenge, Payload, solve_challenge
from tests.conftest import visitor
from tests.http.test_callers import BEHIND_THE_PROXY, ask, caller_of, device

from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.forecast import LoadForecast

Json = dict[str, Any]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much is asked of the site as it can do."""
    monkeypatch.setattr(LoadForecast, "load", property(lambda _: 1.0))


async def offered(client: aiohttp.ClientSession) -> Json:
    async with client.get("/api/proof") as reply:
        assert reply.status == 200, await reply.text()
        assert reply.headers["cache-control"] == "no-store"
        found: Json = await reply.json()
    return found


def solved(offer: Json) -> str:
    """As a browser does it: try by try."""
    challenge = Challenge.from_dict(offer["challenge"])
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


async def give(client: aiohttp.ClientSession, payload: str, **headers: str) -> tuple[int, Json]:
    async with client.post("/api/proof", json={"payload": payload}, headers=headers) as reply:
        if reply.status != 200:
            assert "set-cookie" not in reply.headers
        return reply.status, await reply.json()


async def refusal(client: aiohttp.ClientSession, payload: str) -> str:
    status, body = await give(client, payload)
    assert (status, body["error"]["code"]) == (400, "proof_refused")
    message: str = body["error"]["message"]
    return message


async def test_nothing_is_asked_where_it_is_quiet(client: aiohttp.ClientSession) -> None:
    assert await offered(client) == {"needed": False, "challenge": None, "why": "quiet"}
    assert [cookie.key for cookie in client.cookie_jar] == ["thinkwell_visitor"]


@pytest.mark.usefixtures("busy")
async def test_who_works_is_a_person_of_their_own_and_who_does_not_is_served_too(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    offer = await offered(client)
    assert (offer["needed"], offer["why"]) == (True, "busy")
    before = await caller_of(running, engine, ask(client))
    assert before.group == before.networks[-1]
    status, body = await give(client, solved(offer))
    assert status == 200
    assert body["proven_until"].endswith("Z")
    cookie = next(one for one in client.cookie_jar if one.key == "thinkwell_proof")
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert 3_500 < int(cookie["max-age"]) <= 3_600
    after = await caller_of(running, engine, ask(client))
    assert (after.id, after.person, after.group) == (before.id, before.person, None)
    assert await offered(client) == {"needed": False, "challenge": None, "why": "proven"}


@pytest.mark.usefixtures("busy")
async def test_a_proof_survives_a_restart(data: Path) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with running_site(data, ScriptedEngine()) as first:
        async with aiohttp.ClientSession(first.url, cookie_jar=jar) as client:
            assert (await give(client, solved(await offered(client))))[0] == 200
        async with visitor(first.url) as other:
            kept = solved(await offered(other))
            cookies = {one.key: one.value for one in other.cookie_jar}
    async with running_site(data, ScriptedEngine()) as again:
        async with aiohttp.ClientSession(again.url, cookie_jar=jar) as client:
            assert (await offered(client))["why"] == "proven"
        async with aiohttp.ClientSession(again.url, cookies=cookies) as other:
            assert (await give(other, kept))[0] == 200  # asked before the restart, given after it


@pytest.mark.usefixtures("busy")
async def test_replayed_shared_changed_and_foreign_proofs_change_nothing(
    running: RunningSite, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    payload = solved(await offered(client))
    async with visitor(running.url) as thief:
        await offered(thief)
        assert "somebody else" in await refusal(thief, payload)
        assert (await offered(thief))["why"] == "busy"
    async with visitor(running.url) as nobody:
        assert "cookie" in await refusal(nobody, payload)
    forged = json.loads(base64.b64decode(payload))
    forged["challenge"]["parameters"]["algorithm"] = "none"
    assert "not asked for" in await refusal(client, base64.b64encode(json.dumps(forged).encode()).decode())
    assert "no proof" in await refusal(client, payload + "A" * 1_000_000)
    assert "no proof" in await refusal(client, "\u202e'; DROP TABLE visitors; --")
    assert (await give(client, payload))[0] == 200
    assert "used before" in await refusal(client, payload)
    async with (
        running_site(tmp_path / "elsewhere", ScriptedEngine()) as elsewhere,
        visitor(elsewhere.url) as one,
    ):
        strange = solved(await offered(one))
    assert "not asked for" in await refusal(client, strange)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    "body",
    [{}, {"payload": 7}, {"payload": "x", "tier": "member"}, {"payload": "x", "owner": "visitor:x"}, []],
)
async def test_a_body_of_another_shape_is_refused(client: aiohttp.ClientSession, body: object) -> None:
    await offered(client)
    async with client.post("/api/proof", json=body) as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]["code"] in ("bad_request", "unknown_field")


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_foreign_page_cannot_give_a_proof(
    client: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    payload = solved(await offered(client))
    assert (await give(client, payload, **headers))[0] == 403
    assert (await offered(client))["why"] == "busy"


@pytest.mark.usefixtures("busy")
async def test_a_forged_proof_cookie_proves_nobody(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    await offered(client)
    for forged in ("x", "me:9999999999.x.y", "a" * 4_000):
        client.cookie_jar.update_cookies({"thinkwell_proof": forged})
        assert (await caller_of(running, engine, ask(client))).group is not None


@pytest.mark.usefixtures("busy")
async def test_members_are_asked_for_no_proof(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, assignments=BEHIND_THE_PROXY) as site,
        device(site, "zoe") as zoe,
        visitor(site.url) as other,
    ):
        assert await offered(zoe) == {"needed": False, "challenge": None, "why": "known"}
        payload = solved(await offered(other))
        async with zoe.post("/api/proof", json={"payload": payload}) as reply:
            assert (await reply.json())["error"]["code"] == "proof_refused"


@pytest.mark.usefixtures("busy")
async def test_an_operator_may_ask_for_no_proofs_at_all(data: Path, engine: ScriptedEngine) -> None:
    async with (
        running_site(data, engine, assignments=("people.proof_load=0",)) as site,
        visitor(site.url) as client,
    ):
        assert (await offered(client))["why"] == "quiet"


@pytest.mark.usefixtures("busy")
async def test_many_newcomers_from_one_address_raise_the_price_for_the_next(running: RunningSite) -> None:
    def most(offer: Json) -> int:
        asked: int = offer["challenge"]["parameters"]["data"]["most"]
        return asked

    async with visitor(running.url) as first:
        cheap = most(await offered(first))
    for _ in range(12):
        async with visitor(running.url) as other:
            await offered(other)
    async with visitor(running.url) as last:
        assert most(await offered(last)) > cheap
