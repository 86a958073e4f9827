"""The list of conversations at the page's door: pins, folders, deleting and bringing back, search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import insert, text
from tests.conftest import visitor
from tests.http.test_account_door import PASSWORD, call, join, refused
from tests.http.test_web_door import ask, follow

from thinkwell.conversations import folders, shelf
from thinkwell.store import tables
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us
from thinkwell.turns.sweeping import keep_sweeping, sweep

Json = dict[str, Any]


async def told(client: aiohttp.ClientSession, question: str) -> str:
    """A conversation whose answer is complete."""
    asked = await ask(client, question)
    await follow(client, asked["turn_id"])
    return str(asked["conversation_id"])


def at(conversation_id: str) -> str:
    return f"/api/conversations/{conversation_id}"


async def change(client: aiohttp.ClientSession, conversation_id: str, **wanted: Any) -> Json:
    return await call(client, "PATCH", at(conversation_id), wanted)


async def folder_of(client: aiohttp.ClientSession, name: str) -> str:
    return str((await call(client, "POST", "/api/folders", {"name": name}, 201))["id"])


async def on_shelf(client: aiohttp.ClientSession) -> tuple[list[str], dict[str, int], list[str]]:
    """Titles that are pinned, folders with how many are in them, titles of the rest."""
    found = await call(client, "GET", "/api/shelf")
    return (
        [item["title"] for item in found["pinned"]],
        {folder["name"]: folder["count"] for folder in found["folders"]},
        [item["title"] for item in found["items"]],
    )


async def searched(client: aiohttp.ClientSession, query: str, **rest: Any) -> list[str]:
    found = await call(client, "POST", "/api/search", {"query": query} | rest, 200)
    return [item["title"] for item in found["items"]]


async def test_the_shelf_has_what_is_pinned_then_folders_then_the_rest(client: aiohttp.ClientSession) -> None:
    one, two, three = [await told(client, title) for title in ("One", "Two", "Three")]
    await told(client, "Four")
    garden = await folder_of(client, " Garden  plans ")
    assert await on_shelf(client) == ([], {"Garden plans": 0}, ["Four", "Three", "Two", "One"])
    assert (await change(client, one, pinned=True))["pinned"]
    await change(client, two, pinned=True)
    assert (await change(client, three, folder_id=garden))["folder_id"] == garden
    assert await on_shelf(client) == (["Two", "One"], {"Garden plans": 1}, ["Four"])
    await change(client, one, pinned=False)
    await change(client, three, title="Third")
    assert await on_shelf(client) == (["Two"], {"Garden plans": 1}, ["Four", "One"])
    inside = await call(client, "GET", f"/api/conversations?folder={garden}")
    assert [item["title"] for item in inside["items"]] == ["Third"]
    everything = await call(client, "GET", "/api/conversations")
    assert [item["title"] for item in everything["items"]] == ["Four", "Third", "Two", "One"]
    await change(client, three, folder_id=None)
    assert (await on_shelf(client))[2] == ["Four", "Third", "One"]


async def test_a_folder_that_is_deleted_leaves_what_was_in_it(client: aiohttp.ClientSession) -> None:
    one = await told(client, "One")
    garden = await folder_of(client, "Garden")
    await change(client, one, folder_id=garden)
    renamed = await call(client, "PATCH", f"/api/folders/{garden}", {"name": "Allotment"})
    assert renamed == {"id": garden, "name": "Allotment", "count": 1}
    await call(client, "DELETE", f"/api/folders/{garden}", None, 204)
    assert await on_shelf(client) == ([], {}, ["One"])
    await refused(client, "DELETE", f"/api/folders/{garden}", None, 404, "not_found")


@pytest.mark.parametrize("name", ["", "x" * 61, "  ", "a\x00b", "\u202e"])
async def test_a_folder_needs_a_name_that_can_be_read(client: aiohttp.ClientSession, name: str) -> None:
    await told(client, "One")
    await refused(client, "POST", "/api/folders", {"name": name}, 400, "bad_request")


async def test_there_is_one_folder_of_a_name_and_no_more_than_so_many(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await told(client, "One")
    garden = await folder_of(client, "Garden")
    said = await refused(client, "POST", "/api/folders", {"name": "Garden "}, 409, "conflict")
    assert "of that name" in said["message"]
    assert (await call(client, "PATCH", f"/api/folders/{garden}", {"name": "Garden"}))["name"] == "Garden"
    owner = text("SELECT owner FROM folders")

    def fill(tx: Any) -> None:
        whose = tx.scalar(owner)
        tx.execute(
            insert(tables.folders),
            [
                {"id": f"f{number}", "owner": whose, "name": f"f{number}", "created_at": 1}
                for number in range(folders.MOST_FOLDERS - 1)
            ],
        )

    await running.site.database.write(fill)
    said = await refused(client, "POST", "/api/folders", {"name": "One more"}, 409, "conflict")
    assert "Delete one" in said["message"]


async def test_no_more_than_so_many_are_pinned(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_PINNED", 1)
    one, two = await told(client, "One"), await told(client, "Two")
    await change(client, one, pinned=True)
    await change(client, one, pinned=True)
    said = await refused(client, "PATCH", at(two), {"pinned": True}, 409, "conflict")
    assert "Unpin one" in said["message"]


async def test_what_is_anothers_is_no_folder_of_mine(running: RunningSite) -> None:
    async with visitor(running.url) as zoe, visitor(running.url) as max_:
        mine, theirs = await told(zoe, "Plumbago"), await told(max_, "Plumbago")
        garden = await folder_of(zoe, "Garden")
        await change(zoe, mine, folder_id=garden)
        await refused(max_, "PATCH", at(theirs), {"folder_id": garden}, 404, "not_found")
        await refused(max_, "GET", f"/api/conversations?folder={garden}", None, 404, "not_found")
        assert await searched(max_, "plumbago", folder_id=garden) == []
        found = await call(max_, "POST", "/api/search", {"query": "plumbago"}, 200)
        assert {item["conversation_id"] for item in found["items"]} == {theirs}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/conversations?before=x", 400),
        ("/api/conversations?folder=x&loose=true", 400),
        ("/api/conversations?folder=none", 404),
    ],
)
async def test_a_list_that_is_none_is_refused(client: aiohttp.ClientSession, path: str, status: int) -> None:
    await told(client, "One")
    async with client.get(path) as reply:
        assert reply.status == status


async def test_whoever_was_never_here_has_an_empty_shelf(running: RunningSite) -> None:
    async with visitor(running.url) as nobody:
        assert await call(nobody, "GET", "/api/shelf") == {
            "pinned": [],
            "folders": [],
            "items": [],
            "next": None,
        }
        found = await call(nobody, "POST", "/api/search", {"query": "x"}, 200)
        assert found == {"items": [], "count": 0, "more": False, "next": None}


# -- deleting ------------------------------------------------------------------------------------


async def test_what_is_deleted_is_nowhere_at_once_and_can_be_brought_back(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client, "Plumbago")
    await follow(client, asked["turn_id"])
    one = asked["conversation_id"]
    await told(client, "Two")
    assert await call(client, "DELETE", at(one), None, 200) == {"restore_s": shelf.UNDO_S}
    assert (await on_shelf(client))[2] == ["Two"]
    assert [item["title"] for item in (await call(client, "GET", "/api/conversations"))["items"]] == ["Two"]
    for method, path, body in (
        ("GET", at(one), None),
        ("PATCH", at(one), {"title": "x"}),
        ("DELETE", at(one), None),
        ("POST", "/api/turns", {"content": "x", "conversation_id": one, "parent_id": asked["answer_id"]}),
        ("POST", "/api/turns", {"conversation_id": one, "regenerate": asked["question_id"]}),
    ):
        await refused(client, method, path, body, 404, "not_found")
    assert await searched(client, "plumbago") == []
    async with client.get(f"/plain/{one}") as reply:
        assert reply.status == 404
    async with client.get("/plain") as reply:
        assert "Plumbago" not in await reply.text()
    receipts = (await call(client, "GET", "/api/receipts"))["items"]
    assert len(receipts) == 2 and "Plumbago" not in str(receipts)
    async with client.get("/api/me/export") as reply:
        assert b"Plumbago" not in await reply.read()
    restored = await call(client, "POST", f"{at(one)}/restore", None, 200)
    assert restored["title"] == "Plumbago"
    assert (await on_shelf(client))[2] == ["Two", "Plumbago"]
    assert await searched(client, "plumbago") == ["Plumbago"]
    assert await sweep(running.site.database, now_us() + 2 * shelf.UNDO_US) == 0
    await refused(client, "POST", f"{at(one)}/restore", None, 404, "not_found")


async def test_when_the_time_is_over_it_is_not_brought_back(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    one = await told(client, "Plumbago")
    await call(client, "DELETE", at(one), None, 200)
    await running.site.database.write(
        lambda tx: tx.execute(text("UPDATE conversations SET deleted_at = 1")).close()
    )
    await refused(client, "POST", f"{at(one)}/restore", None, 404, "not_found")
    assert await sweep(running.site.database, now_us()) == 1
    for table in (tables.conversations, tables.messages, tables.search_texts, tables.turn_log):
        count = text(f"SELECT count(*) FROM {table.name}")
        assert await running.site.database.read(lambda c, count=count: c.scalar(count)) == 0  # type: ignore[misc]


async def test_a_log_of_what_was_deleted_is_not_read_any_more(data: Path, engine: ScriptedEngine) -> None:
    """Not even by its owner, once the turn is no longer in memory."""
    async with (
        running_site(data, engine, assignments=("turns.keep_live_s=0",)) as running,
        visitor(running.url) as client,
    ):
        asked = await ask(client, "Plumbago")
        await follow(client, asked["turn_id"])
        await running.site.conductor.settled()
        events = f"/api/turns/{asked['turn_id']}/events"
        async with client.get(events) as reply:
            assert reply.status == 200
        await call(client, "DELETE", at(asked["conversation_id"]), None, 200)
        await refused(client, "GET", events, None, 410, "log_expired")


async def test_what_a_site_had_still_to_delete_the_next_one_deletes(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine) as running, visitor(running.url) as client:
        await call(client, "DELETE", at(await told(client, "Plumbago")), None, 200)
        await running.site.database.write(
            lambda tx: tx.execute(text("UPDATE conversations SET deleted_at = 1")).close()
        )
    async with running_site(data, engine) as running:
        database = running.site.database
        rounds: list[float] = []

        async def once(seconds: float) -> None:
            rounds.append(seconds)
            raise InterruptedError

        with pytest.raises(InterruptedError):
            await keep_sweeping(database, once)
        count = text("SELECT count(*) FROM messages")
        assert rounds and await database.read(lambda c: c.scalar(count)) == 0


async def test_erasing_everything_erases_what_was_deleted_and_folders_too(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await join(client)
    await call(client, "DELETE", at(await told(client, "Plumbago")), None, 200)
    await folder_of(client, "Garden")
    body = {"confirm": "erase", "password": PASSWORD}
    kinds = {one["kind"]: one["count"] for one in (await call(client, "DELETE", "/api/me", body))["erased"]}
    assert (kinds["conversations"], kinds["folders"]) == (1, 1)


async def test_a_stopped_turn_keeps_what_it_said_when_its_conversation_is_brought_back(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying(*"abcdef"))
    engine.gates.hold("3")
    asked = await ask(client, "Plumbago")
    await engine.gates.reached("3")
    await call(client, "DELETE", at(asked["conversation_id"]), None, 200)
    await call(client, "POST", f"{at(asked['conversation_id'])}/restore", None, 200)
    answer = (await call(client, "GET", at(asked["conversation_id"])))["messages"][1]
    assert (answer["status"], answer["content"]) == ("stopped", "abc")


# -- search --------------------------------------------------------------------------------------


async def test_a_search_finds_the_message_and_marks_what_fits(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Whales sing in the deep.", reasoning=("Krill, perhaps.",)))
    asked = await ask(client, "What do they do?")
    await follow(client, asked["turn_id"])
    found = await call(client, "POST", "/api/search", {"query": "sing dee"}, 200)
    [hit] = found["items"]
    assert (found["count"], found["more"], found["next"]) == (1, False, None)
    assert (hit["where"], hit["message_id"]) == ("answer", asked["answer_id"])
    assert [part["text"] for part in hit["snippet"] if part["hit"]] == ["sing", "deep"]
    assert await searched(client, "krill") == []
    assert await searched(client, "krill", thoughts=True) == ["What do they do?"]


async def test_a_temporary_conversation_is_never_found(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await told(client, "Stored")
    asked = await call(client, "POST", "/api/turns", {"text": "Plumbago", "temporary": True}, 201)
    await follow(client, asked["turn_id"])
    assert await searched(client, "plumbago", thoughts=True) == []
    count = text("SELECT count(*) FROM search_texts WHERE said LIKE '%plumbago%'")
    assert await running.site.database.read(lambda connection: connection.scalar(count)) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": "x" * 501},
        {"query": "x" * 10_000},
        {"query": "x", "before": "1-2"},
        {"query": "x", "before": "-1"},
        {"query": "x", "more": 1},
        {"query": 1},
    ],
)
async def test_a_search_of_a_wrong_shape_is_refused(client: aiohttp.ClientSession, body: Json) -> None:
    await told(client, "One")
    await refused(
        client, "POST", "/api/search", body, 400, "bad_request" if "more" not in body else "unknown_field"
    )


@pytest.mark.parametrize(
    "query", ["", '"', "' OR 1=1 --", "*", "NEAR(a b)", "said:x", "\x00", "😀", "東" * 500]
)
async def test_any_words_may_be_searched_for(client: aiohttp.ClientSession, query: str) -> None:
    await told(client, "One")
    assert await searched(client, query, before="5-1-1") == []
