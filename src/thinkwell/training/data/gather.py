"""Rows of the parts of a data set, those for evaluation and those to learn from.

Knows how tasks are asked and files are read; the sieve decides what stays. What a task is asked for is
drawn from a generator of its own for each task, level and language: a part more changes no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.data.doubles import Doubles
from thinkwell.training.data.heldout import OF, is_held_out
from thinkwell.training.data.parts import DataRecipe, StoredPart, TaskPart
from thinkwell.training.data.sieve import Sieve, Tally
from thinkwell.training.data.sizes import Sized
from thinkwell.training.rows import Row, read_rows
from thinkwell.training.tasks import Task

# A task that makes so many rows in a row of which none is new has asked what it can ask.
NOTHING_NEW = 400


class Cell(msgspec.Struct, frozen=True):
    """One task at one level in one language."""

    task: Task
    level: int
    language: str

    @property
    def name(self) -> str:
        return f"{self.task.name}, level {self.level}, {self.language}"

    def rows(self, seed: int, use: str) -> Iterator[Row]:
        """Without end. ``use`` gives evaluation another stream than training."""
        random = Random(f"{seed}/{use}/{self.task.name}/{self.level}/{self.language}")
        while True:
            yield self.task.make(random, self.level, self.language)


def cells(part: TaskPart, tasks: Mapping[str, Task]) -> list[list[Cell]]:
    """For each task named, its cells. Raises SetupError for what no task has."""
    found: list[list[Cell]] = []
    for name in part.names:
        task = tasks.get(name)
        if task is None:
            known = ", ".join(sorted(tasks)) or "none"
            raise SetupError(f"There is no task {name!r}. Known: {known}.")
        levels = part.levels or tuple(range(task.levels))
        if too_high := [level for level in levels if level >= task.levels]:
            raise SetupError(f"Task {name} has levels 0 to {task.levels - 1}, not {too_high[0]}.")
        languages = [language for language in part.languages if language in task.languages]
        if not languages:
            raise SetupError(f"Task {name} asks in {', '.join(task.languages)} only.")
        found.append([Cell(task, level, language) for level in levels for language in languages])
    return found


def shared(count: int, among: int) -> list[int]:
    """``count`` in whole parts that differ by one at most."""
    return [count // among + (place < count % among) for place in range(among)]


def task_evaluation(part: TaskPart, recipe: DataRecipe, tasks: Mapping[str, Task]) -> Iterator[Row]:
    """Held-out rows, alike many of each level and language, fewer where there are no more."""
    for group in cells(part, tasks):
        for cell, wanted in zip(group, shared(recipe.evaluation, len(group)), strict=True):
            doubles = Doubles()
            stream = islice(cell.rows(recipe.seed, "evaluation"), wanted * 4 * OF // recipe.held_out)
            held = (row for row in stream if is_held_out(row, recipe.held_out))
            for row in islice((row for row in held if doubles.why_not(row) is None), wanted):
                doubles.add(row)
                yield row


def task_rows(
    part: TaskPart, recipe: DataRecipe, tasks: Mapping[str, Task], sieve: Sieve, tally: Tally
) -> Iterator[Sized]:
    for group in cells(part, tasks):
        for cell, wanted in zip(group, shared(part.count, len(group)), strict=True):
            taken = fruitless = 0
            stream = cell.rows(recipe.seed, "training")
            while taken < wanted and fruitless < NOTHING_NEW:
                sized = sieve.take(next(stream), tally)
                if sized is None:
                    fruitless += 1
                    continue
                taken, fruitless = taken + 1, 0
                yield sized
            if taken < wanted:
                tally.remarks.append(f"{cell.name}: {taken} of {wanted} rows; it found no more new ones.")


def stored(part: StoredPart, recipe: DataRecipe, base: Path) -> list[Row]:
    """Rows of a file: at most ``count``, drawn by the seed and left in their order."""
    rows = list(read_rows(path_of(part.path, base)))
    if not part.count or part.count >= len(rows):
        return rows
    chosen = Random(f"{recipe.seed}/file/{part.path}").sample(range(len(rows)), part.count)
    return [rows[place] for place in sorted(chosen)]


def stored_evaluation(rows: list[Row], recipe: DataRecipe) -> list[Row]:
    held = [row for row in rows if row.source != "chat" and is_held_out(row, recipe.held_out)]
    doubles, chosen = Doubles(), list[Row]()
    for row in held:
        if len(chosen) < recipe.evaluation and doubles.why_not(row) is None:
            doubles.add(row)
            chosen.append(row)
    return chosen


def path_of(path: str, base: Path) -> Path:
    return base / Path(path).expanduser()
