"""Very many requests, a part of whose readers leave: what memory the site wins, and whether it meters truly.

Three accounts are laid side by side, turn by turn: what the engine made, what the ledger says, what the
reader got. Of an answer that came to its end all three are equal; of one that was left the ledger's count
lies between the other two, for tokens are on their way while the news of the leaving is.
"""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from thinkwell.cli.bench.processes import read_process
from thinkwell.cli.bench.wire_field import SITE_SLOTS, Field, Rival, the_site
from thinkwell.cli.bench.wire_load import Broken, Door, Reader, Seen, connect, fetch, together
from thinkwell.cli.bench.wire_speed import Figures
from thinkwell.store.database import FILE_NAME
from thinkwell.testing.wire_engine import Ended
from thinkwell.testing.wire_text import Direction

AT_ONCE = 64
BATCH = 2_000
WARM_UP = 4_000
LEAVE_SHARE = 0.3
MOST_THOUGHT = 16
MOST_ANSWER = 32
RATE = 500.0
PHASES = 4
FOLDER = "churn"

_TOKENS = re.compile(rb'^thinkwell_tokens_total\{kind="(?:reasoning|answer)"\} (\S+)', re.MULTILINE)
_RUNNING = re.compile(rb"^thinkwell_turns_running (\S+)", re.MULTILINE)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One question's accounts: the engine's ``made``, the reader's ``read``, and what was asked for."""

    turn: str
    complete: bool
    think: int
    answer: int
    made: int
    read: int


class Metered(msgspec.Struct, frozen=True):
    """The ledger's line."""

    reasoning: int
    answer: int
    closed: bool

    @property
    def tokens(self) -> int:
        return self.reasoning + self.answer


async def churn(here: Field) -> Figures:
    """Everything in a site of its own. Raises Broken."""
    turns: list[Turn] = []
    drawn = random.Random(here.plan.seed)
    memory: list[float] = []
    half = max(1, here.plan.requests // 2)
    async with the_site(here, FOLDER, SITE_SLOTS) as site:
        await here.all_ended()
        turns += await _batches(here, site, min(WARM_UP, here.plan.requests), drawn)
        memory += await _settled(site)
        began = time.monotonic()
        for requests in (half, here.plan.requests - half):
            turns += await _batches(here, site, requests, drawn)
            memory += await _settled(site)
        seconds = time.monotonic() - began
        exposed = _metered_by(await fetch(site.at.host, site.at.port, "/metrics"))
    ledger = await asyncio.to_thread(read_ledger, here.folder / FOLDER / FILE_NAME)
    told = sum(line.tokens for line in ledger.values())
    found = compare(turns, ledger)
    found["churn_error_metrics_tokens"] = abs(exposed - told)
    found["churn_requests_per_s"] = here.plan.requests / seconds
    if len(memory) == 3:
        found["churn_memory_mib"] = memory[2]
        found["churn_memory_growth_mib"] = memory[2] - memory[0]
        found["churn_memory_growth_late_mib"] = memory[2] - memory[1]
    return found


def compare(turns: list[Turn], ledger: Mapping[str, Metered]) -> Figures:
    """The errors, as wire_rows.py names them. A turn that the ledger lacks counts as one of its own."""
    missing = wrong = not_metered = not_read = 0
    error = 0
    for turn in turns:
        line = ledger.get(turn.turn)
        if line is None or not line.closed:
            missing += 1
        elif turn.complete:
            error += abs(line.reasoning - turn.think) + abs(line.answer - turn.answer)
        else:
            wrong += not turn.read <= line.tokens <= turn.made
            not_metered = max(not_metered, turn.made - line.tokens)
            not_read = max(not_read, line.tokens - turn.read)
    return {
        "churn_turns_missing": missing,
        "churn_error_complete_tokens": error,
        "churn_error_left_turns": wrong,
        "churn_most_not_metered_tokens": not_metered,
        "churn_most_not_read_tokens": not_read,
    }


def read_ledger(path: Path) -> dict[str, Metered]:
    """By turn; of a site that runs or has ended."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT turn_id, reasoning_tokens, answer_tokens, closed_at FROM entries")
        return {turn: Metered(thought, answer, closed is not None) for turn, thought, answer, closed in rows}
    finally:
        connection.close()


async def _batches(here: Field, site: Rival, requests: int, drawn: random.Random) -> list[Turn]:
    found: list[Turn] = []
    for start in range(0, requests, BATCH):
        size = min(BATCH, requests - start)
        asked = {number: _draw(number, drawn) for number in range(size)}
        waiting = list(asked.items())
        seen: dict[int, Seen] = {}
        await together(_ask(site.at, waiting, seen, person) for person in range(min(AT_ONCE, size)))
        ended = {one.id: one for one in (await here.all_ended()).ended}
        if ended.keys() != asked.keys():
            raise Broken(f"The engine was not asked {len(asked.keys() - ended.keys())} of the questions.")
        found += [_turn(site.at, asked[n][0], seen[n], ended[n]) for n in asked]
    return found


def _draw(number: int, drawn: random.Random) -> tuple[Direction, int | None]:
    """A question, and after how many tokens its reader leaves (None: stays)."""
    think, answer = drawn.randint(0, MOST_THOUGHT), drawn.randint(1, MOST_ANSWER)
    said = Direction(think=think, answer=answer, rate=RATE, phases=PHASES, id=number)
    leaves = drawn.random() < LEAVE_SHARE and said.tokens > 1
    return said, drawn.randrange(1, said.tokens) if leaves else None


async def _ask(
    door: Door, waiting: list[tuple[int, tuple[Direction, int | None]]], seen: dict[int, Seen], person: int
) -> None:
    """One person after the other's question, over one connection until it is left."""
    reader: Reader | None = None
    while waiting:
        number, (said, until) = waiting.pop()
        reader = reader if reader is not None and not reader.lost else await connect(door)
        seen[number] = await reader.ask(door.question(said, person=person), until)
        if not seen[number].complete:
            reader = None
    if reader is not None:
        reader.close()


def _turn(door: Door, said: Direction, seen: Seen, ended: Ended) -> Turn:
    return Turn(
        turn=seen.turn,
        complete=seen.complete,
        think=said.think,
        answer=said.answer,
        made=ended.made,
        read=seen.tokens(door),
    )


async def _settled(site: Rival) -> list[float]:
    """Its memory in MiB, where readable, once no turn runs. Raises Broken when that does not come."""
    for _ in range(1_000):
        found = _RUNNING.search(await fetch(site.at.host, site.at.port, "/metrics"))
        if found is not None and float(found[1]) == 0:
            reading = await read_process(site.pid)
            return [] if reading is None else [reading.memory_mib]
        await asyncio.sleep(0.01)
    raise Broken("The site still runs turns whose readers are gone.")


def _metered_by(metrics: bytes) -> float:
    return sum(float(value) for value in _TOKENS.findall(metrics))
