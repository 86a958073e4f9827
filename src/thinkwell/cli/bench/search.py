"""``bench search``: how long a search takes, of somebody with little and of somebody with half of everything,
and what it costs to write what is found. Words are as frequent as in a language (Zipf's law)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.engine import Connection

from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.conversations import indexing, shelf
from thinkwell.conversations.search import Wanted
from thinkwell.conversations.sqlite_search import SqliteSearch
from thinkwell.store.database import FILE_NAME, Database, open_database
from thinkwell.store.tables import messages
from thinkwell.turns.run import now_us

WORDS = 50_000
SAID, THOUGHT = 150, 400  # words of a message
OF_ONE = 100  # messages of a conversation
HEAVY = "member:heavy"
MOST_MS = 50.0

ROWS = {
    "heavy_ms": Row(title="search, of who has half of all, one word", unit="ms", below=MOST_MS, digits=2),
    "heavy_two_ms": Row(title="the same, two words, the last one begun", unit="ms", below=MOST_MS, digits=2),
    "heavy_thought_ms": Row(title="the same, in thoughts too", unit="ms", below=MOST_MS * 2, digits=2),
    "light_ms": Row(title="search, of who has one conversation", unit="ms", below=MOST_MS, digits=2),
    "none_ms": Row(title="search for what only others have", unit="ms", below=MOST_MS, digits=2),
    "write_without_ms": Row(title="end of an answer, written without words for search", unit="ms", digits=3),
    "write_ms": Row(title="the same, with them", unit="ms", digits=3),
    "kb_a_message": Row(title="a message in the database's file, all told", unit="KB", digits=2),
}


class SearchPlan(msgspec.Struct, frozen=True, kw_only=True):
    messages: int
    searches: int
    seed: int


class _Texts:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._names = [f"{self._chance.choice('bdfgklmnprst')}{number:x}" for number in range(WORDS)]
        self._weights = list(accumulate(1 / (rank + 5) for rank in range(WORDS)))

    def text(self, words: int) -> str:
        return " ".join(self._chance.choices(self._names, cum_weights=self._weights, k=words))

    def word(self) -> str:
        """One that is neither in everything nor in nothing."""
        return self._names[self._chance.randrange(50, 5_000)]


async def measure(plan: SearchPlan, folder: Path) -> Report:
    machine = await asyncio.to_thread(this_machine)
    database = await open_database(folder)
    texts, found = _Texts(plan.seed), SqliteSearch()
    readings: dict[str, list[float]] = {name: [] for name in ROWS}
    try:
        for number in range(plan.messages // OF_ONE):
            owner = HEAVY if number % 2 else f"visitor:{number}"
            await database.write(partial(_fill, texts, f"c{number}", owner, readings))
        await database.checkpoint()
        size = await asyncio.to_thread(lambda: (folder / FILE_NAME).stat().st_size)
        readings["kb_a_message"] = [size / plan.messages / 1000]
        for _ in range(plan.searches):
            word, other = texts.word(), texts.word()
            for name, owner, wanted in (
                ("heavy_ms", HEAVY, Wanted(query=word)),
                ("heavy_two_ms", HEAVY, Wanted(query=f"{word} {other[:3]}")),
                ("heavy_thought_ms", HEAVY, Wanted(query=word, thoughts=True)),
                ("light_ms", "visitor:0", Wanted(query=word)),
                ("none_ms", "visitor:nobody", Wanted(query=word)),
            ):
                took = await _timed(database, partial(found.find, owner=owner, wanted=wanted))
                readings[name].append(took)
    finally:
        await database.close()
    setup: dict[str, str | int | float] = {"messages": plan.messages, "searches": plan.searches}
    return Report(bench="search", machine=machine, setup=setup, figures=figures(ROWS, readings))


def _fill(texts: _Texts, name: str, owner: str, readings: dict[str, list[float]], tx: Connection) -> None:
    """A conversation. Of its first message it is measured what the words for search add."""
    shelf.create(tx, name, owner, name, now_us())
    for number in range(OF_ONE):
        said, thought = texts.text(SAID), texts.text(THOUGHT) if number % 2 else None
        row: dict[str, Any] = {
            "id": f"{name}-{number}",
            "conversation_id": name,
            "role": "assistant" if number % 2 else "user",
            "content": said,
            "reasoning": thought,
            "status": "complete",
            "created_at": now_us(),
        }
        began = time.perf_counter()
        tx.execute(insert(messages).values(**row))
        written = time.perf_counter()
        indexing.enter_message(tx, row["id"], said, thought)
        if number == 1:
            readings["write_without_ms"].append((written - began) * 1000)
            readings["write_ms"].append((time.perf_counter() - began) * 1000)


async def _timed(database: Database, work: Callable[[Connection], Any]) -> float:
    began = time.perf_counter()
    await database.read(work)
    return (time.perf_counter() - began) * 1000
