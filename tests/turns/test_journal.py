"""The journal and what the next start makes of it: every word that a reader saw, every token, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from thinkwell.errors import StoreFull
from thinkwell.ledger.book import Closing
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.meter import Meter
from thinkwell.store.database import Database, open_database
from thinkwell.store.logfile import LogFile, open_log, read_log
from thinkwell.turns import stored_log
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.recovery import recover
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta, Failed, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.receipt import Ending as Ends
from thinkwell.values.turn import TurnRequest

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")
SMALL = 4096
BOOKS = Bookkeeping(Accounts(b"s" * 32), lambda: 1)


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    database = await open_database(data)
    yield database
    await database.close()


def turn(name: str, *, stored: bool = False) -> LiveTurn:
    request = TurnRequest(
        id=name,
        caller=CALLER,
        model="m",
        messages=(Message("user", "?"),),
        keep_text=stored,
        message_id=f"msg_{name}" if stored else None,
    )
    return LiveTurn(request, Meter(name, "m", lambda: 0.0))


def say(journal: Journal, live: LiveTurn, *words: str, thought: bool = False) -> None:
    for word in words:
        event = ReasoningDelta(word, 1) if thought else AnswerDelta(word, 1)
        live.meter.said(event, 0.0)
        live.log.add(event)
        journal.said(live)


def close(journal: Journal, live: LiveTurn, ends: Ends) -> None:
    receipt = BOOKS.complete(live, live.meter.receipt(ends))
    journal.close(live, Closing(receipt, None, 1), stored=False)


async def entries(database: Database) -> list[tuple[Any, ...]]:
    query = text("SELECT turn_id, ending, reasoning_tokens, answer_tokens FROM entries ORDER BY turn_id")
    return [tuple(row) for row in await database.read(lambda tx: tx.execute(query).all())]


async def after_death(data: Path, database: Database) -> int:
    return await recover(database, read_log(data / "journal"), 5, BOOKS)


async def a_journal(data: Path, database: Database, size: int = 1 << 20) -> tuple[Journal, LogFile]:
    file = await asyncio.to_thread(open_log, data / "journal", size)
    return Journal(file, database, lambda: 1, BOOKS.accounts), file


async def test_an_event_is_written_before_a_reader_sees_it(
    data: Path, database: Database, no_blocking_calls: BlockBuster
) -> None:
    journal, _ = await a_journal(data, database)
    live = turn("a", stored=True)
    journal.open(live)
    seen: list[int] = []

    def grown() -> None:
        told = [record for record in read_log(data / "journal") if b"word" in record]
        seen.append(len(told))

    no_blocking_calls.deactivate()  # the reader here looks into the file itself
    live.log.follow(grown)
    say(journal, live, "word", "word")
    assert seen == [1, 2]


async def test_a_turn_that_died_is_closed_with_what_was_said_and_once_only(
    data: Path, database: Database
) -> None:
    journal, _ = await a_journal(data, database)
    live = turn("a")
    journal.open(live)
    say(journal, live, "hm", "hm", thought=True)
    say(journal, live, "so")
    assert await entries(database) == []  # the database follows behind
    assert await after_death(data, database) == 1
    assert await entries(database) == [("a", "failed", 2, 1)]
    assert await after_death(data, database) == 0  # died again before the files were dropped
    assert await entries(database) == [("a", "failed", 2, 1)]


async def test_a_turn_that_was_closed_is_booked_as_it_ended_however_soon_the_process_died(
    data: Path, database: Database
) -> None:
    journal, _ = await a_journal(data, database)
    live = turn("a")
    journal.open(live)
    say(journal, live, "so")
    close(journal, live, "finished")
    assert await after_death(data, database) == 0
    assert await entries(database) == [("a", "finished", 0, 1)]


async def test_the_database_follows_and_settled_waits_for_it(data: Path, database: Database) -> None:
    journal, _ = await a_journal(data, database)
    running = asyncio.create_task(journal.run())
    for number in range(20):
        live = turn(f"{number:02}")
        journal.open(live)
        say(journal, live, "so")
        close(journal, live, "stopped")
    await journal.settled()
    assert await entries(database) == [(f"{number:02}", "stopped", 0, 1) for number in range(20)]
    running.cancel()
    await asyncio.wait({running})
    assert await after_death(data, database) == 0
    assert len(await entries(database)) == 20


async def test_what_is_closed_as_the_site_ends_is_still_written(data: Path, database: Database) -> None:
    journal, _ = await a_journal(data, database)
    running = asyncio.create_task(journal.run())
    await asyncio.sleep(0)
    live = turn("a")
    journal.open(live)
    close(journal, live, "failed")
    running.cancel()
    await asyncio.wait({running})
    assert await entries(database) == [("a", "failed", 0, 0)]


async def test_a_long_turn_goes_on_over_many_files_and_none_of_them_is_kept_longer_than_needed(
    data: Path, database: Database
) -> None:
    journal, file = await a_journal(data, database, SMALL)
    running = asyncio.create_task(journal.run())
    stored, unstored = turn("stored", stored=True), turn("unstored")
    for live in (stored, unstored):
        journal.open(live)
    first = file.number
    words = [f"word {number} " for number in range(400)]
    for word in words:
        say(journal, stored, word)
        say(journal, unstored, word)
        while file.wants_spare:  # as a site does that has a moment in between
            await asyncio.sleep(0)
    assert file.number > first + 3
    running.cancel()
    await asyncio.wait({running})
    assert len(await asyncio.to_thread(lambda: list((data / "journal").iterdir()))) <= 3
    # A text of a stored turn is in the database up to the last full file, and after a death whole.
    await after_death(data, database)
    told = await database.read(lambda tx: stored_log.read(tx, "stored"))
    assert told is not None
    assert spoken_text(told.events)[0] == "".join(words)
    assert isinstance(told.events[-1], Failed)
    assert await entries(database) == [("stored", "failed", 0, 400), ("unstored", "failed", 0, 400)]
    dump = await database.read(
        lambda tx: tx.execute(text("SELECT count(*) FROM turn_log WHERE turn_id = 'unstored'")).scalar()
    )
    assert dump == 0


async def test_a_full_disk_refuses_the_event_and_the_next_file_mends_it(
    data: Path, database: Database
) -> None:
    journal, file = await a_journal(data, database, SMALL)
    live = turn("a", stored=True)
    journal.open(live)
    with pytest.raises(StoreFull):
        say(journal, live, *["x" * 1000] * 20)
    await file.make_spare()
    say(journal, live, "on")
    assert live.log.published == live.log.last_seq


Steps = st.lists(
    st.tuples(st.sampled_from(["open", "think", "say", "close"]), st.integers(0, 3)), max_size=60
)


@settings(max_examples=40)
@given(steps=Steps)
def test_whatever_happened_before_the_death_each_turn_is_booked_once_and_exactly(
    tmp_path_factory: pytest.TempPathFactory, new_database: Path, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / new_database.name).write_bytes(new_database.read_bytes())
    asyncio.run(_live_and_die(folder, steps))


async def _live_and_die(folder: Path, steps: list[tuple[str, int]]) -> None:
    database = await open_database(folder)
    try:
        journal, _ = await a_journal(folder, database, 1 << 16)
        open_turns: dict[int, LiveTurn] = {}
        wanted: dict[str, tuple[str, int, int]] = {}
        for number, (step, which) in enumerate(steps):
            live = open_turns.get(which)
            if step == "open" and live is None:
                live = open_turns[which] = turn(f"{number:03}")
                journal.open(live)
            elif live is None:
                continue
            elif step == "close":
                close(journal, live, "finished")
                del open_turns[which]
            else:
                say(journal, live, "w", thought=step == "think")
            usage = live.meter.usage
            ending = "finished" if step == "close" else "failed"
            wanted[live.request.id] = (ending, usage.reasoning, usage.answer)
        await after_death(folder, database)
        assert {row[0]: row[1:] for row in await entries(database)} == wanted
    finally:
        await database.close()
