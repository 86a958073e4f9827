"""Answers scored and summed up. Pure: rows and texts in, a table out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from thinkwell.reasoning.splitters import USUAL_TAGS
from thinkwell.training.evaluation.wilson import wilson
from thinkwell.training.rows import Row
from thinkwell.training.verifiers import extract, verify


class Answered(msgspec.Struct, frozen=True):
    """``tokens`` were written for it. ``whole``: it ended by itself."""

    row: Row
    text: str
    tokens: int
    whole: bool


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """``strict``: the whole answer after one closed thought, or without any, is right; ``lenient``: what can
    be found in it is. Both from 0 to 1. ``form``: one closed thought and an answer. ``question``: its row's
    digest."""

    question: str
    strict: float
    lenient: float
    form: bool
    tokens: int
    whole: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Of one group of ``count`` questions, each with ``samples`` answers. ``strict``: the share of answers
    that are right (pass@1). ``low``, ``high``: its interval, as if each question were asked once, since the
    answers to one are alike. ``once``: the share of questions with a right answer among all of theirs.
    ``per_solved``: tokens written for each that was solved, 0 where none was."""

    name: str
    count: int
    samples: float
    strict: float
    low: float
    high: float
    once: float
    lenient: float
    form: float
    cut: float
    tokens: float
    per_solved: float


def score(answered: Answered) -> Score:
    row = answered.row
    thinks = USUAL_TAGS.open in answered.text or USUAL_TAGS.close in answered.text
    found = extract(answered.text, strict=False)
    # Without any thought the whole is the answer; one that is not in form has none.
    said = found.answer if found.formed or not thinks else ""
    strict = verify(row.verifier, row.answer, said, row.entry) if said else 0.0
    loose = verify(row.verifier, row.answer, found.answer, row.entry, lenient=True) if found.answer else 0.0
    return Score(
        question=row.digest,
        strict=strict,
        lenient=max(strict, loose),
        form=found.formed,
        tokens=answered.tokens,
        whole=answered.whole,
    )


def line_of(name: str, scores: Sequence[Score]) -> Line:
    count = len(scores)
    right = sum(one.strict for one in scores)
    best: dict[str, float] = {}
    for one in scores:
        best[one.question] = max(one.strict, best.get(one.question, 0.0))
    low, high = wilson(right / count * len(best), len(best))
    written = sum(one.tokens for one in scores)
    return Line(
        name=name,
        count=len(best),
        samples=count / len(best),
        strict=right / count,
        low=low,
        high=high,
        once=sum(best.values()) / len(best),
        lenient=sum(one.lenient for one in scores) / count,
        form=sum(one.form for one in scores) / count,
        cut=sum(not one.whole for one in scores) / count,
        tokens=written / count,
        per_solved=written / right if right else 0.0,
    )


def table(answers: Iterable[Answered]) -> list[Line]:
    """All together, then each task; of a task with several levels or languages also those."""
    groups: dict[str, list[Score]] = {}
    within: dict[str, set[str]] = {}
    for answered in answers:
        row, each = answered.row, score(answered)
        parts = (f"{row.task}, level {row.level}", f"{row.task}, {row.language}")
        for name in ("all", row.task, *parts):
            groups.setdefault(name, []).append(each)
        within.setdefault(row.task, set()).update(parts)
    told = {"all", *within}
    for task, parts_of_task in within.items():
        told |= {part for part in parts_of_task if len(groups[part]) < len(groups[task])}
    names = sorted(told, key=lambda name: (name != "all", name))
    return [line_of(name, groups[name]) for name in names]


HEAD = ("set", "n", "right", "95 %", "leniently", "in form", "cut off", "tokens", "tokens a solved one")


def written(lines: Sequence[Line]) -> str:
    """As Markdown. Where questions were answered several times, also how many were right at least once."""
    several = any(one.samples > 1 for one in lines)
    rows = []
    for one in lines:
        row = [
            one.name,
            str(one.count),
            f"{100 * one.strict:.1f} %",
            f"{100 * one.low:.1f}-{100 * one.high:.1f}",
            f"{100 * one.lenient:.1f} %",
            f"{100 * one.form:.0f} %",
            f"{100 * one.cut:.1f} %",
            f"{one.tokens:.0f}",
            f"{one.per_solved:.0f}",
        ]
        rows.append([*row, f"{100 * one.once:.1f} %"] if several else row)
    head = [*HEAD, f"once in {lines[0].samples:g}"] if several else list(HEAD)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["-"] * len(head), *rows))
