"""Fine-tuning on traces: the cold start (DeepSeek-R1, arXiv 2501.12948, section 2.3.1).

The loss is the mean over all tokens that are to be written, of all rows of a step alike.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from thinkwell.errors import SetupError
from thinkwell.training.batches import Encoded, batches_from, epoch_of, padded
from thinkwell.training.config import RunConfig, SftConfig
from thinkwell.training.folder import RunFolder
from thinkwell.training.torch.checkpoints import Checkpoints
from thinkwell.training.torch.model import Learner

STAGE = "sft"
MEASURED = 10  # steps
Told = Callable[[dict[str, Any]], None]


def table(rows: Sequence[Encoded], device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows padded at their end, and a mask of what is to be written."""
    length = padded(max(len(row.ids) for row in rows))
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    written = torch.zeros(len(rows), length, dtype=torch.bool)
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        written[at, row.begin : len(row.ids)] = True
    return ids.to(device), written.to(device)


def rate_at(step: int, steps: int, config: SftConfig) -> float:
    """Rises in a line, falls by a cosine to a tenth."""
    warm = max(1, round(config.warmup * steps))
    if step < warm:
        return config.rate * (step + 1) / warm
    way = (step - warm) / max(1, steps - warm)
    return config.rate * (0.1 + 0.45 * (1 + math.cos(math.pi * way)))


def optimizer_of(learner: Learner, rate: float) -> torch.optim.AdamW:
    return torch.optim.AdamW(learner.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.0)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def step_on(
    learner: Learner, rows: Sequence[Encoded], optimizer: torch.optim.Optimizer, clip: float
) -> tuple[float, float]:
    """One step; the loss in nats a token, and the length of the gradient before it is clipped."""
    ids, written = table(rows, learner.device)
    chosen, _ = learner.logprobs(ids, written)
    loss = -chosen.mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    length = nn.utils.clip_grad_norm_(learner.parameters(), clip)
    optimizer.step()
    return float(loss.detach()), float(length)


def fine_tune(
    config: RunConfig, folder: RunFolder, learner: Learner, rows: Sequence[Encoded], told: Told
) -> Path:
    """From the last checkpoint on, if there is one; returns the last. Raises SetupError without rows."""
    plan = config.sft
    rows = [row for row in rows if len(row.ids) <= plan.longest]
    if not rows:
        raise SetupError(f"No row of the data has {plan.longest} tokens or fewer; raise sft.longest.")
    lengths = [len(row.ids) for row in rows]
    optimizer = optimizer_of(learner, plan.rate)
    checkpoints = Checkpoints(folder, STAGE, learner, optimizer, config.checkpoint_s)
    done, state = checkpoints.resume()
    steps = state.get("planned") or _planned(plan, config.seed, learner, rows)
    batches = batches_from(done, lengths, plan.batch_tokens, config.seed)
    for step in range(done, steps):
        began = time.monotonic()
        batch = [rows[at] for at in next(batches)]
        rate = rate_at(step, steps, plan)
        set_rate(optimizer, rate)
        loss, length = step_on(learner, batch, optimizer, plan.clip)
        tokens = sum(len(row.ids) for row in batch)
        line = {"stage": STAGE, "step": step, "steps": steps, "loss": loss, "rate": rate, "gradient": length}
        line |= {"rows": len(batch), "tokens": tokens, "seconds": time.monotonic() - began}
        folder.add(line)
        told(line)
        checkpoints.taken(step + 1, steps, planned=steps)
    return checkpoints.last()


def _planned(plan: SftConfig, seed: int, learner: Learner, rows: Sequence[Encoded]) -> int:
    """How many steps the run takes."""
    lengths = [len(row.ids) for row in rows]
    if plan.steps is not None:
        return plan.steps
    if plan.minutes is None:
        return max(1, round((plan.epochs or 1) * len(epoch_of(lengths, plan.batch_tokens, seed, 0))))
    optimizer = optimizer_of(learner, 0.0)  # a step of nothing, which takes as long as any
    batches = batches_from(0, lengths, plan.batch_tokens, seed)
    seconds, each = [], []
    for _ in range(MEASURED):
        batch = [rows[at] for at in next(batches)]
        began = time.monotonic()
        step_on(learner, batch, optimizer, plan.clip)
        seconds.append(time.monotonic() - began)
        each.append(seconds[-1] / sum(len(row.ids) for row in batch))
    # The middle of the later half: the first ones pay for memory that nobody has touched. By the token, since
    # steps differ in size.
    a_token = sorted(each[MEASURED // 2 :])[(MEASURED - MEASURED // 2) // 2]
    epoch = epoch_of(lengths, plan.batch_tokens, seed, 0)
    a_step = a_token * sum(lengths) / len(epoch)
    return max(1, round((plan.minutes * 60 - sum(seconds)) / a_step))
