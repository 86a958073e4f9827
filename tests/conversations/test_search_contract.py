"""What every implementation of search holds to: whose it finds, what, in what order, and what it forgets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Connection

from thinkwell.conversations import search, shelf
from thinkwell.conversations.search import Found, Search, Wanted
from thinkwell.conversations.sqlite_search import SqliteSearch
from thinkwell.people.adoption import adopt
from thinkwell.store import tables
from thinkwell.store.database import Database, open_database
from thinkwell.turns.housekeeping import cleaned
from thinkwell.values.event import Finished
from thinkwell.values.receipt import Receipt
from thinkwell.values.usage import Usage

DAY = search.DAY_US
NOW = 20_000 * DAY
ZOE, MAX = "visitor:zoe", "member:max"


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    database = await open_database(data)
    yield database
    await database.close()


@pytest.fixture(params=[SqliteSearch])
def finder(request: pytest.FixtureRequest) -> Search:
    made: Search = request.param()
    return made


async def talk(
    database: Database,
    name: str,
    owner: str,
    question: str,
    answer: str = "",
    thought: str = "",
    at: int = NOW,
) -> None:
    """A conversation of one question and its answer, as a turn writes it."""

    def write(tx: Connection) -> None:
        shelf.create(tx, name, owner, f"{name} title", at)
        asked = shelf.NewMessage(id=f"{name}-q", parent_id=None, role="user", content=question)
        told = shelf.NewMessage(id=f"{name}-a", parent_id=asked.id, role="assistant", status="streaming")
        shelf.add(tx, name, [asked, told], at)
        receipt = Receipt(turn_id="t", model="m", usage=Usage(), ending="finished")
        ended = shelf.Ended(
            content=answer, reasoning=thought or None, status="complete", ending=Finished("stop", receipt)
        )
        shelf.end_message(tx, told.id, ended)

    await database.write(write)


async def look(database: Database, finder: Search, query: str, owner: str = ZOE, **rest: object) -> Found:
    wanted = Wanted(query=query, **rest)  # type: ignore[arg-type]
    return await database.read(lambda connection: finder.find(connection, owner, wanted))


async def ids(database: Database, finder: Search, query: str, owner: str = ZOE, **rest: object) -> list[str]:
    found = await look(database, finder, query, owner, **rest)
    return [hit.message_id or hit.conversation_id for hit in found.hits]


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("Why is the sky blue?", "sky"),
        ("Why is the sky blue?", "SKY blue"),
        ("Why is the sky blue?", '"sky blue"'),
        ("Why is the sky blue?", "blu"),
        ("Crème brûlée", "creme brulee"),
        ("creme", "crème"),
        ("明日東京タワーへ行く", "東京"),
        ("明日東京タワーへ行く", "行"),
        ("한국어를 배웁니다", "한국"),
        ("हिन्दी सीखो", "हिन्दी"),
        ("اَلْعَرَبِيَّةُ", "العربية"),
        ("before\x00after", "after"),
        ("smile 😀 here", '"smile here"'),
    ],
)
async def test_words_of_any_language_are_found(
    database: Database, finder: Search, written: str, query: str
) -> None:
    await talk(database, "c", ZOE, written)
    assert await ids(database, finder, query) == ["c-q"]


@pytest.mark.parametrize("query", ["grey", "sky grey", '"blue sky"', "ky", "京東", "", "😀", '"'])
async def test_what_is_not_there_is_not_found(database: Database, finder: Search, query: str) -> None:
    await talk(database, "c", ZOE, "Why is the sky blue? 東京")
    assert await ids(database, finder, query) == []


async def test_questions_and_answers_are_found_and_thoughts_only_where_wanted(
    database: Database, finder: Search
) -> None:
    await talk(database, "c", ZOE, "About whales?", "Whales sing.", "The whale and the krill.")
    found = await look(database, finder, "whales")
    assert sorted((hit.where, hit.message_id) for hit in found.hits) == [
        ("answer", "c-a"),
        ("question", "c-q"),
    ]
    assert await ids(database, finder, "krill") == []
    [hit] = (await look(database, finder, "krill", thoughts=True)).hits
    assert (hit.where, hit.message_id, hit.title) == ("thought", "c-a", "c title")
    assert [part.text for part in hit.snippet if part.hit] == ["krill"]


async def test_nobody_finds_what_is_anothers(database: Database, finder: Search) -> None:
    await talk(database, "mine", ZOE, "plumbago")
    await talk(database, "theirs", MAX, "plumbago")
    assert await ids(database, finder, "plumbago") == ["mine-q"]
    assert await ids(database, finder, "plumbago", MAX) == ["theirs-q"]
    assert await look(database, finder, "plumbago", "visitor:nobody") == Found(
        hits=[], count=0, more=False, next=None
    )


async def test_what_others_have_changes_neither_what_is_found_nor_its_order(
    database: Database, finder: Search
) -> None:
    for number, text in enumerate(("blue blue whale", "blue whale whale whale", "whale blue sky")):
        await talk(database, f"c{number}", ZOE, text, at=NOW + number)
    before = await look(database, finder, "blue whale")
    for number in range(30):
        await talk(database, f"other{number}", MAX, "blue " * (number + 1))
    assert await look(database, finder, "blue whale") == before


async def test_a_visitor_who_becomes_a_member_finds_everything(database: Database, finder: Search) -> None:
    await talk(database, "old", ZOE, "plumbago one")
    await talk(database, "own", MAX, "plumbago two")
    await database.write(lambda tx: adopt(tx, ZOE, MAX))
    await talk(database, "new", MAX, "plumbago three")
    assert sorted(await ids(database, finder, "plumbago", MAX)) == ["new-q", "old-q", "own-q"]
    assert await ids(database, finder, "plumbago", ZOE) == []


async def test_newer_is_first_and_what_fits_much_better_comes_before_it(
    database: Database, finder: Search
) -> None:
    await talk(database, "old", ZOE, "whale", at=NOW - 2 * DAY)
    await talk(database, "new", ZOE, "whale", at=NOW)
    await talk(database, "best", ZOE, "whale whale whale whale whale whale whale whale", at=NOW - DAY)
    assert await ids(database, finder, "whale") == ["best-q", "new-q", "old-q"]


async def test_pages_give_everything_once_also_beyond_a_window(
    database: Database, finder: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thinkwell.conversations.sqlite_search.WINDOW", 30)
    for number in range(70):
        await talk(database, f"c{number}", ZOE, "whale " * (number % 5 + 1), at=NOW + number)
    seen: list[str] = []
    place = None
    for _ in range(10):
        found = await look(database, finder, "whale", place=place)
        assert len(found.hits) <= search.PAGE
        seen += [hit.message_id or "" for hit in found.hits]
        await talk(database, f"later{len(seen)}", ZOE, "whale", at=NOW + 1_000)  # is not in these pages
        place = found.next
        if place is None:
            break
    assert sorted(seen) == sorted(f"c{number}-q" for number in range(70))
    assert (await look(database, finder, "whale")).more


async def test_a_title_that_somebody_gave_is_found(database: Database, finder: Search) -> None:
    await talk(database, "c", ZOE, "Why?")

    async def rename(title: str) -> None:
        await database.write(lambda tx: shelf.change(tx, "c", ZOE, shelf.Change(title=title), NOW))

    await rename("Plumbago for Anna")
    await rename("Mandrake for Anna")
    assert await ids(database, finder, "plumbago") == []
    [hit] = (await look(database, finder, "anna")).hits
    assert (hit.where, hit.message_id, hit.title) == ("title", None, "Mandrake for Anna")
    assert [part.text for part in hit.snippet if part.hit] == ["Anna"]


async def test_a_folder_is_searched_alone_where_that_is_wanted(database: Database, finder: Search) -> None:
    await talk(database, "in", ZOE, "whale")
    await talk(database, "out", ZOE, "whale")
    await database.write(
        lambda tx: tx.execute(
            tables.conversations.update().where(tables.conversations.c.id == "in").values(folder_id="f")
        ).close()
    )
    assert await ids(database, finder, "whale", folder_id="f") == ["in-q"]


async def test_what_was_deleted_is_not_found_and_what_is_brought_back_is(
    database: Database, finder: Search
) -> None:
    await talk(database, "c", ZOE, "whale")
    await database.write(lambda tx: shelf.remove(tx, "c", ZOE, NOW))
    assert (await look(database, finder, "whale")).count == 0
    await database.write(lambda tx: shelf.restore(tx, "c", ZOE, NOW + 1))
    assert await ids(database, finder, "whale") == ["c-q"]


async def test_of_what_is_gone_no_word_stays_in_the_database(
    database: Database, finder: Search, data: Path
) -> None:
    for number in range(40):
        await talk(database, f"c{number}", ZOE, f"ordinary words {number}", "an answer " * 30)
    await talk(database, "gone", ZOE, "plumbagoquestion", "plumbagoanswer", "plumbagothought")
    await database.write(lambda tx: shelf.change(tx, "gone", ZOE, shelf.Change(title="plumbagotitle"), NOW))
    for number in range(40):
        await talk(database, f"d{number}", ZOE, f"ordinary words {number}", "an answer " * 30)
    await database.checkpoint()
    assert await asyncio.to_thread(_kept, data, b"plumbago") > 0
    await database.write(lambda tx: shelf.forget(tx, ["gone"]))
    assert await cleaned(database, finder)
    await database.checkpoint()
    assert await asyncio.to_thread(_kept, data, b"plumbago") == 0
    assert len(await ids(database, finder, "ordinary")) == search.PAGE
    assert not await cleaned(database, finder)


def _kept(data: Path, word: bytes) -> int:
    return sum(path.read_bytes().count(word) for path in data.glob("*.sqlite3*"))


async def test_whoever_has_nothing_left_is_not_named_by_the_index(database: Database) -> None:
    await talk(database, "c", ZOE, "whale")
    scopes = select(tables.search_scopes.c.owner)
    assert await database.read(lambda connection: connection.scalars(scopes).all()) == [ZOE]
    await database.write(lambda tx: shelf.forget(tx, ["c"]))
    assert await database.read(lambda connection: connection.scalars(scopes).all()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(query=st.text(max_size=200) | st.text('"*():^+-{}ANDORNT ', max_size=60), thoughts=st.booleans())
async def test_any_query_is_safe(database: Database, finder: Search, query: str, thoughts: bool) -> None:
    """Nothing that somebody writes is the index's syntax, and nothing of it fails."""
    if not await database.read(lambda connection: connection.scalar(select(tables.conversations.c.id))):
        await talk(database, "theirs", MAX, "plumbago AND OR NOT NEAR", thought="said thought")
    assert (await look(database, finder, query, thoughts=thoughts)).hits == []
    await look(database, finder, query, MAX, thoughts=thoughts)
