"""Going on with an answer, forks, a conversation as a file, and whether it changed."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from tests.http.test_account_door import call
from tests.http.test_web_door import ask, follow, read

from thinkwell.testing.scenario import Scenario
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite

Json = dict[str, Any]
CUT = saying("one, ", "t", reasoning=("Counting.",), finish="length")


async def cut_off(client: aiohttp.ClientSession, engine: ScriptedEngine, how: Scenario = CUT) -> Json:
    engine.then(how)
    asked = await ask(client, "Count!")
    await follow(client, asked["turn_id"])
    return asked


def where(asked: Json) -> Json:
    return {"conversation_id": asked["conversation_id"]}


async def test_an_answer_that_was_cut_off_is_gone_on_with_by_a_turn_and_receipt_of_its_own(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    asked = await cut_off(client, engine)
    engine.then(saying("wo, ", "three"))
    more = await call(client, "POST", "/api/turns", where(asked) | {"go_on": asked["answer_id"]}, 201)
    assert more["question_id"] == asked["answer_id"]
    await follow(client, more["turn_id"])
    assert [message.role for message in engine.asked[-1].messages] == ["user", "assistant", "user"]
    stored = await read(client, asked["conversation_id"])
    _, begun, rest = stored["messages"]
    assert (begun["content"], begun["finish_reason"]) == ("one, t", "length")
    assert (rest["content"], rest["parent_id"], rest["status"]) == ("wo, three", begun["id"], "complete")
    assert (begun["receipt"]["usage"]["answer"], rest["receipt"]["usage"]["answer"]) == (2, 2)
    assert begun["receipt"]["turn_id"] != rest["receipt"]["turn_id"]
    assert stored["head_id"] == rest["id"]

    on = where(asked) | {"content": "And?", "parent_id": rest["id"]}
    await follow(client, (await call(client, "POST", "/api/turns", on, 201))["turn_id"])
    assert [message.content for message in engine.asked[-1].messages] == ["Count!", "one, two, three", "And?"]


async def test_what_was_gone_on_with_is_one_text_in_a_file_and_on_the_plain_page(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    asked = await cut_off(client, engine)
    engine.then(saying("wo, ", "three"))
    more = await call(client, "POST", "/api/turns", where(asked) | {"go_on": asked["answer_id"]}, 201)
    await follow(client, more["turn_id"])
    path = f"/api/conversations/{asked['conversation_id']}/export"
    async with client.get(path) as reply:
        told = await reply.text()
    assert "\none, two, three\n" in told and told.count("*Receipt turn_") == 2
    async with client.get(f"/plain/{asked['conversation_id']}") as reply:
        page = await reply.text()
    assert ">one, two, three</div>" in page and page.count('class="receipt"') == 2


@pytest.mark.parametrize("body", [{"go_on": "{answer}"}, {"go_on": "{question}"}])
async def test_only_what_was_cut_off_is_gone_on_with(client: aiohttp.ClientSession, body: Json) -> None:
    asked = await ask(client)
    await follow(client, asked["turn_id"])
    ids = {"{answer}": asked["answer_id"], "{question}": asked["question_id"]}
    told = await call(client, "POST", "/api/turns", where(asked) | {"go_on": ids[body["go_on"]]}, 400)
    assert (told["error"]["code"], told["error"]["param"]) == ("bad_request", "go_on")


@pytest.mark.parametrize(
    "body",
    [
        {"go_on": "msg_1"},
        {"go_on": "msg_1", "content": "x", "conversation_id": "conv_1"},
        {"go_on": "msg_1", "regenerate": "msg_1", "conversation_id": "conv_1"},
        {"go_on": "", "conversation_id": "conv_1"},
        {"go_on": "last", "temporary": True},
        {"go_on": "last", "temporary": True, "history": [{"role": "user", "text": "x"}]},
    ],
)
async def test_what_says_no_unfinished_answer_is_refused(client: aiohttp.ClientSession, body: Json) -> None:
    await call(client, "POST", "/api/turns", body, 400)


async def test_a_temporary_answer_is_gone_on_with_as_the_page_tells_it(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    history = [{"role": "user", "text": "Count!"}, {"role": "assistant", "text": "one, t"}]
    body = {"temporary": True, "go_on": "last", "history": history}
    asked = await call(client, "POST", "/api/turns", body, 201)
    await follow(client, asked["turn_id"])
    assert [message.content for message in engine.asked[-1].messages][:2] == ["Count!", "one, t"]


async def test_the_same_wish_to_go_on_is_one_turn(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    asked = await cut_off(client, engine)
    body = where(asked) | {"go_on": asked["answer_id"]}
    told = [await call(client, "POST", "/api/turns", body, 201, **{"idempotency-key": "k"}) for _ in "ab"]
    assert told[0] == told[1]
    assert len(engine.asked) == 2


async def test_a_fork_is_a_conversation_of_its_own_up_to_one_message(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    asked = await cut_off(client, engine)
    on = where(asked) | {"content": "And?", "parent_id": asked["answer_id"]}
    await follow(client, (await call(client, "POST", "/api/turns", on, 201))["turn_id"])
    before = await call(client, "GET", "/api/receipts/summary", None, 200)
    path = f"/api/conversations/{asked['conversation_id']}/fork"
    made = await call(client, "POST", path, {"message_id": asked["answer_id"], "title": "Fork"}, 201)
    first, fork = await read(client, asked["conversation_id"]), await read(client, made["id"])
    assert (fork["title"], made["title"]) == ("Fork", "Fork")
    assert [message["content"] for message in fork["messages"]] == ["Count!", "one, t"]
    assert fork["head_id"] == fork["messages"][1]["id"]
    assert fork["messages"][1]["receipt"] == first["messages"][1]["receipt"]
    assert not {m["id"] for m in fork["messages"]} & {m["id"] for m in first["messages"]}
    assert (await call(client, "GET", "/api/receipts/summary", None, 200))["total"] == before["total"]

    body = {"conversation_id": fork["id"], "content": "More?", "parent_id": fork["head_id"]}
    await follow(client, (await call(client, "POST", "/api/turns", body, 201))["turn_id"])
    assert [message.content for message in engine.asked[-1].messages] == ["Count!", "one, t", "More?"]
    async with client.delete(f"/api/conversations/{fork['id']}") as reply:
        assert reply.ok
    assert await read(client, asked["conversation_id"]) == first


async def test_a_fork_needs_a_message_of_the_conversation_that_is_no_longer_written(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    asked = await ask(client)
    path = f"/api/conversations/{asked['conversation_id']}/fork"
    told = await call(client, "POST", path, {"message_id": asked["answer_id"]}, 409)
    assert told["error"]["code"] == "conflict"
    told = await call(client, "POST", path, {"message_id": "msg_none"}, 404)
    assert told["error"]["param"] == "message_id"
    made = await call(client, "POST", path, {"message_id": asked["question_id"]}, 201)
    assert made["title"] == "What is 2 + 2?"
    engine.gates.release("0")


async def test_a_conversation_is_a_file_with_or_without_its_thoughts(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four.", reasoning=("Two and two.",)))
    asked = await ask(client, "Жаба / \x85 <b>?")
    await follow(client, asked["turn_id"])
    path = f"/api/conversations/{asked['conversation_id']}/export"
    async with client.get(path) as reply:
        assert reply.headers["content-type"] == "text/markdown; charset=utf-8"
        named = reply.headers["content-disposition"]
        assert named.startswith("attachment; filename=\"b.md\"; filename*=UTF-8''%D0%96")
        assert reply.headers["ai-disclosure"] == "mode=machine-generated"
        assert "> Two and two." in await reply.text()
    async with client.get(path, params={"thoughts": "false"}) as reply:
        assert "Two and two." not in await reply.text()
    async with client.get(path, params={"as": "json"}) as reply:
        told = await reply.json()
    assert told["messages"][1]["reasoning"] == "Two and two."
    assert told["messages"][1]["receipt"]["turn_id"] == asked["turn_id"]
    async with client.get(path, params={"as": "json", "thoughts": "false"}) as reply:
        assert (await reply.json())["messages"][1]["reasoning"] is None
    async with client.get(path, params={"as": "pdf"}) as reply:
        assert reply.status == 400


async def test_who_has_the_conversation_as_it_is_is_told_so_and_nothing_else(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    asked = await ask(client)
    path = f"/api/conversations/{asked['conversation_id']}"

    async def look(tag: str = "") -> tuple[int, str]:
        async with client.get(path, headers={"if-none-match": tag} if tag else {}) as reply:
            assert bool(await reply.read()) is (reply.status == 200)
            return reply.status, reply.headers["etag"]

    _, running = await look()
    assert await look(running) == (304, running)
    engine.gates.release("0")
    await follow(client, asked["turn_id"])
    status, ended = await look(running)
    assert (status, ended != running) == (200, True)
    assert await look(f'"other", {ended}') == (304, ended)
    await call(client, "PATCH", path, {"title": "New"}, 200)
    status, renamed = await look(ended)
    assert (status, renamed != ended) == (200, True)
    await call(client, "PATCH", path, {"head_id": asked["question_id"]}, 200)
    assert (await look(renamed))[0] == 200
