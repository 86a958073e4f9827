"""Files at the page's door: what is taken, kept, told to the model, shown again, and refused."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from tests.http.test_account_door import call, refused
from tests.http.test_export import export, texts, told
from tests.http.test_web_door import follow, read

from thinkwell.http.pages import WebApp
from thinkwell.store.tables import messages
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import NO_PAGES, RunningSite, running_site, scripted_card
from thinkwell.values.message import Image

Json = dict[str, Any]
NOTES = {"name": "notes.txt", "text": "plumbago\n"}


def png(width: int = 1, height: int = 1, more: bytes = b"") -> str:
    """A whole one; the sizes stand in its head alone."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    file += chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"") + more
    return "data:image/png;base64," + base64.b64encode(file).decode()


async def ask(client: aiohttp.ClientSession, *files: Json, content: str = "What is it?", **more: Any) -> Json:
    return await call(client, "POST", "/api/turns", {"content": content, "files": files} | more, 201)


async def ended(client: aiohttp.ClientSession, asked: Json) -> None:
    assert (await follow(client, asked["turn_id"]))[-1][1]["type"] == "finished"


async def test_a_file_is_told_to_the_model_and_shown_again(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    asked = await ask(client, NOTES, {"name": "../../x.py", "text": "```"})
    await ended(client, asked)
    [message] = engine.asked[0].messages
    assert message.content == (
        "File `notes.txt`:\n```\nplumbago\n```\n\nFile `x.py`:\n````\n```\n````\n\nWhat is it?"
    )
    question = (await read(client, asked["conversation_id"]))["messages"][0]
    assert question["content"] == "What is it?"
    assert question["files"] == [
        {"name": "notes.txt", "kind": "text", "size": 9},
        {"name": "x.py", "kind": "text", "size": 3},
    ]
    found = await call(client, "GET", f"/api/messages/{asked['question_id']}/files")
    assert found["items"] == [NOTES | {"image": None}, {"name": "x.py", "text": "```", "image": None}]
    assert (await call(client, "GET", f"/api/messages/{asked['answer_id']}/files"))["items"] == []


async def test_another_answer_and_the_next_question_read_the_files_again(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    asked = await ask(client, NOTES)
    await ended(client, asked)
    place = {"conversation_id": asked["conversation_id"]}
    again = await call(client, "POST", "/api/turns", place | {"regenerate": asked["question_id"]}, 201)
    await ended(client, again)
    await ended(client, await ask(client, content="And?", **place, parent_id=asked["answer_id"]))
    assert ["plumbago" in one.messages[0].content for one in engine.asked] == [True] * 3


async def test_files_may_be_the_whole_question_and_name_the_conversation(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    for more in ({}, {"content": " "}):
        asked = await call(client, "POST", "/api/turns", {"files": [NOTES]} | more, 201)
        await ended(client, asked)
        assert (await read(client, asked["conversation_id"]))["title"] == "notes.txt"
    assert engine.asked[0].messages[0].content == "File `notes.txt`:\n```\nplumbago\n```\n"


async def test_they_go_along_in_exports_and_with_the_conversation_when_it_is_deleted(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client, NOTES)
    await ended(client, asked)
    found = await export(client)
    [question, _] = told(found)["conversations"][0]["messages"]
    assert question["files"] == [NOTES | {"image": None}]
    assert "*File notes\\.txt*\n\n```\nplumbago\n```\n" in "".join(texts(found).values())
    await call(client, "DELETE", "/api/me", {"confirm": "erase"})
    kept = await running.site.database.read(lambda connection: connection.execute(messages.select()).all())
    assert kept == []


async def test_of_a_temporary_conversation_files_go_along_and_are_not_kept(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    history = [
        {"role": "user", "text": "First", "files": [NOTES]},
        {"role": "assistant", "text": "I see."},
    ]
    body = {"text": "And this?", "temporary": True, "history": history, "files": [NOTES | {"name": "b"}]}
    asked = await call(client, "POST", "/api/turns", body, 201)
    await ended(client, asked)
    first, _, last = engine.asked[0].messages
    assert first.content.endswith("plumbago\n```\n\nFirst") and last.content.startswith("File `b`:")
    alone = await call(client, "POST", "/api/turns", {"temporary": True, "files": [NOTES]}, 201)
    await ended(client, alone)
    kept = await running.site.database.read(lambda connection: connection.execute(messages.select()).all())
    assert kept == []
    wrong = [{"role": "user", "text": "x"}, {"role": "assistant", "text": "y", "files": [NOTES]}]
    error = await refused(client, "POST", "/api/turns", body | {"history": wrong}, 400, "bad_request")
    assert error["param"] == "history.1.files"


@pytest.mark.parametrize(
    ("file", "status", "param", "why"),
    [
        ({"name": "x"}, 400, "files.0", "either text, or an image"),
        ({"name": "x", "text": "a", "image": "b"}, 400, "files.0", "either text, or an image"),
        ({"name": "x", "text": ""}, 400, "files.0.text", "is empty"),
        ({"name": "x", "text": " \r\n\t"}, 400, "files.0.text", "is empty"),
        ({"name": "a.gif", "text": "GIF89a\x01\x00"}, 400, "files.0.text", "is no text"),
        ({"name": "a.exe", "text": "MZ\x00"}, 400, "files.0.text", "is no text"),
        ({"name": "a.zip", "text": "PK\x03\x04"}, 400, "files.0.text", "is no text"),
        ({"name": "x", "text": "a" * 100_001}, 413, "files.0.text", "100000 are taken at most"),
        ({"name": "x" * 1001, "text": "a"}, 400, "files[0].name", "1000"),
        ({"name": "x", "text": "a", "path": "/etc"}, 400, "files[0].path", "not supported"),
        ({"name": "x", "image": png()}, 400, "files.0.image", "sees no pictures"),
    ],
)
async def test_what_is_no_text_or_too_much_is_refused_by_name(
    client: aiohttp.ClientSession, engine: ScriptedEngine, file: Json, status: int, param: str, why: str
) -> None:
    body = {"content": "What?", "files": [file]}
    error = await refused(
        client, "POST", "/api/turns", body, status, "too_large" if status == 413 else error_code(why)
    )
    assert why in error["message"] and error["param"] == param
    assert engine.asked == []


def error_code(why: str) -> str:
    return "unknown_field" if why == "not supported" else "bad_request"


async def test_half_a_character_is_refused(client: aiohttp.ClientSession) -> None:
    body = b'{"content": "What?", "files": [{"name": "x", "text": "\\ud800"}]}'
    headers = {"content-type": "application/json"}
    async with client.post("/api/turns", data=body, headers=headers) as reply:
        assert reply.status == 400


async def test_too_many_or_too_much_in_all_is_refused_and_the_limits_are_told(
    data: Path, engine: ScriptedEngine
) -> None:
    limits = ("files.max_files=2", "files.max_chars=10", "files.max_chars_in_all=15")
    async with running_site(data, engine, assignments=limits) as running, visitor(running.url) as client:
        about = await call(client, "GET", "/api/site")
        assert about["files"] == {
            "max_files": 2,
            "max_chars": 10,
            "max_chars_in_all": 15,
            "max_picture_bytes": 250_000,
            "pictures": False,
        }
        for files, param in (
            ([NOTES] * 3, "files"),
            ([NOTES] * 2, "files"),
            ([{"name": "x", "text": "a" * 11}], "files.0.text"),
        ):
            body = {"content": "What?", "files": files}
            error = await refused(client, "POST", "/api/turns", body, 413, "too_large")
            assert error["param"] == param
        body = {"content": "What?", "files": [NOTES] * 101}
        await refused(client, "POST", "/api/turns", body, 400, "bad_request")
        asked = await ask(client, NOTES)
        body = {
            "conversation_id": asked["conversation_id"],
            "regenerate": asked["question_id"],
            "files": [NOTES],
        }
        error = await refused(client, "POST", "/api/turns", body, 400, "bad_request")
        assert error["param"] == "files"
        await ended(client, asked)


async def test_a_body_that_is_too_large_says_so(data: Path, engine: ScriptedEngine) -> None:
    limits = ("http.max_body_bytes=2000",)
    async with running_site(data, engine, assignments=limits) as running, visitor(running.url) as client:
        assert (await call(client, "GET", "/api/site"))["max_body_bytes"] == 2000
        body = {"content": "What?", "files": [{"name": "x", "text": "a" * 3000}]}
        await refused(client, "POST", "/api/turns", body, 413, "too_large")


async def test_what_is_too_long_for_the_model_names_the_longest_file(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    long = {"name": "long.txt", "text": "word " * 16_000}
    body = {"content": "What?", "files": [NOTES, long]}
    error = await refused(client, "POST", "/api/turns", body, 400, "context_length_exceeded")
    assert error["param"] == "files.1" and "'long.txt', with 80000 characters" in error["message"]


# -- pictures ----------------------------------------------------------------------------------------


async def test_a_model_that_sees_gets_the_picture_itself(data: Path, engine: ScriptedEngine) -> None:
    sees = scripted_card(images=True)
    async with running_site(data, engine, sees) as running, visitor(running.url) as client:
        assert (await call(client, "GET", "/api/site"))["files"]["pictures"] is True
        asked = await ask(client, {"name": "C:\\dot.png", "image": png()}, NOTES)
        await ended(client, asked)
        [message] = engine.asked[0].messages
        image, text = message.parts
        assert isinstance(image, Image) and image.media_type == "image/png"
        assert text == message.content and message.content.startswith("File `notes.txt`")
        question = (await read(client, asked["conversation_id"]))["messages"][0]
        assert [(one["name"], one["kind"]) for one in question["files"]] == [
            ("dot.png", "picture"),
            ("notes.txt", "text"),
        ]
        found = await call(client, "GET", f"/api/messages/{asked['question_id']}/files")
        assert found["items"][0] == {"name": "dot.png", "text": None, "image": png()}
        assert "*Picture dot\\.png, 6" in "".join(texts(await export(client)).values())
        for image, status in (
            ("data:image/png;base64," + base64.b64encode(b"GIF89a<script>").decode(), 413),
            ("data:image/png;base64," + base64.b64encode(b"%PDF-1.7").decode(), 400),
            ("data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(), 400),
            ("https://elsewhere.example/x.png", 400),
            (png(100_000, 100_000), 413),
            (png(more=b"\0" * 300_000), 413),
        ):
            body = {"content": "What?", "files": [{"name": "x.png", "image": image}]}
            async with client.post("/api/turns", json=body) as reply:
                assert (reply.status, (await reply.json())["error"]["param"]) == (status, "files.0.image")


async def test_a_picture_asked_about_before_is_left_out_for_a_model_that_does_not_see(
    data: Path, engine: ScriptedEngine
) -> None:
    sees = scripted_card(images=True)
    async with running_site(data, engine, sees) as running, visitor(running.url) as client:
        asked = await ask(client, {"name": "dot.png", "image": png()})
        await ended(client, asked)
        cookies = client.cookie_jar
        cookie = {one.key: one.value for one in cookies}
    async with running_site(data, blind := ScriptedEngine()) as running, visitor(running.url) as client:
        client.cookie_jar.update_cookies(cookie)
        place = {"conversation_id": asked["conversation_id"], "parent_id": asked["answer_id"]}
        await ended(client, await ask(client, content="And now?", **place))
        message = blind.asked[0].messages[0]
        assert message.parts == () and message.content == "(A picture, not shown to you)\n\nWhat is it?"


# -- speaking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_microphone_is_this_pages_alone_or_nobodys(
    data: Path, engine: ScriptedEngine, allowed: bool
) -> None:
    pages: WebApp = NO_PAGES
    setting = (f"site.dictation={str(allowed).lower()}",)
    async with running_site(data, engine, None, setting, pages) as running, visitor(running.url) as client:
        async with client.get("/") as reply:
            policy = reply.headers["permissions-policy"]
        assert ("microphone=(self)" in policy, "microphone=()" in policy) == (allowed, not allowed)
        assert (await call(client, "GET", "/api/site"))["dictation"] is allowed
