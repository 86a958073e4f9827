"""The operators' shapes of training runs. Made to be plotted: times are milliseconds since 1970, money whole
millionths of the currency, and a curve stands in columns of equal length, at most 400 of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from thinkwell.models.metrics import Stage
from thinkwell.models.runs import Evaluation, Line, Problem, Run, Talk

MICROS = 1_000_000
NS_MS = 1_000_000
MOST_MICROS = 10**15
MOST_TEXT = 200
MOST_LINES = 500


class StageRow(msgspec.Struct, frozen=True, kw_only=True):
    """``done`` of ``steps``, 0 where it is not known how many there will be. ``tokens_per_s`` null: nothing
    was measured."""

    name: str
    done: int
    steps: int
    tokens: int
    seconds: float
    tokens_per_s: float | None


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    why: Problem


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is its folder's. ``spend`` null: no price was named. ``written_at`` 0: nothing was."""

    name: str
    title: str
    base: str
    stages: list[StageRow]
    written_at: int
    tokens: int
    seconds: float
    spend: int | None
    currency: str


class CurveShown(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run has many steps a value is the mean of those up to its step."""

    name: str
    step: list[int]
    value: list[float]


class StageShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    curves: list[CurveShown]


class EvaluationShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    settings: dict[str, str]
    table: list[Line]


class DataShown(msgspec.Struct, frozen=True, kw_only=True):
    rows: int
    tokens: int
    held_out: int
    hash: str


class RunShown(msgspec.Struct, frozen=True, kw_only=True):
    """``behind``: the metrics are long, and not all of them were read yet. ``unread_lines`` of them are none.
    ``unread`` are the files that could not be read."""

    run: RunRow
    stages: list[StageShown]
    data: DataShown | None
    evaluations: list[EvaluationShown]
    talk: list[Talk]
    behind: bool
    unread_lines: int
    unread: list[Unread]


class OperatorTraining(msgspec.Struct, frozen=True, kw_only=True):
    """``folders``: where runs are looked for."""

    folders: list[str]
    items: list[RunRow]


def run_row(run: Run) -> RunRow:
    told = run.told
    seconds = sum(stage.seconds for stage in run.stages)
    spend = seconds / 3600 * told.cost.per_hour * MICROS
    known = told.cost.per_hour > 0 and math.isfinite(spend) and spend < MOST_MICROS
    return RunRow(
        name=run.name,
        title=_text(told.title or told.name),
        base=_text(told.base),
        stages=[
            StageRow(
                name=stage.name,
                done=stage.done,
                steps=stage.steps,
                tokens=round(stage.tokens),
                seconds=round(stage.seconds, 3),
                tokens_per_s=None if stage.speed is None else round(stage.speed, 1),
            )
            for stage in run.stages
        ],
        written_at=run.written_ns // NS_MS,
        tokens=round(sum(stage.tokens for stage in run.stages)),
        seconds=round(seconds, 3),
        spend=round(spend) if known else None,
        currency=told.cost.currency[:3],
    )


def run_shown(run: Run) -> RunShown:
    data = run.data
    talk = [msgspec.structs.replace(line, name=_text(line.name)) for line in run.talk[:MOST_LINES]]
    evaluations = [_evaluation(name, found) for name, found in run.evaluations.items()]
    # The row last: it says when the run was written, and to that all of its files belong.
    return RunShown(
        run=run_row(run),
        stages=[_stage(stage) for stage in run.stages],
        data=None
        if data is None
        else DataShown(
            rows=round(data.train.rows),
            tokens=round(data.train.tokens),
            held_out=round(data.evaluation.rows),
            hash=_text(data.hash),
        ),
        evaluations=evaluations,
        talk=talk,
        behind=run.metrics.behind,
        unread_lines=run.metrics.unread,
        unread=[Unread(file=file, why=why) for file, why in sorted(run.problems.items())],
    )


def _stage(stage: Stage) -> StageShown:
    curves = [
        CurveShown(name=name, step=curve.at, value=[_short(value) for value in curve.values])
        for name, curve in stage.curves.items()
    ]
    return StageShown(name=stage.name, curves=curves)


def _evaluation(name: str, found: Evaluation) -> EvaluationShown:
    table = [msgspec.structs.replace(line, name=_text(line.name)) for line in found.table[:MOST_LINES]]
    return EvaluationShown(name=name, settings=_settings(found.settings), table=table)


def _settings(found: Mapping[str, Any]) -> dict[str, str]:
    plain = [(name, value) for name, value in found.items() if isinstance(value, str | int | float)]
    return {_text(name): _text(str(value)) for name, value in plain[:20]}


def _text(text: str) -> str:
    return text[:MOST_TEXT]


def _short(value: float) -> float:
    """Six digits that count: a plot shows no more."""
    return float(f"{value:.6g}")
