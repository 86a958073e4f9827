"""Idempotency keys at every door that begins a turn: the same answer again, and nothing made or charged twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from tests.conftest import visitor
from tests.http.keyholders import QUESTION, make_key, new_member, owners, with_key

from thinkwell.errors import StoreUnavailable
from thinkwell.ledger import book
from thinkwell.store.tables import entries, idempotency, turn_log
from thinkwell.testing.scenario import Scenario, end, fault, say, think
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns import idempotent
from thinkwell.turns.idempotent import DAY_US
from thinkwell.turns.retention import HOUR_US, Keep, carry_out, rules
from thinkwell.turns.run import now_us

Json = dict[str, Any]
ASKS: dict[str, tuple[str, Json]] = {
    "chat": ("/v1/chat/completions", QUESTION),
    "chat streamed": (
        "/v1/chat/completions",
        QUESTION | {"stream": True, "stream_options": {"include_usage": True}},
    ),
    "responses": ("/v1/responses", {"model": "scripted", "input": "x"}),
    "responses streamed": ("/v1/responses", {"model": "scripted", "input": "x", "stream": True}),
    "messages": ("/v1/messages", QUESTION | {"max_tokens": 99}),
    "messages streamed": ("/v1/messages", QUESTION | {"max_tokens": 99, "stream": True}),
    "embeddings": ("/v1/embeddings", {"model": "scripted", "input": ["a b", "c"]}),
    "embeddings packed": ("/v1/embeddings", {"model": "scripted", "input": "a", "encoding_format": "base64"}),
    "page": ("/api/turns", {"content": "What is 2 + 2?"}),
}
WORDS = {name: ask for name, ask in ASKS.items() if name.split()[0] in ("chat", "responses", "messages")}
KEY = "a key of mine, 7"


class Reply:
    def __init__(self, reply: aiohttp.ClientResponse, body: bytes) -> None:
        self.status = reply.status
        self.body = body
        self.headers = reply.headers
        self.again = reply.headers.get("idempotent-replayed") == "true"

    @property
    def error(self) -> str:
        told = json.loads(self.body)
        return str((told.get("thinkwell") or told["error"])["code"])


async def ask(client: aiohttp.ClientSession, name: str, key: str | None = KEY, **changes: Any) -> Reply:
    path, body = ASKS[name]
    headers = {} if key is None else {"Idempotency-Key": key}
    async with client.post(path, json=body | changes, headers=headers) as reply:
        return Reply(reply, await reply.read())


async def count(running: RunningSite, table: Any) -> int:
    await running.site.conductor.settled()
    return int(
        await running.site.database.read(lambda tx: tx.scalar(select(func.count()).select_from(table))) or 0
    )


@pytest.fixture
async def client(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    """A visitor whom the page knows: without the cookie each question there is another visitor's."""
    async with visitor(running.url) as session:
        async with session.get("/api/site"):
            pass
        yield session


# -- the same again ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKS)
async def test_the_same_key_gets_the_same_answer_to_the_byte_and_nothing_is_made_twice(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, name: str
) -> None:
    first = await ask(client, name)
    assert first.status in (200, 201), first.body
    await running.site.conductor.settled()
    running.site.turns._turns.clear()  # from memory it would be the same in any case
    again = await ask(client, name)
    assert (again.status, again.body) == (first.status, first.body)
    assert (first.again, again.again) == (False, True)
    for header in ("x-request-id", "request-id", "content-type"):
        assert again.headers.get(header) == first.headers.get(header)
    assert await count(running, entries) == 1
    assert len(engine.asked) == (not name.startswith("embeddings"))
    assert (await ask(client, name, key="another")).body != first.body
    assert (await ask(client, name, key=None)).again is False
    assert await count(running, entries) == 3


@pytest.mark.parametrize("name", WORDS)
async def test_who_asks_again_while_it_runs_gets_all_of_it(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, name: str
) -> None:
    engine.play(saying("Fo", "ur", ".", reasoning=("Two ", "and ", "two.")))
    engine.gates.hold("3")
    first = [asyncio.ensure_future(ask(client, name)) for _ in range(3)]
    await engine.gates.reached("3")
    late = [asyncio.ensure_future(ask(client, name)) for _ in range(3)]
    [live] = running.site.turns.running
    while len(live.log._followers) < 6 * ("streamed" in name):
        await asyncio.sleep(0)
    engine.gates.release("3")
    replies = await asyncio.gather(*first, *late)
    assert len({reply.body for reply in replies}) == 1
    assert {reply.status for reply in replies} == {200}
    assert sum(not reply.again for reply in replies) == 1
    assert len(engine.asked) == 1
    assert await count(running, entries) == 1
    assert (await ask(client, name)).body == replies[0].body


async def test_simultaneous_questions_at_the_page_make_one_conversation(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    replies = await asyncio.gather(*(ask(client, "page") for _ in range(8)))
    assert len({reply.body for reply in replies}) == 1
    async with client.get("/api/conversations") as reply:
        [found] = (await reply.json())["items"]
    assert found["id"] == json.loads(replies[0].body)["conversation_id"]


@pytest.mark.parametrize("name", ["chat", "chat streamed", "responses streamed", "messages"])
async def test_a_turn_with_a_key_goes_on_when_its_reader_leaves(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, name: str
) -> None:
    engine.gates.hold("1")
    reading = asyncio.ensure_future(ask(client, name))
    await engine.gates.reached("1")
    [live] = running.site.turns.running
    reading.cancel()
    await asyncio.wait([reading])
    for _ in range(50):
        await asyncio.sleep(0)
    assert live.stopped_by is None
    engine.gates.release("1")
    fetched = await ask(client, name)
    assert (fetched.status, fetched.again) == (200, True)
    assert "finished" in fetched.body.decode() and engine.aborted == 0


@pytest.mark.parametrize("name", WORDS)
async def test_a_turn_that_failed_fails_in_the_same_way_again(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine, name: str
) -> None:
    refuses = Scenario(name="refuses", about="at once", steps=(fault("refuses"),))
    breaks = Scenario(name="breaks", about="half-way", steps=(think("I "), say("th"), fault("refuses")))
    for key, plays in (("at once", refuses), ("half-way", breaks)):
        engine.play(plays)
        first = await ask(client, name, key)
        engine.play("fields")
        asked = len(engine.asked)
        await running.site.conductor.settled()
        running.site.turns._turns.clear()
        again = await ask(client, name, key)
        assert (again.status, again.body) == (first.status, first.body)
        assert b"engine_refused" in first.body or b"server_error" in first.body or b"api_error" in first.body
        assert again.again and len(engine.asked) == asked


async def test_a_turn_that_was_stopped_stays_stopped(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("1")
    reading = asyncio.ensure_future(ask(client, "chat"))
    await engine.gates.reached("1")
    [live] = running.site.turns.running
    live.stop("person")
    first = await reading
    engine.gates.release("1")
    assert (await ask(client, "chat")).body == first.body


async def test_a_stored_response_comes_back_with_its_id_and_can_be_gone_on_from(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    first = json.loads((await ask(client, "responses")).body)
    running.site.turns._turns.clear()
    again = json.loads((await ask(client, "responses")).body)
    assert again == first and again["store"] is True
    followed = await ask(client, "responses", "next", previous_response_id=first["id"])
    assert followed.status == 200
    assert (await ask(client, "responses", "next", previous_response_id=first["id"])).body == followed.body
    for store in (True, False):
        unstored = await ask(client, "responses", f"unstored {store}", store=store)
        if store:
            async with client.delete(f"/v1/responses/{json.loads(unstored.body)['id']}"):
                pass
        told = json.loads((await ask(client, "responses", f"unstored {store}", store=store)).body)
        assert told == json.loads(unstored.body) | {"store": False}


# -- another -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKS)
async def test_another_body_or_another_door_under_the_same_key_is_refused(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, name: str
) -> None:
    first = await ask(client, name)
    asked = len(engine.asked)
    change = {"content": "other"} if name == "page" else {"input": "other"}
    if "messages" in ASKS[name][1]:
        change = {"max_tokens": 7}
    others = [await ask(client, name, **change)]
    others += [await ask(client, other) for other in ASKS if ASKS[other] != ASKS[name]]
    path, body = ASKS[name]
    spaced = json.dumps(body, indent=1)
    headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
    async with client.post(path, data=spaced, headers=headers) as reply:
        others.append(Reply(reply, await reply.read()))
    visitors_differ = [reply for reply in others if reply.status != 422]
    # The page knows a visitor by the cookie, the API by the address: they are two.
    assert all(reply.status in (200, 201) for reply in visitors_differ)
    assert len(visitors_differ) == (len(ASKS) - 1 if name == "page" else 1) - (
        len(ASKS) - 2 if name == "page" else 0
    )
    assert {reply.error for reply in others if reply.status == 422} == {"idempotency_key_reused"}
    assert len(engine.asked) <= asked + 1
    assert (await ask(client, name)).body == first.body


async def test_other_callers_keys_are_independent_and_all_of_a_members_keys_are_one(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    zoe, max_ = await new_member(running, "zoe"), await new_member(running, "max")
    texts = [
        (await make_key(running, zoe))[1],
        (await make_key(running, zoe))[1],
        (await make_key(running, max_))[1],
    ]
    _, narrow = await make_key(running, zoe, models=("another",))
    bodies = []
    for text in texts:
        async with with_key(running, text) as client:
            bodies.append((await ask(client, "chat")).body)
    assert bodies[0] == bodies[1] != bodies[2]
    async with visitor(running.url) as client:
        assert (await ask(client, "chat")).body not in bodies
    async with with_key(running, narrow) as client:
        assert (await ask(client, "chat")).status == 403
    assert len(engine.asked) == 3
    assert [owner for owner, _ in await owners(running)][:2] == [zoe.id, max_.id]


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9", "a\tb"])
async def test_a_key_that_is_none_is_refused_and_nothing_is_asked(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, key: str
) -> None:
    for name in ASKS:
        reply = await ask(client, name, key)
        assert (reply.status, reply.error) == (400, "bad_request"), name
    path, body = ASKS["chat"]
    two = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    async with client.post(path, json=body, headers=two) as refused:
        assert refused.status == 400
    assert engine.asked == []
    assert await count(running, idempotency) == 0


async def test_keys_may_be_short_or_long_and_hold_anything_that_prints(client: aiohttp.ClientSession) -> None:
    printable = "".join(map(chr, range(0x21, 0x7F)))
    for key in ("x", "x" * 255, printable, "' OR 1=1; DROP TABLE idempotency --", "a b"):
        first = await ask(client, "chat", key)
        assert first.status == 200
        assert (await ask(client, "chat", f" {key} ")).body == first.body


async def test_what_was_refused_before_it_began_is_not_remembered(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    path, body = ASKS["chat"]
    engine.slots = 1
    engine.gates.hold("0")
    busy = asyncio.ensure_future(ask(client, "chat", None))
    await engine.gates.reached("0")
    headers = {"Idempotency-Key": KEY, "Prefer": "wait=0"}
    async with client.post(path, json=body, headers=headers) as refused:
        assert refused.status == 503
    for name, changes in (("chat", {"model": "nothing"}), ("embeddings", {"input": ["x"] * 257})):
        reply = await ask(client, name, "refused", **changes)
        assert reply.status in (400, 404)
    assert await count(running, idempotency) == 0
    engine.gates.release("0")
    await busy
    assert (await ask(client, "chat")).status == 200
    assert (await ask(client, "chat", "refused")).status == 200


# -- time, restarts and deaths -------------------------------------------------------------------


async def test_after_a_day_the_key_is_free_again(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    first = await ask(client, "chat")
    begun = now_us()
    running.site.once._now_us = lambda: begun + DAY_US - 60_000_000
    assert (await ask(client, "chat")).body == first.body
    running.site.once._now_us = lambda: begun + DAY_US + 1
    second = await ask(client, "chat", max_tokens=99)
    assert (second.status, second.again) == (200, False)
    assert (await ask(client, "chat", max_tokens=99)).body == second.body
    assert await count(running, idempotency) == 1


async def test_housekeeping_keeps_what_can_be_asked_again_for_a_day_and_no_longer(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await ask(client, "chat")
    await ask(client, "page")
    await running.site.conductor.settled()
    keep = Keep(visitor_days=30, member_days=0, log_hours=1, response_hours=1)
    for passed, gone in ((DAY_US - HOUR_US, 0), (DAY_US + HOUR_US, 4)):
        then = now_us() + passed
        assert sum([await carry_out(running.site.database, rule, then) for rule in rules(keep, then)]) == gone
    assert await count(running, turn_log) == 0


async def test_without_a_key_nothing_of_an_api_turn_is_kept(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    for name in ASKS:
        if name != "page":
            await ask(client, name, None)
    assert await count(running, turn_log) == 0
    assert await count(running, idempotency) == 0


async def test_the_question_is_not_kept_with_the_answer(
    data: Path, running: RunningSite, client: aiohttp.ClientSession
) -> None:
    secret = "HIDDEN-8213"
    messages = [{"role": "user", "content": secret}]
    assert (await ask(client, "chat", messages=messages)).status == 200
    await running.site.conductor.settled()
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in data.rglob("*") if file.is_file()])
    assert not any(secret.encode() in kept for kept in files)


async def test_after_a_restart_it_is_the_same_still(data: Path) -> None:
    replies: dict[str, bytes] = {}
    engine = ScriptedEngine()
    async with running_site(data, engine) as running:
        _, text = await make_key(running, await new_member(running))
        async with with_key(running, text) as client:
            for name in ASKS:
                if name != "page":
                    replies[name] = (await ask(client, name, name)).body
        await running.site.conductor.settled()
    engine = ScriptedEngine()
    async with running_site(data, engine) as running, with_key(running, text) as client:
        for name, body in replies.items():
            assert (await ask(client, name, name)).body == body, name
    assert engine.asked == []


@pytest.mark.parametrize("name", WORDS)
async def test_what_ran_when_the_site_was_stopped_is_told_as_it_ended(data: Path, name: str) -> None:
    engine = ScriptedEngine()
    engine.play(Scenario(name="long", about="", steps=(think("I "), say("th"), say("ink"), end())))
    engine.gates.hold("2")
    async with running_site(data, engine) as running:
        _, text = await make_key(running, await new_member(running))
        async with with_key(running, text) as client:
            reading = asyncio.ensure_future(ask(client, name))
            await engine.gates.reached("2")
            await running.site.conductor.stop_all()
            first = await reading
    async with running_site(data, ScriptedEngine()) as running, with_key(running, text) as client:
        again = await ask(client, name)
    assert (again.status, again.again) == (first.status, True)
    assert again.body == first.body


async def test_turn_and_key_are_written_together_or_not_at_all(
    running: RunningSite,
    client: aiohttp.ClientSession,
    engine: ScriptedEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> None:
        raise StoreUnavailable("the disk went away")

    with monkeypatch.context() as broken:
        broken.setattr(book, "open_entry", breaks)
        for name in ("chat", "embeddings", "page"):
            assert (await ask(client, name, name)).status == 503
    assert engine.asked == []
    assert await count(running, idempotency) == 0
    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "insert", breaks)
        broken.setattr(idempotent, "insert", breaks)
        assert (await ask(client, "chat", "chat")).status == 503
    assert await count(running, entries) == 0
    for name in ("chat", "embeddings", "page"):
        assert (await ask(client, name, name)).status in (200, 201)


async def test_a_deleted_conversation_is_not_found_again(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = json.loads((await ask(client, "page")).body)
    async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
        await reply.read()
    async with client.delete(f"/api/conversations/{asked['conversation_id']}") as reply:
        assert reply.status == 200
    again = await ask(client, "page")
    assert (again.status, again.error) == (404, "not_found")
