"""A run: one small TOML file. Frozen values, each with its unit and why it has its default; no torch."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.data.parts import DataRecipe
from thinkwell.training.rewards import RewardSettings

Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All parts of a run's file: a name that is not known is refused, with the names that are."""


class LoraShape(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``alpha / rank`` scales what the adapter adds. ``sites``: names of linear layers."""

    rank: Count = 16
    alpha: Positive = 32.0
    sites: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class SftConfig(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``batch_tokens`` of one step, padding included: on a CPU small steps learn more from the same tokens
    (docs/log.md, 2026-11-28), on a GPU large ones are quicker.

    ``steps``, or ``epochs`` over the data, or ``minutes``: what is said first holds; minutes become steps by
    a measurement at the start, which is kept, so that a run that is resumed is the same run. ``rate``: the
    learning rate's highest, after ``warmup`` of the steps; it falls by a cosine to a tenth. ``longest``: rows
    with more tokens are left out."""

    batch_tokens: Count = 1024
    steps: Count | None = None
    epochs: Positive | None = None
    minutes: Positive | None = None
    rate: Positive = 1e-3
    warmup: Share = 0.03
    clip: Positive = 1.0
    longest: Count = 768


class GrpoConfig(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step samples ``group`` answers to each of ``prompts`` questions: of all, or ``only`` of these tasks
    or levels of them ("chain_sum:3").

    ``learn_from``: so many answers of each group, those whose rewards are furthest apart; None: all.
    ``rate`` is reached after ``warmup`` steps: Adam's first ones move every weight by the whole of it,
    whatever the gradient, which costs a small model half of what it can.

    ``clip_low``, ``clip_high``: DAPO's, arXiv 2503.14476, eq. 8. ``correction``: the highest weight of a
    token by which the sampler's and the learner's probabilities differ. ``beta``: weight of the distance
    from where the run began; 0 leaves it out. ``refills``: how often groups that teach nothing, since all
    their answers score the same, are replaced by others. ``overlong``: an answer that was cut off is
    ``masked`` (teaches nothing) or ``punished`` (its score is what it is).
    """

    steps: Count = 100
    prompts: Count = 16
    only: tuple[str, ...] = ()
    group: Annotated[int, msgspec.Meta(ge=2)] = 8
    tokens: Count = 256
    temperature: Positive = 1.0
    rate: Positive = 1e-4
    warmup: Count = 5
    clip: Positive = 1.0
    learn_from: Annotated[int, msgspec.Meta(ge=2)] | None = None
    clip_low: Share = 0.2
    clip_high: Positive = 0.28
    correction: Positive = 2.0
    beta: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    epochs: Count = 1
    batch_tokens: Count = 8192
    refills: Annotated[int, msgspec.Meta(ge=0)] = 3
    overlong: Literal["masked", "punished"] = "masked"
    sampler: Literal["engine", "torch"] = "torch"
    rewards: RewardSettings = RewardSettings()


class CostConfig(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an hour of this machine costs, and the power that it takes where no meter can be read."""

    per_hour: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    currency: str = "EUR"
    watts: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class RunConfig(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``base``: a name of the catalogue, a .gguf file, or a folder of transformers. ``precision``: of the
    base while it is trained (the adapter is always kept in 32 bits). A checkpoint is written every
    ``checkpoint_s`` seconds: what a crash costs at most. ``title``, ``about``, ``licence``: of the adapter,
    for its card."""

    name: str
    title: str = ""
    about: str = ""
    licence: str = ""
    seed: int = 1
    base: str = "smollm2-135m-instruct"
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    threads: Annotated[int, msgspec.Meta(ge=0)] = 0
    checkpoint_s: Annotated[float, msgspec.Meta(ge=0, le=120)] = 120.0
    data: DataRecipe = DataRecipe(parts=())
    lora: LoraShape = LoraShape()
    sft: SftConfig = SftConfig()
    grpo: GrpoConfig = GrpoConfig()
    cost: CostConfig = CostConfig()


def read_config(path: Path) -> RunConfig:
    """Raises SetupError with the place and the reason."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(found, RunConfig)
    except OSError as problem:
        raise SetupError(f"The run {path} cannot be read: {problem.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as problem:
        raise SetupError(f"The run {path} is not as it should be: {problem}.") from None
