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
    def forward(
        ctx: Any, hidden: Tensor, head: Tensor, targets: Tensor, temperature: float, spread: bool
    ) -> tuple[Tensor, Tensor]:
        nothing = hidden.new_zeros(0, dtype=torch.float32)
        chosen, entropies = [nothing], [nothing]
        for rows, wanted in zip(hidden.split(ROWS), targets.split(ROWS), strict=True):
            # Not logsumexp, which takes ten times as long on a CPU.
            logs = torch.log_softmax(_logits(rows, head, temperature), -1)
            chosen.append(logs.gather(1, wanted[:, None])[:, 0])
            if spread:
                entropies.append(-torch.linalg.vecdot(logs.exp(), logs))
        ctx.save_for_backward(hidden, head, targets)
        ctx.temperature = temperature
        entropy = torch.cat(entropies)
        ctx.mark_non_differentiable(entropy)
        return torch.cat(chosen), entropy

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, None, None, None, None]:
        hidden, head, targets = ctx.saved_tensors
        parts = zip(*(one.split(ROWS) for one in (hidden, targets, grad)), strict=True)
        found = [hidden[:0]]
        for rows, wanted, weights in parts:
            slope = torch.softmax(_logits(rows, head, ctx.temperature), -1).mul_(-weights[:, None])
            slope[torch.arange(len(wanted), device=wanted.device), wanted] += weights
            found.append(slope.to(hidden.dtype) @ head / ctx.temperature)
        return torch.cat(found), None, None, None, None


def _logits(rows: Tensor, head: Tensor, temperature: float) -> Tensor:
    logits = (rows @ head.T).float()
    return logits if temperature == 1 else logits.div_(temperature)


def chosen_logprobs(
    hidden: Tensor, head: Tensor, targets: Tensor, *, temperature: float = 1.0, spread: bool = False
) -> tuple[Tensor, Tensor]:
    """``hidden``: rows x width; ``head``: words x width, frozen; ``targets``: a word for each row. Gives the
    log-probability of each target at that temperature, and with ``spread`` the entropy of each row's
    distribution (else nothing), in nats and 32 bits."""
    return _Chosen.apply(hidden, head, targets, temperature, spread)  # type: ignore[no-any-return]
