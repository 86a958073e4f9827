"""``bench books``: are the books exact, with readers that leave and a site that is killed again and again?

Real processes: a paced engine, and a site that is killed with SIGKILL at random moments, also while it starts
again on the same data. Four accounts are laid side by side, turn by turn: what the engine made, what the
reader got, the entry with its receipt, and the ledger's lines. What came to its end is equal in all four. Of
what was left or cut, the entry lies between what was read and what was made: tokens were on their way.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from thinkwell.cli.bench.books_lives import Lives
from thinkwell.cli.bench.books_rows import ROWS, Asked, compare, read_books
from thinkwell.cli.bench.report import Report, figures, this_machine
from thinkwell.cli.bench.wire_cores import on_core, two_cores
from thinkwell.cli.bench.wire_field import Field
from thinkwell.cli.bench.wire_load import Broken, Door, Reader, connect, together
from thinkwell.cli.bench.wire_plan import WirePlan
from thinkwell.cli.bench.wire_processes import module
from thinkwell.testing.wire_engine import Ended
from thinkwell.testing.wire_text import MODEL, Direction

AT_ONCE = 64
LEAVE_SHARE = 0.3
KEPT_SHARE = 0.2  # asked with an Idempotency-Key: the turn is stored, and stays when its reader leaves
MOST_THOUGHT = 16
MOST_ANSWER = 32
RATE = 500.0
PHASES = 4
BATCH = 2_000


class BooksPlan(msgspec.Struct, frozen=True, kw_only=True):
    turns: int = 100_000
    kills: int = 20
    seed: int = 1


class Question(msgspec.Struct, frozen=True):
    """``until``: its reader leaves after so many tokens (None: stays)."""

    number: int
    said: Direction
    until: int | None
    kept: bool


async def measure(plan: BooksPlan, folder: Path) -> Report:
    """``folder`` is empty. Raises ClickException."""
    machine = await asyncio.to_thread(this_machine)
    cores = two_cores()
    with on_core(cores.load):
        async with module(cores.load, "thinkwell.testing.wire_engine", "--port", "0") as engine:
            direct = Door(name="the engine", host=engine.host, port=engine.port, model=MODEL)
            here = Field(plan=WirePlan(), cores=cores, engine=engine, direct=direct, folder=folder)
            bench = Bench(plan, here)
            began = time.monotonic()
            await bench.run()
            seconds = time.monotonic() - began
    entries, found = await asyncio.to_thread(read_books, folder / "site")
    errors = compare(bench.asked, entries) | found
    errors |= {
        "books_turns": len(bench.asked),
        "books_kills": bench.kills,
        "books_cut": sum(one.cut for one in bench.asked),
        "books_left_share": 100 * sum(one.left for one in bench.asked) / max(1, len(bench.asked)),
        "books_turns_per_s": len(bench.asked) / seconds,
    }
    setup: dict[str, str | int | float] = {
        "cores": str(cores),
        "turns": plan.turns,
        "kills": plan.kills,
        "seed": plan.seed,
    }
    readings = {name: [value] for name, value in errors.items()}
    return Report(bench="books", machine=machine, setup=setup, figures=figures(ROWS, readings))


class Bench:
    """One run; ``asked`` has every question, whatever became of it."""

    def __init__(self, plan: BooksPlan, here: Field) -> None:
        self._plan = plan
        self._here = here
        self._drawn = random.Random(plan.seed)
        self.asked: list[Asked] = []
        self.kills = 0

    async def run(self) -> None:
        plan = self._plan
        # Each is killed when so many questions were asked since the start.
        self._due = sorted(self._drawn.sample(range(1, max(2, plan.turns)), min(plan.kills, plan.turns - 1)))
        self._begun = 0
        async with Lives(self._here, self._drawn) as self._lives:
            for start in range(0, plan.turns, BATCH):
                await self._batch(range(start, min(start + BATCH, plan.turns)))
            await self._lives.settled()
            self.kills = self._lives.kills

    async def _batch(self, numbers: range) -> None:
        waiting = [self._draw(number) for number in numbers]
        seen: dict[int, Asked] = {}
        await together(self._ask(waiting, seen, person) for person in range(min(AT_ONCE, len(waiting))))
        ended = {one.id: one for one in (await self._here.all_ended()).ended}
        self.asked += [_with_made(one, ended) for _, one in sorted(seen.items())]

    def _draw(self, number: int) -> Question:
        drawn = self._drawn
        think, answer = drawn.randint(0, MOST_THOUGHT), drawn.randint(1, MOST_ANSWER)
        said = Direction(think=think, answer=answer, rate=RATE, phases=PHASES, id=number)
        leaves = drawn.random() < LEAVE_SHARE and said.tokens > 1
        until = drawn.randrange(1, said.tokens) if leaves else None
        return Question(number, said, until, drawn.random() < KEPT_SHARE)

    async def _ask(self, waiting: list[Question], seen: dict[int, Asked], person: int) -> None:
        """One question after the other, over one connection for as long as it holds."""
        reader: Reader | None = None
        life = -1
        while waiting:
            at = await self._lives.up()
            if reader is None or reader.lost or life != at.number:
                try:
                    reader, life = await connect(at.door), at.number
                except Broken:
                    await self._lives.gone(at)
                    continue
            if not waiting:
                break  # others took the last ones meanwhile
            question = waiting.pop()
            self._begun += 1
            if self._due and self._begun >= self._due[0]:
                self._due.pop(0)
                self._lives.kill_soon()
            cut = False
            try:
                await reader.ask(_request(at.door, question, person), question.until)
            except Broken:
                await self._lives.gone(at)  # or it is no death, and raised
                cut = True
            seen[question.number] = _asked(question, reader, at.door, cut=cut)
            if cut or not reader.seen.complete:
                reader = None
        if reader is not None:
            reader.close()


def _request(door: Door, question: Question, person: int) -> bytes:
    whole = door.question(question.said, person=person)
    if not question.kept:
        return whole
    head, _, body = whole.partition(b"\r\n\r\n")
    return head + b"\r\nidempotency-key: books-%d\r\n\r\n" % question.number + body


def _asked(question: Question, reader: Reader, door: Door, *, cut: bool) -> Asked:
    seen = reader.seen
    thought = seen.thought // door.thought_marks
    return Asked(
        number=question.number,
        turn=seen.turn,
        complete=seen.complete and not cut,
        left=not seen.complete and not cut,
        cut=cut,
        kept=question.kept,
        think=question.said.think,
        answer=question.said.answer,
        read_thought=thought,
        read_answer=seen.answer,
    )


def _with_made(asked: Asked, ended: Mapping[int, Ended]) -> Asked:
    made = ended.get(asked.number)
    return asked if made is None else msgspec.structs.replace(asked, made=made.made)
