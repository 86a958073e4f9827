"""Questions asked one after the other, some at once, with a journal: a run that was broken off goes on.

Every question that is done is on the disk before the next is begun. What they gave comes out in the order of
the questions, so that the same answers make the same file. Knows no model.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.rows import Row, write_rows


class Done(msgspec.Struct, kw_only=True):
    """One question's line: the rows that it gave, and why other replies were dropped."""

    digest: str
    rows: list[Row]
    dropped: dict[str, int]
    samples: int
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Journal:
    """A last line that was cut is written over."""

    def __init__(self, path: Path) -> None:
        """Raises SetupError for a journal that cannot be read."""
        self.found: dict[str, Done] = {}
        whole = 0
        for done, length in _read(path):
            self.found[done.digest] = done
            whole += length
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("ab")
        self._file.truncate(whole)

    def add(self, done: Done) -> None:
        self._file.write(msgspec.json.encode(done) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _read(path: Path) -> Iterator[tuple[Done, int]]:
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    for number, line in enumerate(lines, start=1):
        if not line.endswith(b"\n"):
            return
        try:
            yield msgspec.json.decode(line, type=Done), len(line)
        except (msgspec.DecodeError, msgspec.ValidationError) as problem:
            raise SetupError(f"{path}, line {number}: {problem}. Remove that line.") from None


async def work_off(
    questions: Sequence[Row],
    solve: Callable[[Row], Awaitable[Done]],
    *,
    out: Path,
    at_once: int,
    count: Callable[[Done], None] = lambda _: None,
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Writes the rows to ``out``, its journal beside it. ``count`` gets what is done, earlier runs' first.

    Raises the SetupError of a question; what was done until then is written. Questions that are equal are
    asked once. Once it does not go on, no further one is begun.
    """
    wanted = {row.digest: row for row in questions}
    journal = await asyncio.to_thread(Journal, out.with_name(out.name + ".journal"))
    done = {digest: it for digest, it in journal.found.items() if digest in wanted}
    for earlier in done.values():
        count(earlier)
    waiting = iter([row for digest, row in wanted.items() if digest not in done])

    async def work() -> None:
        while goes_on() and (row := next(waiting, None)) is not None:
            finished = await solve(row)
            await asyncio.to_thread(journal.add, finished)
            done[finished.digest] = finished
            count(finished)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_once, len(wanted))):
                group.create_task(work())
    except* SetupError as problems:
        raise _first(problems) from None
    finally:
        journal.close()
        rows = [row for digest in wanted if digest in done for row in done[digest].rows]
        await asyncio.to_thread(write_rows, out, rows)


def _first(problems: ExceptionGroup[SetupError]) -> SetupError:
    first = problems.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
