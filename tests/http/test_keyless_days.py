"""Callers without a key over midnight: what they run can be steered and read to its end, and then it is new day."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.test_callers import BEHIND_THE_PROXY, ask, caller_of

from thinkwell.people.networks import DAY_S, GRACE_S, Networks, day_of, new_key
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

MIDNIGHT = 20_001.0 * DAY_S
Json = dict[str, Any]


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(running: RunningSite) -> Clock:
    """A minute before midnight, for the networks of the site."""
    clock = Clock(MIDNIGHT - 60)
    running.site.visitors.networks = Networks(Path("unused"), new_key(day_of(clock())), clock)
    return clock


async def test_a_turn_over_midnight_is_steered_and_read_to_its_end(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, clock: Clock
) -> None:
    engine.gates.hold("thinking")
    body: Json = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": "2 + 2?"}]}
    async with client.post("/v1/chat/completions", json=body) as reply:
        turn = await _first_id(reply)
        await engine.gates.reached("thinking")
        clock.now = MIDNIGHT + 60
        async with client.post(f"/v1/chat/completions/{turn}/answer_now") as steered:
            assert steered.status in (204, 409), await steered.text()  # found; 409: the thought was over
        clock.now = MIDNIGHT + GRACE_S
        async with client.post(f"/v1/chat/completions/{turn}/answer_now") as steered:
            assert steered.status == 404
        engine.gates.release("thinking")
        said = (await reply.text()).strip()
    assert said.endswith("[DONE]")


async def _first_id(reply: aiohttp.ClientResponse) -> str:
    async for line in reply.content:
        if line.startswith(b"data: "):
            found: str = json.loads(line.removeprefix(b"data: "))["id"]
            return found
    raise AssertionError("no event came")


async def test_a_stored_response_is_its_callers_until_the_day_is_over(
    client: aiohttp.ClientSession, clock: Clock
) -> None:
    async def answer(**more: str) -> tuple[int, Json]:
        async with client.post(
            "/v1/responses", json={"model": "scripted", "input": "2 + 2?"} | more
        ) as reply:
            return reply.status, await reply.json()

    _, first = await answer()
    clock.now = MIDNIGHT + GRACE_S - 1
    status, second = await answer(previous_response_id=first["id"])
    assert status == 200
    clock.now = MIDNIGHT + GRACE_S
    for gone in (first["id"], second["id"]):
        async with client.get(f"/v1/responses/{gone}") as reply:
            assert reply.status == 404
        assert (await answer(previous_response_id=gone))[0] == 404


async def test_a_visitor_is_the_same_over_midnight_in_another_group(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, clock: Clock
) -> None:
    before = await caller_of(running, engine, ask(client, "late"))
    clock.now = MIDNIGHT + GRACE_S
    after = await caller_of(running, engine, ask(client, "early"))
    assert (after.id, after.person) == (before.id, before.person)
    assert not set(after.networks) & set(before.networks)
    async with client.get("/api/conversations") as reply:
        assert [item["title"] for item in (await reply.json())["items"]] == ["early", "late"]


async def test_networks_are_those_of_the_address_that_the_proxy_saw(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine, assignments=BEHIND_THE_PROXY) as site:

        async def networks(forwarded: str) -> tuple[str, ...]:
            async with visitor(site.url) as one:
                asked = ask(one, **{"X-Forwarded-For": forwarded})
                return (await caller_of(site, engine, asked)).networks

        here = await networks("2001:db8:1:200::1")
        assert len(here) == 3
        next_door = await networks("198.51.100.1, 2001:db8:1:2ff::9")
        assert (next_door[0] != here[0], next_door[1:]) == (True, here[1:])
        assert len(await networks("203.0.113.7")) == 2
        assert not set(await networks("2001:db8:2::1")) & set(here)


async def test_a_spoofed_header_changes_no_network(running: RunningSite, engine: ScriptedEngine) -> None:
    async def networks(**headers: str) -> tuple[str, ...]:
        async with visitor(running.url) as one:
            return (await caller_of(running, engine, ask(one, **headers))).networks

    true = await networks()
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"):
        assert await networks(**{header: "2001:db8::1"}) == true


async def test_no_address_is_written_anywhere(data: Path, engine: ScriptedEngine) -> None:
    """Neither as it is nor so that another day, or another site, could know it again."""
    address = "203.0.113.77"
    seen = {"X-Forwarded-For": address}
    async with (
        running_site(data, engine, assignments=BEHIND_THE_PROXY) as site,
        visitor(site.url) as one,
    ):
        await ask(one, **seen)
        body = {"model": "scripted", "input": "x"}
        async with one.post("/v1/responses", json=body, headers=seen) as reply:
            assert reply.status == 200

    def everything() -> bytes:
        return b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())

    kept = await asyncio.to_thread(everything)
    assert b"203.0.113" not in kept
