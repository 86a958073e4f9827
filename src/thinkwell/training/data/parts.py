"""What a data set is made of, as a person writes it down in a run's TOML. Knows no rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from thinkwell.errors import SetupError

Order = Literal["mixed", "easy_first"]


class TaskPart(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="task", tag_field="kind"
):
    """Rows that a task makes. ``count`` rows of each task named (alike many of every level and language).

    ``levels``: none named means all that the task has. Of ``languages``, those that the task can ask in.
    """

    names: tuple[str, ...]
    count: int
    levels: tuple[int, ...] = ()
    languages: tuple[str, ...] = ("en", "fr")


class FilePart(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="file", tag_field="kind"
):
    """One's own JSON Lines. ``count``: at most so many, drawn by the seed; 0: all. A path that is not
    absolute is looked for beside the run's TOML."""

    path: str
    count: int = 0


class TeacherPart(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="teacher", tag_field="kind"
):
    """What ``thinkwell train distill`` wrote."""

    path: str = "teacher.jsonl"
    count: int = 0


class SitePart(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="site", tag_field="kind"
):
    """Conversations of the site's own people who said yes, as exported last."""

    path: str = "site.jsonl"
    count: int = 0


class ChatPart(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="chat", tag_field="kind"
):
    """General talk, answered by the base model itself. ``share`` of the whole, by tokens or by rows; where
    there is too little, each row may stand in the set ``repeats`` times. Where the file is not there, the
    base is asked for it: ``prompts`` of them (0: all that there are) in ``languages``."""

    path: str = "chat.jsonl"
    prompts: int = 0
    languages: tuple[str, ...] = ("en", "fr")
    share: float = 0.25
    by: Literal["tokens", "rows"] = "tokens"
    repeats: int = 2


DataPart = TaskPart | FilePart | TeacherPart | SitePart | ChatPart
StoredPart = FilePart | TeacherPart | SitePart


class DataRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``held_out`` of 1,000 questions are kept for evaluation, chosen by hash; of them ``evaluation`` rows a
    task are written (alike many of every level and language), and likewise so many of each file. Rows of
    ``evaluation_files`` are kept out of training wholly.

    ``max_tokens``: of question, thought and answer. ``needs_trace``: leave out rows that nobody wrote a
    thought for; they teach nothing by example, but serve rewards.
    """

    parts: tuple[DataPart, ...]
    seed: int = 1
    held_out: int = 20
    evaluation: int = 100
    evaluation_files: tuple[str, ...] = ()
    max_tokens: int = 1024
    needs_trace: bool = True
    order: Order = "mixed"


def check(recipe: DataRecipe) -> None:
    """Raises SetupError with the first thing that cannot be meant."""
    for problem in _problems(recipe):
        raise SetupError(problem)


def _problems(recipe: DataRecipe) -> Iterator[str]:
    if not any(not isinstance(part, ChatPart) for part in recipe.parts):
        yield "The data has no part to learn from: add one of kind task, file, teacher or site."
    if sum(isinstance(part, ChatPart) for part in recipe.parts) > 1:
        yield "The data has more than one part of kind chat: one share can hold only once."
    if not 1 <= recipe.held_out <= 500:
        yield "held_out is in thousandths: from 1 to 500, so that something is left to learn from."
    if recipe.evaluation < 0:
        yield "evaluation, the rows kept for it, cannot be negative."
    if recipe.max_tokens < 16:
        yield "max_tokens is too small for any row: at least 16."
    for number, part in enumerate(recipe.parts, start=1):
        where = f"Data part {number} ({type(part).__struct_config__.tag})"
        yield from (f"{where}: {problem}" for problem in _of_part(part))


def _of_part(part: DataPart) -> Iterator[str]:
    if isinstance(part, TaskPart):
        yield from _of_task(part)
        return
    if not part.path.strip():
        yield "path is empty."
    if isinstance(part, ChatPart):
        if not 0 < part.share < 0.9:
            yield "share has to be above 0 and below 0.9; 0.2 to 0.3 keeps a model's talk."
        if part.repeats < 1:
            yield "repeats has to be at least 1."
        if part.prompts < 0:
            yield "prompts cannot be negative; 0 means all."
    elif part.count < 0:
        yield "count cannot be negative; 0 means all."


def _of_task(part: TaskPart) -> Iterator[str]:
    if not part.names:
        yield "names is empty; name a task, or several."
    if part.count < 1:
        yield "count has to be at least 1."
    if not part.languages:
        yield "languages is empty; name one that the task can ask in."
    if any(level < 0 for level in part.levels):
        yield "levels begin at 0."
