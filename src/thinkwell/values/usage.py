"""What a turn used, in tokens by kind. Knows nothing about money."""

from __future__ import annotations

import msgspec


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one turn by kind.

    ``prompt`` counts every token of the question as the engine saw it, ``cached`` of which came from
    its prefix cache (``cached <= prompt``). ``reasoning`` and ``answer`` are the generated tokens.
    """

    prompt: int = 0
    cached: int = 0
    reasoning: int = 0
    answer: int = 0

    @property
    def generated(self) -> int:
        return self.reasoning + self.answer

    @property
    def service(self) -> int:
        """Weighted tokens, what fairness counts: 1 x uncached prompt token + 2 x generated token."""
        return weighted(self.prompt - self.cached, self.generated)


def weighted(uncached: int, generated: int) -> int:
    """Service of so many tokens."""
    return uncached + 2 * generated
