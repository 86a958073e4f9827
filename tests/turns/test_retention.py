"""Retention: what goes when its time is over, what stays, the proof that it went, and how it goes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection, Table, func, insert, select
from tests.http.test_account_door import ask
from tests.http.test_temporary import written

from thinkwell.conversations import shelf
from thinkwell.ledger import book, check, lines
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.nameless import NOBODY
from thinkwell.people import accounts
from thinkwell.store import tables
from thinkwell.store.database import Database, open_database
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.turns import deletions, retention
from thinkwell.turns.deletions import Deletion
from thinkwell.turns.housekeeping import keep_house, tidy
from thinkwell.turns.retention import DAY_US, HOUR_US, Keep
from thinkwell.values.receipt import Charge, Mark, Receipt
from thinkwell.values.usage import Usage

NOW = 400 * DAY_US + 13 * HOUR_US
KEEP = Keep(visitor_days=30, member_days=0, log_hours=24, response_hours=720)
VISITOR, MEMBER = "visitor:zoe", "member:max"


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    database = await open_database(data)
    yield database
    await database.close()


async def store(database: Database, table: Table, *rows: dict[str, Any]) -> None:
    await database.write(lambda tx: tx.execute(insert(table), list(rows)))


async def talk(database: Database, name: str, owner: str, at: int, status: Any = "complete") -> None:
    """A conversation of one question and its answer."""

    def write(tx: Connection) -> None:
        shelf.create(tx, name, owner, f"title of {name}", at)
        question = shelf.NewMessage(id=f"{name}-q", parent_id=None, role="user", content="Why?")
        answer = shelf.NewMessage(
            id=f"{name}-a", parent_id=question.id, role="assistant", status=status, turn_id=f"{name}-t"
        )
        shelf.add(tx, name, [question, answer], at)

    await database.write(write)


async def ids(database: Database, column: Any) -> set[str]:
    return await database.read(lambda connection: set(connection.scalars(select(column))))


async def proofs(database: Database) -> list[Deletion]:
    """In the order in which they were written."""
    found = await database.read(deletions.page)
    return [proof for _, proof in reversed(found)]


def closed(turn_id: str, owner: str, at: int) -> dict[str, object]:
    mark = Mark(site="s", at=1, answer_sha256="d1gest", key="k", signature="s")
    receipt = Receipt(
        turn_id=turn_id,
        model="m",
        usage=Usage(prompt=10, cached=4, reasoning=3, answer=2),
        ending="finished",
        charge=Charge(currency="EUR", lines=(), price=700, due=700),
        mark=mark,
    )
    whose = book.Whose(turn_id, owner, owner, "m", f"msg_{turn_id}", "visitor", "key")
    return book.entry_row(whose, at - 1, book.Closing(receipt, None, at))


def log_row(turn: str, seq: int, at: int) -> dict[str, Any]:
    counts = dict.fromkeys(("prompt_tokens", "cached_tokens", "reasoning_tokens", "answer_tokens"), 0)
    return {"turn_id": turn, "last_seq": seq, "events": b"\x90", "written_at": at, **counts}


async def test_a_visitors_conversations_go_in_time_and_a_members_stay(database: Database) -> None:
    old, new = NOW - 31 * DAY_US, NOW - 29 * DAY_US
    for owner in (VISITOR, MEMBER, "named:anna"):
        await talk(database, f"{owner}/old", owner, old)
        await talk(database, f"{owner}/new", owner, new)
    await store(database, tables.turn_log, log_row(f"{VISITOR}/old-t", 1, NOW), log_row("other", 1, NOW))
    assert await tidy(database, KEEP, NOW) == 1
    gone = f"{VISITOR}/old"
    left = await ids(database, tables.conversations.c.id)
    assert gone not in left and len(left) == 5
    assert f"{gone}-q" not in await ids(database, tables.messages.c.id)
    assert await ids(database, tables.turn_log.c.turn_id) == {"other"}
    [proof] = await proofs(database)
    assert proof == Deletion(
        at=NOW,
        rule="people.visitor_days",
        kind="conversations",
        before=NOW - 30 * DAY_US,
        count=1,
        digest=hashlib.sha256(f"{gone}\n".encode()).hexdigest(),
        left=0,
    )
    assert await tidy(database, KEEP, NOW) == 0
    assert await proofs(database) == [proof]


async def test_a_members_go_too_where_the_operator_says_so(database: Database) -> None:
    for owner in (MEMBER, "named:anna"):
        await talk(database, f"{owner}/old", owner, NOW - 11 * DAY_US)
    await talk(database, "kept", MEMBER, NOW - 9 * DAY_US)
    await talk(database, "visitors", VISITOR, NOW - 11 * DAY_US)
    keep = Keep(visitor_days=30, member_days=10, log_hours=24, response_hours=720)
    assert await tidy(database, keep, NOW) == 2
    assert await ids(database, tables.conversations.c.id) == {"kept", "visitors"}


async def test_a_conversation_in_which_a_turn_runs_stays(database: Database) -> None:
    await talk(database, "runs", VISITOR, NOW - 90 * DAY_US, status="streaming")
    assert await tidy(database, KEEP, NOW) == 0
    assert await ids(database, tables.conversations.c.id) == {"runs"}


async def test_a_large_backlog_goes_in_small_transactions_under_one_proof(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "FOUND", 50)
    monkeypatch.setattr(retention, "FEW", 7)
    names = [f"conv_{number:04d}" for number in range(120)]
    for name in names:
        await talk(database, name, VISITOR, 5)
    sizes = []
    forget = retention.forget_conversations

    def watched(tx: Connection, some: list[str]) -> None:
        sizes.append(len(some))
        forget(tx, some)

    monkeypatch.setattr(retention, "forget_conversations", watched)
    assert await tidy(database, KEEP, NOW) == 120
    assert max(sizes) == 7 and sum(sizes) == 120
    [proof] = await proofs(database)
    assert (proof.count, proof.left, proof.digest) == (120, 0, deletions.digest_of(reversed(names)))


async def test_a_death_in_between_leaves_a_true_account(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "FEW", 2)
    for number in range(6):
        await talk(database, str(number), VISITOR, 5)
    forget = retention.forget_conversations

    def dies(tx: Connection, some: list[str]) -> None:
        forget(tx, some)
        if "3" in some:
            raise ZeroDivisionError

    monkeypatch.setattr(retention, "forget_conversations", dies)
    with pytest.raises(ZeroDivisionError):
        await tidy(database, KEEP, NOW)
    assert await ids(database, tables.conversations.c.id) == {"2", "3", "4", "5"}
    [proof] = await proofs(database)
    assert (proof.count, proof.digest, proof.left) == (2, deletions.digest_of(["0", "1"]), 1)
    monkeypatch.setattr(retention, "forget_conversations", forget)
    assert await tidy(database, KEEP, NOW) == 4
    assert [(one.count, one.left) for one in await proofs(database)] == [(2, 1), (4, 0)]


async def test_what_a_visitor_used_loses_its_name_and_the_books_stay_whole(database: Database) -> None:
    books = Accounts(b"s" * 32)
    rows = [
        closed("old", VISITOR, NOW - 31 * DAY_US),
        closed("kept", VISITOR, NOW - 29 * DAY_US),
        closed("gone", "visitor:gone", NOW - 31 * DAY_US),
        closed("network", "network:0123", NOW - 31 * DAY_US),
        closed("member", MEMBER, NOW - 310 * DAY_US),
    ]

    def write(tx: Connection) -> None:
        tx.execute(insert(tables.entries), rows)
        lines.book(tx, books, rows)

    await database.write(write)
    before = await database.read(lambda connection: check.check(connection, NOW))
    assert await tidy(database, KEEP, NOW) == 3 + 2
    after = await database.read(lambda connection: check.check(connection, NOW))
    assert (after.wrong, after.findings) == (0, []) and after == before
    owners = await database.read(
        lambda connection: dict(
            connection.execute(select(tables.entries.c.turn_id, tables.entries.c.owner)).all()
        )
    )
    assert owners == {
        "old": NOBODY,
        "gone": NOBODY,
        "network": NOBODY,
        "kept": VISITOR,
        "member": MEMBER,
    }
    assert await ids(database, tables.ledger_holders.c.owner) == {VISITOR, MEMBER}
    named = await ids(database, tables.ledger_lines.c.account)
    assert books.of("visitor:gone") not in named and books.of(VISITOR) in named
    assert [(one.kind, one.count, one.left) for one in await proofs(database)] == [
        ("receipts", 3, 0),
        ("ledger_accounts", 2, 0),
    ]


async def test_what_has_a_time_of_its_own_goes_when_it_is_over(database: Database) -> None:
    member = (await database.write(lambda tx: accounts.create(tx, "max", 5))).id
    asked = {"owner": VISITOR, "body_hash": "h"}
    session = {"owner": member, "agent": "a", "created_at": 5, "seen_at": 5}
    link = {"kind": "invite", "created_at": 5}
    block = {"why": "w", "created_at": 5}
    response = {"body": b"x", "size": 1, "created_at": 5}
    for table, rows in (
        (
            tables.turn_log,
            [log_row("t1", 1, 5), log_row("t2", 1, 5), log_row("t2", 2, NOW), log_row("asked", 1, 5)],
        ),
        (
            tables.idempotency,
            [
                asked | {"key": "a", "turn_id": "over", "created_at": NOW - DAY_US},
                asked | {"key": "b", "turn_id": "asked", "created_at": NOW - DAY_US + 1},
            ],
        ),
        (
            tables.sessions,
            [
                session | {"id": "old", "token_hash": "a", "expires_at": NOW},
                session | {"id": "new", "token_hash": "b", "expires_at": NOW + 1},
            ],
        ),
        (
            tables.links,
            [
                link | {"token_hash": "old", "expires_at": 9},
                link | {"token_hash": "new", "expires_at": 2 * NOW},
            ],
        ),
        (
            tables.blocks,
            [block | {"subject": "old", "until": 9}, block | {"subject": "for ever", "until": None}],
        ),
        (
            tables.responses,
            [
                response | {"id": "old", "owner": MEMBER, "used_at": NOW - 31 * DAY_US},
                response | {"id": "new", "owner": MEMBER, "used_at": NOW - 29 * DAY_US},
                response | {"id": "away", "owner": "network:01", "used_at": NOW},
            ],
        ),
    ):
        await store(database, table, *rows)
    assert await tidy(database, KEEP, NOW) == 7
    assert await ids(database, tables.turn_log.c.turn_id) == {"t2", "asked"}
    assert await ids(database, tables.idempotency.c.turn_id) == {"asked"}
    assert await ids(database, tables.sessions.c.id) == {"new"}
    assert await ids(database, tables.links.c.token_hash) == {"new"}
    assert await ids(database, tables.blocks.c.subject) == {"for ever"}
    assert await ids(database, tables.responses.c.id) == {"new"}
    found = [(one.rule, one.kind, one.count, one.left) for one in await proofs(database)]
    assert found == [
        ("24 hours", "idempotency", 1, 0),
        ("turns.keep_log_hours", "event_logs", 1, 0),
        ("turns.keep_response_hours", "responses", 1, 0),
        ("its own end", "sessions", 1, 0),
        ("its own end", "links", 1, 0),
        ("its own end", "blocks", 1, 0),
        ("network day", "responses", 1, 0),
    ]


async def test_of_a_person_with_too_much_stored_the_oldest_goes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"id": f"r{n}", "owner": MEMBER, "body": b"x" * 9, "size": 9, "created_at": NOW, "used_at": NOW + n}
        for n in range(5)
    ]
    await store(database, tables.responses, *rows)
    over = retention.stored_responses.over
    monkeypatch.setattr(retention.stored_responses, "over", lambda: over(most_bytes=20))
    assert await tidy(database, KEEP, NOW) == 3
    assert await ids(database, tables.responses.c.id) == {"r3", "r4"}
    [proof] = await proofs(database)
    assert (proof.rule, proof.before, proof.left) == ("most of a person", None, 0)


async def test_deleting_says_nothing_of_who_or_what_it_was(database: Database) -> None:
    await talk(database, "conv_secret", VISITOR, 5)
    await tidy(database, KEEP, NOW)
    rows = await database.read(lambda connection: connection.execute(select(tables.deletions)).all())
    assert len(rows) == 1 and "secret" not in str(rows) and "zoe" not in str(rows)


async def test_pages_of_proofs_lead_through_all(database: Database) -> None:
    one = Deletion(at=1, rule="r", kind="k", before=None, count=0, digest="", left=0)
    await database.write(lambda tx: [deletions.note(tx, one) for _ in range(deletions.PAGE + 3)])
    first = await database.read(deletions.page)
    assert len(first) == deletions.PAGE + 1
    last = first[deletions.PAGE - 1][0]
    second = await database.read(lambda connection: deletions.page(connection, last))
    assert len(second) == 3
    total = await database.read(
        lambda connection: connection.scalar(select(func.count()).select_from(tables.deletions))
    )
    assert total == deletions.PAGE + 3


async def test_within_the_hour_the_journal_lets_go_of_what_is_over(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path
) -> None:
    engine.play(saying("Mandrake."))
    await ask(client, "Plumbago?")
    await running.site.conductor.settled()
    hours = 0

    async def an_hour(_: float) -> None:
        nonlocal hours
        hours += 1
        if hours == 2:
            raise asyncio.CancelledError

    assert b"Mandrake" in await written(data / "journal")
    site = running.site
    with pytest.raises(asyncio.CancelledError):
        await keep_house(site.database, KEEP, site.conductor.closer.journal, site.search, an_hour)
    assert b"Mandrake" not in await written(data / "journal")


async def test_an_empty_folder_of_a_visitor_goes_and_one_in_use_stays(database: Database) -> None:
    await talk(database, "conv_new", VISITOR, NOW)
    old = {"created_at": 5}
    await store(
        database,
        tables.folders,
        {"id": "f_used", "owner": VISITOR, "name": "Used", **old},
        {"id": "f_old", "owner": VISITOR, "name": "Old", **old},
        {"id": "f_new", "owner": VISITOR, "name": "New", "created_at": NOW},
        {"id": "f_member", "owner": MEMBER, "name": "Member's", **old},
    )
    await database.write(
        lambda tx: shelf.change(tx, "conv_new", VISITOR, shelf.Change(folder_id="f_used"), NOW)
    )
    assert await tidy(database, KEEP, NOW) == 1
    query = select(tables.folders.c.id).order_by(tables.folders.c.id)
    assert await database.read(lambda connection: connection.scalars(query).all()) == [
        "f_member",
        "f_new",
        "f_used",
    ]
