"""The loss of GRPO, and what makes its terms: pure functions of numbers and tensors.

DeepSeekMath, arXiv 2402.03300 (groups); DAPO, arXiv 2503.14476 (token-level mean, higher upper clip);
Dr. GRPO, arXiv 2503.20783 (no division by the standard deviation); truncated importance weights between
sampler and learner: Yao et al., "Your Efficient RL Framework Secretly Brings You Off-Policy RL Training".
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import pvariance

import msgspec
import torch
from torch import Tensor

from thinkwell.training.config import GrpoConfig


class Terms(msgspec.Struct, frozen=True):
    """``loss`` to go down by; the rest to look at. ``clipped``: share of tokens that the clip held back;
    ``distance``: from where the run began, nats a token (k3 of http://joschu.net/blog/kl-approx.html)."""

    loss: Tensor
    clipped: float
    distance: float


def advantages(rewards: Sequence[float]) -> list[float]:
    """Of one group: how much better than the group's mean. All zero where all are alike."""
    mean = sum(rewards) / len(rewards)
    return [reward - mean for reward in rewards]


def most_apart(rewards: Sequence[float], most: int) -> list[int]:
    """The places of the ``most`` rewards of a group that have the highest variance: so many of its best, the
    rest of its worst (Xu et al., "Not All Rollouts are Useful", arXiv 2504.13818, theorem 1)."""
    order = sorted(range(len(rewards)), key=lambda at: rewards[at])
    if most >= len(order):
        return list(range(len(order)))
    choices = [order[: most - best] + order[len(order) - best :] for best in range(most + 1)]
    return max(choices, key=lambda places: pvariance([rewards[at] for at in places]))


def alike(rewards: Sequence[float]) -> bool:
    """Whether a group teaches nothing."""
    return max(rewards) - min(rewards) < 1e-9


def correction(learner: Tensor, sampler: Tensor, most: float) -> Tensor:
    """Weights of tokens that were drawn by another distribution than the learner's, at most ``most``."""
    return (learner - sampler).exp().clamp(max=most)


def policy_loss(
    now: Tensor, before: Tensor, advantage: Tensor, weight: Tensor, start: Tensor | None, config: GrpoConfig
) -> Terms:
    """All flat, a number a token. ``now``, ``before``: log-probabilities by the learner that is taught and by
    the one that drew; ``start``: by the one that the run began with, None where that counts nothing. The
    sum over tokens; whoever calls divides by the number of tokens of the whole step."""
    ratio = (now - before).exp()
    held = ratio.clamp(1 - config.clip_low, 1 + config.clip_high)
    gain = torch.minimum(ratio * advantage, held * advantage)
    loss = -(weight * gain).sum()
    distance = 0.0
    if start is not None:
        apart = (start - now).exp() - (start - now) - 1
        loss = loss + config.beta * apart.sum()
        distance = float(apart.detach().mean())
    clipped = float((ratio * advantage > held * advantage).float().mean())
    return Terms(loss, clipped, distance)
