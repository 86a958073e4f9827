"""The data set of a run, from its parts to its files. The only module that calls the steps.

    evaluation first: held out by hash, of every part; then what may never be met in training is known
    gather      each part's rows                            gather.py
    sieve       doubles, held out, leaks, too long          sieve.py (doubles.py, heldout.py, sizes.py)
    mix         general talk to its share, the order        mix.py
    count       statistics                                  statistics.py
    write       train.jsonl, eval.jsonl, data.json, report.md

The same recipe, seed and files give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import put
from thinkwell.training.data import gather, mix
from thinkwell.training.data.doubles import Doubles
from thinkwell.training.data.heldout import Kept
from thinkwell.training.data.parts import ChatPart, DataPart, DataRecipe, TaskPart, check
from thinkwell.training.data.report import report_of
from thinkwell.training.data.sieve import Sieve, Tally
from thinkwell.training.data.sizes import Count, Sized, Sizes
from thinkwell.training.data.statistics import Statistics, counted
from thinkwell.training.rows import Row, read_rows, write_rows
from thinkwell.training.tasks import TASKS, Task

# A question that shares so much of its runs of eight words with evaluation questions is shown: one word
# changed in a sentence of twenty leaves somewhat less than half of them.
OVERLAP, SHOWN = 0.3, 5


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in data.json. ``hash`` is of train.jsonl and eval.jsonl."""

    hash: str
    recipe: DataRecipe
    train: Statistics
    evaluation: Statistics
    tallies: list[Tally]
    warnings: list[str]


class _Parts:
    """The parts with their rows at hand: files are read once."""

    def __init__(
        self, recipe: DataRecipe, base: Path, tasks: Mapping[str, Task], told: Callable[[str], None]
    ) -> None:
        check(recipe)
        self.recipe = recipe
        self.learned = [part for part in recipe.parts if not isinstance(part, ChatPart)]
        self.chat = next((part for part in recipe.parts if isinstance(part, ChatPart)), None)
        self.made = {
            number: gather.TaskRows(part, number, recipe, tasks, told)
            for number, part in enumerate(self.learned)
            if isinstance(part, TaskPart)
        }
        self.stored = {
            number: gather.stored(part, recipe, base)
            for number, part in enumerate(self.learned)
            if not isinstance(part, TaskPart)
        }
        self.talk = [] if self.chat is None else list(read_rows(gather.path_of(self.chat.path, base)))
        if self.chat is not None and any(row.source != "chat" for row in self.talk):
            raise SetupError(
                f"{self.chat.path} holds a row whose source is not chat: a part of kind chat is for talk "
                "alone. Name that file in a part of kind file."
            )
        files = [gather.path_of(path, base) for path in recipe.evaluation_files]
        self.others = [row for path in files for row in read_rows(path)]

    def evaluation(self) -> list[Row]:
        doubles, rows = Doubles(), list[Row]()
        for number in range(len(self.learned)):
            made = self.made.get(number)
            found = made.evaluation() if made else gather.stored_evaluation(self.stored[number], self.recipe)
            for row in found:
                if doubles.why_not(row) is None:
                    doubles.add(row)
                    rows.append(row)
        return rows


def build(
    recipe: DataRecipe,
    folder: Path,
    *,
    base: Path,
    count: Count,
    tasks: Mapping[str, Task] = TASKS,
    told: Callable[[str], None] = lambda _: None,
) -> Built:
    """Writes ``folder``/data. Paths in ``recipe`` are looked for in ``base``; ``count`` counts tokens.
    ``told`` gets what is being made, for a person who waits.

    Raises SetupError for what cannot be meant or read, and where nothing is left to learn from.
    """
    parts = _Parts(recipe, base, tasks, told)
    evaluation = parts.evaluation()
    sizes = Sizes(count)
    kept = Kept([*evaluation, *parts.others])
    sieve = Sieve(recipe, kept, sizes)
    tallies: list[Tally] = []
    warnings: list[str] = []
    learned: list[Sized] = []
    for number, part in enumerate(parts.learned):
        tally = Tally(name=name_of(part))
        if made := parts.made.get(number):
            rows = list(made.training(sieve, tally))
        else:
            rows = _sifted(parts.stored[number], sieve, tally)
            warnings += _overlaps(rows, kept, tally.name)
        learned += rows
        tallies.append(tally)
    if not learned:
        raise SetupError("Nothing is left to learn from. " + " ".join(_said(tally) for tally in tallies))
    chat = _talk(parts, sieve, learned, tallies, warnings)
    train = mix.mixed(chat, learned, recipe.order, recipe.seed)
    held = [sizes.of(row) for row in evaluation]
    return _written(folder / "data", recipe, train, held, (tallies, warnings))


def _sifted(rows: list[Row], sieve: Sieve, tally: Tally) -> list[Sized]:
    taken = (sieve.take(row, tally) for row in rows)
    return [sized for sized in taken if sized is not None]


def _talk(
    parts: _Parts, sieve: Sieve, learned: list[Sized], tallies: list[Tally], warnings: list[str]
) -> list[Sized]:
    part = parts.chat
    if part is None:
        warnings.append(
            "No general talk is mixed in: the model will forget how to talk. Add a part of kind chat."
        )
        return []
    tally = Tally(name=name_of(part))
    tallies.append(tally)
    talk = _sifted(parts.talk, sieve, tally)
    chat = mix.chosen_chat(talk, learned, share=part.share, by=part.by, repeats=part.repeats)
    if (used := len({sized.row.digest for sized in chat})) < len(talk):
        tally.dropped["more talk than its share"] += len(talk) - used
        tally.taken = used
    share = mix.share_of(chat, learned, part.by)
    if share < part.share * 0.9:
        warnings.append(
            f"General talk is {share:.1%} of the {part.by}, less than the {part.share:.0%} asked for: "
            f"{part.path} has {len(talk)} rows that serve. Have more of it answered, or raise repeats."
        )
    return chat


def _overlaps(rows: list[Sized], kept: Kept, name: str) -> list[str]:
    """For a person to look at: nothing is left out for it, since templates overlap by nature."""
    near = [sized.row for sized in rows if kept.overlap(sized.row) >= OVERLAP]
    if not near:
        return []
    shown = "; ".join(f"{row.prompt[:120]!r}" for row in near[:SHOWN])
    return [
        f"{name}: {len(near)} questions share a third of their runs of eight words with an evaluation "
        f"question. Look whether they ask the same: {shown}"
    ]


def name_of(part: DataPart) -> str:
    if isinstance(part, TaskPart):
        names = ", ".join(part.names)
        return f"task: {names if len(names) <= 60 else f'{len(part.names)} tasks from {part.names[0]} on'}"
    return f"{type(part).__struct_config__.tag}: {Path(part.path).name}"


def _said(tally: Tally) -> str:
    reasons = ", ".join(f"{number} {why}" for why, number in tally.dropped.most_common())
    return f"{tally.name}: {tally.seen} rows, {reasons or 'none'}."


def _written(
    folder: Path,
    recipe: DataRecipe,
    train: list[Sized],
    evaluation: list[Sized],
    told: tuple[list[Tally], list[str]],
) -> Built:
    digest = hashlib.sha256()
    for name, rows in (("train.jsonl", train), ("eval.jsonl", evaluation)):
        write_rows(folder / name, (sized.row for sized in rows))
        digest.update((folder / name).read_bytes())
    built = Built(
        hash=digest.hexdigest(),
        recipe=recipe,
        train=counted(train),
        evaluation=counted(evaluation),
        tallies=told[0],
        warnings=told[1],
    )
    put(folder / "data.json", msgspec.json.format(msgspec.json.encode(built, order="deterministic")) + b"\n")
    put(folder / "report.md", report_of(_plain(built)).encode())
    return built


def _plain(built: Built) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(built)
    return plain
