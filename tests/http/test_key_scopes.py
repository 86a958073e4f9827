"""What a key may do, at every door of the API and in every place of a request where a key can be."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.keyholders import QUESTION, make_key, new_member, owners, with_key

from thinkwell.http.app import HANDLERS
from thinkwell.people import accounts, keys
from thinkwell.people.keys import DOORS
from thinkwell.people.keytext import checksum, new_key
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us

Headers = list[tuple[str, str]]
SECOND = 1_000_000
# Every route of the API, the door that it belongs to (None: any key may), and a body. Ids are of nothing.
ROUTES: list[tuple[str, str, str | None, Any]] = [
    ("POST", "/v1/chat/completions", "chat", QUESTION),
    ("POST", "/v1/chat/completions/{turn_id}/answer_now", "chat", None),
    ("POST", "/v1/chat/completions/{turn_id}/think_on", "chat", None),
    ("POST", "/v1/chat/completions/control", "chat", {"id": "x", "action": "reasoning_end"}),
    ("POST", "/v1/embeddings", "embeddings", {"model": "scripted", "input": "x"}),
    ("POST", "/v1/responses", "responses", {"model": "scripted", "input": "x"}),
    ("GET", "/v1/responses/{response_id}", "responses", None),
    ("DELETE", "/v1/responses/{response_id}", "responses", None),
    ("GET", "/v1/responses/{response_id}/input_items", "responses", None),
    ("POST", "/v1/responses/{response_id}/cancel", "responses", None),
    ("POST", "/v1/responses/{response_id}/answer_now", "responses", None),
    ("POST", "/v1/responses/{response_id}/think_on", "responses", None),
    ("POST", "/v1/messages", "messages", QUESTION | {"max_tokens": 9}),
    ("POST", "/v1/messages/count_tokens", "messages", QUESTION),
    ("POST", "/v1/messages/{message_id}/answer_now", "messages", None),
    ("POST", "/v1/messages/{message_id}/think_on", "messages", None),
    ("GET", "/v1/models", "models", None),
    ("GET", "/v1/models/{model_id}", "models", None),
    ("GET", "/v1/receipts/{turn_id}", None, None),
]
# Those that name a model.
ASKING = [route for route in ROUTES if isinstance(route[3], dict) and "model" in route[3]]
# Where a key may stand, in every spelling. (The client sends one of two names that differ in case alone.)
PLACES: dict[str, Callable[[str], Headers]] = {
    "authorization": lambda key: [("authorization", f"Bearer {key}")],
    "x-api-key": lambda key: [("x-api-key", key)],
    "both": lambda key: [("authorization", f"Bearer {key}"), ("x-api-key", key)],
    "both, the other way round": lambda key: [("X-API-KEY", key), ("AUTHORIZATION", f"bearer {key}")],
    "one twice": lambda key: [("x-api-key", key), ("x-api-key", key)],
    "the other twice": lambda key: [("authorization", f"Bearer {key}"), ("authorization", f"BEARER {key}")],
    "all four": lambda key: [("authorization", f"Bearer {key}"), ("x-api-key", key)] * 2,
    "spaces and tabs": lambda key: [("authorization", f"bEaReR \t {key} "), ("x-api-key", f"  {key}\t")],
    "no scheme": lambda key: [("authorization", key)],
    "another scheme": lambda key: [("authorization", f"Token {key}")],
    "beside a proxy's own sign-in": lambda key: [("authorization", "Basic dHdfOnR3Xw=="), ("x-api-key", key)],
    "beside an empty one": lambda key: [("authorization", "Bearer "), ("x-api-key", key)],
}


def filled(path: str) -> str:
    return path.replace("{model_id}", "scripted").replace("{", "").replace("}", "")


async def statuses(client: aiohttp.ClientSession, headers: Headers) -> list[int]:
    found = []
    for method, path, _, body in ROUTES:
        async with client.request(method, filled(path), json=body, headers=headers) as reply:
            await reply.read()
            found.append(reply.status)
    return found


async def code(client: aiohttp.ClientSession, method: str, path: str, body: Any, headers: Headers) -> str:
    """Of the refusal, in whichever dialect; empty for none."""
    async with client.request(method, filled(path), json=body, headers=headers) as reply:
        told = json.loads(await reply.read() or b"null")
    if reply.status < 400:
        return ""
    return str((told.get("thinkwell") or told["error"])["code"])


@pytest.fixture
async def anybody(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url) as client:
        yield client


def test_every_route_of_the_api_is_in_the_table_above() -> None:
    served = {
        (method, re.sub(r":\w+}", "}", path))
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods
        if path.startswith("/v1/")
    }
    assert {(method, path) for method, path, _, _ in ROUTES} == served


async def test_a_key_that_holds_is_its_owner_wherever_it_stands(
    running: RunningSite, anybody: aiohttp.ClientSession
) -> None:
    zoe = await new_member(running)
    asked: list[tuple[str, str | None]] = []
    for name, place in PLACES.items():
        key, text = await make_key(running, zoe)
        assert set(await statuses(anybody, place(text))) & {401, 403} == set(), name
        asked += [(zoe.id, key.id)] * 4
        assert await owners(running) == asked, name


async def test_a_key_that_does_not_hold_is_refused_everywhere_with_one_verdict(
    running: RunningSite, anybody: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    site = running.site
    zoe, max_, eve = [await new_member(running, name) for name in ("zoe", "max", "eve")]
    good, text = await make_key(running, zoe)
    revoked, gone = await make_key(running, zoe)
    _, over = await make_key(running, zoe, expires_at=now_us() + SECOND)
    site.keyring._now_us = lambda: now_us() + 2 * SECOND
    _, kept_out = await make_key(running, max_)
    _, orphan = await make_key(running, eve)
    await site.database.write(lambda tx: keys.revoke(tx, revoked.id, zoe.id, now_us()))
    await site.database.write(lambda tx: accounts.block(tx, max_.id, "spam", now_us()))
    await site.database.write(lambda tx: accounts.remove(tx, eve.id))
    guessed = f"tw_{good.id}_" + new_key()[1].split("_")[2][:-6]
    bad: dict[str, str] = {
        "tw_": "invalid_key",
        "tw_forged": "invalid_key",
        text[:-1]: "invalid_key",
        text.upper(): "invalid_key",
        text.swapcase(): "invalid_key",
        new_key()[1]: "invalid_key",
        guessed + checksum(guessed): "invalid_key",
        gone: "invalid_key",
        over: "invalid_key",
        orphan: "invalid_key",
        kept_out: "blocked",
    }
    for (wrong, verdict), (name, place) in product(bad.items(), PLACES.items()):
        for method, path, _, body in ROUTES:
            told = await code(anybody, method, path, body, place(wrong))
            assert told == verdict, (wrong, name, path)
    assert engine.asked == []


async def test_two_keys_that_differ_are_refused_in_every_combination(
    running: RunningSite, anybody: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    zoe = await new_member(running)
    one, other = [(await make_key(running, zoe))[1] for _ in range(2)]
    single = ("authorization", "x-api-key", "no scheme", "another scheme")
    for first, second in ((one, other), (one, "none"), ("none", one), (one, one.lower()), ("a", "b")):
        for here, there in product(single, single):
            if "another scheme" in (here, there) and not (first == one and second == other):
                continue  # of another scheme only what claims to be ours is a key
            headers = [*PLACES[here](first), *PLACES[there](second)]
            for method, path, _, body in ROUTES[:1] + ROUTES[-3:]:
                assert await code(anybody, method, path, body, headers) == "invalid_key", headers
    assert engine.asked == []


async def test_a_key_in_the_address_or_in_a_cookie_is_nothing(
    running: RunningSite, anybody: aiohttp.ClientSession
) -> None:
    zoe = await new_member(running)
    _, text = await make_key(running, zoe, models=("another",))
    # With this key no model would be listed.
    for query in ("key", "api_key", "x-api-key", "authorization", "access_token"):
        async with anybody.get("/v1/models", params={query: text}) as reply:
            assert len((await reply.json())["data"]) == 1
    for cookie in ("key", "api_key", "authorization", "thinkwell_session", "thinkwell_visitor"):
        async with anybody.get("/v1/models", headers={"Cookie": f"{cookie}={text}"}) as reply:
            assert len((await reply.json())["data"]) == 1
    async with anybody.post(f"/v1/chat/completions?api_key={text}", json=QUESTION) as reply:
        assert reply.status == 200
    [(owner, key)] = await owners(running)
    assert owner.startswith("network:") and key is None


async def test_a_key_for_some_doors_opens_those_alone(
    running: RunningSite, anybody: aiohttp.ClientSession
) -> None:
    zoe = await new_member(running)
    for open_ in [some for size in (1, 2) for some in combinations(DOORS, size)]:
        _, text = await make_key(running, zoe, doors=open_)
        headers = PLACES["x-api-key"](text)
        for method, path, door, body in ROUTES:
            refused = await code(anybody, method, path, body, headers)
            assert (refused == "out_of_scope") == (door not in (None, *open_)), (path, refused)
            assert refused != "invalid_key"


async def test_a_key_for_a_model_asks_that_model_alone_at_every_door(
    running: RunningSite, anybody: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    zoe = await new_member(running)
    for models, refused in ((("another",), "out_of_scope"), (("another", "scripted"), "")):
        _, text = await make_key(running, zoe, models=models)
        headers = PLACES["authorization"](text)
        for method, path, _, body in ASKING:
            assert await code(anybody, method, path, body, headers) == refused, path
        assert await code(anybody, "GET", "/v1/models/scripted", None, headers) == refused
        for dialect in ([], [("anthropic-version", "2023-06-01")]):
            async with anybody.get("/v1/models", headers=headers + dialect) as reply:
                assert reply.status == 200
                assert [model["id"] for model in (await reply.json())["data"]] == ["scripted"] * (
                    refused == ""
                )
        assert bool(engine.asked) == (refused == "")


async def test_scopes_hold_at_once_when_they_change(
    running: RunningSite, anybody: aiohttp.ClientSession
) -> None:
    zoe = await new_member(running)
    key, text = await make_key(running, zoe)
    headers = PLACES["x-api-key"](text)
    ask = ("POST", "/v1/chat/completions", QUESTION, headers)
    assert await code(anybody, *ask) == ""
    for changes, verdict in (
        ({"doors": ("models",)}, "out_of_scope"),
        ({"doors": None, "models": ("another",)}, "out_of_scope"),
        ({"models": None}, ""),
    ):
        site = running.site
        await site.database.write(lambda tx, new=changes: keys.change(tx, key.id, zoe.id, new, now_us()))
        site.keyring.forget(key.id)
        assert await code(anybody, *ask) == verdict


async def test_any_key_of_a_member_goes_on_from_the_members_responses_and_nobody_elses_does(
    running: RunningSite,
) -> None:
    zoe, max_ = await new_member(running, "zoe"), await new_member(running, "max")
    texts = [(await make_key(running, zoe))[1] for _ in range(2)]
    _, others = await make_key(running, max_)
    _, no_responses = await make_key(running, zoe, doors=("chat",))
    asked = {"model": "scripted", "input": "My name is Zoe."}
    async with with_key(running, texts[0]) as client, client.post("/v1/responses", json=asked) as reply:
        first = (await reply.json())["id"]
    follow = {"model": "scripted", "input": "Who am I?", "previous_response_id": first}
    found = {}
    for name, text in {"same": texts[0], "other": texts[1], "max": others, "chat": no_responses}.items():
        async with with_key(running, text) as client:
            async with client.post("/v1/responses", json=follow) as reply:
                found[name] = reply.status
            async with client.get(f"/v1/responses/{first}") as reply:
                assert reply.status == found[name]
    async with visitor(running.url) as client, client.post("/v1/responses", json=follow) as reply:
        found["visitor"] = reply.status
    assert found == {"same": 200, "other": 200, "max": 404, "chat": 403, "visitor": 404}


async def test_where_visitors_are_not_let_in_a_key_is_needed_and_the_sentence_says_where_to_get_one(
    data: Path, engine: ScriptedEngine
) -> None:
    rules = ("people.api_visitors=false", "site.url=https://ask.example.org")
    async with running_site(data, engine, assignments=rules) as running:
        zoe = await new_member(running)
        _, text = await make_key(running, zoe)
        async with aiohttp.ClientSession(running.url) as client:
            for headers in ([], PLACES["both"]("sk-anything")):
                assert set(await statuses(client, headers)) == {401}
            async with client.post("/v1/chat/completions", json=QUESTION) as reply:
                assert "https://ask.example.org" in (await reply.json())["error"]["message"]
            assert set(await statuses(client, PLACES["both"](text))) & {401, 403} == set()
            async with client.get("/api/site") as reply:
                assert reply.status == 200  # of the page nothing is said


async def test_a_key_counts_before_whom_the_proxy_names(data: Path, engine: ScriptedEngine) -> None:
    proxied = ("people.proxy_header=X-Remote-User", "people.proxy_addresses=127.0.0.1")
    async with running_site(data, engine, assignments=proxied) as running:
        zoe = await new_member(running)
        key, text = await make_key(running, zoe)
        async with (
            with_key(running, text) as client,
            client.post("/v1/chat/completions", json=QUESTION, headers={"X-Remote-User": "max"}) as reply,
        ):
            assert reply.status == 200
        assert await owners(running) == [(zoe.id, key.id)]


async def test_a_key_signs_nobody_in_to_the_page(running: RunningSite) -> None:
    zoe = await new_member(running)
    _, text = await make_key(running, zoe)
    async with with_key(running, text) as client:
        for method, path in (("GET", "/api/keys"), ("POST", "/api/keys"), ("DELETE", "/api/keys/x")):
            async with client.request(
                method, path, json={"name": "more"} if method == "POST" else None
            ) as reply:
                assert reply.status == 401
