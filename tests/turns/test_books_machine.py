"""Whatever people do and whatever dies: metered = delivered = receipt = ledger, and all accounts add up to 0.

A machine of {send, chunk, stop, disconnect, resume, retry, crash, refund} on a real site in this process: its
doors over HTTP, its database and its journal. The engine alone is scripted, and steps when it is told to.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from tests.turns.books_client import DirectedEngine, Reader, direction

from thinkwell.errors import Conflict, NotFound
from thinkwell.http.site import Site
from thinkwell.ledger import lines
from thinkwell.ledger.check import check
from thinkwell.store.tables import entries
from thinkwell.testing.faults import make_failing
from thinkwell.testing.site import RunningSite, running_site

SLOTS = 3
MOST_LIVE = 6
MOST_CRASHES = 2
SETTINGS = (
    "prices.default.prompt=3",
    "prices.default.cached=1",
    "prices.default.reasoning=2",
    "prices.default.answer=5",
    "tiers.visitor.free=0.00003",
    "people.proof_load=0",
)
STEP_S = 20  # a step that takes longer hangs

T = TypeVar("T")
Result = Coroutine[Any, Any, T]
Picks = st.integers(0, 2**16)


class Turn:
    """``door``: api (ends when its reader leaves), once (the same with an Idempotency-Key), web."""

    def __init__(self, name: str, door: str, thoughts: int, answers: int) -> None:
        self.name = name
        self.door = door
        self.tokens = thoughts + answers
        self.released = 0
        self.id = ""
        self.body: dict[str, Any] = {}
        self.reader: Reader | None = None
        self.seq = self.delivered = 0
        self.ended = self.crashed = self.refunded = False
        self.told: tuple[int, int, int, int] | None = None


class Books(RuleBasedStateMachine):
    def __init__(self, data: Path) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._data = data
        self._stack = AsyncExitStack()
        self._turns: list[Turn] = []
        self._made: dict[str, int] = {}
        self._crashes = 0
        self.did: set[str] = set()

    def _do(self, step: Result[T]) -> T:
        async def in_time() -> T:
            async with asyncio.timeout(STEP_S):
                return await step

        return self._runner.run(in_time())

    # -- lives -----------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self._do(self._begin())

    async def _begin(self) -> None:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        await self._start()

    async def _start(self) -> None:
        self._engine = DirectedEngine(SLOTS)
        self._running: RunningSite = await self._stack.enter_async_context(
            running_site(self._data, self._engine, assignments=SETTINGS)
        )

    @property
    def _site(self) -> Site:
        return self._running.site

    def teardown(self) -> None:
        self._do(self._end())
        self._runner.close()

    async def _end(self) -> None:
        if not hasattr(self, "_session"):
            return
        for turn in self._live:
            for place in range(turn.tokens + 1):
                self._engine.gates.release(f"{turn.name}-{place}")
        while self._site.turns.count:
            await asyncio.sleep(0)
        for turn in self._turns:
            if turn.reader is not None:
                await turn.reader.ended()
            self._note(turn)
        await self._audit()
        await self._session.close()
        await self._stack.aclose()

    # -- what people do --------------------------------------------------------------------------

    @precondition(lambda self: len(self._live) < MOST_LIVE)
    @rule(
        door=st.sampled_from(["api", "once", "web"]),
        thoughts=st.integers(0, 3),
        answers=st.integers(1, 4),
        fails=st.booleans(),
    )
    def send(self, door: str, thoughts: int, answers: int, fails: bool) -> None:
        self._do(self._send(door, thoughts, answers, fails))

    async def _send(self, door: str, thoughts: int, answers: int, fails: bool) -> None:
        turn = Turn(f"t{len(self._turns)}", door, thoughts, answers)
        self._turns.append(turn)
        for place in range(turn.tokens + 1):
            self._engine.gates.hold(f"{turn.name}-{place}")
        question = direction(turn.name, thoughts, answers, fails=fails)
        if door == "web":
            async with self._session.post(
                f"{self._running.url}/api/turns", json={"content": question}
            ) as reply:
                assert reply.status == 201, await reply.text()
                turn.id = (await reply.json())["turn_id"]
            self._follow(turn)
            return
        turn.body = {
            "model": "scripted",
            "stream": True,
            "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": question}],
        }
        before = {live.request.id for live in self._site.turns.running}
        self._ask(turn)
        while not (new := {live.request.id for live in self._site.turns.running} - before):
            await asyncio.sleep(0)
        (turn.id,) = new

    def _ask(self, turn: Turn) -> None:
        headers = {"Idempotency-Key": turn.name} if turn.door == "once" else {}
        reader = Reader(f"{self._running.url}/v1/chat/completions")
        turn.reader = reader.ask(self._session, "POST", json=turn.body, headers=headers)

    def _follow(self, turn: Turn) -> None:
        reader = Reader(f"{self._running.url}/api/turns/{turn.id}/events?after={turn.seq}", turn.seq)
        reader.tokens = turn.delivered
        turn.reader = reader.ask(self._session, "GET")

    @precondition(lambda self: self._live)
    @rule(pick=Picks, many=st.integers(1, 3))
    def chunk(self, pick: int, many: int) -> None:
        turn = self._pick(pick, self._live)
        for _ in range(many):
            self._do(self._chunk(turn))

    async def _chunk(self, turn: Turn) -> None:
        engine = self._engine
        if turn.ended or turn.name not in engine.started:
            return
        place, turn.released = turn.released, turn.released + 1
        await engine.gates.until(lambda: engine.gates.waiting(f"{turn.name}-{place}") > 0)
        engine.gates.release(f"{turn.name}-{place}")
        if place < turn.tokens:
            if turn.reader is not None:
                await turn.reader.until(place + 1)
            else:
                await engine.gates.until(lambda: engine.made[turn.name] > place)
            return
        await self._over(turn)

    @precondition(lambda self: [turn for turn in self._live if turn.door == "web"])
    @rule(pick=Picks)
    def stop(self, pick: int) -> None:
        self._do(self._stop(self._pick(pick, [turn for turn in self._live if turn.door == "web"])))

    async def _stop(self, turn: Turn) -> None:
        async with self._session.post(f"{self._running.url}/api/turns/{turn.id}/stop") as reply:
            assert reply.status == 204, await reply.text()
        await self._over(turn)
        self.did.add("stop")

    @precondition(lambda self: [turn for turn in self._turns if turn.reader])
    @rule(pick=Picks)
    def disconnect(self, pick: int) -> None:
        self._do(self._disconnect(self._pick(pick, [turn for turn in self._turns if turn.reader])))

    async def _disconnect(self, turn: Turn) -> None:
        assert turn.reader is not None
        await turn.reader.leave()
        self._note(turn)
        if turn.door == "api" and not turn.ended:
            await self._over(turn)
            self.did.add("disconnect")

    @precondition(lambda self: self._without_reader("web"))
    @rule(pick=Picks)
    def resume(self, pick: int) -> None:
        self._do(self._resume(self._pick(pick, self._without_reader("web"))))

    async def _resume(self, turn: Turn) -> None:
        self._follow(turn)
        assert turn.reader is not None
        if turn.ended:
            await turn.reader.ended()
            self._note(turn)
        else:
            await turn.reader.until(self._engine.made[turn.name])
        self.did.add("resume")

    @precondition(lambda self: self._without_reader("once"))
    @rule(pick=Picks)
    def retry(self, pick: int) -> None:
        self._do(self._retry(self._pick(pick, self._without_reader("once"))))

    async def _retry(self, turn: Turn) -> None:
        """The same answer from its beginning, and no second turn."""
        count = self._site.turns.count
        self._ask(turn)
        assert turn.reader is not None
        if turn.ended:
            await turn.reader.ended()
            assert turn.reader.tokens >= turn.delivered or turn.reader.refused
            self._note(turn)
        else:
            await turn.reader.until(self._engine.made[turn.name])
            assert not turn.reader.over
        assert self._site.turns.count <= count
        self.did.add("retry")

    @precondition(lambda self: self._live and self._crashes < MOST_CRASHES)
    @rule()
    def crash(self) -> None:
        self._do(self._crash())

    async def _crash(self) -> None:
        """From here on the process writes nothing: neither the database nor the journal. Then it is gone."""
        self._site.conductor.closer.journal._file.append = lambda record: None  # type: ignore[method-assign]
        make_failing(self._site.database, lambda _: "before")
        for turn in self._turns:
            if turn.reader is not None:
                await turn.reader.leave()
                self._note(turn)
            if not turn.ended:
                turn.ended = turn.crashed = True
                self._made[turn.name] = self._engine.made[turn.name]
        self._crashes += 1
        await self._stack.aclose()
        await self._start()
        await self._audit()
        self.did.add("crash")

    @precondition(lambda self: [turn for turn in self._turns if turn.ended])
    @rule(pick=Picks)
    def refund(self, pick: int) -> None:
        self._do(self._refund(self._pick(pick, [turn for turn in self._turns if turn.ended])))

    async def _refund(self, turn: Turn) -> None:
        await self._site.conductor.settled()
        row = (await self._rows())[turn.id]
        used = row["prompt_tokens"] + row["reasoning_tokens"] + row["answer_tokens"]
        may = row["due"] > 0 and not turn.refunded
        give_back = self._site.database.write(lambda tx: lines.refund(tx, turn.id, "asked for", 9))
        if may:
            assert (await give_back).money == row["due"]
            turn.refunded = True
            self.did.add("refund")
        else:
            with pytest.raises(Conflict if used else NotFound):
                await give_back

    # -- what must be ----------------------------------------------------------------------------

    @property
    def _live(self) -> list[Turn]:
        return [turn for turn in self._turns if not turn.ended]

    def _without_reader(self, door: str) -> list[Turn]:
        return [turn for turn in self._turns if turn.door == door and turn.reader is None]

    @staticmethod
    def _pick(pick: int, turns: list[Turn]) -> Turn:
        return turns[pick % len(turns)]

    def _note(self, turn: Turn) -> None:
        """What its reader has got, who is gone."""
        reader = turn.reader
        if reader is not None:
            turn.reader = None
            turn.delivered = max(turn.delivered, reader.tokens)
            turn.seq = reader.seq
            if reader.usage is not None:
                assert turn.told in (None, reader.usage), "two receipts of one turn"
                turn.told = reader.usage

    async def _over(self, turn: Turn) -> None:
        while any(live.request.id == turn.id for live in self._site.turns.running):
            await asyncio.sleep(0)
        turn.ended = True
        self._made[turn.name] = self._engine.made[turn.name]
        if turn.reader is not None:
            await turn.reader.ended()
            self._note(turn)

    async def _rows(self) -> dict[str, dict[str, Any]]:
        rows = await self._site.database.read(lambda tx: tx.execute(select(entries)).mappings().all())
        return {row["turn_id"]: dict(row) for row in rows}

    async def _audit(self) -> None:
        await self._site.conductor.settled()
        found = await self._site.database.read(lambda tx: check(tx, 2**62))
        assert found.findings == [], found.findings
        assert set(found.sums.values()) == {0}
        rows = await self._rows()
        assert rows.keys() == {turn.id for turn in self._turns}
        for turn in self._turns:
            row = rows[turn.id]
            kinds = ("prompt_tokens", "cached_tokens", "reasoning_tokens", "answer_tokens")
            metered = tuple(row[kind] for kind in kinds)
            made = self._made.get(turn.name, self._engine.made[turn.name])
            assert turn.delivered <= sum(metered[2:]) == made, turn.name
            if turn.told is not None:
                assert turn.told == metered, turn.name
                assert turn.delivered == made, turn.name  # it was read to its end
            if turn.crashed:
                assert row["due"] == 0
        owners = {row["owner"] for row in rows.values()}
        for owner in owners:
            due = sum(row["due"] for row in rows.values() if row["owner"] == owner)
            back = sum(
                rows[turn.id]["due"]
                for turn in self._turns
                if turn.refunded and rows[turn.id]["owner"] == owner
            )
            balance = await self._site.database.read(lambda tx, owner=owner: lines.balance(tx, owner))
            assert balance == back - due


def test_metered_is_delivered_is_receipt_is_ledger_whatever_happens(
    tmp_path: Path, new_database: Path
) -> None:
    count = 0

    def machine() -> Books:
        nonlocal count
        count += 1
        folder = tmp_path / str(count)
        folder.mkdir()
        shutil.copy(new_database, folder)
        return Books(folder)

    run_state_machine_as_test(
        machine, settings=settings(max_examples=15, stateful_step_count=40, deadline=None)
    )


def test_each_verb_comes_about(data: Path) -> None:
    """The same machine, driven by hand: chance may leave one of them out."""
    books = Books(data)
    try:
        books.begin()
        for door in ("api", "api", "once"):  # t0, t1, t2
            books.send(door, thoughts=2, answers=4, fails=False)
        books.chunk(0, many=7)
        books.refund(0)
        books.refund(0)  # a second time it is refused
        books.chunk(0, many=2)
        books.disconnect(0)  # t1, the first that still has a reader
        books.disconnect(0)  # t2, which goes on
        books.retry(0)
        books.send("web", thoughts=1, answers=2, fails=False)
        books.send("web", thoughts=1, answers=2, fails=False)
        books.chunk(1, many=1)
        books.disconnect(1)
        books.resume(0)
        books.stop(0)
        books.crash()
        books.resume(0)
    finally:
        books.teardown()
    assert books.did == {"stop", "disconnect", "resume", "retry", "crash", "refund"}
