"""Erasing everything of one's own: what is gone, what stays without a name, who may, and what is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import LargeBinary, MetaData, Text, insert, select, text
from tests.conftest import visitor
from tests.http.test_account_door import (
    FOREIGN,
    PASSWORD,
    ask,
    call,
    cookies,
    join,
    me,
    operator,
    refused,
    titles,
)
from tests.http.test_temporary import written
from tests.http.test_web_door import ask as ask_only
from tests.http.test_web_door import follow

from thinkwell.conversations import shelf
from thinkwell.errors import NotSignedIn, StoreUnavailable
from thinkwell.http.callers import COOKIE, SESSION
from thinkwell.ledger import check
from thinkwell.people import passkeys
from thinkwell.store import tables
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.deletions import digest_of
from thinkwell.turns.run import now_us
from thinkwell.turns.sweeping import sweep
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

Json = dict[str, Any]
ERASE = {"confirm": "erase", "password": PASSWORD}
NAME = "ermintrude"
WORDS = ("plumbago", "wolfsbane", "hemlock", "mandrake", NAME)


async def erase(client: aiohttp.ClientSession, body: Json | None = None) -> dict[str, Json]:
    found = await call(client, "DELETE", "/api/me", body or {"confirm": "erase"})
    return {one["kind"]: one for one in found["erased"]}


async def everywhere(running: RunningSite) -> str:
    """What all columns with text or bytes say, in every table that the file has, known to us or not."""

    def read(connection: Any) -> str:
        found = MetaData()
        found.reflect(connection)
        assert {table.name for table in tables.metadata.sorted_tables} <= set(found.tables)
        told: list[str] = []
        for table in found.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Text | LargeBinary) or "CHAR" in str(column.type):
                    told += [
                        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                        for value in connection.scalars(select(column))
                    ]
        return "\n".join(told).lower()

    return await running.site.database.read(read)


async def checked(running: RunningSite) -> check.Checked:
    found = await running.site.database.read(lambda connection: check.check(connection, now_us()))
    assert (found.wrong, found.findings) == (0, [])
    return found


async def id_of(running: RunningSite, name: str = NAME) -> str:
    query = select(tables.accounts.c.id).where(tables.accounts.c.name == name)
    found = await running.site.database.read(lambda connection: connection.scalar(query))
    assert found is not None
    return found


async def live_a_little(running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine) -> Json:
    """Something in every table that can have something of somebody's. Returns what must not be found again."""
    site = running.site
    engine.play(saying("Mandrake.", reasoning=("Hemlock, perhaps.",)))
    await ask(client, "Is plumbago edible?")
    await join(client, NAME)
    account = await id_of(running)
    body = {"text": "Wolfsbane?", "temporary": True}
    asked = await call(client, "POST", "/api/turns", body, 201)
    await follow(client, asked["turn_id"])
    made = await call(client, "POST", "/api/keys", {"name": f"{NAME}'s key"}, 201)
    headers = {"authorization": f"Bearer {made['key']}"}
    stored = {"model": "scripted", "input": "Plumbago again?"}
    await call(client, "POST", "/v1/responses", stored, 200, **headers)
    question = {"model": "scripted", "messages": [{"role": "user", "content": "Plumbago?"}]}
    await call(client, "POST", "/v1/chat/completions", question, 200, **headers, **{"idempotency-key": "k"})
    engine.gates.hold("0")
    running_on = await ask_only(client, "Wolfsbane and hemlock?")
    await engine.gates.reached("0")
    await site.conductor.settled()

    def write(tx: Any) -> tuple[str, ...]:
        new = passkeys.NewPasskey("credential-1", b"public", 0, account)
        passkeys.add(tx, account, new, f"{NAME}'s phone", now_us())
        identity = {
            "issuer": "https://id.example",
            "subject": "subject-77",
            "owner": account,
            "created_at": 5,
        }
        tx.execute(insert(tables.identities).values(identity))
        link = {"token_hash": "l1nkhash", "kind": "password", "owner": account, "created_at": 5}
        tx.execute(insert(tables.links).values(link | {"expires_at": 2**60}))
        hashes = [
            *tx.scalars(select(tables.keys.c.secret_hash)),
            *tx.scalars(select(tables.sessions.c.token_hash)),
        ]
        marks = tx.scalars(text("select json_extract(receipt, '$.mark.answer_sha256') from entries"))
        return (*hashes, *(mark for mark in marks if mark))

    await call(client, "PUT", "/api/me/training", {"allowed": True})
    hashes = await site.database.write(write)
    return {
        "account": account,
        "hashes": hashes,
        "key": made,
        "ids": (made["item"]["id"], "credential-1", "subject-77", "l1nkhash"),
        "running": running_on["turn_id"],
        "token": cookies(client)[SESSION],
    }


async def test_after_erasing_nothing_anywhere_tells_of_a_member(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path
) -> None:
    lived = await live_a_little(running, client, engine)
    secret = [lived["account"], *lived["hashes"], *lived["ids"], *WORDS]
    found = await everywhere(running)
    for word in secret:
        assert word.lower() in found or word == "wolfsbane", f"the test proves nothing about {word}"
    assert b"plumbago" in (await written(data)).lower()
    sums = await _sums(running)

    erased = await erase(client, ERASE)
    assert {kind: one["count"] for kind, one in erased.items()} == {
        "conversations": 2,
        "messages": 4,
        "event_logs": 3,
        "responses": 1,
        "idempotency": 1,
        "keys": 1,
        "sessions": 1,
        "passkeys": 1,
        "links": 1,
        "identities": 1,
        "account": 1,
        "training_consents": 1,
        "receipts": 5,
        "ledger_accounts": 2,
    }
    assert erased["keys"]["digest"] == digest_of([lived["key"]["item"]["id"]])

    await running.site.conductor.settled()
    found = await everywhere(running)
    assert not [word for word in secret if word.lower() in found]
    files = (await written(data)).lower()
    assert not [word for word in secret if word.lower().encode() in files]
    after = await checked(running)
    assert not any(after.sums.values()) and after.open == 0
    # What was booked is booked still; the turn that was stopped came to it.
    assert all(now >= then for now, then in zip(await _sums(running), sums, strict=True))
    assert running.site.turns.count == 0 and engine.aborted == 1


async def _sums(running: RunningSite) -> tuple[int, ...]:
    """What all people were charged and used."""
    query = text(
        "select -sum(money), sum(uncached_tokens), sum(reasoning_tokens), sum(answer_tokens) "
        "from ledger_lines where account != 'site:turns'"
    )
    return tuple(await running.site.database.read(lambda connection: connection.execute(query).one()))


async def test_it_is_still_gone_after_a_restart(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine) as running, visitor(running.url) as client:
        lived = await live_a_little(running, client, engine)
        await erase(client, ERASE)
    async with running_site(data, engine) as running:
        await running.site.database.checkpoint()
        files = (await written(data)).lower()
        assert not [word for word in [lived["account"], *WORDS] if word.lower().encode() in files]
        await checked(running)


async def test_neither_session_nor_key_nor_turn_is_good_for_anything_afterwards(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    lived = await live_a_little(running, client, engine)
    await erase(client, ERASE)
    assert SESSION not in cookies(client)
    assert (await me(client))["kind"] == "visitor" and await titles(client) == []
    headers = {"authorization": f"Bearer {lived['key']['key']}"}
    question = {"model": "scripted", "messages": [{"role": "user", "content": "x"}]}
    problem = await call(client, "POST", "/v1/chat/completions", question, 401, **headers)
    assert problem["error"]["code"] == "invalid_key"
    async with aiohttp.ClientSession(running.url, headers={"cookie": f"{SESSION}={lived['token']}"}) as old:
        assert (await me(old))["kind"] == "visitor"
        await refused(old, "GET", "/api/keys", None, 401, "not_signed_in")
        await refused(old, "GET", f"/api/turns/{lived['running']}/events", None, 404, "not_found")
    async with visitor(running.url) as again:
        await refused(
            again, "POST", "/api/sign_in", {"name": NAME, "password": PASSWORD}, 401, "wrong_sign_in"
        )
        await join(again, NAME)  # the name is free, and somebody else's now
        assert await titles(again) == []


async def test_a_visitor_erases_what_is_theirs_and_begins_anew(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path
) -> None:
    engine.play(saying("Mandrake."))
    await ask(client, "Is plumbago edible?")
    cookie = cookies(client)[COOKIE]
    async with visitor(running.url) as other:
        await ask(other, "What is a daffodil?")
        erased = await erase(client)
        assert {kind: one["count"] for kind, one in erased.items()} == {
            "conversations": 1,
            "messages": 2,
            "event_logs": 1,
            "receipts": 1,
            "ledger_accounts": 1,
        }
        assert b"plumbago" not in (await written(data)).lower()
        assert await titles(other) == ["What is a daffodil?"]
    assert cookies(client)[COOKIE] != cookie
    assert await titles(client) == []
    await ask(client, "Anew?")
    assert await titles(client) == ["Anew?"]
    await checked(running)
    async with aiohttp.ClientSession(running.url, headers={"cookie": f"{COOKIE}={cookie}"}) as old:
        await ask(old, "From the other tab?")  # the reply was lost on its way: they are not shut out
        assert await titles(old) == ["From the other tab?"]


async def test_the_proof_is_written_and_the_same_can_be_told_from_an_export(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client)
    erased = await erase(client)
    assert erased["conversations"]["digest"] == digest_of([asked["conversation_id"]])
    async with operator(running) as boss:
        items = (await call(boss, "GET", "/api/operator/deletions"))["items"]
    assert {(one["kind"], one["count"], one["digest"]) for one in items} == {
        (kind, one["count"], one["digest"]) for kind, one in erased.items()
    }
    assert all((one["rule"], one["left"], one["before"]) == ("erasure", 0, None) for one in items)


async def test_deletions_are_for_operators_alone(running: RunningSite, client: aiohttp.ClientSession) -> None:
    await refused(client, "GET", "/api/operator/deletions", None, 401, "not_signed_in")
    await join(client)
    await refused(client, "GET", "/api/operator/deletions", None, 403, "forbidden")
    async with operator(running) as boss:
        assert await call(boss, "GET", "/api/operator/deletions") == {"items": [], "next": None}
        for cursor in ("x", "-1", "1.5", "' or 1=1 --", "9" * 19, "%C2%B2"):
            await refused(boss, "GET", f"/api/operator/deletions?before={cursor}", None, 400, "bad_request")
        assert (await call(boss, "GET", "/api/operator/deletions?before=5"))["items"] == []


# -- who may, and what is refused ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"confirm": "yes", "password": PASSWORD}, 400, "bad_request"),
        ({"confirm": True, "password": PASSWORD}, 400, "bad_request"),
        ({"confirm": "erase"}, 400, "bad_request"),
        ({"confirm": "erase", "password": None}, 400, "bad_request"),
        ({"confirm": "erase", "password": ""}, 400, "bad_request"),
        ({"confirm": "erase", "password": "wrong horse"}, 401, "wrong_sign_in"),
        ({"confirm": "erase", "password": PASSWORD * 100}, 400, "bad_request"),
        ({"confirm": "erase", "password": ["x"]}, 400, "bad_request"),
        (ERASE | {"owner": "member:other"}, 400, "unknown_field"),
        (ERASE | {"id": "x"}, 400, "unknown_field"),
        ("erase", 400, "bad_request"),
        (None, 400, "bad_request"),
    ],
)
async def test_without_a_clear_word_and_the_password_nothing_is_erased(
    running: RunningSite, client: aiohttp.ClientSession, body: Any, status: int, code: str
) -> None:
    await join(client)
    await ask(client)
    before = await everywhere(running)
    await refused(client, "DELETE", "/api/me", body, status, code)
    assert await everywhere(running) == before
    assert await titles(client) == ["What is 2 + 2?"]


async def test_a_password_of_a_megabyte_is_refused_without_being_hashed(
    client: aiohttp.ClientSession, running: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(client)

    async def never(*asked: Any) -> bool:
        raise AssertionError

    monkeypatch.setattr(running.site.members.passwords, "check", never)
    await refused(client, "DELETE", "/api/me", ERASE | {"password": "x" * 900_000}, 400, "bad_request")


async def test_guessing_the_password_is_slowed(client: aiohttp.ClientSession) -> None:
    await join(client)
    codes = set()
    for _ in range(12):
        async with client.delete("/api/me", json=ERASE | {"password": "wrong horse"}) as reply:
            codes.add((await reply.json())["error"]["code"])
    assert codes == {"wrong_sign_in", "too_many_tries"}


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_erases_nobody(
    client: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    await ask(client)
    problem = await call(client, "DELETE", "/api/me", {"confirm": "erase"}, 403, **headers)
    assert problem["error"]["code"] == "forbidden"
    assert await titles(client) == ["What is 2 + 2?"]


async def test_nobody_has_nothing_to_erase(running: RunningSite) -> None:
    async with visitor(running.url) as nobody:
        await refused(nobody, "DELETE", "/api/me", {"confirm": "erase"}, 404, "not_found")
    for cookie in (f"{COOKIE}=forged.by.me", f"{SESSION}=forged", f"{COOKIE}=", f"{SESSION}={'x' * 4000}"):
        async with aiohttp.ClientSession(running.url, headers={"cookie": cookie}) as forged:
            await refused(forged, "DELETE", "/api/me", {"confirm": "erase"}, 404, "not_found")
            await refused(forged, "GET", "/api/me/export", None, 404, "not_found")


async def test_the_last_operator_is_told_what_to_do_first(running: RunningSite) -> None:
    async with operator(running) as boss:
        error = await refused(boss, "DELETE", "/api/me", ERASE, 409, "conflict")
        assert "another" in error["message"]
        assert (await me(boss))["role"] == "operator"
        async with operator(running, "second"):
            await erase(boss, ERASE)
        assert (await me(boss))["kind"] == "visitor"


async def test_a_refused_operators_turn_is_not_stopped(running: RunningSite, engine: ScriptedEngine) -> None:
    async with operator(running) as boss:
        engine.gates.hold("0")
        asked = await ask_only(boss)
        await engine.gates.reached("0")
        await refused(boss, "DELETE", "/api/me", ERASE, 409, "conflict")
        engine.gates.release("0")
        assert (await follow(boss, asked["turn_id"]))[-1][1]["type"] == "finished"


# -- who is kept out -----------------------------------------------------------------------------


async def test_a_member_who_is_kept_out_can_erase_and_stays_kept_out(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path
) -> None:
    lived = await live_a_little(running, client, engine)
    account = lived["account"]
    async with operator(running) as boss:
        path = f"/api/operator/members/{account}"
        await call(boss, "PATCH", path, {"blocked": True, "why": "asks too much"})
        erased = await erase(client, ERASE)
        assert (
            "account" not in erased and "identities" not in erased and erased["conversations"]["count"] == 2
        )
        found = await everywhere(running)
        assert not [word for word in (*WORDS, *lived["hashes"]) if word in found]
        [kept] = (await call(boss, "GET", f"/api/operator/members?name={account}"))["items"]
        assert (kept["name"], kept["blocked_why"], kept["has_password"]) == (None, "asks too much", False)

        def known(connection: Any) -> str | None:
            query = select(tables.identities.c.owner).where(tables.identities.c.subject == "subject-77")
            return connection.scalar(query)  # type: ignore[no-any-return]

        # Who signs in at the organisation's provider comes to the account that is kept out.
        assert await running.site.database.read(known) == account
        await call(boss, "PATCH", path, {"blocked": False})
        await checked(running)


async def test_a_visitor_who_is_kept_out_can_erase_and_stays_kept_out(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    await ask(client)
    [owner] = await running.site.database.read(
        lambda connection: list(connection.scalars(select(tables.conversations.c.owner)))
    )
    async with operator(running) as boss:
        await call(boss, "POST", "/api/operator/blocks", {"subject": owner, "why": "spam"}, 201)
    cookie = cookies(client)[COOKIE]
    assert (await erase(client))["conversations"]["count"] == 1
    assert cookies(client)[COOKIE] == cookie
    await refused(client, "POST", "/api/turns", {"content": "x"}, 403, "blocked")


async def test_whom_the_organisation_names_begins_anew_and_stays_kept_out(
    data: Path, engine: ScriptedEngine
) -> None:
    proxy = ("people.proxy_header=X-Remote-User", "people.proxy_addresses=127.0.0.1")
    async with (
        running_site(data, engine, assignments=proxy) as running,
        aiohttp.ClientSession(running.url, headers={"X-Remote-User": "anna"}) as anna,
    ):
        await ask(anna, "Mine?")
        await call(anna, "POST", "/api/keys", {"name": "job"}, 201)
        erased = await erase(anna)
        assert erased["account"]["count"] == erased["keys"]["count"] == 1
        assert await titles(anna) == [] and (await me(anna))["named"]
        await ask(anna, "Anew?")
        assert await titles(anna) == ["Anew?"]
        await checked(running)
        # What was used before leads to nobody any more, and what is used now to her.
        balances = await running.site.database.read(
            lambda connection: connection.execute(
                text(
                    "select substr(account, 1, 7), count(*) from ledger_lines where account like '%:%' group by 1"
                )
            ).all()
        )
        assert {name: count for name, count in balances} == {"erased:": 1, "person:": 1, "site:tu": 2}
        await call(anna, "POST", "/api/keys", {"name": "again"}, 201)
        [account] = await running.site.database.read(
            lambda connection: list(connection.scalars(select(tables.accounts.c.id)))
        )
        query = f"update accounts set blocked_at = 5, blocked_why = 'spam' where id = '{account}'"
        await running.site.database.write(lambda tx: tx.execute(text(query)).close())
        running.site.members.forget(account)
        await erase(anna)
        await refused(anna, "GET", "/api/conversations", None, 403, "blocked")


# -- while something happens ---------------------------------------------------------------------


async def test_what_is_asked_in_the_moment_of_the_erasure_leaves_nothing(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path
) -> None:
    """At each of many moments: asked and erased, or not asked at all."""
    await join(client, NAME)
    account = await id_of(running)
    caller = Caller(kind="member", id=account, person=account, tier="member")
    site = running.site

    async def begin(number: int, keep_text: bool) -> str:
        for _ in range(number):
            await asyncio.sleep(0)
        request = TurnRequest(
            id=f"turn_{number}{keep_text}",
            caller=caller,
            model="scripted",
            messages=(Message("user", "Plumbago?"),),
            keep_text=keep_text,
        )
        try:
            live = await site.conductor.begin(site.tasks, request)
        except NotSignedIn:
            return "refused"
        await live.over()
        return "asked"

    asking = [
        asyncio.create_task(begin(number, keep_text)) for number in range(40) for keep_text in (True, False)
    ]
    erased = await erase(client, ERASE)
    told = await asyncio.gather(*asking)
    assert "asked" in told and erased["account"]["count"] == 1
    with pytest.raises(NotSignedIn):
        await site.conductor.begin(
            site.tasks,
            TurnRequest(id="late", caller=caller, model="scripted", messages=(Message("user", "x"),)),
        )
    await site.conductor.settled()
    found = await everywhere(running)
    assert account.lower() not in found and NAME not in found and "plumbago" not in found
    holding = await asyncio.to_thread(
        lambda: [p.name for p in data.rglob("*") if p.is_file() and account.encode() in p.read_bytes()]
    )
    assert holding == []
    await checked(running)


async def test_what_cannot_be_written_down_erases_nothing_and_says_when(
    running: RunningSite, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(client, NAME)
    await ask(client)

    async def unpaid() -> bool:
        return False

    with monkeypatch.context() as broken:
        broken.setattr(running.site.conductor.closer.reaper, "pay", unpaid)
        await refused(client, "DELETE", "/api/me", ERASE, 503, "storage_unavailable")

    async def stuck() -> None:
        raise StoreUnavailable("No.")

    with monkeypatch.context() as broken:
        broken.setattr(running.site.conductor.closer.journal, "forget_ended", stuck)
        await refused(client, "DELETE", "/api/me", ERASE, 503, "storage_unavailable")
    assert await titles(client) == ["What is 2 + 2?"]
    await ask(client, "Still here?")  # they are not shut out either
    await erase(client, ERASE)


async def test_the_journal_lets_go_of_what_is_over_and_keeps_what_runs(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path
) -> None:
    await ask(client, "Is plumbago edible?")
    engine.play(saying(*"abcdef"))
    engine.gates.hold("3")
    async with visitor(running.url) as other:
        asked = await ask_only(other, "What runs?")
        await engine.gates.reached("3")
        journal = data / "journal"
        before = {path.name for path in journal.iterdir()}
        await erase(client)
        assert not before & {path.name for path in journal.iterdir()} - {max(before)}
        engine.gates.release("3")
        events = await follow(other, asked["turn_id"])
        assert events[-1][1]["type"] == "finished"
        assert (await call(other, "GET", f"/api/conversations/{asked['conversation_id']}"))["messages"][1][
            "content"
        ] == "abcdef"


async def test_deleting_one_conversation_is_written_down_nowhere(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    asked = await ask(client)
    await call(client, "DELETE", f"/api/conversations/{asked['conversation_id']}")
    assert await sweep(running.site.database, now_us() + shelf.UNDO_US) == 1
    query = text("select count(*) from deletions")
    assert await running.site.database.read(lambda connection: connection.scalar(query)) == 0
