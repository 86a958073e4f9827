"""Rows of the parts of a data set, those for evaluation and those to learn from.

Knows how tasks are asked and files are read; the sieve decides what stays. What a task is asked for is
drawn from a generator of its own for each part, task, level and language: a further part changes no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
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

    def rows(self, seed: str) -> Iterator[Row]:
        """Without end."""
        random = Random(f"{seed}/{self.task.name}/{self.level}/{self.language}")
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


class _Asked:
    """One cell's rows in the order in which they are made: first those held out, then the others.

    Of fifty rows about one is held out. Those made on the way to it are kept for training, as far as they
    are wanted there: some tasks take milliseconds for a row.
    """

    def __init__(self, cell: Cell, seed: str, wanted: tuple[int, int]) -> None:
        self.cell = cell
        self.evaluated, self.trained = wanted
        self._rows = cell.rows(seed)
        self._passed: list[Row] = []

    def held_out(self, share: int) -> Iterator[Row]:
        """As many as are wanted, fewer where there are no more."""
        doubles = Doubles()
        wanted = self.evaluated
        for row in islice(self._rows, wanted * 4 * OF // share):
            if not is_held_out(row, share):
                if len(self._passed) < self.trained * 2:
                    self._passed.append(row)
            elif doubles.why_not(row) is None:
                doubles.add(row)
                wanted -= 1
                yield row
            if not wanted:
                return

    def others(self) -> Iterator[Row]:
        passed, self._passed = self._passed, []
        return chain(passed, self._rows)


class TaskRows:
    """What the tasks of one part make. ``told`` gets the name of each cell before it is worked on.

    Evaluation has to be drawn before training.
    """

    def __init__(
        self,
        part: TaskPart,
        number: int,
        recipe: DataRecipe,
        tasks: Mapping[str, Task],
        told: Callable[[str], None],
    ) -> None:
        self._told = told
        self._share = recipe.held_out
        self._asked = [
            _Asked(cell, f"{recipe.seed}/{number}", wanted)
            for group in cells(part, tasks)
            for cell, wanted in zip(
                group,
                zip(shared(recipe.evaluation, len(group)), shared(part.count, len(group)), strict=True),
                strict=True,
            )
        ]

    def evaluation(self) -> Iterator[Row]:
        """Alike many of each level and language."""
        for asked in self._asked:
            self._told(f"held out: {asked.cell.name}")
            yield from asked.held_out(self._share)

    def training(self, sieve: Sieve, tally: Tally) -> Iterator[Sized]:
        for asked in self._asked:
            self._told(asked.cell.name)
            taken = fruitless = 0
            rows = asked.others()
            while taken < asked.trained and fruitless < NOTHING_NEW:
                sized = sieve.take(next(rows), tally)
                if sized is None:
                    fruitless += 1
                    continue
                taken, fruitless = taken + 1, 0
                yield sized
            if taken < asked.trained:
                tally.remarks.append(
                    f"{asked.cell.name}: {taken} of {asked.trained} rows; it found no more new ones."
                )


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
