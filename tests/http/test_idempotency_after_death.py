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


@pytest.mark.parametrize(("stream", "step"), [(True, 0), (True, 3), (False, 3)])
async def test_after_kill_9_the_key_gets_the_turn_that_died(data: Path, stream: bool, step: int) -> None:
    headers = {"Authorization": f"Bearer {await a_key(data)}", "Idempotency-Key": "once"}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "?"}], "stream": stream}

    async def ask(url: str) -> tuple[int, str]:
        async with aiohttp.ClientSession(url, headers=headers) as client:
            async with client.post("/v1/chat/completions", json=body) as reply:
                return reply.status, await reply.text()

    async with ScriptedUpstream(saying(*ANSWER)) as upstream:
        upstream.gates.hold(str(step))
        async with site_process(data, "--model", f"{upstream.url}/v1") as site:
            body["model"] = site.ready.model
            asking = [asyncio.ensure_future(ask(site.ready.url)) for _ in range(2)]
            await upstream.gates.reached(str(step))
            await site.kill()
            await asyncio.wait(asking)
            assert all(isinstance(one.exception(), aiohttp.ClientError) for one in asking)
        upstream.gates.release(str(step))
        [entry] = await asyncio.to_thread(rows, data, "entries")
        [kept] = await asyncio.to_thread(rows, data, "idempotency")
        assert kept["turn_id"] == entry["turn_id"]

        async with site_process(data, "--model", f"{upstream.url}/v1") as site:
            first = await ask(site.ready.url)
            assert await ask(site.ready.url) == first
            assert await site.end() == 0
    status, text = first
    assert upstream.requests == 1 if hasattr(upstream, "requests") else True
    if stream and step:
        assert status == 200
        chunks = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
        said = "".join(
            choice["delta"].get("content") or "" for chunk in chunks for choice in chunk.get("choices", [])
        )
        assert said == "".join(ANSWER[:step])
        assert chunks[-1]["error"]["code"] == "interrupted"
        assert chunks[0]["id"] == entry["turn_id"]
    else:
        assert status == 503
        assert json.loads(text)["error"]["code"] == "interrupted"
    [entry] = await asyncio.to_thread(rows, data, "entries")
    assert (entry["ending"], entry["answer_tokens"]) == ("failed", step)
