"""The log: one object a line, and nothing in it of what people said, who they are, or what lets them in."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from tests.conftest import visitor
from tests.http.test_account_door import PASSWORD, ask, call, cookies, join

from thinkwell.cli.logs import set_up_logging
from thinkwell.errors import EngineUnavailable
from thinkwell.settings.rooms import Logs
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

Form = Literal["plain", "json"]
# Each is found by its beginning, however much of it is said.
QUESTION, HEADER, QUERY, IDEMPOTENCY = "SECRETQUESTION", "SECRETHEADER", "SECRETQUERY", "SECRETIDEMPOTENCY"
MODEL, NAME, FAULT, KEY = "SECRETMODEL", "secretname", "SECRETFAULT", "tw_SECRETKEY"
SECRETS = (QUESTION, HEADER, QUERY, IDEMPOTENCY, MODEL, NAME, FAULT, KEY, PASSWORD)


@contextmanager
def logged(form: Form, level: Literal["debug", "info", "warning", "error"]) -> Iterator[io.StringIO]:
    """As ``thinkwell serve`` sets it up, into a text."""
    root, ours = logging.getLogger(), logging.getLogger("thinkwell")
    before = root.level, ours.level
    stream = io.StringIO()
    handler = set_up_logging(Logs(form=form, level=level), stream)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


def fails_with(words: str) -> Callable[..., Any]:
    def failing(*_: object, **__: object) -> Any:
        raise ValueError(words)

    return failing


async def everything_that_may_go_wrong(
    running: RunningSite, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Requests that succeed and that fail, with secrets in every part. Returns what else must not be told."""
    headers = {"X-Secret": HEADER, "Idempotency-Key": IDEMPOTENCY, "User-Agent": HEADER, "Cookie2": HEADER}
    chat = {"model": "scripted", "messages": [{"role": "user", "content": QUESTION}]}
    async with visitor(running.url) as member, visitor(running.url) as client:
        await join(member, NAME)
        await call(member, "POST", "/api/sign_in", {"name": NAME, "password": "SECRETFAULT wrong"}, 401)
        key = (await call(member, "POST", "/api/keys", {"name": NAME}, 201))["key"]
        asked = await ask(member, QUESTION)
        stored = await call(member, "GET", f"/api/conversations/{asked['conversation_id']}?q={QUERY}")
        answer = stored["messages"][-1]["content"]
        await ask(client, QUESTION)
        for said in (headers, {"Authorization": f"Bearer {key}"}, {"x-api-key": KEY}):
            async with client.post(f"/v1/chat/completions?q={QUERY}", json=chat, headers=said) as reply:
                await reply.read()
        for body in (
            b'{"model": "SECRETQUESTION',
            json.dumps(chat | {"model": MODEL}).encode(),
            json.dumps(chat | {"SECRETQUESTION": 1}).encode(),
            json.dumps(chat | {"max_tokens": QUESTION}).encode(),
            "\udce9SECRETQUESTION".encode("utf-8", "surrogateescape"),
        ):
            for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses", "/api/turns"):
                asking = headers | {"Content-Type": "application/json"}
                async with client.post(path, data=body, headers=asking) as reply:
                    assert reply.status >= 400
        for path in (f"/{QUERY}", f"/api/conversations/{QUERY}?{QUERY}", f"/v1/receipts/{QUERY}"):
            async with client.get(path, headers=headers) as reply:
                assert reply.status == 404
        for what in ("refuses", "cut_stream", "garbage", "fields"):
            engine.play(what)
            async with client.post("/v1/chat/completions", json=chat, headers=headers) as reply:
                await reply.read()
        with monkeypatch.context() as broken:
            broken.setattr(engine, "begin", fails_with(FAULT))
            async with client.post("/v1/chat/completions", json=chat) as reply:
                assert reply.status == 500
        with monkeypatch.context() as broken:
            broken.setattr(running.site.visitors, "known", fails_with(FAULT))
            async with client.get(f"/api/conversations/{QUERY}?{QUERY}", headers=headers) as reply:
                assert reply.status == 500
        with monkeypatch.context() as broken:
            broken.setattr(running.site.watching.observers, "_ended", [fails_with(FAULT)])
            await ask(client, QUESTION)
        await forgotten_task()
        sessions = list(cookies(member).values()) + list(cookies(client).values())
    return [key, key[3:20], answer, *sessions, *(cookie[:16] for cookie in sessions)]


async def forgotten_task() -> None:
    """asyncio tells of it, with all its words."""

    async def fails() -> None:
        raise ValueError(FAULT)

    task = asyncio.create_task(fails())
    await asyncio.wait({task})
    del task
    gc.collect()


@pytest.mark.parametrize("form", ["json", "plain"])
async def test_no_line_holds_what_was_said_or_who_said_it_or_what_lets_them_in(
    data: Path, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch, form: Form
) -> None:
    with logged(form, "debug") as stream:
        async with running_site(data, engine) as running:
            others = await everything_that_may_go_wrong(running, engine, monkeypatch)
    text = stream.getvalue()
    for secret in (*SECRETS, *others):
        assert secret not in text, re.findall(rf".*{re.escape(secret)}.*", text)[:2]
    assert "?" not in text  # no query string, of whatever it was
    assert "a fault of the site" in text and "Task exception was never retrieved" in text


async def test_each_line_is_an_object_that_says_when_what_and_of_which_turn(
    data: Path, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with logged("json", "info") as stream:
        async with running_site(data, engine) as running, visitor(running.url) as client:
            asked = await ask(client)
            engine.then("refuses")
            chat = {"model": "scripted", "messages": [{"role": "user", "content": "?"}]}
            async with client.post("/v1/chat/completions", json=chat) as reply:
                code = (await reply.json())["error"]["code"]
            with monkeypatch.context() as broken:
                broken.setattr(engine, "begin", fails_with("x"))
                await client.post("/v1/chat/completions", json=chat)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in ("info", "warning", "error") and line["event"] and line["logger"]
    turns = [line for line in lines if "ending" in line]
    first = turns[0]
    assert first["turn"] == asked["turn_id"] and first["ending"] == "finished" and "code" not in first
    assert (first["model"], first["tier"], first["level"]) == ("scripted", "visitor", "info")
    assert first["answer_tokens"] > 0
    assert (turns[1]["ending"], turns[1]["code"]) == ("failed", code)
    [fault] = [line for line in lines if line["level"] == "error"]
    assert fault["turn"] == turns[2]["turn"] and fault["error"] == "ValueError"
    assert fault["at"][-1].endswith("failing") and ".py:" in fault["at"][-1]


async def test_only_what_weighs_enough_is_said(data: Path, engine: ScriptedEngine) -> None:
    with logged("json", "warning") as stream:
        async with running_site(data, engine) as running, visitor(running.url) as client:
            await ask(client)
    assert stream.getvalue() == ""


async def test_other_libraries_say_warnings_alone_whatever_our_level() -> None:
    with logged("json", "debug") as stream:
        for name in ("httpx", "sqlalchemy.engine", "urllib3", "aiohttp"):
            logging.getLogger(name).info("GET /?token=SECRET")
            logging.getLogger(name).warning("first line\nSECRET")
        logging.getLogger("thinkwell.x").debug("ours")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["first line"] * 4 + ["ours"]


def test_an_error_of_ours_is_told_by_its_code_and_what_caused_it() -> None:
    with logged("json", "error") as stream:
        try:
            try:
                raise OSError("SECRET")
            except OSError as problem:
                raise EngineUnavailable("SECRET") from problem
        except EngineUnavailable:
            logging.getLogger("thinkwell.x").exception("it failed")
        try:
            raise ExceptionGroup("SECRET", [KeyError("SECRET")])
        except ExceptionGroup:
            logging.getLogger("thinkwell.x").exception("they failed")
    one, group = (json.loads(line) for line in stream.getvalue().splitlines())
    assert one["code"] == "engine_unavailable"
    assert one["error"] == "thinkwell.errors.EngineUnavailable from OSError"
    assert group["error"] == "ExceptionGroup(KeyError)"
    assert "SECRET" not in stream.getvalue()


def test_plain_lines_are_for_people() -> None:
    with logged("plain", "warning") as stream:
        logging.getLogger("thinkwell.x").warning("the disk is nearly full", extra={"fields": {"code": "x"}})
    assert re.fullmatch(r"\S+Z warning the disk is nearly full code=x\n", stream.getvalue())
