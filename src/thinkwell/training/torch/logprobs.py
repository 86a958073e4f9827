"""Log-probabilities of chosen tokens, and their gradient, without ever holding a whole table of logits.

A vocabulary of 49 thousand words makes the logits of a batch far larger than the caches: they are made anew,
a few rows at a time, once forward and once backward (as Liger-Kernel does, arXiv 2410.10989).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

ROWS = 128  # so that they stay in a core's cache


class _Chosen(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        chosen, totals, entropies = [], [], []
        for rows, wanted in zip(hidden.split(ROWS), targets.split(ROWS), strict=True):
            logits = (rows @ head.T).float()
            total = logits.logsumexp(-1)
            chosen.append(logits.gather(1, wanted[:, None])[:, 0] - total)
            totals.append(total)
            # The entropy is the total less the mean of the logits under the distribution itself.
            entropies.append(total - (torch.softmax(logits, -1) * logits).sum(-1))
        total = torch.cat(totals) if totals else hidden.new_zeros(0, dtype=torch.float32)
        ctx.save_for_backward(hidden, head, targets, total)
        entropy = torch.cat(entropies) if entropies else total.clone()
        ctx.mark_non_differentiable(entropy)
        return (torch.cat(chosen) if chosen else total.clone()), entropy

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        hidden, head, targets, total = ctx.saved_tensors
        parts = zip(*(one.split(ROWS) for one in (hidden, targets, total, grad)), strict=True)
        found = []
        for rows, wanted, sums, weights in parts:
            slope = ((rows @ head.T).float() - sums[:, None]).exp_().mul_(-weights[:, None])
            slope[torch.arange(len(wanted), device=wanted.device), wanted] += weights
            found.append(slope.to(hidden.dtype) @ head)
        return (torch.cat(found) if found else torch.zeros_like(hidden)), None, None


def chosen_logprobs(hidden: Tensor, head: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """``hidden``: rows x width; ``head``: words x width, frozen; ``targets``: a word for each row. Gives the
    log-probability of each target, and the entropy of each row's distribution, in nats and 32 bits."""
    return _Chosen.apply(hidden, head, targets)  # type: ignore[no-any-return]
