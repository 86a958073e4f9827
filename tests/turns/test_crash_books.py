"""The process dies at any call of the database: after the next start every turn is booked once and exactly."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from thinkwell.errors import ThinkwellError
from thinkwell.http.site import Site
from thinkwell.ledger.book import open_entry
from thinkwell.ledger.check import Checked, check
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.meter import Meter
from thinkwell.ledger.tariff import Tariff
from thinkwell.settings import Price
from thinkwell.store.database import Database, open_database
from thinkwell.store.logfile import LogFile, open_log, read_log
from thinkwell.testing.faults import FailingDatabase, When, make_failing, never
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site
from thinkwell.turns import stored_log
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.closing import Closer
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.reaper import Reaper
from thinkwell.turns.recovery import recover
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

PRICES = ("prices.default.answer=10", "prices.default.prompt=1", "tiers.visitor.free=0.00004")
CALLS = 10

Counts = tuple[int, int, int, int]


class Death:
    """At call ``number`` nothing of the process does anything any more: not the database, not the journal."""

    def __init__(self, number: int, when: When) -> None:
        self._number = number
        self._when = when
        self.died = False
        self.at_death: list[Callable[[], None]] = []

    def __call__(self, call: int) -> When | None:
        if call < self._number:
            return None
        if not self.died:
            self.died = True
            for tell in self.at_death:
                tell()
            return self._when
        return "before"


def request(site: Site, number: int) -> TurnRequest:
    caller = Caller(kind="visitor", id=f"visitor:{number % 2}", person=f"visitor:{number % 2}")
    return TurnRequest(
        id=site.new_id("turn"),
        caller=caller,
        model="scripted",
        messages=(Message("user", "?"),),
        keep_text=number % 3 == 0,
    )


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
async def test_whichever_call_of_the_database_is_the_last_the_books_are_right_after_the_next_start(
    data: Path, engine: ScriptedEngine, number: int, when: When
) -> None:
    engine.play(saying(*"answer", reasoning=tuple("think")))
    said: dict[str, Counts] = {}
    lives: list[LiveTurn] = []
    async with running_site(data, engine, assignments=PRICES) as running:
        site = running.site
        death = Death(number, when)
        database = make_failing(site.database, death)
        file = site.conductor.closer.journal._file

        def remember() -> None:
            known = [*lives, *site.turns.running]
            said.update({live.request.id: live.meter.counts for live in known})
            file.append = lambda record: None  # type: ignore[method-assign]

        death.at_death.append(remember)
        engine.gates.hold("7")
        lives += [await site.conductor.begin(site.tasks, request(site, n)) for n in (1, 2)]
        await engine.gates.reached("7")
        lives[1].stop("person")
        engine.gates.release("7")
        for n in range(3, 9):
            if death.died:
                break
            try:
                lives.append(await site.conductor.begin(site.tasks, request(site, n)))
            except ThinkwellError:
                assert death.died
                break
            await lives[-1].over()
            if n % 2:
                await settled(site, death)
        if not death.died:
            await settled(site, death)
            remember()
    del database
    async with running_site(data, engine, assignments=PRICES) as running:
        found, entries = await audited(running.site.database)
        assert found.open == 0
        for turn_id, counts in said.items():  # of those that were asked before the death
            assert entries.pop(turn_id) == counts
        assert set(entries.values()) <= {(0, 0, 0, 0)}  # it was opened, and nobody was told that it was


async def settled(site: Site, death: Death) -> None:
    """The database has all, or the process is dead."""
    waiting = asyncio.create_task(site.conductor.settled())
    while not (waiting.done() or death.died):
        await asyncio.sleep(0)
    waiting.cancel()


async def audited(database: Database) -> tuple[Checked, dict[str, Counts]]:
    found = await database.read(lambda tx: check(tx, 2**62))
    assert found.findings == []
    query = text("SELECT turn_id, prompt_tokens, cached_tokens, reasoning_tokens, answer_tokens FROM entries")
    rows = await database.read(lambda tx: tx.execute(query).all())
    return found, {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


# The journal alone, with files so small that turns go over many of them.

BOOKS = Bookkeeping(Accounts(b"s" * 32), lambda: 1, Tariff({"default": Price(answer=Decimal(10))}))
CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")
SMALL = 2048
Acts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "open",
                "open_kept",
                "think",
                "say",
                "say",
                "say",
                "close",
                "close",
                "follow",
                "fail",
                "late",
                "pay",
            ]
        ),
        st.integers(0, 3),
    ),
    max_size=80,
)


class Process:
    """What one life of the site has in memory."""

    def __init__(self, file: LogFile, database: FailingDatabase) -> None:
        self.file = file
        self.database = database
        self.journal = Journal(file, database, lambda: 1, BOOKS.accounts)
        turns = LiveTurns(0)
        self.reaper = Reaper(database, self.journal, turns, BOOKS)
        self.closer = Closer(database, self.journal, BOOKS, self.reaper)
        self.open: dict[int, LiveTurn] = {}

    async def begin(self, name: str, which: int, *, keep: bool) -> None:
        asked = TurnRequest(
            id=name, caller=CALLER, model="m", messages=(Message("user", "?"),), keep_text=keep
        )
        live = LiveTurn(asked, Meter(name, "m", lambda: 0.0))
        if keep:
            await Database.write(self.database, lambda tx: open_entry(tx, asked, 1))
        self.journal.open(live)
        self.open[which] = live

    async def say(self, live: LiveTurn, *, thought: bool) -> None:
        event = ReasoningDelta("w" * 50, 1) if thought else AnswerDelta("w" * 50, 1)
        live.meter.said(event, 0.0)
        live.log.add(event)
        if self.file.wants_spare:  # a site has a moment for it in between
            await self.file.make_spare()
        self.journal.said(live)

    async def close(self, which: int) -> LiveTurn:
        live = self.open.pop(which)
        end = await self.closer.close(live, None)
        live.log.add(end)
        live.log.publish(live.log.last_seq)
        return live


@settings(max_examples=150)
@given(acts=Acts)
def test_whatever_failed_before_the_death_every_turn_is_booked_once_with_all_that_was_said(
    tmp_path_factory: pytest.TempPathFactory, new_database: Path, acts: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / new_database.name).write_bytes(new_database.read_bytes())
    asyncio.run(_live_and_die(folder, acts))


async def _live_and_die(folder: Path, acts: list[tuple[str, int]]) -> None:
    database = make_failing(await open_database(folder))
    try:
        file = await asyncio.to_thread(open_log, folder / "journal", SMALL)
        process = Process(file, database)
        turns: list[LiveTurn] = []
        for number, (act, which) in enumerate(acts):
            live = process.open.get(which)
            if act.startswith("open") and live is None:
                await process.begin(f"{number:03}", which, keep=act == "open_kept")
                turns.append(process.open[which])
            elif act in ("think", "say") and live is not None:
                await process.say(live, thought=act == "think")
            elif act == "close" and live is not None:
                await process.close(which)
            elif act == "follow":
                await process.journal._follow()
            elif act == "pay":
                await process.reaper.pay()
            elif act in ("fail", "late"):
                when: When = "before" if act == "fail" else "after"
                last = database.calls + 1 + which
                database.fail = lambda call, last=last, when=when: when if call <= last else None  # type: ignore[misc]
        database.fail = never
        await recover(database, read_log(folder / "journal"), 5, BOOKS)
        await recover(
            database, read_log(folder / "journal"), 6, BOOKS
        )  # it died again, before it could begin
        found, entries = await audited(database)
        assert found.open == 0
        assert entries == {live.request.id: live.meter.counts for live in turns}
        for live in turns:
            await _check_log(database, live)
    finally:
        await database.close()


async def _check_log(database: Database, live: LiveTurn) -> None:
    told = await database.read(lambda tx: stored_log.read(tx, live.request.id))
    if not live.request.keep_text:
        assert told is None
        return
    assert told is not None
    assert spoken_text(told.events) == spoken_text(live.log.since(0))


async def test_a_closed_turn_whose_batch_was_in_doubt_is_entered_once(data: Path) -> None:
    database = make_failing(await open_database(data))
    try:
        file = await asyncio.to_thread(open_log, data / "journal")
        process = Process(file, database)
        await process.begin("a", 0, keep=False)
        await process.say(process.open[0], thought=False)
        await process.close(0)
        database.fail = lambda call: "after"
        assert not await process.journal._follow()
        assert process.journal.waiting == 1
        database.fail = never
        await process.begin("b", 0, keep=False)
        await process.close(0)
        assert await process.journal._follow()
        assert process.journal.waiting == 0
        _, entries = await audited(database)
        assert entries == {"a": (0, 0, 0, 1), "b": (0, 0, 0, 0)}
    finally:
        await database.close()


async def test_files_of_the_journal_are_kept_until_the_database_has_what_was_closed_in_them(
    data: Path,
) -> None:
    database = make_failing(await open_database(data))
    try:
        file = await asyncio.to_thread(open_log, data / "journal", SMALL)
        process = Process(file, database)
        await process.begin("a", 0, keep=False)
        await process.say(process.open[0], thought=False)
        await process.close(0)
        row = process.journal._rows[0]
        # The batch is on its way when more turns end and the next file begins.
        writing = asyncio.create_task(process.journal._follow())
        await asyncio.sleep(0)
        number, names = file.number, itertools.count()
        while file.number == number:
            await process.begin(f"b{next(names)}", 1, keep=False)
            await process.close(1)
        assert await writing
        known = {entry for entry in (await audited(database))[1]}
        assert row["turn_id"] in known
        left = {row["turn_id"] for row in process.journal._rows}
        await recover(database, read_log(data / "journal"), 5, BOOKS)
        assert (await audited(database))[1].keys() == known | left
    finally:
        await database.close()


@pytest.mark.parametrize("fold_first", [False, True])
async def test_a_turn_that_ends_while_its_log_is_folded_has_each_event_once(
    data: Path, fold_first: bool
) -> None:
    database = make_failing(await open_database(data))
    try:
        file = await asyncio.to_thread(open_log, data / "journal", SMALL)
        process = Process(file, database)
        await process.begin("a", 0, keep=True)
        live, number = process.open[0], file.number
        while file.number == number:
            await process.say(live, thought=False)
        both = [process.journal._fold(), process.close(0)]
        tasks = [asyncio.create_task(one) for one in (both if fold_first else reversed(both))]  # type: ignore[arg-type]
        await asyncio.gather(*tasks)
        told = await database.read(lambda tx: stored_log.read(tx, "a"))
        assert told is not None
        assert told.events == live.log.since(0)
        assert (await audited(database))[1] == {"a": live.meter.counts}
    finally:
        await database.close()
