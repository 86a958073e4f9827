"""A teacher's right answers become rows, everything else is counted, and a run that broke off goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from thinkwell.errors import SetupError
from thinkwell.testing.upstream import ScriptedUpstream
from thinkwell.training.data import chat
from thinkwell.training.data.asker import Draw, Endpoint, HttpAsker, Reply, seconds_of
from thinkwell.training.data.teacher import Taught, Teaching, teach
from thinkwell.training.rows import Row

KEY = "a-very-secret-key"
Say = Callable[[dict[str, Any], int], Any]


class Server:
    """A chat server that says what a function says: a message, a (message, finish), a status, or a Response."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.asked: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.open = self.max_open = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.headers.append(request.headers.get("authorization", ""))
        self.open += 1
        self.max_open = max(self.max_open, self.open)
        try:
            said = self.say(self.asked[-1], len(self.asked))
        finally:
            self.open -= 1
        if isinstance(said, web.Response):
            return said
        if isinstance(said, int):
            return web.json_response({"error": "no"}, status=said)
        message, finish = said if isinstance(said, tuple) else (said, "stop")
        message = {"content": message} if isinstance(message, str) else message
        usage = {"prompt_tokens": 10, "completion_tokens": 20}
        return web.json_response({"choices": [{"message": message, "finish_reason": finish}], "usage": usage})


@asynccontextmanager
async def serving(say: Say) -> AsyncIterator[Server]:
    server = Server(say)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def kept(path: Path) -> list[Row]:
    return [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines()]


def sums(number: int) -> list[Row]:
    return [
        Row(prompt=f"What is {place} + {place}?", answer=str(2 * place), verifier="int", task="adding")
        for place in range(1, number + 1)
    ]


class Waits:
    def __init__(self) -> None:
        self.all: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.all.append(seconds)


def teaching(server: Server, **more: Any) -> Teaching:
    endpoint = more.pop("endpoint", {})
    return Teaching(endpoint=Endpoint(url=server.url, model="big", **endpoint), **more)


async def taught(
    server: Server, rows: list[Row], folder: Path, **more: Any
) -> tuple[Taught, list[Row], list[float]]:
    waits = Waits()
    settings = teaching(server, **more)
    async with HttpAsker(settings.endpoint, wait=waits) as ask:
        total = await teach(settings, rows, ask, out=folder / "teacher.jsonl")
    return total, kept(folder / "teacher.jsonl"), waits.all


def right(asked: dict[str, Any]) -> str:
    return str(2 * int(asked["messages"][-1]["content"].split()[2]))


async def test_the_shortest_right_thought_is_kept_and_all_others_are_counted(tmp_path: Path) -> None:
    replies: list[Any] = [
        {"content": "It is **2**.", "reasoning_content": "1 + 1 is one and one, and that makes 2"},
        "<think>\n1 + 1 = 2\n</think>\n2",
        {"content": "3", "reasoning": "1 + 1 = 3"},
        ({"content": "", "reasoning_content": "1 + 1 ="}, "length"),
        "2",
        {"content": "2", "reasoning_content": "so it is 2, " * 40},
        {"content": "2", "reasoning_content": "一加一等于二, 2"},
        "1 + 1 makes 2, as I said\n</think>\n2",
        {"content": "2", "reasoning_content": "alors on ajoute un et un pour la somme, donc il est deux"},
        {"content": "", "reasoning_content": "1 + 1 = 2"},
        {"content": "2", "reasoning_content": "1 + 1 = 2"},
    ]
    async with serving(lambda _, number: replies[number - 1]) as server:
        total, rows, _ = await taught(server, sums(1), tmp_path, samples=len(replies), at_once=1)
    assert [(row.trace, row.answer, row.source, row.task) for row in rows] == [
        ("1 + 1 = 2", "2", "teacher", "adding")
    ]
    assert dict(total.dropped) == {
        "right, but longer than those kept": 2,
        "wrong answer": 1,
        "cut off at its length": 1,
        "no thought": 1,
        "goes round in circles": 1,
        "mixed languages": 2,
        "no answer": 1,
        "the same thought twice": 1,
    }
    assert (total.questions, total.solved, total.samples) == (1, 1, len(replies))
    assert "1 solved" in total.text() and "mixed languages" in total.text()


async def test_tokens_and_money_are_counted_and_bound(tmp_path: Path) -> None:
    prices = {"price_in": 1000.0, "price_out": 2000.0}
    async with serving(lambda asked, _: f"<think>\nI add.\n</think>\n{right(asked)}") as server:
        more = {"samples": 1, "at_once": 1, "endpoint": prices, "spend": 0.12}
        total, rows, _ = await taught(server, sums(9), tmp_path, **more)
    assert total.money == pytest.approx(0.15) and len(rows) == 3
    assert total.stopped and (total.prompt_tokens, total.completion_tokens) == (30, 60)
    with pytest.raises(SetupError, match="needs its prices"):
        await taught(server, sums(1), tmp_path, spend=1.0)


async def test_a_busy_server_is_asked_again_as_it_says(tmp_path: Path) -> None:
    def say(asked: dict[str, Any], number: int) -> Any:
        if number == 1:
            return web.Response(status=429, headers={"retry-after": "7"})
        if number < 4:
            return {2: 503, 3: web.Response(text="<html>")}[number]
        return f"<think>\nI add.\n</think>\n{right(asked)}"

    async with serving(say) as server:
        _, rows, waits = await taught(server, sums(1), tmp_path, samples=1)
    assert len(rows) == 1
    assert waits[0] == 7 and 1 <= waits[1] <= 2 and 2 <= waits[2] <= 4


async def test_a_run_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    def until(last: int) -> Say:
        return lambda asked, number: f"<think>\nI add.\n</think>\n{right(asked)}" if number <= last else 500

    journal = tmp_path / "teacher.jsonl.journal"
    async with serving(until(3)) as server:
        with pytest.raises(SetupError, match="Run it again to go on"):
            await taught(server, sums(5), tmp_path, samples=1, at_once=1)
    assert len(kept(tmp_path / "teacher.jsonl")) == 3
    journal.write_bytes(journal.read_bytes() + b'{"digest": "cut o')
    async with serving(until(99)) as server:
        total, rows, _ = await taught(server, sums(5), tmp_path, samples=1, at_once=1)
        assert len(server.asked) == 2
    assert total.questions == 5 and [row.answer for row in rows] == ["2", "4", "6", "8", "10"]
    assert len(journal.read_bytes().splitlines()) == 5


async def test_a_journal_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "teacher.jsonl.journal").write_text("{}\n")
    async with serving(lambda asked, number: 500) as server:
        with pytest.raises(SetupError, match=r"journal, line 1"):
            await taught(server, sums(1), tmp_path)


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_refusal_ends_the_run_at_once(tmp_path: Path, status: int) -> None:
    async with serving(lambda *_: status) as server:
        with pytest.raises(SetupError, match=f"status {status}") as refused:
            await taught(server, sums(3), tmp_path, at_once=1, samples=1)
        assert len(server.asked) == 1
    assert ("key" in refused.value.message) == (status == 401)


async def test_the_key_is_sent_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    key = {"key_env": "TEACHER_KEY", "tries": 1}
    async with serving(
        lambda asked, number: 401 if number > 1 else f"<think>\n1\n</think>\n{right(asked)}"
    ) as server:
        with pytest.raises(SetupError) as refused:
            await taught(server, sums(2), tmp_path, samples=1, at_once=1, endpoint=key)
        assert server.headers == [f"Bearer {KEY}"] * 2
    monkeypatch.delenv("TEACHER_KEY")
    with pytest.raises(SetupError, match=r"TEACHER_KEY.*not set"):
        await taught(server, sums(2), tmp_path, endpoint=key)
    everything = [
        *(path.read_text() for path in tmp_path.iterdir()),
        refused.value.message,
        *capsys.readouterr(),
    ]
    assert not any(KEY in text for text in everything)


async def test_no_more_is_asked_at_once_than_allowed(tmp_path: Path) -> None:
    asked = most = 0
    three = asyncio.Event()

    async def ask(prompt: str, draw: Draw) -> Reply:
        nonlocal asked, most
        asked += 1
        most = max(most, asked)
        if asked == 3:
            three.set()
        await three.wait()
        asked -= 1
        return Reply(thought="I add.", answer="2", finish="stop")

    settings = Teaching(endpoint=Endpoint(url="unused"), samples=4, at_once=3)
    total = await teach(settings, sums(4), ask, out=tmp_path / "out.jsonl")
    assert most == 3 and total.samples == 16


async def test_the_thought_of_a_scripted_engine_is_told_apart() -> None:
    async with (
        ScriptedUpstream("fields", slots=3) as upstream,
        HttpAsker(Endpoint(url=upstream.url + "/v1"), system="Be brief.") as ask,
    ):
        reply = await ask("Hello", Draw(seed=7))
        assert reply.thought and reply.answer and reply.finish == "stop" and reply.completion_tokens
        assert upstream.asked[0]["seed"] == 7 and upstream.asked[0]["messages"][0]["content"] == "Be brief."


async def test_nobody_there_is_said(tmp_path: Path) -> None:
    async with serving(lambda *_: 500) as server:
        pass
    with pytest.raises(SetupError, match="no answer in 2 tries"):
        await taught(server, sums(1), tmp_path, endpoint={"tries": 2})


def test_a_server_may_say_when_to_come_back_in_seconds_or_by_a_date() -> None:
    assert seconds_of("12") == 12
    assert seconds_of("Fri, 01 Jan 2021 00:00:00 GMT") == 0
    assert seconds_of("soon") is None and seconds_of(None) is None


def test_there_are_prompts_of_every_kind_in_both_languages() -> None:
    rows = chat.questions()
    assert len(rows) > 2000 and len({row.digest for row in rows}) == len(rows)
    assert not any("{" in row.prompt or "  " in row.prompt for row in rows)
    few = chat.questions(count=400)
    assert chat.questions(count=400) == few != chat.questions(count=400, seed=2)
    assert {row.task for row in few} == {row.task for row in rows}
    assert {row.language for row in chat.questions(("fr",))} == {"fr"}
    assert all(row.trace == "" and row.source == "chat" for row in rows)
    with pytest.raises(SetupError, match="no prompts in 'de'"):
        chat.questions(("de",))


async def test_the_model_answers_the_prompts_itself_and_poor_answers_are_left_out(tmp_path: Path) -> None:
    replies: list[Any] = [
        "Hello, how can I help?", "", ("I go on", "length"), "no " * 100, "<think>\nhm\n</think>\nHello", "你好你好",
    ]  # fmt: skip
    rows = chat.questions(("en",), count=len(replies))
    async with (
        serving(lambda _, number: replies[number - 1]) as server,
        HttpAsker(Endpoint(url=server.url)) as ask,
    ):
        total = await chat.answer(rows, ask, out=tmp_path / "chat.jsonl", at_once=1)
        assert {asked["temperature"] for asked in server.asked} == {0.0}
        assert "model" not in server.asked[0]
    assert kept(tmp_path / "chat.jsonl") == [
        msgspec.structs.replace(rows[0], answer="Hello, how can I help?")
    ]
    assert len(total.dropped) == 5 and "6 prompts answered, 1 rows kept" in total.text()


def test_an_answer_is_refused_for_one_reason() -> None:
    reply = Reply(thought="", answer="Hello", finish="stop")
    assert chat.why_not(chat.questions(count=1)[0], reply) is None
    assert Draw().temperature == 0
