"""Receipts: of one turn at both doors, a person's statement, its sums and its files; and whose they are."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import Connection
from tests.conftest import visitor

from thinkwell.http.statement_files import PAGE
from thinkwell.ledger.signing import answer_digest, raw_key, verify
from thinkwell.people import accounts, keys
from thinkwell.store.tables import conversations, entries, ledger_lines, messages
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.values.receipt import Charge, Receipt
from thinkwell.values.usage import Usage

Json = dict[str, Any]
QUESTION = {"model": "scripted", "messages": [{"role": "user", "content": "What is 2 + 2?"}]}
PRICES = (
    "prices.default.prompt=1.5",
    "prices.default.cached=0.1",
    "prices.default.reasoning=3",
    "prices.default.answer=4.000001",
    "tariff.currency=CHF",
)
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
# A Friday at noon, UTC.
# Not yet: what visitors used too long ago loses its name, and a site that starts looks for that at once.
NOON = int(datetime(2096, 11, 27, 12, tzinfo=UTC).timestamp()) * 1_000_000


async def get(client: aiohttp.ClientSession, path: str, status: int = 200, **asked: str) -> Any:
    async with client.get(path, params=asked) as reply:
        assert reply.status == status, await reply.text()
        return await reply.json()


async def ask(client: aiohttp.ClientSession) -> str:
    """One turn from the page, to its end; its id."""
    async with client.post("/api/turns", json={"content": "What is 2 + 2?"}) as reply:
        turn_id: str = (await reply.json())["turn_id"]
    async with client.get(f"/api/turns/{turn_id}/events") as reply:
        await reply.read()
    return turn_id


async def owner_of(running: RunningSite, turn_id: str) -> str:
    query = select(entries.c.owner).where(entries.c.turn_id == turn_id)
    found = await running.site.database.read(lambda connection: connection.scalar(query))
    assert found is not None
    return str(found)


def row(owner: str, number: int, at: int, **changes: Any) -> Json:
    """A closed entry, as the book writes it."""
    turn_id, model = f"turn_{number:05}", changes.get("model", "scripted")
    usage = Usage(prompt=10, cached=4, reasoning=3, answer=2)
    price = changes.get("price", 100)
    receipt = Receipt(
        turn_id=turn_id,
        model=model,
        usage=usage,
        ending="finished",
        charge=Charge(currency="EUR", lines=(), price=price, free=price - 60, due=60),
    )
    columns = {
        "turn_id": turn_id,
        "owner": owner,
        "person": owner,
        "model": model,
        "message_id": None,
        "opened_at": at,
        "closed_at": at + 1,
        "ending": "finished",
        "prompt_tokens": 10,
        "cached_tokens": 4,
        "reasoning_tokens": 3,
        "answer_tokens": 2,
        "receipt": msgspec.json.encode(receipt),
        "tier": "visitor",
        "key_id": None,
        "price": price,
        "due": 60,
        "cost": None,
        "energy": None,
    }
    return columns | changes


async def add(running: RunningSite, rows: Iterable[Json]) -> None:
    written = list(rows)
    await running.site.database.write(lambda tx: tx.execute(insert(entries), written))


async def whole(client: aiohttp.ClientSession, **asked: str) -> list[Json]:
    """All pages."""
    found: list[Json] = []
    before: dict[str, str] = {}
    while True:
        page = await get(client, "/api/receipts", **asked, **before)
        found += page["items"]
        if page["next"] is None:
            return found
        before = {"before": page["next"]}


# -- one receipt ---------------------------------------------------------------------------------


async def test_the_receipt_of_an_answer_is_found_at_once_and_is_the_same_as_was_sent(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and two.",)))
    async with client.post("/v1/chat/completions", json=QUESTION) as reply:
        body = await reply.json()
        turn_id = reply.headers["x-request-id"]
    sent = body["thinkwell"]["receipt"]
    assert await get(client, f"/v1/receipts/{turn_id}") == sent
    assert sent["mark"]["answer_sha256"] == answer_digest("Four.")
    told = await get(client, "/.well-known/thinkwell.json")
    assert verify(sent, {key["id"]: raw_key(key["public_key"]) for key in told["keys"]}) == "holds"
    assert (told["site"], [key["algorithm"] for key in told["keys"]]) == ("Thinkwell", ["Ed25519"])
    assert sent["mark"]["site"] == "Thinkwell" and sent["mark"]["made_by"] == "ai"


async def test_the_page_finds_the_receipt_of_its_turn(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    turn_id = await ask(client)
    receipt = await get(client, f"/api/turns/{turn_id}/receipt")
    assert receipt["turn_id"] == turn_id
    keys = {key.id: key.raw for key in running.site.receipt_signer.keys}
    assert verify(receipt, keys) == "holds"
    [item] = (await get(client, "/api/conversations"))["items"]
    [_, answer] = (await get(client, f"/api/conversations/{item['id']}"))["messages"]
    assert answer["receipt"] == receipt
    assert receipt["mark"]["answer_sha256"] == answer_digest(answer["content"])


async def test_while_it_runs_there_is_no_receipt_yet(
    client: aiohttp.ClientSession, engine: ScriptedEngine, running: RunningSite
) -> None:
    engine.gates.hold("0")
    asked = asyncio.ensure_future(client.post("/v1/chat/completions", json=QUESTION))
    await engine.gates.reached("0")
    [live] = running.site.turns.running
    assert (await get(client, f"/v1/receipts/{live.request.id}", 409))["error"]["code"] == "conflict"
    async with client.post("/api/turns", json={"content": "?"}) as reply:
        turn_id = (await reply.json())["turn_id"]
    assert (await get(client, f"/api/turns/{turn_id}/receipt", 409))["error"]["code"] == "conflict"
    engine.gates.release("0")
    await asked
    assert (await get(client, f"/v1/receipts/{live.request.id}"))["ending"] == "finished"


async def test_another_persons_receipt_is_not_there(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    turn_id = await ask(client)
    async with visitor(running.url) as other:
        paths = [f"/api/turns/{turn_id}/receipt", "/api/turns/turn_none/receipt"]
        nobodys = [(await get(other, path, 404))["error"] for path in paths]
        await get(other, "/api/site")
        others = [(await get(other, path, 404))["error"] for path in paths]
        assert others[0] == others[1] and nobodys[0] == nobodys[1]
        assert (await get(other, "/api/receipts"))["items"] == []
        assert (await get(other, "/api/receipts/summary"))["total"]["turns"] == 0
        assert (await get(other, "/api/receipts.json"))["items"] == []
        for path in (
            f"/v1/receipts/{turn_id}",
            "/v1/receipts/chatcmpl-none",
            "/v1/receipts/%27%20OR%201=1--",
        ):
            assert (await get(other, path, 404))["error"]["code"] == "not_found"


async def test_a_key_finds_what_was_asked_with_it_and_its_owner_all(running: RunningSite) -> None:
    def make(tx: Connection) -> tuple[str, list[tuple[str, str]]]:
        account = accounts.create(tx, "Ada", NOON)
        made = [
            keys.create(tx, account.id, keys.Wish(name=name, doors=doors), NOON) for name, doors in scopes
        ]
        return account.id, [(key.id, text) for key, text in made]

    scopes: list[tuple[str, tuple[str, ...] | None]] = [("first", ("chat",)), ("second", None)]
    owner, [(first, text), (_, other)] = await running.site.database.write(make)
    async with aiohttp.ClientSession(running.url, headers={"x-api-key": text}) as client:
        async with client.post("/v1/chat/completions", json=QUESTION) as reply:
            turn_id = (await reply.json())["id"]
        assert (await get(client, f"/v1/receipts/{turn_id}"))["tier"] == "member"
    async with aiohttp.ClientSession(running.url, headers={"x-api-key": other}) as client:
        await get(client, f"/v1/receipts/{turn_id}", 404)
    async with aiohttp.ClientSession(running.url) as client:
        await get(client, f"/v1/receipts/{turn_id}", 404)
    rows = await running.site.database.read(
        lambda connection: connection.execute(select(entries.c.owner, entries.c.key_id)).all()
    )
    assert [tuple(found) for found in rows] == [(owner, first)]


# -- what it cost --------------------------------------------------------------------------------


async def test_usage_has_the_exact_cost_at_every_door(data: Path, engine: ScriptedEngine) -> None:
    engine.play(saying("Four", ".", reasoning=("Two and ", "two.")))
    async with running_site(data, engine, assignments=PRICES) as site, visitor(site.url) as client:
        async with client.post("/v1/chat/completions", json=QUESTION) as reply:
            chat = await reply.text()
        async with client.post(
            "/v1/responses", json={"model": "scripted", "input": "What is 2 + 2?"}
        ) as reply:
            responses = await reply.text()
        stored = json.loads(responses)["id"]
        async with client.get(f"/v1/responses/{stored}") as reply:
            again = await reply.text()
        async with client.post("/v1/messages", json=QUESTION | {"max_tokens": 99}) as reply:
            anthropic = await reply.text()
    for text in (chat, responses, again, anthropic):
        body = json.loads(text, parse_float=str)
        receipt, usage = body["thinkwell"]["receipt"], body["usage"]
        charge = receipt["charge"]
        due = {line["kind"]: line["tokens"] * line["per_million"] for line in charge["lines"]}
        assert charge["due"] == charge["price"] == round(sum(due.values()) / 1_000_000) > 0
        # The very text of the number: digits of the integer with a point in them.
        assert usage["cost"] == f"0.{charge['due']:06}".rstrip("0")
        assert usage["cost_details"] == {
            "currency": "CHF",
            "price": usage["cost"],
            "free": 0,
            "waived": 0,
            "due": usage["cost"],
            "discount": 0,
        }


async def test_a_stream_has_cost_and_receipt_in_its_last_chunks(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine, assignments=PRICES) as site, visitor(site.url) as client:
        body = QUESTION | {"stream": True, "stream_options": {"include_usage": True}}
        async with client.post("/v1/chat/completions", json=body) as reply:
            chunks = [line[6:] for line in (await reply.text()).splitlines() if line.startswith("data: {")]
    last, usage = map(json.loads, chunks[-2:])
    assert usage["usage"]["cost"] == last["thinkwell"]["receipt"]["charge"]["due"] / 1e6
    assert last["thinkwell"]["receipt"]["mark"]["signature"]
    assert all("thinkwell" not in json.loads(chunk) for chunk in chunks[:-2])


async def test_answers_say_in_their_head_that_a_machine_made_them(client: aiohttp.ClientSession) -> None:
    """EU AI Act, Art. 50: also for who reads no further."""
    asks: list[tuple[str, Json]] = [
        ("/v1/chat/completions", QUESTION),
        ("/v1/chat/completions", QUESTION | {"stream": True}),
        ("/v1/responses", {"model": "scripted", "input": "?"}),
        ("/v1/messages", QUESTION | {"max_tokens": 9}),
    ]
    for path, body in asks:
        async with client.post(path, json=body) as reply:
            assert reply.headers["ai-disclosure"] == "mode=machine-generated", path
            await reply.read()
    async with client.post("/v1/chat/completions", json={}) as reply:
        assert "ai-disclosure" not in reply.headers  # a person wrote that sentence
    await ask(client)
    [item] = (await get(client, "/api/conversations"))["items"]
    for path in (f"/api/conversations/{item['id']}", "/api/receipts.csv", "/api/receipts.json"):
        async with client.get(path) as reply:
            assert reply.headers["ai-disclosure"] == "mode=machine-generated", path


# -- the statement -------------------------------------------------------------------------------


async def test_pages_have_no_gaps_and_no_doubles_while_turns_are_added(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    owner = await owner_of(running, first := await ask(client))
    # Several of one moment, so that the place among them counts, too.
    await add(running, (row(owner, number, NOON - number // 4) for number in range(150)))
    found: list[str] = []
    before: dict[str, str] = {}
    added = 1000
    while True:
        page = await get(client, "/api/receipts", limit="7", **before)
        found += [item["turn_id"] for item in page["items"]]
        if page["next"] is None:
            break
        assert len(page["items"]) == 7
        before = {"before": page["next"]}
        newest = [row(owner, added + number, NOON + 300 * DAY_US + added) for number in range(3)]
        await add(running, newest)
        added += 3
    assert len(found) == len(set(found))
    there = {f"turn_{number:05}" for number in range(150)} | {first}
    assert there == set(found)
    ordered = [turn_id for turn_id in found if turn_id != first]
    assert ordered == sorted(there - {first}, key=lambda t: (-(int(t[-5:]) // 4), t), reverse=True)


async def stocked(client: aiohttp.ClientSession, running: RunningSite) -> str:
    """Turns of two days, two models, a conversation and a key; and as many of somebody else."""
    owner = await owner_of(running, await ask(client))

    def write(tx: Connection) -> None:
        tx.execute(entries.delete())
        tx.execute(messages.delete())
        tx.execute(conversations.delete())
        for whose, sign in ((owner, "own"), ("visitor:other", "other")):
            tx.execute(
                insert(conversations).values(
                    id=f"conv_{sign}", owner=whose, title="=SUM(A1)", created_at=NOON, updated_at=NOON
                )
            )
            tx.execute(
                insert(messages).values(
                    id=f"msg_{sign}",
                    conversation_id=f"conv_{sign}",
                    role="assistant",
                    content="",
                    status="complete",
                    turn_id=f"turn_{0 if sign == 'own' else 100:05}",
                    created_at=NOON,
                )
            )
        for whose, begin, sign in ((owner, 0, "own"), ("visitor:other", 100, "other")):
            rows = [
                row(whose, begin, NOON, message_id=f"msg_{sign}", energy=5, cost=7),
                row(whose, begin + 1, NOON + 1, model="other/model", key_id="key_1", price=200),
                row(whose, begin + 2, NOON - 13 * HOUR_US, energy=1),
                row(whose, begin + 3, NOON + 11 * HOUR_US + HOUR_US // 2),
            ]
            tx.execute(insert(entries), rows)
        tx.execute(
            insert(entries).values(row(owner, 9, NOON) | {"receipt": None, "closed_at": None, "ending": None})
        )
        for account, money in (("person:1", 60), ("site:turns", -60)):
            tx.execute(
                insert(ledger_lines).values(
                    transaction_id="refund:turn_00000",
                    kind="refund",
                    account=account,
                    at=NOON,
                    money=money,
                    uncached_tokens=0,
                    cached_tokens=0,
                    reasoning_tokens=0,
                    answer_tokens=0,
                )
            )

    await running.site.database.write(write)
    return owner


FILTERS: dict[str, tuple[dict[str, str], list[int]]] = {
    "none": ({}, [3, 1, 0, 2]),
    "a day": ({"from": "2096-11-27", "to": "2096-11-27"}, [3, 1, 0]),
    "from a day on": ({"from": "2096-11-27"}, [3, 1, 0]),
    "until a day": ({"to": "2096-11-26"}, [2]),
    "a day elsewhere": ({"from": "2096-11-27", "to": "2096-11-27", "zone": "Europe/Zurich"}, [1, 0, 2]),
    "the next day there": ({"from": "2096-11-28", "zone": "Europe/Zurich"}, [3]),
    "days out of reach": ({"from": "0001-01-01", "to": "9999-12-31"}, [3, 1, 0, 2]),
    "a model": ({"model": "other/model"}, [1]),
    "no such model": ({"model": "none"}, []),
    "a key": ({"key": "key_1"}, [1]),
    "a conversation": ({"conversation": "conv_own"}, [0]),
    "somebody else's conversation": ({"conversation": "conv_other"}, []),
    "all together": ({"from": "2096-11-27", "model": "scripted", "conversation": "conv_own"}, [0]),
}


@pytest.mark.parametrize(("asked", "expected"), FILTERS.values(), ids=FILTERS)
async def test_a_statement_is_filtered_alike_in_list_sums_and_files(
    client: aiohttp.ClientSession, running: RunningSite, asked: dict[str, str], expected: list[int]
) -> None:
    await stocked(client, running)
    ids = [f"turn_{number:05}" for number in expected]
    assert [item["turn_id"] for item in await whole(client, limit="2", **asked)] == ids
    for by in ("day", "model", "conversation", "key"):
        sums = await get(client, "/api/receipts/summary", by=by, **asked)
        assert sums["total"]["turns"] == len(ids) == sum(item["sums"]["turns"] for item in sums["items"])
    assert [item["turn_id"] for item in (await get(client, "/api/receipts.json", **asked))["items"]] == ids
    async with client.get("/api/receipts.csv", params=asked) as reply:
        rows = list(csv.DictReader(io.StringIO(await reply.text(), newline="")))
    assert [row["turn_id"] for row in rows] == ids


async def test_the_list_says_of_each_turn_what_it_belongs_to(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    await stocked(client, running)
    items = {item["turn_id"]: item for item in await whole(client)}
    first = items["turn_00000"]
    assert (first["conversation_id"], first["conversation_title"]) == ("conv_own", "=SUM(A1)")
    assert (first["asked_at"], first["refunded"]) == ("2096-11-27T12:00:00.000Z", 60)
    assert first["receipt"]["charge"]["due"] == 60
    second = items["turn_00001"]
    assert (second["conversation_id"], second["key_id"], second["refunded"]) == (None, "key_1", 0)


async def test_sums_are_sums(client: aiohttp.ClientSession, running: RunningSite) -> None:
    await stocked(client, running)
    sums = await get(client, "/api/receipts/summary", by="model")
    assert (sums["currency"], sums["more"]) == ("EUR", False)
    assert [(item["name"], item["sums"]["price"]) for item in sums["items"]] == [
        ("scripted", 300),
        ("other/model", 200),
    ]
    assert sums["total"] == {
        "turns": 4,
        "usage": {"prompt": 40, "cached": 16, "reasoning": 12, "answer": 8},
        "price": 500,
        "free": 260,
        "due": 240,
        "refunded": 60,
        "cost": 7,
        "energy": 6,
    }
    assert sums["items"][1]["sums"]["energy"] is None
    days = await get(client, "/api/receipts/summary")
    assert [(item["name"], item["sums"]["turns"]) for item in days["items"]] == [
        ("2096-11-27", 3),
        ("2096-11-26", 1),
    ]
    there = await get(client, "/api/receipts/summary", zone="Europe/Zurich")
    assert [(item["name"], item["sums"]["turns"]) for item in there["items"]] == [
        ("2096-11-28", 1),
        ("2096-11-27", 3),
    ]
    [kept, none] = (await get(client, "/api/receipts/summary", by="conversation"))["items"]
    assert (none["name"], none["title"], none["sums"]["turns"]) in (
        (None, None, 3),
        ("conv_own", "=SUM(A1)", 1),
    )
    assert {kept["name"], none["name"]} == {None, "conv_own"}


BAD: list[dict[str, str]] = [
    {"from": "yesterday"},
    {"from": "2026-02-30"},
    {"to": "26-11-27"},
    {"from": "２０２６-11-27", "to": "x"},
    {"from": "2096-11-28", "to": "2096-11-27"},
    {"zone": "Europe/Nowhere"},
    {"zone": "../../../etc/passwd"},
    {"zone": "/etc/passwd"},
    {"zone": ""},
    {"zone": "Europe"},
    {"zone": "a\0b"},
    {"model": "m" * 201},
]


@pytest.mark.parametrize("path", ["/api/receipts", "/api/receipts/summary", "/api/receipts.csv"])
async def test_what_cannot_be_meant_is_refused(client: aiohttp.ClientSession, path: str) -> None:
    for asked in BAD:
        assert (await get(client, path, 400, **asked))["error"]["code"] == "bad_request", asked


async def test_paging_is_bounded_and_takes_its_own_cursors_only(client: aiohttp.ClientSession) -> None:
    for asked in ({"limit": "0"}, {"limit": "201"}, {"before": "x"}, {"before": "1-"}, {"before": "²-a"}):
        assert (await get(client, "/api/receipts", 400, **asked))["error"]["code"] == "bad_request"
    await get(client, "/api/receipts/summary", 400, by="owner")
    assert (await get(client, "/api/receipts", before="9" * 18 + "-' OR 1=1--")) == {
        "items": [],
        "next": None,
    }


SQL = ["' OR '1'='1", "'; DROP TABLE entries; --", "%", "_", '" OR ""="', "\\", "x' UNION SELECT 1 --", "*"]


async def test_sql_in_a_parameter_is_only_text(client: aiohttp.ClientSession, running: RunningSite) -> None:
    await stocked(client, running)
    for text in SQL:
        for name in ("model", "conversation", "key"):
            assert await whole(client, **{name: text}) == []
            for by in ("day", "model", "conversation", "key"):
                sums = await get(client, "/api/receipts/summary", by=by, **{name: text})
                assert (sums["total"]["turns"], sums["items"]) == (0, [])
            assert (await get(client, "/api/receipts.json", **{name: text}))["items"] == []
        for name in ("from", "to", "zone", "before", "limit", "by"):
            path = "/api/receipts/summary" if name == "by" else "/api/receipts"
            assert (await get(client, path, 400, **{name: text[:10]}))["error"]["code"] == "bad_request"
    assert len(await whole(client)) == 4


# -- files ---------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    '=HYPERLINK("http://x")',
    '=1,"a"\r\n',
]


async def test_no_cell_of_the_table_is_a_formula(client: aiohttp.ClientSession, running: RunningSite) -> None:
    owner = await stocked(client, running)
    for title in FORMULAS:

        def rename(tx: Connection, title: str = title) -> None:
            tx.execute(conversations.update().where(conversations.c.owner == owner).values(title=title))
            tx.execute(entries.update().where(entries.c.turn_id == "turn_00001").values(key_id=title))

        await running.site.database.write(rename)
        async with client.get("/api/receipts.csv") as reply:
            body = await reply.read()
            assert reply.headers["content-type"].startswith("text/csv")
            assert "attachment" in reply.headers["content-disposition"]
        assert not body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
        assert {found["conversation"] for found in rows} == {"", f"'{title}"}
        assert {found["key_id"] for found in rows} == {"", f"'{title}"}
        for found in rows:
            for cell in found.values():
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert [found["price"] for found in rows] == ["0.0001", "0.0002", "0.0001", "0.0001"]


async def test_files_have_every_turn_once_and_lines_as_the_rfc_has_them(
    client: aiohttp.ClientSession, running: RunningSite
) -> None:
    owner = await owner_of(running, await ask(client))
    await add(running, (row(owner, number, NOON - number // 3) for number in range(2 * PAGE)))
    async with client.get("/api/receipts.csv") as reply:
        text = await reply.text()
    lines = text.split("\r\n")
    assert lines[0].startswith("asked_at,turn_id,") and lines[-1] == ""
    assert len(lines) == 2 * PAGE + 3 and "\n" not in text.replace("\r\n", "")
    assert len({line.split(",")[1] for line in lines[1:-1]}) == 2 * PAGE + 1
    file = await get(client, "/api/receipts.json")
    assert file["site"] == "Thinkwell" and len(file["items"]) == 2 * PAGE + 1
    asked = next(item for item in file["items"] if not item["turn_id"].startswith("turn_0"))
    told = {key.id: key.raw for key in running.site.receipt_signer.keys}
    assert verify(asked["receipt"], told) == "holds"


async def test_a_file_is_read_a_page_at_a_time_and_no_further_when_its_reader_leaves(
    client: aiohttp.ClientSession, running: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await owner_of(running, await ask(client))
    await add(running, (row(owner, number, NOON - number) for number in range(3 * PAGE)))
    read = running.site.database.read
    reached, left = asyncio.Event(), asyncio.Event()
    pages = 0

    async def counted(work: Any) -> Any:
        nonlocal pages
        found = await read(work)
        if isinstance(found, list) and found and hasattr(found[0], "asked_at"):
            pages += 1
            assert len(found) <= PAGE
            if pages == 2:
                reached.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    left.set()
                    raise
        return found

    monkeypatch.setattr(running.site.database, "read", counted)
    reply = await client.get("/api/receipts.csv")
    await reached.wait()
    reply.close()
    await client.close()
    await left.wait()
    assert pages == 2
