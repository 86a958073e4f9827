"""What a sampler is: it lets the model answer, and says with what probability it said each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Drawn(msgspec.Struct, frozen=True):
    """``ids`` and ``logprobs`` of what was generated, the end of the reply included where it came.
    ``logprobs`` are of the distribution that was drawn from, in nats; empty where nobody knows them.
    ``whole``: it ended by itself."""

    ids: list[int]
    logprobs: list[float]
    text: str
    whole: bool


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` answers to each prompt, of at most ``tokens`` tokens. At ``temperature`` 0 the likeliest."""

    count: int = 1
    tokens: int = 256
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 0


class Sampler(Protocol):
    def sample(self, prompts: Sequence[list[int]], asked: Asked) -> list[list[Drawn]]:
        """A list for each prompt, in their order."""
        ...
