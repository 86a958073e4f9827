"""A visitor becomes a member while they ask: what runs goes on, what is being asked goes along, nothing stays
behind, at whichever moment the two meet; and after a death in between."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.conftest import visitor

from thinkwell.errors import StoreUnavailable
from thinkwell.http.site import Site
from thinkwell.people import accounts
from thinkwell.store import tables
from thinkwell.store.database import Database
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.ask import Ask, Asked
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

VISITOR = "visitor:somebody"
CALLER = Caller(kind="visitor", id=VISITOR, person=VISITOR)
OWNED = (tables.conversations, tables.entries)


async def owners(site: Site) -> dict[str, set[str]]:
    """Whose rows there are, by table."""

    def read(connection: Any) -> dict[str, set[str]]:
        found = {table.name: set(connection.scalars(select(table.c.owner))) for table in OWNED}
        return found | {"persons": set(connection.scalars(select(tables.entries.c.person)))}

    await site.conductor.settled()
    return await site.database.read(read)


async def member(site: Site) -> str:
    return (await site.database.write(lambda tx: accounts.create(tx, "zoe", 5))).id


async def ask(site: Site, content: str = "x", **more: Any) -> Asked:
    return await site.asker.ask(site.tasks, CALLER, Ask(content=content, **more))


async def ask_unkept(site: Site, number: int) -> LiveTurn:
    """A question whose text is not kept: the database hears of it once it is over."""
    request = TurnRequest(
        id=f"turn_{number}", caller=CALLER, model="scripted", messages=(Message("user", "x"),)
    )
    return await site.conductor.begin(site.tasks, request)


async def ended(site: Site, asked: Asked, owner: str) -> None:
    live = site.turns.find(asked.turn_id, owner)
    assert live is not None
    await live.over()


async def test_a_running_turn_goes_on_for_the_member(running: RunningSite, engine: ScriptedEngine) -> None:
    site = running.site
    zoe = await member(site)
    engine.gates.hold("0")
    asked = await ask(site)
    await engine.gates.reached("0")
    assert await site.handover.hand_over(VISITOR, zoe) == 1
    assert site.turns.find(asked.turn_id, VISITOR) is None
    assert site.turns.find(asked.turn_id, zoe) is not None
    engine.gates.release("0")
    await ended(site, asked, zoe)
    assert await owners(site) == {"conversations": {zoe}, "entries": {zoe}, "persons": {zoe}}


async def test_the_reader_of_a_running_turn_reads_on_over_the_sign_up(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play(saying("One", " two.", reasoning=("Hm.",)))
    engine.gates.hold("0")
    async with visitor(running.url) as client:
        async with client.post("/api/turns", json={"content": "x"}) as reply:
            asked = await reply.json()
        async with client.get(f"/api/turns/{asked['turn_id']}/events") as stream:
            await engine.gates.reached("0")
            body = {"name": "zoe", "password": "correct horse"}
            async with client.post("/api/sign_up", json=body) as reply:
                assert reply.status == 201
            async with client.get("/api/conversations") as reply:  # it shows as running
                [item] = (await reply.json())["items"]
                assert item["running_turn_id"] == asked["turn_id"]
            engine.gates.release("0")
            assert '"finished"' in await stream.text()
        async with client.get(f"/api/conversations/{asked['conversation_id']}") as reply:
            assert (await reply.json())["messages"][1]["content"] == "One two."


async def test_a_running_turn_can_be_stopped_by_the_member(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    engine.gates.hold("0")
    async with visitor(running.url) as client:
        async with client.post("/api/turns", json={"content": "x"}) as reply:
            asked = await reply.json()
        await engine.gates.reached("0")
        async with client.post("/api/sign_up", json={"name": "zoe", "password": "correct horse"}) as reply:
            assert reply.status == 201
        async with client.post(f"/api/turns/{asked['turn_id']}/stop") as reply:
            assert reply.status == 204
        async with client.get(f"/api/turns/{asked['turn_id']}/events") as reply:
            assert '"stopped"' in await reply.text()


class Halting:
    """Halts what one task asks of the database at its ``number``-th call, before or after it is done."""

    def __init__(self, database: Database, number: int, *, after: bool) -> None:
        self.halted, self.go = asyncio.Event(), asyncio.Event()
        self.task: asyncio.Task[Any] | None = None
        self._left = number
        self._after = after
        self._real = {"read": database.read, "write": database.write}

    def watch(self, kind: str) -> Callable[[Any], Awaitable[Any]]:
        async def call(work: Any) -> Any:
            if asyncio.current_task() is not self.task:
                return await self._real[kind](work)
            self._left -= 1
            if self._left == 0 and not self._after:
                await self._halt()
            found = await self._real[kind](work)
            if self._left == 0 and self._after:
                await self._halt()
            return found

        return call

    async def _halt(self) -> None:
        self.halted.set()
        await self.go.wait()


def halting(
    monkeypatch: pytest.MonkeyPatch, site: Site, number: int, *, after: bool, work: Awaitable[Any]
) -> Halting:
    halting = Halting(site.database, number, after=after)
    for kind in ("read", "write"):
        monkeypatch.setattr(site.database, kind, halting.watch(kind))
    halting.task = asyncio.ensure_future(work)  # type: ignore[assignment]
    return halting


async def until_halted(halting: Halting) -> bool:
    """False where it was over before it came to that call."""
    assert halting.task is not None
    waiting = asyncio.create_task(halting.halted.wait())
    await asyncio.wait({waiting, halting.task}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    return halting.halted.is_set()


# A question calls the database for the tree (in an old conversation), for what its person has left, and to
# store itself. Where there are fewer calls than ``number``, it is simply over before the handover.
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("old", [False, True])
async def test_a_question_that_is_being_asked_goes_along_wherever_it_is(
    running: RunningSite, monkeypatch: pytest.MonkeyPatch, old: bool, number: int, after: bool
) -> None:
    site = running.site
    zoe = await member(site)
    more: dict[str, Any] = {}
    if old:
        first = await ask(site)
        await ended(site, first, VISITOR)
        more = {"conversation_id": first.conversation_id, "parent_id": first.answer_id}
    at = halting(monkeypatch, site, number, after=after, work=ask(site, "and?", **more))
    await until_halted(at)
    await site.handover.hand_over(VISITOR, zoe)
    at.go.set()
    assert at.task is not None
    asked = await at.task
    await ended(site, asked, zoe)
    assert await owners(site) == {"conversations": {zoe}, "entries": {zoe}, "persons": {zoe}}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("old", [False, True])
async def test_a_question_that_comes_while_the_rows_change_owner_goes_along(
    running: RunningSite, monkeypatch: pytest.MonkeyPatch, old: bool, after: bool
) -> None:
    site = running.site
    zoe = await member(site)
    more: dict[str, Any] = {}
    if old:
        first = await ask(site)
        await ended(site, first, VISITOR)
        more = {"conversation_id": first.conversation_id, "parent_id": first.answer_id}
    at = halting(monkeypatch, site, 1, after=after, work=site.handover.hand_over(VISITOR, zoe))
    assert await until_halted(at)
    asked = await ask(site, "and?", **more)
    at.go.set()
    assert at.task is not None
    await at.task
    await ended(site, asked, zoe)
    assert await owners(site) == {"conversations": {zoe}, "entries": {zoe}, "persons": {zoe}}


async def test_while_the_rows_change_owner_the_browser_still_finds_its_turn(
    running: RunningSite, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = running.site
    zoe = await member(site)
    engine.gates.hold("0")
    asked = await ask(site)
    at = halting(monkeypatch, site, 1, after=True, work=site.handover.hand_over(VISITOR, zoe))
    assert await until_halted(at)
    for owner in (VISITOR, zoe):
        assert site.turns.find(asked.turn_id, owner) is not None
    at.go.set()
    assert at.task is not None
    await at.task
    assert site.turns.find(asked.turn_id, VISITOR) is None
    engine.gates.release("0")
    await ended(site, asked, zoe)


async def test_where_it_cannot_be_written_all_stays_the_visitors(
    running: RunningSite, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = running.site
    zoe = await member(site)
    engine.gates.hold("0")
    asked = await ask(site)
    await engine.gates.reached("0")

    async def fail(work: Any) -> Any:
        raise StoreUnavailable("locked")

    with monkeypatch.context() as broken:
        broken.setattr(site.database, "write", fail)
        with pytest.raises(StoreUnavailable):
            await site.handover.hand_over(VISITOR, zoe)
    assert site.turns.find(asked.turn_id, zoe) is None
    engine.gates.release("0")
    await ended(site, asked, VISITOR)
    assert (await owners(site))["conversations"] == {VISITOR}
    assert await site.handover.hand_over(VISITOR, zoe) == 1
    assert await owners(site) == {"conversations": {zoe}, "entries": {zoe}, "persons": {zoe}}


async def test_many_questions_and_the_handover_at_once(running: RunningSite) -> None:
    site = running.site
    zoe = await member(site)
    asking = [asyncio.create_task(ask(site, f"question {number}")) for number in range(40)]
    for _ in range(7):
        await asyncio.sleep(0)
    await site.handover.hand_over(VISITOR, zoe)
    for asked in await asyncio.gather(*asking):
        await ended(site, asked, zoe)
    assert await owners(site) == {"conversations": {zoe}, "entries": {zoe}, "persons": {zoe}}


async def test_turns_whose_text_is_not_kept_go_along_too(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    """One that the database has heard of, one that is over and it has not, one that runs."""
    site = running.site
    zoe = await member(site)
    first = await ask_unkept(site, 1)
    await first.over()
    await site.conductor.settled()
    second = await ask_unkept(site, 2)
    await second.over()
    engine.gates.hold("0")
    third = await ask_unkept(site, 3)
    await engine.gates.reached("0")
    await site.handover.hand_over(VISITOR, zoe)
    engine.gates.release("0")
    await third.over()
    assert await owners(site) == {"conversations": set(), "entries": {zoe}, "persons": {zoe}}

    def holders(connection: Any) -> set[str]:
        return set(connection.scalars(select(tables.ledger_holders.c.owner)))

    assert VISITOR not in await site.database.read(holders)


async def test_after_a_death_the_turn_is_the_members(
    data: Path, engine: ScriptedEngine, tmp_path: Path
) -> None:
    """The folder is copied as the dead process would have left it."""
    copy = tmp_path / "copy"
    engine.play(saying("One", " two."))
    async with running_site(data, engine) as running:
        site = running.site
        zoe = await member(site)
        engine.gates.hold("0")
        asked = await ask(site)
        unkept = await ask_unkept(site, 1)
        await engine.gates.reached("0", 2)
        await site.handover.hand_over(VISITOR, zoe)
        await asyncio.to_thread(shutil.copytree, data, copy)
        engine.gates.release("0")
        await ended(site, asked, zoe)
        await unkept.over()
    with contextlib.suppress(FileNotFoundError):
        (copy / "lock").unlink()
    async with running_site(copy, ScriptedEngine()) as again:
        assert await owners(again.site) == {"conversations": {zoe}, "entries": {zoe}, "persons": {zoe}}
        rows = await again.site.database.read(
            lambda connection: connection.execute(select(tables.entries)).all()
        )
        assert [(row.ending, row.code) for row in rows] == [("failed", "interrupted")] * 2
