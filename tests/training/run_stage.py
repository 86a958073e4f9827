"""A small run of both stages in a process of its own, so that a test may kill it: a line is printed a step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from tests.training.learners import tiny_learner

from thinkwell.training.config import GrpoConfig, RunConfig, SftConfig
from thinkwell.training.folder import RunFolder
from thinkwell.training.rewards import RewardSettings
from thinkwell.training.rows import Row
from thinkwell.training.samples import Sampler
from thinkwell.training.template import encoded
from thinkwell.training.torch.grpo import reinforce
from thinkwell.training.torch.sampler import TorchSampler
from thinkwell.training.torch.sft import fine_tune

ROWS = [
    Row(prompt=f"{a}+{b}", answer=str(a + b), verifier="int", trace=f"{a}")
    for a in range(5)
    for b in range(5)
]
STEPS = 10


def vowels(prompts: Any, completions: Any, **_: Any) -> list[float]:
    """A reward that even a random model can get."""
    return [float(sum(letter in "aeiou" for letter in text)) for text in completions]


def plan() -> RunConfig:
    rewards = RewardSettings(weights={"python:tests.training.run_stage.vowels": 1.0})
    return RunConfig(
        name="tiny",
        checkpoint_s=0.0,
        sft=SftConfig(batch_tokens=200, steps=STEPS, rate=0.01),
        grpo=GrpoConfig(
            steps=STEPS,
            prompts=3,
            group=4,
            learn_from=3,
            tokens=12,
            rate=0.01,
            rewards=rewards,
            overlong="punished",
            beta=0.01,
        ),
    )


def run(model: Path, path: Path) -> None:
    torch.set_num_threads(1)
    folder, config = RunFolder(path), plan()
    folder.begin(config)
    learner = tiny_learner(model)

    def told(line: dict[str, Any]) -> None:
        print(line["stage"], line["step"], flush=True)

    fine_tune(config, folder, learner, [encoded(learner.tokenizer, row) for row in ROWS], told)
    sampler: Sampler = TorchSampler(learner)
    reinforce(config, folder, learner, ROWS, lambda: sampler, told)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
