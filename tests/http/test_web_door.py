"""The web app's door: conversations, asking, following a turn, stopping it, its thought; and whose they are."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.conftest import visitor

from thinkwell.conversations import shelf
from thinkwell.ledger.meter import Meter
from thinkwell.models.card import Dialect, FieldsDialect, PlainDialect, PromptedDialect
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site, scripted_card
from thinkwell.turns.housekeeping import cleaned
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.log import TurnLog
from thinkwell.turns.run import now_us
from thinkwell.turns.sweeping import sweep
from thinkwell.values.event import Queued, Stopped
from thinkwell.values.thinking import Thinking

Json = dict[str, Any]


async def ask(client: aiohttp.ClientSession, content: str = "What is 2 + 2?", **more: Any) -> Json:
    async with client.post("/api/turns", json={"content": content} | more) as reply:
        assert reply.status == 201, await reply.text()
        found: Json = await reply.json()
        return found


async def follow(client: aiohttp.ClientSession, turn_id: str, after: int = 0) -> list[tuple[int, Json]]:
    """All events to the end, as (number, event)."""
    headers = {"last-event-id": str(after)} if after else {}
    async with client.get(f"/api/turns/{turn_id}/events", headers=headers) as reply:
        if reply.status == 204:
            return []
        assert reply.status == 200, await reply.text()
        return parse(await reply.text())


def parse(text: str) -> list[tuple[int, Json]]:
    frames = [frame.split("\n") for frame in text.split("\n\n") if frame and not frame.startswith(":")]
    return [
        (int(number.removeprefix("id: ")), json.loads(data.removeprefix("data: "))) for number, data in frames
    ]


async def read(client: aiohttp.ClientSession, conversation_id: str) -> Json:
    async with client.get(f"/api/conversations/{conversation_id}") as reply:
        assert reply.status == 200
        found: Json = await reply.json()
        return found


def said(events: list[tuple[int, Json]], kind: str) -> str:
    return "".join(event["text"] for _, event in events if event["type"] == kind)


async def test_a_question_is_answered_and_found_again(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and ", "two.")))
    asked = await ask(client)
    events = await follow(client, asked["turn_id"])
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    assert (said(events, "reasoning_delta"), said(events, "answer_delta")) == ("Two and two.", "Four.")
    assert events[-1][1]["type"] == "finished"
    usage = events[-1][1]["receipt"]["usage"]
    assert (usage["reasoning"], usage["answer"]) == (2, 2)

    stored = await read(client, asked["conversation_id"])
    question, answer = stored["messages"]
    assert (question["role"], question["content"]) == ("user", "What is 2 + 2?")
    assert (answer["content"], answer["has_thought"], answer["status"]) == ("Four.", True, "complete")
    assert not question["has_thought"] and "Two and two." not in json.dumps(stored)
    assert answer["receipt"] == events[-1][1]["receipt"]
    assert stored["head_id"] == answer["id"] == asked["answer_id"]
    async with client.get("/api/conversations") as reply:
        [item] = (await reply.json())["items"]
    assert (item["id"], item["title"]) == (asked["conversation_id"], "What is 2 + 2?")


async def test_a_stream_cut_at_every_event_goes_on_where_it_was(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying(*"the answer", reasoning=tuple("a thought")))
    asked = await ask(client)
    whole = await follow(client, asked["turn_id"])
    for cut in range(1, len(whole)):
        assert whole[:cut] + await follow(client, asked["turn_id"], after=cut) == whole
    assert await follow(client, asked["turn_id"], after=len(whole)) == []


async def test_a_reader_that_leaves_does_not_stop_the_turn_and_two_readers_see_the_same(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying(*"abcdef"))
    engine.gates.hold("3")
    asked = await ask(client)
    async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
        await reply.content.readuntil(b'"text":"c"')
    await engine.gates.reached("3")
    first, second = (asyncio.ensure_future(follow(client, asked["turn_id"])) for _ in range(2))
    engine.gates.release("3")
    assert said(await first, "answer_delta") == "abcdef"
    assert await first == await second
    assert engine.aborted == 0


async def test_stop_ends_the_engines_work_and_keeps_what_was_said(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying(*"abcdef"))
    engine.gates.hold("3")
    asked = await ask(client)
    await engine.gates.reached("3")
    for _ in range(2):  # a second stop changes nothing
        async with client.post(f"/api/turns/{asked['turn_id']}/stop") as reply:
            assert reply.status == 204
    events = await follow(client, asked["turn_id"])
    assert events[-1][1]["type"] == "stopped"
    assert events[-1][1]["by"] == "person"
    assert events[-1][1]["receipt"]["usage"]["answer"] == 3
    assert engine.aborted == 1
    answer = (await read(client, asked["conversation_id"]))["messages"][1]
    assert (answer["content"], answer["status"]) == ("abc", "stopped")
    assert (await ask(client, "again?"))["turn_id"]


async def test_an_edit_and_a_regenerate_are_branches(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    first = await ask(client, "one?")
    await follow(client, first["turn_id"])
    conversation = first["conversation_id"]
    follow_up = await ask(client, "two?", conversation_id=conversation, parent_id=first["answer_id"])
    await follow(client, follow_up["turn_id"])
    assert [m.content for m in engine.asked[-1].messages] == ["one?", "The answer is **4**.", "two?"]

    edited = await ask(client, "uno?", conversation_id=conversation, parent_id=None)
    await follow(client, edited["turn_id"])
    assert [m.content for m in engine.asked[-1].messages] == ["uno?"]

    async with client.post(
        "/api/turns", json={"conversation_id": conversation, "regenerate": first["question_id"]}
    ) as reply:
        again = await reply.json()
    await follow(client, again["turn_id"])
    assert [m.content for m in engine.asked[-1].messages] == ["one?"]

    stored = await read(client, conversation)
    parents = {m["id"]: m["parent_id"] for m in stored["messages"]}
    assert parents[edited["question_id"]] is None
    assert parents[again["answer_id"]] == parents[first["answer_id"]] == first["question_id"]
    assert stored["head_id"] == again["answer_id"]

    async with client.patch(
        f"/api/conversations/{conversation}", json={"head_id": follow_up["answer_id"]}
    ) as reply:
        assert (await reply.json())["head_id"] == follow_up["answer_id"]


async def test_asking_on_while_the_answer_is_written_is_a_conflict(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    asked = await ask(client)
    body = {"content": "and?", "conversation_id": asked["conversation_id"], "parent_id": asked["answer_id"]}
    async with client.post("/api/turns", json=body) as reply:
        assert (reply.status, (await reply.json())["error"]["code"]) == (409, "conflict")


async def test_who_waits_sees_their_place_and_one_person_cannot_take_every_slot(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    async with visitor(running.url) as heavy, visitor(running.url) as light:
        running_turn = await ask(heavy, "first")
        await engine.gates.reached("0")
        mine = [await ask(heavy, f"more {n}") for n in range(3)]
        theirs = await ask(light, "just one")
        async with light.get(f"/api/turns/{theirs['turn_id']}/events") as reply:
            await reply.content.readuntil(b'"position":1,"waiting":4')
            engine.gates.release("0")
            await reply.text()
        for turn in (running_turn, *mine):
            await follow(heavy, turn["turn_id"])
        order = [asked.messages[-1].content for asked in engine.asked]
    assert order == ["first", "just one", "more 0", "more 1", "more 2"]
    assert engine.max_open == 1


async def test_who_comes_back_in_the_middle_of_a_wait_is_told_the_rest_of_it(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    asked = await ask(client)
    request = running.site.turns.running[0].request
    engine.gates.release("0")
    await follow(client, asked["turn_id"])
    now = [100.0]
    live = LiveTurn(msgspec.structs.replace(request, id="turn_waits"), Meter("turn_waits", "m", lambda: 0.0))
    live.log = TurnLog(lambda: now[0])
    running.site.turns.add(live)
    live.log.add(Queued(4, 12, "busy", 80.0, 200.0))
    live.log.add(Queued(3, 12, "busy", 60.0, 120.0))
    live.log.publish(2)
    for later, times in ((0.0, (60.0, 120.0)), (45.0, (15.0, 75.0)), (45.0, (0.0, 30.0))):
        now[0] += later
        async with client.get("/api/turns/turn_waits/events") as reply:
            text = b""
            while text.count(b"\n\n") < 2:
                text += await reply.content.readany()
        place = parse(text.decode())[-1][1]
        assert (place["expected_s"], place["p90_s"]) == times
    live.log.add(Stopped("person", live.meter.receipt("stopped")))
    live.log.publish(3)


async def test_the_full_thought_can_be_asked_for(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine
) -> None:
    asked = await ask(client)
    await follow(client, asked["turn_id"])
    body = {"conversation_id": asked["conversation_id"], "regenerate": asked["question_id"]}
    for wish, full in (({"full_thought": True}, True), ({}, False)):
        engine.gates.hold("0")
        async with client.post("/api/turns", json=body | wish) as reply:
            again = await reply.json()
        assert reply.status == 201, again
        [live] = running.site.turns.running
        assert live.request.full_thought is full
        engine.gates.release("0")
        await follow(client, again["turn_id"])


async def end_thought(
    client: aiohttp.ClientSession, turn_id: str, how: str = "answer_now"
) -> tuple[int, Json]:
    async with client.post(f"/api/turns/{turn_id}/{how}") as reply:
        return reply.status, await reply.json() if reply.status != 204 else {}


@pytest.mark.parametrize("natively", [True, False])
async def test_answer_now_ends_the_thought_and_the_answer_follows(
    client: aiohttp.ClientSession, engine: ScriptedEngine, natively: bool
) -> None:
    engine.ends_thoughts = natively
    engine.play(saying("Four", ".", reasoning=tuple("a long thought")))
    engine.gates.hold("3")
    asked = await ask(client)
    await engine.gates.reached("3")
    for _ in range(2):  # a second wish changes nothing
        assert await end_thought(client, asked["turn_id"]) == (204, {})
    if not natively:
        engine.play(saying("Four", "."))  # the pass that is asked for the answer
    engine.gates.release("3")
    events = await follow(client, asked["turn_id"])
    kinds = [event["type"] for _, event in events]
    ended = kinds.index("thought_ended")
    assert events[ended][1]["by"] == "person"
    assert "reasoning_delta" not in kinds[ended:]
    assert "answer_delta" not in kinds[:ended]
    assert said(events, "answer_delta") == "Four."
    assert len(said(events, "reasoning_delta")) < len("a long thought")
    assert events[-1][1]["receipt"]["thought_ended"] == "person"
    stored = (await read(client, asked["conversation_id"]))["messages"][1]
    assert stored["receipt"]["thought_ended"] == "person"


async def test_who_waits_in_line_can_have_the_thought_left_out_and_every_reader_sees_it(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    async with visitor(running.url) as first, visitor(running.url) as second:
        before = await ask(first)
        await engine.gates.reached("0")
        asked = await ask(second)
        assert await end_thought(second, asked["turn_id"]) == (204, {})
        async with second.get(f"/api/turns/{asked['turn_id']}/events") as reply:
            await reply.content.readuntil(b'"type":"thought_ended","by":"person"')
            engine.play("plain")
            engine.gates.release("0")
            await reply.text()
        events = await follow(second, asked["turn_id"])
        assert [event["type"] for _, event in events].count("thought_ended") == 1
        assert (said(events, "reasoning_delta"), said(events, "answer_delta")) == ("", "Hello, world.")
        assert events[-1][1]["receipt"]["thought_ended"] == "person"
        await follow(first, before["turn_id"])


async def test_a_thought_that_is_over_or_was_never_wanted_cannot_be_ended(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.gates.hold("answering")
    asked = await ask(client)
    await engine.gates.reached("answering")
    for how in ("answer_now", "think_on"):
        status, body = await end_thought(client, asked["turn_id"], how)
        assert (status, body["error"]["code"]) == (409, "conflict")
        assert body["error"]["message"].startswith("There is no thought")
    engine.gates.release("answering")
    await follow(client, asked["turn_id"])
    assert (await end_thought(client, asked["turn_id"]))[0] == 409

    engine.gates.hold("0")
    quiet = await ask(client, effort="none")
    await engine.gates.reached("0")
    assert (await end_thought(client, quiet["turn_id"]))[0] == 409
    engine.gates.release("0")
    events = await follow(client, quiet["turn_id"])
    assert events[-1][1]["receipt"]["thought_ended"] is None


async def test_a_shortened_thought_thinks_on_where_a_person_wants_it(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four.", reasoning=tuple("a long thought")))
    engine.gates.hold("3")
    asked = await ask(client)
    await engine.gates.reached("3")
    thinker = running.site.turns.running[0].thinker
    assert thinker is not None and thinker.shorten(8)
    assert await end_thought(client, asked["turn_id"], "think_on") == (204, {})
    assert (await end_thought(client, asked["turn_id"], "think_on"))[0] == 409
    engine.gates.release("3")
    events = await follow(client, asked["turn_id"])
    assert [event["budget"] > 8 for _, event in events if event["type"] == "lengthened"] == [True]
    assert said(events, "reasoning_delta") == "a long thought"
    receipt = events[-1][1]["receipt"]
    assert (receipt["shortened"], receipt["thought_ended"]) == (None, None)


async def test_the_effort_that_is_asked_for_is_what_the_turn_thinks_with(
    client: aiohttp.ClientSession, running: RunningSite, engine: ScriptedEngine
) -> None:
    for effort in (None, "none", "low", "max"):
        engine.gates.hold("0")
        asked = await ask(client, effort=effort)
        [live] = running.site.turns.running
        assert live.request.thinking == Thinking(effort=effort)
        engine.gates.release("0")
        receipt = (await follow(client, asked["turn_id"]))[-1][1]["receipt"]
        assert (receipt["thinking_budget"] is None) == (effort in (None, "max"))
        assert (receipt["thinking_budget"] == 0) == (effort == "none")


@pytest.mark.parametrize(
    ("dialect", "natively", "offered"),
    [
        (PlainDialect(), True, []),
        (FieldsDialect(), True, ["none", "low", "medium", "high", "max"]),
        (FieldsDialect(), False, ["low", "medium", "high", "max"]),
        (PromptedDialect(prefill="", ask="", budget=64), False, ["none", "low", "medium", "high", "max"]),
    ],
)
async def test_the_site_says_which_efforts_make_sense(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    dialect: Dialect,
    natively: bool,
    offered: list[str],
) -> None:
    monkeypatch.setattr(ScriptedEngine, "limits_thought", natively)
    async with (
        running_site(data, ScriptedEngine(), scripted_card(dialect=dialect)) as site,
        visitor(site.url) as client,
        client.get("/api/site") as reply,
    ):
        model = (await reply.json())["model"]
    assert (model["thinks"], model["efforts"]) == (offered != [], offered)


async def test_deleting_a_conversation_stops_its_turn_and_leaves_nothing(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.play(saying(*"secret"))
    engine.gates.hold("3")
    asked = await ask(client, "my secret")
    await engine.gates.reached("3")
    async with client.delete(f"/api/conversations/{asked['conversation_id']}") as reply:
        assert reply.status == 200 and await reply.json() == {"restore_s": shelf.UNDO_S}
    assert engine.aborted == 1
    async with client.get(f"/api/conversations/{asked['conversation_id']}") as reply:
        assert reply.status == 404
    site = running.site
    assert await sweep(site.database, now_us()) == 0
    assert await sweep(site.database, now_us() + shelf.UNDO_US) == 1
    await cleaned(site.database, site.search)  # or the site itself was first
    await site.database.checkpoint()
    await running.site.database.close()
    folder = running.site.settings.data
    kept = await asyncio.to_thread(lambda: b"".join(file.read_bytes() for file in folder.glob("*.sqlite3*")))
    assert b"CREATE TABLE" in kept
    assert b"my secret" not in kept


async def test_the_page_itself_makes_the_visitor_so_that_what_it_asks_at_once_makes_no_other(
    running: RunningSite,
) -> None:
    async with visitor(running.url) as client:
        async with client.get("/") as reply:
            assert "thinkwell_visitor" in reply.cookies
            assert reply.headers["cache-control"] == "private, no-cache"
        for path in ("/api/site", "/api/proof", "/api/me", "/", "/status"):
            async with client.get(path) as reply:
                assert reply.status == 200 and "thinkwell_visitor" not in reply.cookies


async def test_a_question_in_anothers_conversation_is_not_found(running: RunningSite) -> None:
    async with visitor(running.url) as owner, visitor(running.url) as other:
        asked = await ask(owner)
        await follow(owner, asked["turn_id"])
        body = {"content": "x", "conversation_id": asked["conversation_id"], "parent_id": asked["answer_id"]}
        async with other.post("/api/turns", json=body) as reply:
            assert reply.status == 404
        async with other.post(
            "/api/turns",
            json={"conversation_id": asked["conversation_id"], "regenerate": asked["question_id"]},
        ) as reply:
            assert reply.status == 404


@pytest.mark.parametrize("forged", ["x", "a.b.c", "visitor.1.sig", "\u00e9", "a" * 5000])
async def test_a_forged_cookie_is_nobody(running: RunningSite, forged: str) -> None:
    async with visitor(running.url) as owner:
        await ask(owner)
    async with aiohttp.ClientSession(running.url) as client:
        headers = {"cookie": f"thinkwell_visitor={forged}"}
        async with client.get("/api/conversations", headers=headers) as reply:
            assert (await reply.json())["items"] == []


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_a_page_of_another_site_cannot_act_for_a_visitor(
    client: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    asked = await ask(client)
    path = f"/api/conversations/{asked['conversation_id']}"
    for method, where, body in (
        ("POST", "/api/turns", {"content": "x"}),
        ("POST", f"/api/turns/{asked['turn_id']}/stop", None),
        ("POST", f"/api/turns/{asked['turn_id']}/answer_now", None),
        ("POST", f"/api/turns/{asked['turn_id']}/think_on", None),
        ("PATCH", path, {"title": "x"}),
        ("DELETE", path, None),
    ):
        async with client.request(method, where, json=body, headers=headers) as reply:
            assert (reply.status, (await reply.json())["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": ""},
        {"content": "   "},
        {"content": "x", "regenerate": "msg_1"},
        {"content": "x", "owner": "visitor:me"},
        {"content": "x", "full_thought": "yes"},
        {"content": "x", "effort": "enormous"},
        {"content": "x", "effort": 3},
        {"content": "x", "max_wait_s": 5},
        {"content": "x", "parent_id": "msg_1"},
        {"content": "x", "conversation_id": "../../etc"},
        {"content": "x" * 100_001},
        [],
    ],
)
async def test_a_bad_question_is_refused(
    client: aiohttp.ClientSession, engine: ScriptedEngine, body: Any
) -> None:
    async with client.post("/api/turns", json=body) as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]["message"]
    assert engine.asked == []


async def test_a_question_that_can_never_fit_is_refused_and_not_stored(client: aiohttp.ClientSession) -> None:
    async with client.post("/api/turns", json={"content": "word " * 15_000}) as reply:
        assert (reply.status, (await reply.json())["error"]["code"]) == (400, "context_length_exceeded")
    async with client.get("/api/conversations") as reply:
        assert (await reply.json())["items"] == []


async def test_a_long_conversation_leaves_out_its_oldest_messages_and_says_so(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("word " * 300))
    asked = await ask(client, "begin " + "word " * 500)
    for _ in range(12):
        events = await follow(client, asked["turn_id"])
        asked = await ask(
            client, "word " * 400, conversation_id=asked["conversation_id"], parent_id=asked["answer_id"]
        )
    events = await follow(client, asked["turn_id"])
    [started] = [event for _, event in events if event["type"] == "started"]
    assert started["left_out"] > 0
    assert started["left_out"] + len(engine.asked[-1].messages) == 25
    assert events[-1][1]["type"] == "finished"


async def test_pages_of_conversations_follow_each_other(client: aiohttp.ClientSession) -> None:
    asked = [await ask(client, f"question {n}") for n in range(60)]
    for one in asked:
        await follow(client, one["turn_id"])
    titles: list[str] = []
    before = ""
    while True:
        async with client.get("/api/conversations", params={"before": before} if before else {}) as reply:
            page = await reply.json()
        titles += [item["title"] for item in page["items"]]
        if not (before := page["next"]):
            break
    assert titles == [f"question {n}" for n in reversed(range(60))]
    async with client.get("/api/conversations", params={"before": "1; DROP TABLE"}) as reply:
        assert reply.status == 400
