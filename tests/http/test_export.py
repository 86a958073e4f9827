"""Taking everything along: what is in it, what is not, whose it is, and how it is made."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

import aiohttp
import pytest
from sqlalchemy import insert
from tests.conftest import visitor
from tests.http.test_account_door import PASSWORD, call, enter, join, operator, refused
from tests.http.test_account_door import ask as ask_first
from tests.http.test_web_door import ask, follow

from thinkwell.conversations import pages, shelf
from thinkwell.errors import Conflict, StoreUnavailable
from thinkwell.http import exports
from thinkwell.http.exports import Exports
from thinkwell.ledger.signing import raw_key, verify
from thinkwell.store import tables
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.turns.run import now_us

Json = dict[str, Any]


async def export(client: aiohttp.ClientSession) -> zipfile.ZipFile:
    async with client.get("/api/me/export") as reply:
        assert reply.status == 200, await reply.text()
        assert reply.headers["content-type"] == "application/zip"
        assert reply.headers["content-disposition"].startswith('attachment; filename="thinkwell-20')
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["ai-disclosure"] == "mode=machine-generated"
        found = zipfile.ZipFile(io.BytesIO(await reply.read()))
    assert found.testzip() is None
    return found


def told(found: zipfile.ZipFile) -> Json:
    whole: Json = json.loads(found.read("thinkwell.json"))
    return whole


def texts(found: zipfile.ZipFile) -> dict[str, str]:
    return {name: found.read(name).decode() for name in found.namelist() if name.startswith("conversations/")}


async def test_a_member_takes_everything_along(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four.", reasoning=("Two and two.",)))
    await join(client)
    asked = await ask_first(client)
    key = (await call(client, "POST", "/api/keys", {"name": "job"}, 201))["key"]
    folder = await call(client, "POST", "/api/folders", {"name": "Sums"}, 201)
    path = f"/api/conversations/{asked['conversation_id']}"
    await call(client, "PATCH", path, {"folder_id": folder["id"], "pinned": True})
    headers = {"authorization": f"Bearer {key}"}
    body = {"model": "scripted", "input": "Stored?"}
    response = await call(client, "POST", "/v1/responses", body, 200, **headers)
    await running.site.conductor.settled()
    found = await export(client)
    assert found.namelist()[:2] == ["README.md", "thinkwell.json"]
    whole = told(found)
    assert list(whole) == [
        "about",
        "id",
        "account",
        "retention",
        "sessions",
        "passkeys",
        "identities",
        "keys",
        "usage",
        "idempotency",
        "folders",
        "training",
        "receipts",
        "responses",
        "conversations",
    ]
    assert whole["account"]["name"] == "zoe" and whole["account"]["id"] == whole["id"]
    assert [one["name"] for one in whole["keys"]] == ["job"] and len(whole["sessions"]) == 1
    [conversation] = whole["conversations"]
    assert conversation["id"] == asked["conversation_id"]
    assert conversation["pinned"] and conversation["folder_id"] == folder["id"]
    assert [one["name"] for one in whole["folders"]] == ["Sums"]
    question, answer = conversation["messages"]
    assert (question["content"], answer["content"], answer["reasoning"]) == (
        "What is 2 + 2?",
        "Four.",
        "Two and two.",
    )
    assert len(whole["receipts"]) == whole["usage"]["total"]["turns"] == 2
    [stored] = whole["responses"]
    assert stored["id"] == response["id"] and stored["body"]["input"]
    secrets = (key, PASSWORD, "argon2", "secret_hash", "token_hash", *cookies(client))
    everything = b"".join(found.read(name) for name in found.namelist())
    assert not [secret for secret in secrets if secret.encode() in everything]
    readme = found.read("README.md").decode()
    assert "made by AI" in readme and "made by AI" in whole["about"]["made_by_ai"]
    [(name, text)] = texts(found).items()
    assert name == "conversations/00001-What-is-2-2.md"
    assert "What is 2 + 2?" in text and "> Two and two." in text and "Four." in text and "made by AI" in text


def cookies(client: aiohttp.ClientSession) -> list[str]:
    return [cookie.value for cookie in client.cookie_jar]


async def test_its_receipts_hold_years_later(running: RunningSite, client: aiohttp.ClientSession) -> None:
    await ask_first(client)
    async with client.get("/api/me/export") as reply:
        found = zipfile.ZipFile(io.BytesIO(await reply.read()))
    [line] = told(found)["receipts"]
    keys = await call(client, "GET", "/.well-known/thinkwell.json")
    known = {one["id"]: raw_key(one["public_key"]) for one in keys["keys"]}
    assert verify(line["receipt"], known) == "holds"


async def test_every_branch_can_be_read(client: aiohttp.ClientSession, engine: ScriptedEngine) -> None:
    engine.play(saying("first answer"))
    asked = await ask(client, "Begin?")
    await follow(client, asked["turn_id"])
    where = {"conversation_id": asked["conversation_id"]}
    engine.play(saying("second answer"))
    again = await call(client, "POST", "/api/turns", where | {"regenerate": asked["question_id"]}, 201)
    await follow(client, again["turn_id"])
    engine.play(saying("third answer"))
    more = await ask(client, "Go on?", parent_id=again["answer_id"], **where)
    await follow(client, more["turn_id"])
    [text] = texts(await export(client)).values()
    places = [text.index(word) for word in ("second answer", "Go on?", "third answer", "first answer")]
    assert places == sorted(places)
    assert text.count("Another branch, after message 1") == 1
    for word in ("Begin?", "first answer", "second answer", "third answer"):
        assert text.count(word) == 1 + (word == "Begin?")  # the title is the first question


async def test_nobody_finds_anything_of_others_in_it(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await ask_first(client, "My secret garden?")
    async with visitor(running.url) as other:
        await refused(other, "GET", "/api/me/export", None, 404, "not_found")
        await ask_first(other, "Mine alone?")
        found = await export(other)
        assert b"garden" not in b"".join(found.read(name) for name in found.namelist())
        whole = told(found)
        assert whole["account"] is None and whole["id"].startswith("visitor:")
        assert len(whole["conversations"]) == len(whole["receipts"]) == 1


async def test_who_is_kept_out_takes_theirs_along(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    await ask_first(client)
    async with operator(running) as boss:
        [zoe] = (await call(boss, "GET", "/api/operator/members?name=zoe"))["items"]
        await call(boss, "PATCH", f"/api/operator/members/{zoe['id']}", {"blocked": True, "why": "spam"})
    await refused(client, "GET", "/api/conversations", None, 403, "blocked")
    assert told(await export(client))["account"]["blocked_why"] == "spam"


async def test_much_of_it_comes_in_pages_each_once(
    running: RunningSite, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page of conversations, and of messages in one of them; titles that mean harm."""
    await ask_first(client)
    owner = told(await export(client))["id"]
    hostile = ["../../etc/passwd", "=cmd()", "\u202eevil", "a/b\\c:d", "x" * 150, ""]

    now = now_us()

    def write(tx: Any) -> None:
        for number in range(shelf.PAGE + 20):
            title = hostile[number] if number < len(hostile) else f"number {number}"
            shelf.create(tx, f"conv_{number}", owner, title, now + number)
        many = [
            {
                "id": f"msg_{n:04d}",
                "conversation_id": "conv_7",
                "parent_id": f"msg_{n - 1:04d}" if n else None,
                "role": "assistant" if n % 2 else "user",
                "content": f"<{n}>",
                "status": "complete",
                "created_at": 5 + n // 3,
            }
            for n in range(10 * pages.PAGE + 1)
        ]
        tx.execute(insert(tables.messages), many)

    await running.site.database.write(write)
    sizes = []
    page = pages.page
    monkeypatch.setattr(pages, "page", lambda *asked: (found := page(*asked), sizes.append(len(found)))[0])
    found = await export(client)
    whole = told(found)
    ids = [one["id"] for one in whole["conversations"]]
    assert len(ids) == len(set(ids)) == shelf.PAGE + 21
    [long] = [one for one in whole["conversations"] if one["id"] == "conv_7"]
    assert [one["content"] for one in long["messages"]] == [f"<{n}>" for n in range(10 * pages.PAGE + 1)]
    assert max(sizes) == pages.PAGE
    names = list(texts(found))
    assert len(names) == len(set(names)) == shelf.PAGE + 21
    assert all(name.count("/") == 1 and ".." not in name and "\\" not in name for name in names)
    assert all(name.removeprefix("conversations/").removesuffix(".md").isprintable() for name in names)


async def test_a_reader_that_leaves_lets_the_next_one_have_it(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    for _ in range(3):
        async with client.get("/api/me/export") as reply:
            assert reply.status == 200
            reply.close()
        await left(running)
    async with visitor(running.url) as again:
        await enter(again)
        assert told(await export(again))["account"]["name"] == "zoe"


async def left(running: RunningSite) -> None:
    """Until the site knows that nobody reads on."""
    while running.site.exports.count:
        await asyncio.sleep(0)


async def test_only_one_at_a_time_of_a_person_and_few_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pieces() -> Any:
        yield b"a"
        yield b"b"

    made = Exports()
    first = made.one_of("zoe", pieces())
    assert await anext(first) == b"a"
    with pytest.raises(Conflict):
        made.check("zoe")
    with pytest.raises(Conflict):
        await anext(made.one_of("zoe", pieces()))
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 1)
    with pytest.raises(StoreUnavailable):
        made.check("max")
    await first.aclose()
    made.check("zoe")
    assert [piece async for piece in made.one_of("zoe", pieces())] == [b"a", b"b"]
    made.check("max")


async def test_how_long_what_is_kept_is_told(running: RunningSite, client: aiohttp.ClientSession) -> None:
    told_visitor = {"conversation_days": 30, "log_hours": 24, "response_hours": 720, "network_hours": 24}
    assert await call(client, "GET", "/api/me/retention") == told_visitor
    await ask_first(client)
    assert await call(client, "GET", "/api/me/retention") == told_visitor
    await join(client)
    assert await call(client, "GET", "/api/me/retention") == told_visitor | {"conversation_days": None}
