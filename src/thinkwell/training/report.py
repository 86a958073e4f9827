"""The report of a run: what it was told, what it learned from, how it went, what it can do, what it cost.

Read from the run's folder alone, at any time; Markdown, and its curves as one SVG file beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.config import RunConfig
from thinkwell.training.evaluation.scores import Line, written
from thinkwell.training.evaluation.talk import Talk, talk_table
from thinkwell.training.folder import RunFolder, read_locked
from thinkwell.training.spend import spend_of

Metrics = Sequence[dict[str, Any]]
NAMES = {"sft": "Fine-tuning", "grpo": "Reinforcement"}
# What is told of each stage, where it was measured: the curve's name, and how it is written.
CURVES = {
    "sft": (("loss", ".4f"),),
    "grpo": (
        ("reward", ".3f"),
        ("reward_correct", ".3f"),
        ("length", ".0f"),
        ("entropy", ".3f"),
        ("mismatch", ".5f"),
        ("distance", ".5f"),
    ),
}


class Evaluated(msgspec.Struct):
    """Of an ``eval-….json``, what a report needs."""

    settings: dict[str, Any]
    table: list[Line]


class Talked(msgspec.Struct):
    """Of ``talk.json``, likewise."""

    table: list[Talk]


def write_report(run: Path) -> Path:
    """Writes ``report.md`` and ``curves.svg``. Raises SetupError where no run was begun."""
    config = read_locked(run)
    stages: dict[str, list[dict[str, Any]]] = {}
    for line in RunFolder(run).metrics():
        stages.setdefault(line["stage"], []).append(line)
    parts = [f"# {config.name}\n", *_told(config), *_data(run)]
    for stage, metrics in stages.items():
        parts += _stage(stage, metrics)
    if stages:
        draw(stages, run / "curves.svg")
        parts.append("![Curves](curves.svg)\n")
    parts += _evaluations(run)
    seconds = sum(line["seconds"] for metrics in stages.values() for line in metrics)
    spend = spend_of(seconds, config.cost)
    parts.append("## Cost\n")
    parts.append(
        f"{spend.hours:.2f} hours of steps; {spend.money:.2f} {spend.currency} at {config.cost.per_hour:g} "
        f"an hour; {spend.kwh:.3f} kWh at {config.cost.watts:g} W, as declared.\n"
    )
    target = run / "report.md"
    target.write_text("\n".join(parts), "utf-8")
    return target


def _told(config: RunConfig) -> list[str]:
    return [
        f"Base `{config.base}`, seed {config.seed}, adapter of rank {config.lora.rank} (alpha "
        f"{config.lora.alpha:g}) on {', '.join(config.lora.sites)}. All that it was told is in `run.json`.\n"
    ]


def _data(run: Path) -> list[str]:
    path = run / "data" / "data.json"
    if not path.exists():
        return []
    found = msgspec.json.decode(path.read_bytes())
    return [
        "## Data\n",
        f"{found['train']['rows']} rows of {found['train']['tokens']} tokens, {found['evaluation']['rows']} "
        f"held out; hash `{found['hash'][:16]}`. What was left out, and why, is in `data/report.md`.\n",
    ]


def _stage(stage: str, metrics: Metrics) -> list[str]:
    tokens, seconds = (sum(line[name] for line in metrics) for name in ("tokens", "seconds"))
    steps = metrics[-1]["steps"]
    text = [
        f"## {NAMES[stage]}\n",
        f"{len(metrics)} of {steps} steps, {tokens} tokens, {tokens / seconds:.0f} tokens/s.\n",
        "| | the first tenth | the last tenth |\n|-|-:|-:|",
    ]
    for name, form in CURVES[stage]:
        values = [line[name] for line in metrics if name in line]
        if values:
            few = max(1, len(values) // 10)
            first, last = sum(values[:few]) / few, sum(values[-few:]) / few
            text.append(f"| {name.replace('_', ' ')} | {first:{form}} | {last:{form}} |")
    if stage == "grpo":
        groups, taught = (sum(line[name] for line in metrics) for name in ("groups", "taught"))
        text.append(f"\n{taught} of {groups} groups had answers of differing reward, and taught something.")
    return [*text, ""]


def evaluations_of(run: Path) -> dict[str, Evaluated]:
    """By what was evaluated and how it was asked."""
    return {
        path.stem.removeprefix("eval-"): msgspec.json.decode(path.read_bytes(), type=Evaluated)
        for path in sorted(run.glob("eval-*.json"))
    }


def _evaluations(run: Path) -> list[str]:
    text = []
    for name, found in evaluations_of(run).items():
        settings = ", ".join(f"{name} {value}" for name, value in found.settings.items())
        text += [f"## Evaluation: {name}\n", f"{settings}.\n", written(found.table)]
    if (talk := run / "talk.json").exists():
        text += ["## General talk\n", talk_table(msgspec.json.decode(talk.read_bytes(), type=Talked).table)]
    return text


def draw(stages: dict[str, list[dict[str, Any]]], target: Path) -> None:
    """A row a stage, a picture a curve, over the steps; the same bytes for the same figures.

    Raises SetupError without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SetupError("Curves need matplotlib; install it with: pip install 'thinkwell[train]'.") from None
    from matplotlib import rc_context

    drawn = {
        stage: [(name, points) for name, _ in CURVES[stage] if (points := _points(metrics, name))]
        for stage, metrics in stages.items()
    }
    wide = max(len(curves) for curves in drawn.values())
    with rc_context({"svg.hashsalt": "thinkwell", "svg.fonttype": "none", "font.size": 8}):
        figure = Figure(figsize=(3.2 * wide, 2.2 * len(drawn)), layout="constrained")
        axes = figure.subplots(len(drawn), wide, squeeze=False)
        for row, (stage, curves) in enumerate(drawn.items()):
            for column in range(wide):
                place = axes[row][column]
                if column >= len(curves):
                    place.axis("off")
                    continue
                name, points = curves[column]
                place.plot(*zip(*points, strict=True), color="#2f7fc1", linewidth=1)
                place.set_title(f"{NAMES[stage]}: {name.replace('_', ' ')}")
        figure.savefig(target, format="svg", metadata={"Date": None})


def _points(metrics: Metrics, name: str) -> list[tuple[int, float]]:
    return [(line["step"], line[name]) for line in metrics if name in line]
