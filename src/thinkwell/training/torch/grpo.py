"""Reinforcement on rewards that can be verified: ask, score, learn from what was better than its group.

One step reads from top to bottom in ``reinforce``. What a step asks follows from seed and step alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from thinkwell.errors import SetupError
from thinkwell.training.batches import Encoded, padded
from thinkwell.training.config import GrpoConfig, RunConfig
from thinkwell.training.folder import RunFolder
from thinkwell.training.rewards import Combined, columns_of, combined
from thinkwell.training.rewards import Sample as Scored
from thinkwell.training.rows import Row
from thinkwell.training.samples import Asked, Drawn, Sampler
from thinkwell.training.template import prompt_ids
from thinkwell.training.torch.checkpoints import Checkpoints
from thinkwell.training.torch.lora import LoraLinear
from thinkwell.training.torch.model import Learner
from thinkwell.training.torch.policy import advantages, alike, correction, most_apart, policy_loss
from thinkwell.training.torch.sft import Told, optimizer_of, set_rate, table

STAGE = "grpo"
Refresh = Callable[[], Sampler]  # the sampler of the adapter as it is now


class Answer(msgspec.Struct):
    """One answer that teaches: what was read and said, how much better than its group it was. ``before`` is
    the learner's own view of its tokens when they were drawn (None where it learns from them but once),
    ``start`` that of the run's beginning."""

    row: Encoded
    drawn: Drawn
    advantage: float
    before: Tensor | None = None
    start: Tensor | None = None


class Round(msgspec.Struct):
    """What one step asked, and what came of it."""

    answers: list[Answer] = []
    rewards: list[float] = []
    parts: dict[str, list[float]] = {}
    drawn: list[Drawn] = []
    groups: int = 0
    taught: int = 0


def reinforce(
    config: RunConfig, folder: RunFolder, learner: Learner, rows: Sequence[Row], refresh: Refresh, told: Told
) -> Path:
    """From the last checkpoint on, if there is one; returns the last. Raises SetupError without questions."""
    plan = config.grpo
    if not rows:
        only = f" of {', '.join(plan.only)}" if plan.only else ""
        raise SetupError(f"There is no question to ask: the data has no rows{only}.")
    rewards = combined(plan.rewards, plan.tokens)
    optimizer = optimizer_of(learner, plan.rate)
    began_with = [part.detach().clone() for part in learner.parameters()] if plan.beta else None
    checkpoints = Checkpoints(folder, STAGE, learner, optimizer, config.checkpoint_s)
    done, _ = checkpoints.resume()
    for step in range(done, plan.steps):
        began = time.monotonic()
        found = gather(config, learner, rows, rewards, refresh(), step)
        sampled = time.monotonic()
        look_back(learner, found.answers, plan, began_with)
        line = _told(found, step, plan)
        set_rate(optimizer, plan.rate * min(1.0, (step + 1) / plan.warmup))
        line |= learn(learner, found.answers, optimizer, plan, Random(f"{config.seed}/{step}"))
        line |= {"sample_s": sampled - began, "seconds": time.monotonic() - began}
        folder.add(line)
        told(line)
        checkpoints.taken(step + 1, plan.steps)
    return checkpoints.last()


def gather(
    config: RunConfig, learner: Learner, rows: Sequence[Row], rewards: Combined, sampler: Sampler, step: int
) -> Round:
    """Groups whose answers differ in reward; others are replaced, as often as the run says (DAPO's dynamic
    sampling, section 3.2)."""
    plan = config.grpo
    found = Round()
    for refill in range(plan.refills + 1):
        missing = plan.prompts - found.taught
        if missing == 0:
            break
        chosen = Random(f"{config.seed}/{step}/{refill}").choices(rows, k=missing)
        prompts = [prompt_ids(learner.tokenizer, row.prompt) for row in chosen]
        asked = Asked(
            count=plan.group,
            tokens=plan.tokens,
            temperature=plan.temperature,
            seed=Random(f"{config.seed}/{step}/{refill}/draw").getrandbits(32),
        )
        for row, prompt, group in zip(chosen, prompts, sampler.sample(prompts, asked), strict=True):
            _score(found, plan, row, prompt, group, rewards)
    return found


def _score(
    found: Round, plan: GrpoConfig, row: Row, prompt: list[int], group: list[Drawn], rewards: Combined
) -> None:
    scored = [Scored(row=row, completion=one.text, tokens=len(one.ids)) for one in group]
    parts = rewards.parts([row.prompt] * len(group), [one.text for one in group], **columns_of(scored))
    values = [sum(each) for each in zip(*parts.values(), strict=True)]
    found.groups += 1
    found.rewards += values
    found.drawn += group
    for name, each in parts.items():
        found.parts.setdefault(name, []).extend(each)
    if alike(values):
        return
    found.taught += 1
    chosen = most_apart(values, plan.learn_from or len(values))
    better = advantages([values[at] for at in chosen])
    for one, advantage in zip([group[at] for at in chosen], better, strict=True):
        # What was cut off is neither good nor bad: its end was never seen.
        if one.whole or plan.overlong == "punished":
            found.answers.append(Answer(Encoded([*prompt, *one.ids], len(prompt)), one, advantage))


def in_batches(answers: Sequence[Answer], tokens: int) -> list[list[Answer]]:
    """Of about the same length each, at most ``tokens`` with padding (or one that is longer alone)."""
    batches: list[list[Answer]] = []
    for answer in sorted(answers, key=lambda answer: len(answer.row.ids)):
        if not batches or (len(batches[-1]) + 1) * padded(len(answer.row.ids)) > tokens:
            batches.append([])
        batches[-1].append(answer)
    return batches


@torch.no_grad()  # type: ignore[untyped-decorator]
def look_back(
    learner: Learner, answers: Sequence[Answer], plan: GrpoConfig, began_with: list[Tensor] | None
) -> None:
    """The learner's own probabilities, of now and of the run's beginning, where they count. Those of now are
    seen anyway when the first epoch learns: only further ones need them kept."""
    if plan.epochs > 1:
        for answer, own in _logprobs(learner, answers, plan):
            answer.before = own
    if began_with is not None:
        now = [part.detach().clone() for part in learner.parameters()]
        _put(learner.layers, began_with)
        for answer, own in _logprobs(learner, answers, plan):
            answer.start = own
        _put(learner.layers, now)


def _logprobs(
    learner: Learner, answers: Sequence[Answer], plan: GrpoConfig
) -> Iterator[tuple[Answer, Tensor]]:
    for batch in in_batches(answers, plan.batch_tokens):
        ids, written = table([answer.row for answer in batch], learner.device)
        found, _ = learner.logprobs(ids, written, temperature=plan.temperature)
        yield from zip(batch, _each(found, batch), strict=True)


def learn(
    learner: Learner,
    answers: Sequence[Answer],
    optimizer: torch.optim.Optimizer,
    plan: GrpoConfig,
    random: Random,
) -> dict[str, Any]:
    """One change of the adapter an epoch, by all answers of the step; what is to be told of it."""
    total = sum(len(answer.drawn.ids) for answer in answers)
    if total == 0:
        return {"learned": 0}
    line: dict[str, Any] = {"learned": total}
    for _ in range(plan.epochs):
        optimizer.zero_grad(set_to_none=True)
        batches = in_batches(answers, plan.batch_tokens)
        random.shuffle(batches)
        sums = {"loss": 0.0, "clipped": 0.0, "distance": 0.0, "entropy": 0.0, "mismatch": 0.0}
        for batch in batches:
            for name, value in _on_batch(learner, batch, plan, total).items():
                sums[name] += value
        line |= sums
        line["gradient"] = float(nn.utils.clip_grad_norm_(learner.parameters(), plan.clip))
        optimizer.step()
    return line


def _on_batch(learner: Learner, batch: Sequence[Answer], plan: GrpoConfig, total: int) -> dict[str, float]:
    """Adds its gradient; its share of what is told of the step."""
    ids, written = table([answer.row for answer in batch], learner.device)
    now, entropy = learner.logprobs(ids, written, temperature=plan.temperature, spread=True)
    known = [answer.before for answer in batch if answer.before is not None]
    # The sampler may compute otherwise (4-bit weights, another engine): the learner's own view counts.
    before = torch.cat(known) if known else now.detach()
    start = [answer.start for answer in batch if answer.start is not None]
    # Where the sampler's view is unknown, the learner's stands in: a weight of 1.
    own = _each(before, batch)
    parts = [
        one.new_tensor(answer.drawn.logprobs) if answer.drawn.logprobs else one
        for answer, one in zip(batch, own, strict=True)
    ]
    sampler = torch.cat(parts)
    advantage = torch.cat([now.new_full((len(answer.drawn.ids),), answer.advantage) for answer in batch])
    weight = correction(before, sampler, plan.correction)
    terms = policy_loss(now, before, advantage, weight, torch.cat(start) if start else None, plan)
    (terms.loss / total).backward()
    share = len(now) / total
    # k3 again: how far the sampler's distribution is from the learner's.
    apart = (before - sampler).exp() - (before - sampler) - 1
    return {
        "loss": float(terms.loss.detach()) / total,
        "clipped": terms.clipped * share,
        "distance": terms.distance * share,
        "entropy": float(entropy.mean()) * share,
        "mismatch": float(apart.mean()) * share,
    }


def _each(flat: Tensor, batch: Sequence[Answer]) -> tuple[Tensor, ...]:
    parts: tuple[Tensor, ...] = flat.split([len(answer.drawn.ids) for answer in batch])
    return parts


def _put(layers: dict[str, LoraLinear], values: Sequence[Tensor]) -> None:
    parts = [part for layer in layers.values() for part in (layer.a, layer.b)]
    for part, value in zip(parts, values, strict=True):
        part.data.copy_(value)


def _told(found: Round, step: int, plan: GrpoConfig) -> dict[str, Any]:
    def mean(values: Sequence[float]) -> float:
        return sum(values) / len(values)

    return {
        "stage": STAGE,
        "step": step,
        "steps": plan.steps,
        "reward": mean(found.rewards),
        **{f"reward_{name}": mean(values) for name, values in found.parts.items()},
        "groups": found.groups,
        "taught": found.taught,
        "tokens": sum(len(one.ids) for one in found.drawn),
        "length": mean([len(one.ids) for one in found.drawn]),
        "whole": mean([float(one.whole) for one in found.drawn]),
    }
