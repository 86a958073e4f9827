"""kill -9 at any moment: what was delivered is kept and marked, the receipt is right, nothing is lost."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.conftest import visitor
from yarl import URL

from thinkwell.testing.process import DidNotStart, site_process
from thinkwell.testing.scenarios import saying
from thinkwell.testing.upstream import ScriptedUpstream

THOUGHT = tuple("I think ")
ANSWER = tuple("I answer")


async def ask(client: aiohttp.ClientSession) -> dict[str, str]:
    async with client.post("/api/turns", json={"content": "?"}) as reply:
        assert reply.status == 201
        asked: dict[str, str] = await reply.json()
        return asked


async def read_events(client: aiohttp.ClientSession, turn_id: str, count: int) -> list[dict[str, Any]]:
    events = []
    async with client.get(f"/api/turns/{turn_id}/events") as reply:
        while len(events) < count:
            line = await reply.content.readline()
            if line.startswith(b"data: "):
                events.append(json.loads(line[6:]))
    return events


def text_of(events: list[dict[str, Any]], kind: str) -> str:
    return "".join(event["text"] for event in events if event["type"] == kind)


@pytest.mark.parametrize("step", [0, 1, 3, 8, 11, 15])
async def test_after_kill_9_the_delivered_prefix_is_there_and_counted(data: Path, step: int) -> None:
    async with ScriptedUpstream(saying(*ANSWER, reasoning=THOUGHT)) as upstream:
        async with (
            site_process(data, "--model", f"{upstream.url}/v1") as site,
            visitor(site.ready.url) as client,
        ):
            upstream.gates.hold(str(step))  # not before: the site tries its engine when it starts
            asked = await ask(client)
            await upstream.gates.reached(str(step))
            delivered = await read_events(client, asked["turn_id"], 1 + step)
            await site.kill()
            cookies = client.cookie_jar.filter_cookies(URL(site.ready.url))
        upstream.gates.release(str(step))

        async with site_process(data, "--model", f"{upstream.url}/v1") as site:
            async with aiohttp.ClientSession(
                site.ready.url, cookies={name: value.value for name, value in cookies.items()}
            ) as client:
                async with client.get(f"/api/conversations/{asked['conversation_id']}") as reply:
                    assert reply.status == 200
                    answer = (await reply.json())["messages"][1]
                thought = await thought_of(client, asked)
                async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
                    replayed = [
                        json.loads(line[6:])
                        for line in (await reply.text()).splitlines()
                        if line[:5] == "data:"
                    ]
            assert await site.end() == 0
    assert answer["status"] == "interrupted"
    assert answer["error"]["code"] == "interrupted"
    assert answer["content"] == text_of(delivered, "answer_delta")
    assert thought == text_of(delivered, "reasoning_delta")
    usage = answer["receipt"]["usage"]
    assert (usage["reasoning"], usage["answer"]) == (min(step, 8), max(0, step - 8))
    assert replayed[:-1] == delivered
    assert replayed[-1]["type"] == "failed"
    assert _open_entries(data) == 0


async def thought_of(client: aiohttp.ClientSession, asked: dict[str, str]) -> str:
    """As it is stored; empty where there is none."""
    path = f"/api/conversations/{asked['conversation_id']}/messages/{asked['answer_id']}/thought"
    async with client.get(path) as reply:
        return str((await reply.json())["thought"]) if reply.status == 200 else ""


def _open_entries(data: Path) -> int:
    with sqlite3.connect(data / "thinkwell.sqlite3") as database:
        [(count,)] = database.execute("SELECT count(*) FROM entries WHERE closed_at IS NULL")
    database.close()
    return int(count)


async def test_an_orderly_end_keeps_what_was_said_and_ends_the_streams(data: Path) -> None:
    async with (
        ScriptedUpstream(saying(*ANSWER, reasoning=THOUGHT)) as upstream,
        site_process(data, "--model", f"{upstream.url}/v1") as site,
        visitor(site.ready.url) as client,
    ):
        upstream.gates.hold("10")
        asked = await ask(client)
        async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
            await upstream.gates.reached("10")
            site.process.terminate()
            text = await reply.text()
        assert await site.end() == 0
    last = json.loads(text.strip().rsplit("data: ", 1)[1])
    assert (last["type"], last["code"]) == ("failed", "interrupted")
    assert last["receipt"]["usage"]["answer"] == 2
    assert _open_entries(data) == 0


async def test_no_text_of_an_api_turn_is_written_but_its_tokens_are_counted_after_a_crash(data: Path) -> None:
    async with ScriptedUpstream(saying(*"PRIVATE")) as upstream:
        async with (
            site_process(data, "--model", f"{upstream.url}/v1") as site,
            visitor(site.ready.url) as client,
        ):
            body = {
                "model": site.ready.model,
                "messages": [{"role": "user", "content": "HIDDEN"}],
                "stream": True,
            }
            upstream.gates.hold("5")
            async with client.post("/v1/chat/completions", json=body) as reply:
                await upstream.gates.reached("5")
                await reply.content.readuntil(b'"A"')
                await site.kill()
        upstream.gates.release("5")
        async with site_process(data, "--model", f"{upstream.url}/v1") as site:
            await site.end()
    with sqlite3.connect(data / "thinkwell.sqlite3") as database:
        rows = database.execute("SELECT ending, answer_tokens FROM entries").fetchall()
        dump = "\n".join(database.iterdump())
    database.close()
    assert rows == [("failed", 5)]
    assert "HIDDEN" not in dump
    assert "PRIV" not in dump


async def test_a_second_site_on_the_same_data_does_not_start_and_the_first_goes_on(data: Path) -> None:
    async with (
        ScriptedUpstream(saying(*ANSWER)) as upstream,
        site_process(data, "--model", f"{upstream.url}/v1") as site,
        visitor(site.ready.url) as client,
    ):
        upstream.gates.hold("3")
        asked = await ask(client)
        await upstream.gates.reached("3")
        with pytest.raises(DidNotStart, match=f"process {site.ready.pid}"):
            async with site_process(data, "--model", f"{upstream.url}/v1"):
                pass
        upstream.gates.release("3")
        async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
            assert '"type":"finished"' in await reply.text()
