"""kill -9 in the middle of a turn with an idempotency key: afterwards the key gets that turn, and no other."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from thinkwell.people import accounts, keys
from thinkwell.people.keys import Wish
from thinkwell.store.database import open_database
from thinkwell.testing.process import site_process
from thinkwell.testing.scenarios import saying
from thinkwell.testing.upstream import ScriptedUpstream
from thinkwell.turns.run import now_us

ANSWER = tuple("I answer")


async def a_key(data: Path) -> str:
    database = await open_database(data)

    def make(tx: Any) -> str:
        zoe = accounts.create(tx, "zoe", now_us())
        return keys.create(tx, zoe.id, Wish(name="test"), now_us())[1]

    try:
        return await database.write(make)
    finally:
        await database.close()


def rows(data: Path, table: str) -> list[sqlite3.Row]:
    with sqlite3.connect(data / "thinkwell.sqlite3") as database:
        database.row_factory = sqlite3.Row
        found = database.execute(f"SELECT * FROM {table}").fetchall()
    database.close()
    return found


def said_in(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith("data: {")]
    choices = [choice for line in lines for choice in json.loads(line[6:]).get("choices", [])]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


@pytest.mark.parametrize(("stream", "step"), [(True, 0), (True, 3), (False, 3)])
async def test_after_kill_9_the_key_gets_the_turn_that_died(data: Path, stream: bool, step: int) -> None:
    headers = {"Authorization": f"Bearer {await a_key(data)}", "Idempotency-Key": "once"}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "?"}], "stream": stream}
    told = [""] * 2

    async def reads(url: str, reader: int) -> None:
        client = aiohttp.ClientSession(url, headers=headers)
        async with client, client.post("/v1/chat/completions", json=body) as reply:
            async for line in reply.content:
                told[reader] += line.decode()
                upstream.gates.changed()

    async def asks(url: str) -> tuple[int, str]:
        client = aiohttp.ClientSession(url, headers=headers)
        async with client, client.post("/v1/chat/completions", json=body) as reply:
            return reply.status, await reply.text()

    async with ScriptedUpstream(saying(*ANSWER)) as upstream:
        async with site_process(data, "--model", f"{upstream.url}/v1") as site:
            upstream.gates.hold(str(step))  # not before: the site tries its engine when it starts
            body["model"] = site.ready.model
            reading = [asyncio.ensure_future(reads(site.ready.url, reader)) for reader in range(2)]
            await upstream.gates.reached(str(step))
            if stream:
                await upstream.gates.until(lambda: all(len(said_in(text)) == step for text in told))
            await site.kill()
            await asyncio.wait(reading)
        upstream.gates.release(str(step))
        [entry] = await asyncio.to_thread(rows, data, "entries")
        [kept] = await asyncio.to_thread(rows, data, "idempotency")
        assert kept["turn_id"] == entry["turn_id"]

        async with site_process(data, "--model", f"{upstream.url}/v1") as site:
            status, text = await asks(site.ready.url)
            assert await asks(site.ready.url) == (status, text)
            assert await site.end() == 0
        asked = len([one for one in upstream.asked if one.get("messages") == body["messages"]])
    assert asked == 1
    if stream and step:
        assert status == 200
        assert said_in(text) == said_in(told[0]) == "".join(ANSWER[:step])
        assert entry["turn_id"] in text and '"code":"interrupted"' in text
    else:
        assert (status, json.loads(text)["error"]["code"]) == (503, "interrupted")
    [closed] = await asyncio.to_thread(rows, data, "entries")
    assert closed["ending"] == "failed"
    assert closed["answer_tokens"] == step if stream else closed["answer_tokens"] <= step
