"""One's conversations train nothing until one says so, only what may be read is read, and a no is heeded at once."""

from __future__ import annotations

from typing import Any

import aiohttp
from sqlalchemy import update
from tests.conftest import visitor
from tests.http.test_account_door import FOREIGN, ask, call, join

from thinkwell.people import consents
from thinkwell.store import tables
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.training.data.site import FromSite, from_site
from thinkwell.turns import retention
from thinkwell.turns.retention import Keep
from thinkwell.turns.run import now_us

Json = dict[str, Any]
NO = {"allowed": False, "since": None}
DAY_US = 86_400_000_000


async def exported(running: RunningSite) -> FromSite:
    await running.site.conductor.settled()
    return await running.site.database.read(from_site)


async def allow(client: aiohttp.ClientSession, allowed: bool = True) -> Json:
    return await call(client, "PUT", "/api/me/training", {"allowed": allowed})


async def owners(running: RunningSite) -> list[str]:
    return await running.site.database.read(consents.consenting)


async def test_it_is_no_until_said_and_each_says_it_for_themself(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await call(client, "GET", "/api/me/training", status=404)  # nobody is known yet
    await ask(client)
    assert await call(client, "GET", "/api/me/training") == NO
    said = await allow(client)
    assert said["allowed"] and said["since"]
    assert await allow(client) == said  # again changes nothing
    async with visitor(running.url) as other:
        await ask(other)
        assert await call(other, "GET", "/api/me/training") == NO
        await allow(other, False)
    assert await call(client, "GET", "/api/me/training") == said
    assert await allow(client, False) == NO


async def test_a_body_that_says_something_else_is_refused(client: aiohttp.ClientSession) -> None:
    await ask(client)
    for body in ({}, {"allowed": "yes"}, {"allowed": True, "owner": "visitor:x"}):
        await call(client, "PUT", "/api/me/training", body, 400)
    assert await call(client, "GET", "/api/me/training") == NO


async def test_a_foreign_page_cannot_say_it(client: aiohttp.ClientSession) -> None:
    await ask(client)
    for headers in FOREIGN:
        await call(client, "PUT", "/api/me/training", {"allowed": True}, 403, **headers)
    assert await call(client, "GET", "/api/me/training") == NO


async def test_a_members_word_counts_and_a_visitors_is_forgotten_with_the_sign_up(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await ask(client)
    await allow(client)
    await join(client)
    assert await call(client, "GET", "/api/me/training") == NO
    assert (await exported(running)).rows == []
    await allow(client)
    assert len((await exported(running)).rows) == 1


async def test_only_conversations_of_who_says_yes_now_are_read(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Write to ann@example.org.", reasoning=("Her number is 06 12 34 56 78.",)))
    await ask(client, "How do I reach Ann, of DE89370400440532013000?")
    async with visitor(running.url) as other:
        await ask(other, "A secret of somebody who never said yes")
    assert (await exported(running)).people == 0
    await allow(client)
    found = await exported(running)
    [row] = found.rows
    assert (found.people, found.conversations) == (1, 1)
    assert row.prompt == "How do I reach Ann, of [IBAN]?"
    assert row.answer == "Write to [e-mail address]." and row.trace == "Her number is [phone number]."
    assert (row.source, row.verifier, row.task, row.entry) == ("site", "text", "site", {})
    assert "1 people let their conversations be used" in found.text()
    await allow(client, False)
    assert (await exported(running)).rows == []


async def test_what_is_temporary_deleted_cut_or_came_with_files_is_left_out(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    asked = await ask(client, "To be deleted")
    await allow(client)
    async with client.delete(f"/api/conversations/{asked['conversation_id']}") as reply:
        assert reply.status == 200
    for body in (
        {"text": "Temporary", "temporary": True, "history": []},
        {"content": "With a file", "files": [{"name": "mine.txt", "text": "My secret."}]},
    ):
        made = await call(client, "POST", "/api/turns", body, 201)
        async with client.get(f"/api/turns/{made['turn_id']}/events") as reply:
            await reply.read()
    engine.play(saying("Half an", finish="length"))
    await ask(client, "To be cut")
    engine.play(saying("no " * 100))
    await ask(client, "Say no")
    engine.play(saying("A whole answer."))
    kept = await ask(client, "Whole?")
    again = {
        "content": "And then?",
        "conversation_id": kept["conversation_id"],
        "parent_id": kept["answer_id"],
    }
    made = await call(client, "POST", "/api/turns", again, 201)
    async with client.get(f"/api/turns/{made['turn_id']}/events") as reply:
        await reply.read()
    found = await exported(running)
    assert [(row.prompt, row.answer, row.trace) for row in found.rows] == [("Whole?", "A whole answer.", "")]
    assert dict(found.dropped) == {
        "the question came with files, which its answer speaks of": 1,
        "the answer did not come to its end": 1,
        "goes round in circles": 1,
    }


async def test_who_is_kept_out_is_not_read(running: RunningSite, client: aiohttp.ClientSession) -> None:
    await ask(client)
    await allow(client)
    async with visitor(running.url) as other:
        await ask(other)
        await allow(other)
        await join(other, "max")
        await allow(other)
    one, max_ = await owners(running)
    block = {"subject": one, "why": "spam", "created_at": 1, "until": None}

    def keep_out(tx: Any) -> None:
        tx.execute(tables.blocks.insert().values(block))
        tx.execute(update(tables.accounts).where(tables.accounts.c.id == max_).values(blocked_at=1))

    await running.site.database.write(keep_out)
    assert await owners(running) == []


async def test_an_erased_persons_yes_is_gone_and_proven(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await ask(client)
    await allow(client)
    gone = await call(client, "DELETE", "/api/me", {"confirm": "erase"})
    assert {"training_consents": 1}.items() <= {one["kind"]: one["count"] for one in gone["erased"]}.items()
    assert await owners(running) == []


async def test_a_visitors_old_yes_goes_when_nothing_is_left_of_theirs(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client)
    await allow(client)
    await running.site.conductor.settled()
    keep = Keep(visitor_days=30, member_days=0, log_hours=24, response_hours=24)
    later = now_us() + 40 * DAY_US

    async def kinds(conversation: bool) -> set[str]:
        def read(connection: Any) -> set[str]:
            if not conversation:
                chosen = tables.conversations.c.id == asked["conversation_id"]
                connection.execute(tables.conversations.delete().where(chosen))
            found = {
                rule.kind for rule in retention.rules(keep, later) if connection.execute(rule.find).first()
            }
            return found

        return await running.site.database.write(read)

    assert "training_consents" not in await kinds(True)
    assert "training_consents" in await kinds(False)
