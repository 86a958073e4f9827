"""What this machine can do: measured on the model that a run would train, in half a minute."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import torch

from thinkwell.training.batches import Encoded
from thinkwell.training.config import RunConfig
from thinkwell.training.samples import Asked
from thinkwell.training.torch.model import Learner, precision
from thinkwell.training.torch.sampler import TorchSampler
from thinkwell.training.torch.sft import optimizer_of, step_on

ROUNDS = 5
LENGTH, ASKED = 128, 48  # tokens of a row, and of its question: about those of our tasks
SAMPLED = 64  # tokens of each answer that is drawn


class Found(msgspec.Struct, frozen=True):
    """Memory and disk in bytes; speeds in tokens a second, the median of several rounds and the best."""

    device: str
    threads: int
    bf16: bool
    memory: int
    free: int
    parameters: int
    trained: int
    training: tuple[float, float]
    sampling: tuple[float, float]


def examine(config: RunConfig, learner: Learner, folder: Path) -> Found:
    """``folder``: where the run is to be. The adapter is trained on noise: throw the learner away."""
    device = learner.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    memory = (
        torch.cuda.get_device_properties(device).total_memory
        if device.type == "cuda"
        else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    )
    return Found(
        device=name,
        threads=torch.get_num_threads(),
        bf16=precision("auto", device) == torch.bfloat16,
        memory=memory,
        free=shutil.disk_usage(folder).free,
        parameters=sum(part.numel() for part in learner.model.parameters()),
        trained=sum(part.numel() for part in learner.parameters()),
        sampling=_sampling(learner, config),
        training=_training(learner, config),
    )


def _training(learner: Learner, config: RunConfig) -> tuple[float, float]:
    random = Random(1)
    words = learner.model.config.vocab_size
    count = max(1, config.sft.batch_tokens // LENGTH)
    rows = [Encoded([random.randrange(words) for _ in range(LENGTH)], ASKED) for _ in range(count)]
    optimizer = optimizer_of(learner, 1e-6)

    def once() -> int:
        step_on(learner, rows, optimizer, 1.0)
        return count * LENGTH

    return _speeds(once)


def _sampling(learner: Learner, config: RunConfig) -> tuple[float, float]:
    random, plan = Random(1), config.grpo
    words = learner.model.config.vocab_size
    prompts = [[random.randrange(words) for _ in range(ASKED)] for _ in range(plan.prompts)]
    sampler = TorchSampler(learner)

    def once() -> int:
        found = sampler.sample(prompts, Asked(count=plan.group, tokens=SAMPLED))
        return sum(len(one.ids) for group in found for one in group)

    return _speeds(once)


def _speeds(once: Callable[[], int]) -> tuple[float, float]:
    speeds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        tokens = once()
        speeds.append(tokens / (time.perf_counter() - began))
    ordered = sorted(speeds)
    return ordered[ROUNDS // 2], ordered[-1]
