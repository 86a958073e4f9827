"""The conductor: one ending for every turn, whatever happens at any step, and a closed entry for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from thinkwell.errors import BadRequest, LineFull, UnknownModel
from thinkwell.http.site import Site
from thinkwell.ledger import book
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.caller import Caller
from thinkwell.values.event import Failed, Finished, Started, Stopped, TurnEnd
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine) -> AsyncIterator[Site]:
    async with running_site(data, engine) as running:
        yield running.site


def request(site: Site, said: str = "?", **changes: object) -> TurnRequest:
    values: dict[str, object] = {"model": "scripted", "messages": (Message("user", said),)} | changes
    return TurnRequest(id=site.new_id("turn"), caller=CALLER, **values)  # type: ignore[arg-type]


async def begin(site: Site) -> LiveTurn:
    return await site.conductor.begin(site.tasks, request(site))


async def entries(site: Site) -> list[tuple[str | None, int, int]]:
    await site.conductor.settled()
    query = text("SELECT ending, reasoning_tokens, answer_tokens FROM entries")
    rows = await site.database.read(lambda connection: connection.execute(query).all())
    return [tuple(row) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("scenario", "kind", "code"),
    [
        ("fields", Finished, None),
        ("length_limit", Finished, None),
        ("empty_answer", Finished, None),
        ("nothing", Finished, None),
        ("refuses", Failed, "engine_refused"),
        ("dies_at_once", Failed, "engine_unavailable"),
        ("dies_midway", Failed, "engine_unavailable"),
        ("cut_stream", Failed, "engine_broken"),
        ("garbage", Failed, "engine_broken"),
        ("too_long", Failed, "context_length_exceeded"),
    ],
)
async def test_every_turn_ends_once_with_the_true_reason_and_a_receipt_to_the_token(
    site: Site, engine: ScriptedEngine, scenario: str, kind: type[TurnEnd], code: str | None
) -> None:
    engine.play(scenario)
    live = await begin(site)
    end = await live.over()
    assert isinstance(end, kind)
    if isinstance(end, Failed):
        assert end.code == code
        assert end.message
    seen = [event for _, event in await live.log.after(0)]
    assert sum(isinstance(event, Finished | Failed | Stopped) for event in seen) == 1
    assert seen[-1] is end
    assert isinstance(seen[0], Started)
    usage = end.receipt.usage
    assert usage.generated == engine.tokens_made
    assert usage.generated == sum(getattr(event, "tokens", 0) for event in seen)
    assert await entries(site) == [(end.receipt.ending, usage.reasoning, usage.answer)]
    assert site.pool.dispatcher.running == 0


async def test_a_stalled_engine_is_one_failed_turn(site: Site, engine: ScriptedEngine) -> None:
    engine.play("stalls")
    live = await begin(site)
    await engine.gates.reached("stalled")
    engine.gates.release("stalled")
    end = await live.over()
    assert isinstance(end, Failed) and end.code == "engine_stalled"


async def test_stop_at_every_step_counts_what_was_said_and_nothing_else(data: Path) -> None:
    script = saying(*"answer", reasoning=tuple("think"))
    for step in range(11):
        engine = ScriptedEngine(script)
        engine.gates.hold(str(step))
        folder = data.parent / str(step)
        folder.mkdir()
        async with running_site(folder, engine) as running:
            live = await begin(running.site)
            await engine.gates.reached(str(step))
            live.stop("person")
            live.stop("operator")  # the first one counts
            end = await live.over()
            live.stop("operator")
            assert isinstance(end, Stopped) and end.by == "person"
            assert (end.receipt.usage.reasoning, end.receipt.usage.answer) == (min(step, 5), max(0, step - 5))
            answer, thought = spoken_text(live.log.since(0))
            assert (thought or "") + answer == "thinkanswer"[:step]
            assert await entries(running.site) == [("stopped", min(step, 5), max(0, step - 5))]
            assert engine.open == 0


async def test_a_turn_stopped_in_line_never_reaches_the_engine(site: Site, engine: ScriptedEngine) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    first = await begin(site)
    await engine.gates.reached("0")
    second = await begin(site)
    second.stop("person")
    assert isinstance(await second.over(), Stopped)
    engine.gates.release("0")
    assert isinstance(await first.over(), Finished)
    assert len(engine.asked) == 1


async def test_a_refused_turn_leaves_no_trace(site: Site, engine: ScriptedEngine) -> None:
    for bad, error in (
        (request(site, model="other"), UnknownModel),
        (request(site, messages=()), BadRequest),
        (request(site, max_tokens=10**6), BadRequest),
    ):
        with pytest.raises(error):
            await site.conductor.begin(site.tasks, bad)
    assert await entries(site) == []
    assert engine.asked == []


async def test_a_line_that_fills_the_memory_says_when_to_come_back(
    data: Path, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    async with running_site(data, engine, assignments=("turns.max_live=2",)) as running:
        for _ in range(2):
            await begin(running.site)
        with pytest.raises(LineFull) as caught:
            await begin(running.site)
        assert caught.value.retry_after_s


async def test_a_fault_of_ours_ends_one_turn_and_not_the_site(
    site: Site, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("thinkwell.turns.run.thinker_for", lambda *_: 1 / 0)
        end = await (await begin(site)).over()
    assert isinstance(end, Failed) and end.code == "error"
    assert isinstance(await (await begin(site)).over(), Finished)


async def test_a_full_disk_ends_the_turn_with_that_reason_and_harms_nothing(
    data: Path, engine: ScriptedEngine
) -> None:
    engine.play(saying(*["x" * 3000] * 400))
    async with running_site(data, engine) as running:
        site = running.site
        before = await (await begin(site)).over()
        assert isinstance(before, Finished)
        await _limit_pages(site)
        kept = request(site, keep_text=True)
        live = await site.conductor.begin(site.tasks, kept)
        end = await live.over()
        assert isinstance(end, Failed) and end.code == "storage_full"
        assert "Free some space" in end.message
        await _limit_pages(site, 2**30)
        assert isinstance(await (await begin(site)).over(), Finished)
    async with running_site(data, engine) as running:  # the next start closes what could not be closed
        assert await running.site.database.read(book.open_entries) == []


async def _limit_pages(site: Site, more: int = 20) -> None:
    """SQLite's own limit gives SQLite's own error: as if the disk were full ``more`` pages from now."""

    used = await site.database.read(lambda connection: connection.scalar(text("PRAGMA page_count")))

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={int(used or 0) + more}")

    # On every connection, whichever of them a write is given.
    event.listen(site.database._engine, "checkout", limit)


async def test_many_turns_at_once_are_counted_each_on_its_own(site: Site, engine: ScriptedEngine) -> None:
    engine.play(saying(*"abc", reasoning=("x", "y")))
    turns = [await begin(site) for _ in range(40)]
    ends = await asyncio.gather(*(live.over() for live in turns))
    assert all(isinstance(end, Finished) and end.receipt.usage.generated == 5 for end in ends)
    assert engine.refused_over_slots == 0
    await site.conductor.settled()
    assert (await site.database.read(book.totals)).generated == 200


async def test_a_long_question_waits_too_while_the_engine_is_away(site: Site, engine: ScriptedEngine) -> None:
    engine.die()
    live = await site.conductor.begin(site.tasks, request(site, "word " * 800))
    engine.revive()
    assert isinstance(await live.over(), Finished)


@pytest.mark.parametrize(
    ("step", "kept"),
    [
        ("thinkwell.turns.stored_log.as_columns", True),
        ("thinkwell.ledger.book.close_entry", True),
        ("thinkwell.ledger.book.closed_row", False),
    ],
)
async def test_a_fault_of_ours_while_storing_ends_one_turn_and_not_the_site(
    site: Site, monkeypatch: pytest.MonkeyPatch, step: str, kept: bool
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        end = await (await site.conductor.begin(site.tasks, request(site, keep_text=kept))).over()
    assert isinstance(end, Failed)
    assert isinstance(await (await begin(site)).over(), Finished)
