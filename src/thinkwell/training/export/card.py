"""The card of an adapter that a run made: how it speaks, where it is from, what an evaluation found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from thinkwell.models.adapter import AdapterCard
from thinkwell.models.card import TagsDialect
from thinkwell.reasoning.splitters import USUAL_TAGS
from thinkwell.training.config import RunConfig
from thinkwell.training.evaluation.scores import Line
from thinkwell.training.export.provenance import Provenance
from thinkwell.training.report import evaluations_of

# Room for what it was taught to write, half as much again: a thought that is longer has lost its way.
ROOM = 1.5


def origin_of(config: RunConfig, run: Path, base: str, digest: str) -> Provenance:
    """``digest``: sha256 of the base's file. What the run's data cannot say is left out."""
    data = _data(run)
    return Provenance(
        name=config.name,
        run=run.name,
        recipe=_recipe(config, run),
        base=base,
        base_digest=digest,
        licence=config.licence,
        data=config.name,
        data_digest=data.get("hash", ""),
        languages=tuple(data.get("train", {}).get("languages", {})),
    )


def card_of_run(config: RunConfig, run: Path, origin: Provenance) -> AdapterCard:
    provenance: dict[str, Any] = {
        "base": origin.base,
        "base_sha256": origin.base_digest,
        "data_sha256": origin.data_digest,
        "run": origin.run,
        "recipe": origin.recipe,
        "licence": origin.licence,
        "seed": config.seed,
    }
    if found := evaluations_of(run):
        # All, and each task; levels and languages of one are in the run's report.
        provenance["evaluation"] = {
            name: [_told(line) for line in one.table if ", " not in line.name] for name, one in found.items()
        }
    return AdapterCard(
        title=config.title or None,
        about=config.about or None,
        licence=config.licence or None,
        dialect=TagsDialect(open=USUAL_TAGS.open, close=USUAL_TAGS.close),
        thought_tokens=int(config.sft.longest * ROOM),
        provenance={name: value for name, value in provenance.items() if value != ""},
    )


def _told(line: Line) -> str:
    right = f"{100 * line.strict:.1f} % of {line.count} right"
    between = f"95 %: {100 * line.low:.1f} to {100 * line.high:.1f}"
    return f"{line.name}: {right} ({between}), {line.tokens:.0f} tokens"


def _recipe(config: RunConfig, run: Path) -> str:
    shape = f"LoRA of rank {config.lora.rank}, alpha {config.lora.alpha:g}"
    stages = [name for name in ("sft", "grpo") if (run / name).is_dir()]
    return f"{shape}; {', then '.join(stages)}; thinkwell train"


def _data(run: Path) -> dict[str, Any]:
    path = run / "data" / "data.json"
    found: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    return found
