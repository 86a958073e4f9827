"""What a simulated machine is asked, and what it reports. Frozen values."""

from __future__ import annotations

import msgspec


class SimRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``output_tokens`` is what the model will say, thought included; ``max_tokens`` what was declared.

    ``blocks`` are hashes of the text's whole blocks from its start (each hash standing for all up to
    there). Those past the prompt belong to the output and enter the prefix cache when it is complete.
    """

    id: str
    prompt_tokens: int
    output_tokens: int
    max_tokens: int | None = None
    blocks: tuple[int, ...] = ()

    @property
    def limit(self) -> int:
        """Tokens of output to reserve room for."""
        return self.output_tokens if self.max_tokens is None else max(self.max_tokens, self.output_tokens)


class Began(msgspec.Struct, frozen=True, tag="began"):
    """Left the machine's own queue; its prefill starts. ``queued_s`` counts from ``submit``."""

    at: float
    id: str
    cached_tokens: int
    queued_s: float


class FirstToken(msgspec.Struct, frozen=True, tag="first_token"):
    """The prefill is done and made the first token of output."""

    at: float
    id: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """All of the output is made."""

    at: float
    id: str
    tokens: int


SimEvent = Began | FirstToken | Ended
